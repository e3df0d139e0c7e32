"""The parts of the 303's circuit, compiled: oscillator, diode ladder, and how far knobs and envelopes open it."""

from __future__ import annotations

import math

from technogen.rendering.compiling import compiled_fused, compiled_loosely

Values = tuple[float, ...]
Ladder = tuple[Values, Values, Values, Values, Values]

LOWEST_CUTOFF, HIGHEST_CUTOFF = 314.0, 2394.0
LOG_2 = math.log(2.0)
CUTOFF_OCTAVES = math.log2(HIGHEST_CUTOFF / LOWEST_CUTOFF)
MOST_FEEDBACK = 17.0
"""Here the bare ladder would oscillate; the high-pass in its feedback keeps it from that, by less than half a dB."""
FEEDBACK_HIGH_PASS = 150.0

MODES = tuple(2.0 - 2.0 * math.cos(k * math.pi / 8) for k in (1, 3, 5, 7))
MODE_SHARES = tuple(2.0 / (p * math.prod(q - p for q in MODES if q != p)) for p in MODES)
"""The ladder without feedback as RCs side by side: their rates when r C = 1, and how much of each is in the output."""

SQUARE_SLOPE, SQUARE_LEVEL = 70.0, 0.7
SQUARE_MIDDLE = 4.37 / SQUARE_SLOPE
"""The square is the saw driven by 36.9 dB into a hyperbolic tangent, off its middle: one edge hard, one soft."""
STEEPEST = 0.5
"""The most that the tangent's argument may move in one sample: steeper edges would alias."""


@compiled_loosely
def soft(x: float) -> float:
    """The hyperbolic tangent to 3 %, and exactly 1 from 3 on."""
    x = min(max(x, -3.0), 3.0)
    return x * (27.0 + x * x) / (27.0 + 9.0 * x * x)


@compiled_loosely
def edge_share(phase: float, increment: float) -> float:
    """What rounds a step of height 1 at phase 0 into a band-limited one: the integral of a cubic B-spline, less it."""
    if phase < 2.0 * increment:
        x, sign = phase / increment, -1.0
    elif phase > 1.0 - 2.0 * increment:
        x, sign = (1.0 - phase) / increment, 1.0
    else:
        return 0.0
    if x >= 1.0:
        x = (2.0 - x) * (2.0 - x)
        return sign * x * x / 24.0
    x = 1.0 - x
    return sign * (1.0 + x * (4.0 + x * (6.0 + x * (4.0 - 3.0 * x)))) / 24.0


@compiled_loosely
def square_slope(increment: float) -> float:
    """How steeply the square is shaped from the saw: as the circuit does, or less where that would alias."""
    return min(SQUARE_SLOPE, STEEPEST / (2.0 * increment))


@compiled_loosely
def oscillate(phase: float, increment: float, slope: float) -> float:
    """One sample of the saw (`slope` is 0), or of the square that is shaped from it; band-limited."""
    saw = 2.0 * phase - 1.0
    edge = edge_share(phase, increment)
    if slope == 0.0:
        return saw - 2.0 * edge
    square = slope * (saw + SQUARE_MIDDLE)
    square = -soft(square) if abs(square) < 3.0 else -math.copysign(1.0, square)
    if edge != 0.0:
        square += edge * (soft(slope * (1.0 + SQUARE_MIDDLE)) + soft(slope * (1.0 - SQUARE_MIDDLE)))
    return SQUARE_LEVEL * square


@compiled_loosely
def ladder_frequency(cutoff: float, envelope: float, amount: float, octaves: float) -> float:
    """Where the ladder resonates in Hz.

    Args:
        cutoff: The knob, 0..1.
        envelope: The filter envelope, 0..1.
        amount: The knob of the envelope modulation, 0..1. It scales the envelope about a point near a third of its
            height, so that the filter closes below its knob at the end.
        octaves: What accents and the mix add.
    """
    scale = (3.77 * amount + 0.74) * (1.0 - cutoff) + (4.19 * amount + 0.86) * cutoff
    octaves += scale * (envelope - (0.048 * cutoff + 0.294))
    return LOWEST_CUTOFF * math.exp(LOG_2 * (CUTOFF_OCTAVES * cutoff + octaves))


