"""The 303, sample by sample, compiled.

It runs at `OVERSAMPLING` times the sample rate; its envelopes move once a sample of the result.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.compiling import compiled

Array = NDArray[np.float64]
Values = tuple[float, ...]

OVERSAMPLING = 4
CONTROL_SAMPLES = 2
"""Pitch and filter are set anew every so many samples of the result."""
HALF_TAPS = 36
DELAY = HALF_TAPS // OVERSAMPLING
"""Samples by which the decimation filter delays; `play_acid` takes them out."""

TRIGGER, GLIDE, RELEASE, CUTOFF, RESONANCE = 0, 1, 2, 3, 4
"""Kinds of events: note on, note on while sliding, note off, and knobs that move to a value in 0..1."""

SLIDE_SECONDS = 0.022
LOWEST_CUTOFF, HIGHEST_CUTOFF = 314.0, 2394.0
LOG_2 = math.log(2.0)
CUTOFF_OCTAVES = math.log2(HIGHEST_CUTOFF / LOWEST_CUTOFF)
ACCENT_DECAY = 0.2
MOST_FEEDBACK = 0.985 * 17.0
FEEDBACK_HIGH_PASS = 150.0
COUPLING_IN, COUPLING_OUT = 44.5, 24.2
"""High-passes of the circuit in Hz."""
INAUDIBLE = 1e-6

REST = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0])
"""The audio path at rest: four capacitors, the feedback's, the saw half way up, the coupling capacitors."""

# Places in the array of knobs, and in that of what moves slowly.
K_RATE, K_SQUARE, K_CUTOFF, K_RESONANCE, K_ENVELOPE, K_DECAY, K_ACCENT, K_DRIVE = range(8)
GATE, ACCENT, PITCH, GOAL, MAIN, SMOOTH, SWEEP, BODY, LEVEL, GAIN, CUT, CUT_GOAL, FEED, FEED_GOAL = range(14)


@compiled
def _soft(x: float) -> float:
    """The hyperbolic tangent to 3 %, and exactly 1 from 3 on."""
    if x > 3.0:
        return 1.0
    if x < -3.0:
        return -1.0
    return x * (27.0 + x * x) / (27.0 + 9.0 * x * x)


@compiled
def _step(phase: float, increment: float) -> float:
    """What rounds a falling step of height 2 at phase 0 into a band-limited one (polyBLEP)."""
    if phase < increment:
        x = phase / increment
        return x + x - x * x - 1.0
    if phase > 1.0 - increment:
        x = (phase - 1.0) / increment
        return x * x + x + x + 1.0
    return 0.0


@compiled
def _oscillate(phase: float, increment: float, square: float) -> float:
    saw = 2.0 * phase - 1.0 - _step(phase, increment)
    if square == 0.0:
        return saw
    other = phase + 0.53  # the circuit's square is a little narrow
    other -= math.floor(other)
    return 0.8 * (saw - (2.0 * other - 1.0 - _step(other, increment)))


@compiled
def _take_event(kind: int, value: float, accent: float, slow: Array) -> None:
    if kind == CUTOFF:
        slow[CUT_GOAL] = value
    elif kind == RESONANCE:
        slow[FEED_GOAL] = feedback_of(value)
    elif kind == RELEASE:
        slow[GATE] = 0.0
    else:
        slow[ACCENT] = accent
        slow[GOAL] = value
        if kind == TRIGGER:
            slow[PITCH] = value
            slow[MAIN] = 1.0
            slow[BODY] = 1.0
        slow[GATE] = 1.0


@compiled
def _move_envelopes(slow: Array, knobs: Array, rates: Array) -> None:
    """One sample of everything slow: `rates` holds the share of the way that each RC goes in a sample."""
    accented = slow[ACCENT] > 0.0
    slow[PITCH] += (slow[GOAL] - slow[PITCH]) * rates[0]
    slow[MAIN] -= slow[MAIN] * (rates[1] if accented else rates[2])
    slow[SMOOTH] += (slow[MAIN] - slow[SMOOTH]) * rates[3]
    # The accent's capacitor: filled through a diode, emptied slowly, the more slowly the higher the resonance.
    slack = 1.0 + 2.0 * slow[FEED] / MOST_FEEDBACK
    if accented and slow[GATE] > 0.0 and slow[SMOOTH] > slow[SWEEP]:
        slow[SWEEP] += (1.2 * slow[SMOOTH] - slow[SWEEP]) * rates[4] / slack
    else:
        slow[SWEEP] -= slow[SWEEP] * rates[5] / slack
    if slow[GATE] > 0.0:
        slow[BODY] -= slow[BODY] * rates[6]
        extra = 0.45 + (3.0 * knobs[K_ACCENT] if accented else 0.0)
        loud = slow[BODY] + extra * slow[SMOOTH]
    else:
        slow[BODY] -= slow[BODY] * (rates[8] if accented else rates[7])
        loud = slow[BODY]
    slow[LEVEL] += (loud - slow[LEVEL]) * rates[9]
    slow[GAIN] += (slow[LEVEL] - slow[GAIN]) * rates[9]
    slow[CUT] += (slow[CUT_GOAL] - slow[CUT]) * rates[10]
    slow[FEED] += (slow[FEED_GOAL] - slow[FEED]) * rates[10]


