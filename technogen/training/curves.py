"""The curves of a training run as an SVG picture."""

from __future__ import annotations

from collections.abc import Sequence

from technogen.training.config import Measurement

WIDTH, HEIGHT, MARGIN = 720, 320, 44
_COLOURS = {"training": "#9aa5b1", "held-out rules": "#0b7285", "held-out human": "#c92a2a"}

Points = list[tuple[int, float]]


def draw_curves(log: Sequence[Measurement]) -> str:
    """Draw nats a token over updates, in training and on held-out music, as an SVG document."""
    curves: dict[str, Points] = {
        "training": [(m.step, m.loss) for m in log],
        "held-out rules": [(m.step, m.rules.token) for m in log if m.rules],
        "held-out human": [(m.step, m.human.token) for m in log if m.human],
    }
    last = max((step for points in curves.values() for step, _ in points), default=1)
    top = max((nats for points in curves.values() for _, nats in points), default=1.0)
    lines = [_draw_line(points, name, last, top) for name, points in curves.items() if points]
    words = [_draw_words(k, name, points) for k, (name, points) in enumerate(curves.items()) if points]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
            'font-size="12" role="img" aria-label="Training curves">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            *_draw_axes(last, top),
            *lines,
            *words,
            "</svg>\n",
        )
    )


def _place(step: float, nats: float, last: float, top: float) -> tuple[float, float]:
    x = MARGIN + (WIDTH - 2 * MARGIN) * step / max(1, last)
    y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * nats / max(top, 1e-9)
    return round(x, 1), round(y, 1)


def _draw_axes(last: int, top: float) -> list[str]:
    drawn = []
    for part in range(5):
        nats = top * part / 4
        x, y = _place(0, nats, last, top)
        drawn.append(f'<path d="M{x} {y}H{WIDTH - MARGIN}" stroke="#e9ecef"/>')
        drawn.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{nats:.2f}</text>')
        x, y = _place(last * part / 4, 0, last, top)
        drawn.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{round(last * part / 4)}</text>')
    drawn.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">updates</text>')
    return [*drawn, f'<text x="8" y="{MARGIN - 16}">nats a token</text>']


def _draw_line(points: Points, name: str, last: int, top: float) -> str:
    path = " ".join(f"{x},{y}" for x, y in (_place(step, nats, last, top) for step, nats in points))
    return f'<polyline points="{path}" fill="none" stroke="{_COLOURS[name]}" stroke-width="1.5"/>'


def _draw_words(number: int, name: str, points: Points) -> str:
    x, y = WIDTH - MARGIN - 170, MARGIN + 18 * number
    return f'<text x="{x}" y="{y}" fill="{_COLOURS[name]}">{name}: {points[-1][1]:.3f}</text>'