@compiled_loosely
def feedback_of(resonance: float) -> float:
    """The gain around the ladder for a resonance in 0..1."""
    return MOST_FEEDBACK * (1.0 - math.exp(-3.0 * resonance)) / (1.0 - math.exp(-3.0))


@compiled_loosely
def set_ladder(frequency: float, feedback: float, rate: float) -> Ladder:
    """Coefficients of the diode ladder that resonates at a frequency, at the oversampled rate.

    Four capacitors with diodes between them and no buffers, the first capacitor half as large as the others, driven
    by a current into the first and read at the last. With v_k the voltages, u the input and r C = 1 the linear
    circuit is v1' / 2 = u - (v1 - v2), v2' = v1 - 2 v2 + v3, v3' = v2 - 2 v3 + v4, v4' = v3 - 2 v4, so that
    v4 / u = 1 / (s^4 / 2 + 4 s^3 + 10 s^2 + 8 s + 1), Stinchcombe's transfer function. With feedback k it is
    1 / (... + k): it resonates at s = i sqrt(2), and oscillates from k = 17 on.

    The polynomial is half a Chebyshev polynomial of s / 2 + 1, so its roots are real, s = -2 + 2 cos(pi / 8), and with
    3, 5 and 7 for 1. Whatever the cutoff, the four voltages are thus the same mixtures of four RCs side by side, and
    these are what is kept and integrated, by the trapezoidal rule; v4 is the sum of `MODE_SHARES` of them.

    Returns:
        What each RC keeps in a sample; what it takes of the bent input; what it gives to v4, and the input to v4; the
        input before it is bent, by what the RCs and the high-pass give to it; its own share, and what the high-pass
        takes of v4 in a sample.
    """
    x = math.pi * min(max(frequency, 20.0), 0.2 * rate, 18_000.0) / rate
    a = x * (15.0 - x * x) / (15.0 - 6.0 * x * x) / math.sqrt(2.0)  # tan(x) to 1e-4
    n1, n2 = 1.0 / (1.0 + a * MODES[0]), 1.0 / (1.0 + a * MODES[1])
    n3, n4 = 1.0 / (1.0 + a * MODES[2]), 1.0 / (1.0 + a * MODES[3])
    o1, o2, o3, o4 = n1 * MODE_SHARES[0], n2 * MODE_SHARES[1], n3 * MODE_SHARES[2], n4 * MODE_SHARES[3]
    through = 1.0 - (o1 + o2 + o3 + o4)
    share = math.pi * FEEDBACK_HIGH_PASS / rate
    kept = feedback / (1.0 + share)
    solved = 1.0 / (1.0 + kept * through)
    kept *= solved
    return (
        (2.0 * n1 - 1.0, 2.0 * n2 - 1.0, 2.0 * n3 - 1.0, 2.0 * n4 - 1.0),
        (2.0 - 2.0 * n1, 2.0 - 2.0 * n2, 2.0 - 2.0 * n3, 2.0 - 2.0 * n4),
        (o1, o2, o3, o4, through),
        (-kept * o1, -kept * o2, -kept * o3, -kept * o4, kept),
        (solved, 2.0 * share / (1.0 + share)),
    )


@compiled_fused
def filter_sample(x: float, c: Ladder, z: Values) -> Values:
    """One sample through the ladder, with the high-pass in its feedback.

    Args:
        x: The input; beyond about 0.5 it is bent as the input transistors bend it.
        c: From `set_ladder`.
        z: What the four RCs and the high-pass remember; all 0 at first.

    Returns:
        The new memory, and last the output.
    """
    keep, take, give, back, (solved, high) = c
    m1, m2, m3, m4, held, _ = z
    u = (back[0] * m1 + back[1] * m2) + (back[2] * m3 + back[3] * m4) + (back[4] * held + x * solved)
    # As `soft`, but a foreseen branch costs the loop less than a limit.
    u = u * (27.0 + u * u) / (27.0 + 9.0 * u * u) if abs(u) < 3.0 else math.copysign(1.0, u)
    v4 = (give[0] * m1 + give[1] * m2) + (give[2] * m3 + give[3] * m4) + give[4] * u
    return (
        keep[0] * m1 + take[0] * u,
        keep[1] * m2 + take[1] * u,
        keep[2] * m3 + take[2] * u,
        keep[3] * m4 + take[3] * u,
        held + high * (v4 - held),
        v4,
    )