@compiled
def ladder_frequency(slow: Array, knobs: Array) -> float:
    """Where the ladder resonates in Hz, by the knobs and the envelopes."""
    cut, amount = slow[CUT], knobs[K_ENVELOPE]
    scale = (3.77 * amount + 0.74) * (1.0 - cut) + (4.19 * amount + 0.86) * cut
    octaves = scale * (slow[SMOOTH] - (0.048 * cut + 0.294)) + 1.8 * knobs[K_ACCENT] * slow[SWEEP]
    return LOWEST_CUTOFF * math.exp(LOG_2 * (CUTOFF_OCTAVES * cut + octaves))


@compiled
def feedback_of(resonance: float) -> float:
    """The gain around the ladder for a resonance in 0..1; at `MOST_FEEDBACK` it just does not oscillate."""
    return MOST_FEEDBACK * (1.0 - math.exp(-3.0 * resonance)) / (1.0 - math.exp(-3.0))


@compiled
def set_ladder(frequency: float, feedback: float, rate: float) -> Values:
    """Coefficients of the diode ladder that resonates at a frequency, at the oversampled rate.

    Four capacitors with diodes between them and no buffers, the first capacitor half as large as the others, driven
    by a current into the first and read at the last. With v_k the voltages, u the input and r C = 1 the linear
    circuit is v1' / 2 = u - (v1 - v2), v2' = v1 - 2 v2 + v3, v3' = v2 - 2 v3 + v4, v4' = v3 - 2 v4, so that
    v4 / u = 1 / (s^4 / 2 + 4 s^3 + 10 s^2 + 8 s + 1), Stinchcombe's transfer function. With feedback k it is
    1 / (... + k): it resonates at s = i sqrt(2), and oscillates from k = 17 on. The trapezoidal rule turns the circuit
    into a tridiagonal system in the v_k, eliminated here once for all samples until the next call.
    """
    x = math.pi * min(max(frequency, 20.0), 0.2 * rate, 18_000.0) / rate
    a = x * (15.0 - x * x) / (15.0 - 6.0 * x * x) / math.sqrt(2.0)  # tan(x) to 1e-4
    diagonal = 1.0 + 2.0 * a
    m1 = 1.0 / diagonal
    m2 = 1.0 / (diagonal - 2.0 * a * a * m1)
    m3 = 1.0 / (diagonal - a * a * m2)
    m4 = 1.0 / (diagonal - a * a * m3)
    share = math.pi * FEEDBACK_HIGH_PASS / rate
    kept = feedback / (1.0 + share)
    a3 = a * m4
    a2 = a * m3 * a3
    a1 = a * m2 * a2
    return a, m1, m2, m3, m4, kept, 1.0 / (1.0 + kept * 2.0 * a * m1 * a1), 2.0 * share / (1.0 + share)


@compiled
def filter_sample(x: float, c: Values, z: Values) -> Values:
    """One sample through the ladder, with the high-pass in its feedback.

    Args:
        x: The input; beyond about 0.5 it is bent as the input transistors bend it.
        c: From `set_ladder`.
        z: What the four capacitors and the high-pass remember; all 0 at first.

    Returns:
        The new memory, and last the output.
    """
    a, m1, m2, m3, m4, kept, solved, share = c
    s1, s2, s3, s4, held, _ = z
    v4 = (s4 + a * m3 * (s3 + a * m2 * (s2 + a * m1 * s1))) * m4
    u = _soft((x - kept * (v4 - held)) * solved)
    d1 = (s1 + 2.0 * a * u) * m1
    d2 = (s2 + a * d1) * m2
    d3 = (s3 + a * d2) * m3
    v4 = (s4 + a * d3) * m4
    v3 = d3 + a * m3 * v4
    v2 = d2 + a * m2 * v3
    v1 = d1 + 2.0 * a * m1 * v2
    return 2.0 * v1 - s1, 2.0 * v2 - s2, 2.0 * v3 - s3, 2.0 * v4 - s4, held + share * (v4 - held), v4


