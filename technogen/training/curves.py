"""The curves of a training run as an SVG picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from technogen.training.config import Measurement

WIDTH, HEIGHT, MARGIN = 720, 320, 44
_COLOURS = ("#9aa5b1", "#0b7285", "#c92a2a")

Points = list[tuple[int, float]]


def draw_curves(log: Sequence[Measurement]) -> str:
    """Draw nats a token over updates, in training and on held-out music, as an SVG document."""
    curves = {
        "training": [(m.step, m.loss) for m in log],
        "held-out rules": [(m.step, m.rules.token) for m in log if m.rules],
        "held-out human": [(m.step, m.human.token) for m in log if m.human],
    }
    return draw_lines(curves, "updates", "nats a token")


def draw_lines(curves: Mapping[str, Points], across: str, up: str) -> str:
    """Draw named curves from zero on as an SVG document.

    Args:
        curves: The points of each, by name; those without points are left out.
        across: What the horizontal axis counts.
        up: What the vertical axis measures.
    """
    last = max((step for points in curves.values() for step, _ in points), default=1)
    top = max((nats for points in curves.values() for _, nats in points), default=1.0)
    coloured = [
        (name, points, _COLOURS[k % len(_COLOURS)]) for k, (name, points) in enumerate(curves.items()) if points
    ]
    lines = [_draw_line(points, colour, last, top) for _, points, colour in coloured]
    words = [_draw_words(k, name, points, colour) for k, (name, points, colour) in enumerate(coloured)]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
            'font-size="12" role="img" aria-label="Training curves">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            *_draw_axes(last, top, across, up),
            *lines,
            *words,
            "</svg>\n",
        )
    )


def _place(step: float, nats: float, last: float, top: float) -> tuple[float, float]:
    x = MARGIN + (WIDTH - 2 * MARGIN) * step / max(1, last)
    y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * nats / max(top, 1e-9)
    return round(x, 1), round(y, 1)


def _draw_axes(last: int, top: float, across: str, up: str) -> list[str]:
    drawn = []
    for part in range(5):
        nats = top * part / 4
        x, y = _place(0, nats, last, top)
        drawn.append(f'<path d="M{x} {y}H{WIDTH - MARGIN}" stroke="#e9ecef"/>')
        drawn.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{nats:.2f}</text>')
        x, y = _place(last * part / 4, 0, last, top)
        drawn.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{round(last * part / 4)}</text>')
    drawn.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">{across}</text>')
    return [*drawn, f'<text x="8" y="{MARGIN - 16}">{up}</text>']


def _draw_line(points: Points, colour: str, last: int, top: float) -> str:
    path = " ".join(f"{x},{y}" for x, y in (_place(step, nats, last, top) for step, nats in points))
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _draw_words(number: int, name: str, points: Points, colour: str) -> str:
    x, y = WIDTH - MARGIN - 170, MARGIN + 18 * number
    return f'<text x="{x}" y="{y}" fill="{colour}">{name}: {points[-1][1]:.3f}</text>'
