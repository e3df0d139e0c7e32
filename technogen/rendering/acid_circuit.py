"""The parts of the 303's circuit, compiled: oscillator, diode ladder, and how far knobs and envelopes open it."""

from __future__ import annotations

import math

from technogen.rendering.compiling import compiled_fused, compiled_loosely

Values = tuple[float, ...]
Ladder = tuple[Values, Values, Values, Values, Values, Values, Values]

LOWEST_CUTOFF, HIGHEST_CUTOFF = 314.0, 2394.0
LOG_2 = math.log(2.0)
CUTOFF_OCTAVES = math.log2(HIGHEST_CUTOFF / LOWEST_CUTOFF)
MOST_FEEDBACK = 17.0
"""Here the bare ladder would oscillate; the high-pass in its feedback keeps it from that, by less than half a dB."""
FEEDBACK_HIGH_PASS = 150.0

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
def _answer(a: float, m: Values, d: Values) -> Values:
    """The voltages on the ladder's capacitors for the right side `d`; `m` are the pivots of the elimination."""
    m1, m2, m3, m4 = m
    d1 = d[0] * m1
    d2 = (d[1] + a * d1) * m2
    d3 = (d[2] + a * d2) * m3
    v4 = (d[3] + a * d3) * m4
    v3 = d3 + a * m3 * v4
    v2 = d2 + a * m2 * v3
    return d1 + 2.0 * a * m1 * v2, v2, v3, v4


@compiled_loosely
def set_ladder(frequency: float, feedback: float, rate: float) -> Ladder:
    """Coefficients of the diode ladder that resonates at a frequency, at the oversampled rate.

    Four capacitors with diodes between them and no buffers, the first capacitor half as large as the others, driven
    by a current into the first and read at the last. With v_k the voltages, u the input and r C = 1 the linear
    circuit is v1' / 2 = u - (v1 - v2), v2' = v1 - 2 v2 + v3, v3' = v2 - 2 v3 + v4, v4' = v3 - 2 v4, so that
    v4 / u = 1 / (s^4 / 2 + 4 s^3 + 10 s^2 + 8 s + 1), Stinchcombe's transfer function. With feedback k it is
    1 / (... + k): it resonates at s = i sqrt(2), and oscillates from k = 17 on. The trapezoidal rule turns the circuit
    into a tridiagonal system in the v_k, inverted here once for all samples until the next call.

    Returns:
        What the four capacitors and the input, when bent, give to each of the four in a sample; what they give to the
        high-pass; what capacitors and high-pass give to the input before it is bent; and the input's share in that,
        and what the high-pass keeps.
    """
    x = math.pi * min(max(frequency, 20.0), 0.2 * rate, 18_000.0) / rate
    a = x * (15.0 - x * x) / (15.0 - 6.0 * x * x) / math.sqrt(2.0)  # tan(x) to 1e-4
    diagonal = 1.0 + 2.0 * a
    m1 = 1.0 / diagonal
    m2 = 1.0 / (diagonal - 2.0 * a * a * m1)
    m3 = 1.0 / (diagonal - a * a * m2)
    m = (m1, m2, m3, 1.0 / (diagonal - a * a * m3))
    p, q = _answer(a, m, (1.0, 0.0, 0.0, 0.0)), _answer(a, m, (0.0, 1.0, 0.0, 0.0))
    r, s = _answer(a, m, (0.0, 0.0, 1.0, 0.0)), _answer(a, m, (0.0, 0.0, 0.0, 1.0))
    share = math.pi * FEEDBACK_HIGH_PASS / rate
    through = 2.0 * a * p[3]
    kept = feedback / (1.0 + share)
    solved = 1.0 / (1.0 + kept * through)
    kept *= solved
    high = share / (1.0 + share)
    return (
        (2.0 * p[0] - 1.0, 2.0 * q[0], 2.0 * r[0], 2.0 * s[0], 4.0 * a * p[0]),
        (2.0 * p[1], 2.0 * q[1] - 1.0, 2.0 * r[1], 2.0 * s[1], 4.0 * a * p[1]),
        (2.0 * p[2], 2.0 * q[2], 2.0 * r[2] - 1.0, 2.0 * s[2], 4.0 * a * p[2]),
        (2.0 * p[3], 2.0 * q[3], 2.0 * r[3], 2.0 * s[3] - 1.0, 4.0 * a * p[3]),
        (2.0 * high * p[3], 2.0 * high * q[3], 2.0 * high * r[3], 2.0 * high * s[3], 2.0 * high * through),
        (-kept * p[3], -kept * q[3], -kept * r[3], -kept * s[3], kept),
        (solved, 1.0 - 2.0 * high),
    )


@compiled_fused
def filter_sample(x: float, c: Ladder, z: Values) -> Values:
    """One sample through the ladder, with the high-pass in its feedback.

    Args:
        x: The input; beyond about 0.5 it is bent as the input transistors bend it.
        c: From `set_ladder`.
        z: What the four capacitors and the high-pass remember; all 0 at first.

    Returns:
        The new memory, and last the output.
    """
    c1, c2, c3, c4, c5, back, (solved, slow) = c
    s1, s2, s3, s4, held, _ = z
    u = (back[0] * s1 + back[1] * s2) + (back[2] * s3 + back[3] * s4) + (back[4] * held + x * solved)
    # As `soft`, but a foreseen branch costs the loop less than a limit.
    u = u * (27.0 + u * u) / (27.0 + 9.0 * u * u) if abs(u) < 3.0 else math.copysign(1.0, u)
    after = (c4[0] * s1 + c4[1] * s2) + (c4[2] * s3 + c4[3] * s4) + c4[4] * u
    return (
        (c1[0] * s1 + c1[1] * s2) + (c1[2] * s3 + c1[3] * s4) + c1[4] * u,
        (c2[0] * s1 + c2[1] * s2) + (c2[2] * s3 + c2[3] * s4) + c2[4] * u,
        (c3[0] * s1 + c3[1] * s2) + (c3[2] * s3 + c3[3] * s4) + c3[4] * u,
        after,
        (c5[0] * s1 + c5[1] * s2) + (c5[2] * s3 + c5[3] * s4) + slow * held + c5[4] * u,
        0.5 * (after + s4),
    )