@compiled
def _voice_samples(increment: float, c: Values, slow: Array, knobs: Array, z: Array, line: Array) -> None:
    """One sample's worth of oscillator, coupling capacitors, ladder, amplifier and overdrive, oversampled."""
    ladder: Values = (z[0], z[1], z[2], z[3], z[4], 0.0)
    phase, before, after = z[5], z[6], z[7]
    drive = knobs[K_DRIVE]
    gain = 0.5 * drive * (1.0 + 0.25 * slow[FEED]) * slow[GAIN]
    level = 1.0 / (0.25 + 0.75 * math.sqrt(drive))
    share = 2.0 * math.pi / (knobs[K_RATE] * OVERSAMPLING)
    for k in range(OVERSAMPLING):
        phase += increment
        phase -= math.floor(phase)
        x = _oscillate(phase, increment, knobs[K_SQUARE])
        before += (x - before) * share * COUPLING_IN
        ladder = filter_sample(0.5 * (x - before), c, ladder)
        after += (ladder[5] - after) * share * COUPLING_OUT
        line[k] = _soft((ladder[5] - after) * gain) * level
    z[0], z[1], z[2], z[3], z[4], _ = ladder
    z[5], z[6], z[7] = phase, before, after


@compiled
def _weighted(line: Array, start: int, taps: Array) -> float:
    """The decimation filter at one place: symmetric, and in four sums that the processor can overlap."""
    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
    end = start + 2 * HALF_TAPS
    for k in range(0, HALF_TAPS, 4):
        s0 += taps[k] * (line[start + k] + line[end - k])
        s1 += taps[k + 1] * (line[start + k + 1] + line[end - k - 1])
        s2 += taps[k + 2] * (line[start + k + 2] + line[end - k - 2])
        s3 += taps[k + 3] * (line[start + k + 3] + line[end - k - 3])
    return (s0 + s1) + (s2 + s3) + float(taps[HALF_TAPS] * line[start + HALF_TAPS])


@compiled
def play_acid(events: Array, knobs: Array, rates: Array, taps: Array, out: Array) -> None:
    """Play a line into `out`.

    Args:
        events: (n, 4): sample, kind, value (pitch in semitones above 440 Hz, or knob), accent; in order.
        knobs: By the `K_...` places.
        rates: See `_move_envelopes`.
        taps: The decimation filter, 2 HALF_TAPS + 1 long.
        out: (samples,), written to.
    """
    slow, z = np.zeros(14), REST.copy()
    slow[CUT] = slow[CUT_GOAL] = knobs[K_CUTOFF]
    slow[FEED] = slow[FEED_GOAL] = feedback_of(knobs[K_RESONANCE])
    size = len(taps)
    line = np.zeros(8 * size)
    fast = knobs[K_RATE] * OVERSAMPLING
    c, increment, awake = set_ladder(LOWEST_CUTOFF, 0.0, fast), 0.0, False
    at, coming = 0, 0
    for n in range(len(out) + DELAY):
        while coming < len(events) and events[coming, 0] <= n:
            _take_event(int(events[coming, 1]), events[coming, 2], events[coming, 3], slow)
            coming += 1
        _move_envelopes(slow, knobs, rates)
        if at + OVERSAMPLING + size > len(line):
            line[: size - 1] = line[at : at + size - 1].copy()
            at = 0
        if slow[GATE] > 0.0 or slow[GAIN] > INAUDIBLE:
            if n % CONTROL_SAMPLES == 0 or not awake:
                increment = min(440.0 * math.exp(LOG_2 * slow[PITCH] / 12.0) / fast, 0.2)
                c = set_ladder(ladder_frequency(slow, knobs), slow[FEED], fast)
                awake = True
            _voice_samples(increment, c, slow, knobs, z, line[at + size - 1 :])
        else:  # between notes the circuit comes to rest, so that a phrase sounds the same each time
            awake = False
            z[:] = REST
            line[at + size - 1 : at + size - 1 + OVERSAMPLING] = 0.0
        if n >= DELAY:
            out[n - DELAY] = _weighted(line, at, taps)
        at += OVERSAMPLING
