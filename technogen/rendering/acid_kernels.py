"""The 303 through time, compiled: events, envelopes, and the oversampled path from the oscillator to the overdrive.

Everything between two calls is kept in arrays, so that a line can be played in pieces. It is worked out in blocks of a
few samples that end where an event comes: filter and knobs are set anew at the start of each, envelopes move once a
sample, and the audio runs at `OVERSAMPLING` times the sample rate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from technogen.rendering.acid_circuit import (
    LOG_2,
    Ladder,
    Values,
    feedback_of,
    filter_sample,
    ladder_frequency,
    oscillate,
    set_ladder,
    soft,
    square_slope,
)
from technogen.rendering.compiling import compiled, compiled_fused, compiled_loosely

Array = NDArray[np.float64]
Places = NDArray[np.int64]

OVERSAMPLING = 4
HALF_TAPS = 36
TAPS = 2 * HALF_TAPS + 1
DELAY = HALF_TAPS // OVERSAMPLING
"""Samples by which the decimation filter delays."""
CHUNK = 256
"""So many samples at most go through the overdrive and the decimation filter together."""

TRIGGER, GLIDE, RELEASE, CUTOFF, RESONANCE, OPENING = range(6)
"""Kinds of events: note on, note on while sliding, note off; and what turns to a value: knobs, and the opening."""

INAUDIBLE = 1e-6
INPUT_LEVEL = 0.25
"""How hard the oscillator drives the ladder's input, which bends as a hyperbolic tangent does."""
REST_PHASE = 0.5

# Places in the array of constants: knobs; the share of its way that each RC goes in one sample; coefficients of the
# low-pass behind the amplifier's envelope; shares and weights of the coupling capacitors behind the ladder.
RATE, SQUARE, ENVELOPE, ACCENTS, DRIVE, LEVEL, FREE, BLOCK = range(8)
SLIDE, ACCENT_DECAY, DECAY, ATTACK, SWEEPING, FADING, RELEASING, ACCENT_RELEASING, TURNING = range(8, 17)
CLICK, CLICK_A, CLICK_B, INPUT = range(17, 21)
COUPLING, WEIGHTS, CONSTANTS = 21, 25, 29

# Places in the array of what moves: notes and envelopes, three things that turn, and the audio path.
GATE, ACCENT, PITCH, GOAL, MAIN, SMOOTH, SWEEP, BODY, CLICK_1, CLICK_2, GAIN, INCREMENT = range(12)
CUT, FEED, OPEN = 12, 16, 20
"""Each turns to its goal, which is in the next place, then what the goal gains a sample, and for how many samples."""
PHASE, BEFORE, LADDER, AFTER, LOUD, MOVING = 24, 25, 26, 32, 36, 37

# Places in the array of where the playing is: sample, event, and whether the last chunk was silent.
NOW, COMING, SILENT = range(3)


@compiled
def _take_event(kind: int, value: float, extra: float, free: float, z: Array) -> None:
    if kind >= CUTOFF:
        turned = CUT + 4 * (kind - CUTOFF)
        z[turned + 2] = (value - z[turned + 1]) / max(extra, 1.0)
        z[turned + 3] = extra
        if extra == 0.0:
            z[turned + 1] = value
    elif kind == RELEASE:
        z[GATE] = 0.0
    else:
        z[ACCENT], z[GOAL], z[GATE] = extra, value, 1.0
        if kind == TRIGGER:
            z[PITCH], z[MAIN], z[BODY] = value, 1.0, 1.0
            if free == 0.0:
                z[PHASE] = REST_PHASE


@compiled
def _turn(z: Array, share: float, count: int) -> None:
    """Move on what turns by some samples: along a straight line, whose corners an RC rounds."""
    for turned in (CUT, FEED, OPEN):
        steps = min(float(count), z[turned + 3])
        z[turned + 1] += z[turned + 2] * steps
        z[turned + 3] -= steps
        z[turned] += (z[turned + 1] - z[turned]) * min(1.0, share * count)


@compiled_loosely
def _move_envelopes(z: Array, constants: Array, count: int) -> None:
    """Some samples of everything that the notes move."""
    pitch, main, smooth, sweep = z[PITCH], z[MAIN], z[SMOOTH], z[SWEEP]
    body, click_1, click_2, gain = z[BODY], z[CLICK_1], z[CLICK_2], z[GAIN]
    accented, gate = z[ACCENT] > 0.0, z[GATE] > 0.0
    decay = constants[ACCENT_DECAY] if accented else constants[DECAY]
    fading = constants[FADING] if gate else (constants[ACCENT_RELEASING] if accented else constants[RELEASING])
    punch = (0.45 + (4.0 * constants[ACCENTS] if accented else 0.0)) if gate else 0.0
    # The accent's capacitor, which empties the more slowly the higher the resonance, so that accents pile up.
    slack, fed = constants[SWEEPING] / (1.0 + 2.0 * z[FEED]), 1.0 if accented else 0.0
    glide, attack, goal = constants[SLIDE], constants[ATTACK], z[GOAL]
    b, a1, a2 = constants[CLICK], constants[CLICK_A], constants[CLICK_B]
    for _ in range(count):
        pitch += (goal - pitch) * glide
        main -= main * decay
        smooth += (main - smooth) * attack
        sweep += (main * fed - sweep) * slack
        body -= body * fading
        loud = b * (body + punch * main)
        gain = loud + click_1
        click_1 = 2.0 * loud - a1 * gain + click_2
        click_2 = loud - a2 * gain
    z[PITCH], z[MAIN], z[SMOOTH], z[SWEEP] = pitch, main, smooth, sweep
    z[BODY], z[CLICK_1], z[CLICK_2], z[GAIN] = body, click_1, click_2, gain


@compiled_fused
def _voice(ramps: Values, ladder: Ladder, constants: Array, z: Array, line: Array, span: tuple[int, int]) -> None:
    """Oscillator, coupling capacitors, ladder and amplifier, oversampled, into a span of `line`.

    Args:
        ramps: The oscillator's increment before the first sample, and what each adds; and the same of the gain.
        ladder: From `set_ladder`.
        constants: By their places.
        z: What moves.
        line: Where the samples go.
        span: From where to where.
    """
    increment, faster, gain, louder = ramps
    slope = square_slope(increment) if constants[SQUARE] != 0.0 else 0.0
    phase, before, low = z[PHASE], z[BEFORE], constants[INPUT]
    memory: Values = (z[LADDER], z[LADDER + 1], z[LADDER + 2], z[LADDER + 3], z[LADDER + 4], z[LADDER + 5])
    for at in range(span[0], span[1], OVERSAMPLING):
        total, slowly = 0.0, 0.0
        for k in range(4):
            slowly += constants[WEIGHTS + k] * z[AFTER + k]
        for k in range(at, at + OVERSAMPLING):
            increment += faster
            phase += increment
            if phase >= 1.0:
                phase -= 1.0
            x = oscillate(phase, increment, slope)
            before += (x - before) * low
            memory = filter_sample(INPUT_LEVEL * (x - before), ladder, memory)
            gain += louder
            line[k] = (memory[5] + slowly) * gain
            total += memory[5]
        for k in range(4):
            z[AFTER + k] += (total / OVERSAMPLING - z[AFTER + k]) * constants[COUPLING + k]
    z[PHASE], z[BEFORE] = phase, before
    for k in range(6):
        z[LADDER + k] = memory[k]


@compiled_loosely
def _overdrive(line: Array, steps: int, level: float) -> None:
    for k in range(TAPS - 1, TAPS - 1 + steps):
        line[k] = soft(line[k]) * level


@compiled_loosely
def _decimate(line: Array, taps: Array, out: Array) -> None:
    """The decimation filter, from the start of `line`."""
    for n in range(len(out)):
        total = 0.0
        for k in range(TAPS):
            total += line[OVERSAMPLING * n + k] * taps[k]
        out[n] = total


@compiled
def _rest(z: Array, constants: Array, line: Array, span: tuple[int, int]) -> None:
    """Between notes the circuit comes to rest, but for an oscillator that runs free."""
    steps = span[1] - span[0]
    _move_envelopes(z, constants, steps // OVERSAMPLING)
    phase = REST_PHASE
    if constants[FREE] != 0.0:
        phase = z[PHASE] + z[INCREMENT] * steps
        phase -= math.floor(phase)
    for k in range(PHASE, MOVING):
        z[k] = 0.0
    z[PHASE] = phase
    for k in range(span[0], span[1]):
        line[k] = 0.0


@compiled
def _increment(pitch: float, rate: float) -> float:
    """Cycles in an oversampled sample."""
    return min(440.0 * math.exp(LOG_2 * pitch / 12.0) / rate, 0.2)


@compiled
def _sound(z: Array, constants: Array, line: Array, span: tuple[int, int]) -> None:
    """Samples of a note, oversampled, into a span of the line."""
    steps = span[1] - span[0]
    rate = constants[RATE] * OVERSAMPLING
    octaves = constants[ACCENTS] * z[SWEEP] + z[OPEN]
    feedback = feedback_of(z[FEED])
    ladder = set_ladder(ladder_frequency(z[CUT], z[SMOOTH], constants[ENVELOPE], octaves), feedback, rate)
    start, loud = _increment(z[PITCH], rate), z[LOUD]
    _move_envelopes(z, constants, steps // OVERSAMPLING)
    z[INCREMENT] = _increment(z[PITCH], rate)
    z[LOUD] = z[GAIN] * constants[DRIVE] * (1.0 + 0.25 * feedback)  # feedback takes from what passes the ladder
    ramps = (start, (z[INCREMENT] - start) / steps, loud, (z[LOUD] - loud) / steps)
    _voice(ramps, ladder, constants, z, line, span)


@compiled
def _play_chunk(events: Array, constants: Array, z: Array, line: Array, places: Places, samples: int) -> bool:
    """Fill `line` up to the overdrive, with at least so many samples, and say whether anything sounds."""
    block, start, coming = int(constants[BLOCK]), places[NOW], places[COMING]
    now, sounds = start, False
    while now < start + samples:
        while coming < len(events) and events[coming, 0] <= now:
            _take_event(int(events[coming, 1]), events[coming, 2], events[coming, 3], constants[FREE], z)
            coming += 1
        stop = now + block
        if coming < len(events):
            stop = min(stop, int(events[coming, 0]))
        _turn(z, constants[TURNING], stop - now)
        at = TAPS - 1 - OVERSAMPLING * start
        span = (at + OVERSAMPLING * now, at + OVERSAMPLING * stop)
        if z[GATE] > 0.0 or abs(z[GAIN]) > INAUDIBLE:
            _sound(z, constants, line, span)
            sounds = True
        else:
            _rest(z, constants, line, span)
        now = stop
    places[NOW], places[COMING] = now, coming
    return sounds


@compiled
def play_acid(events: Array, constants: Array, taps: Array, z: Array, line: Array, places: Places, out: Array) -> int:
    """Play on, into `out`, `DELAY` samples late.

    Args:
        events: (n, 4): sample, kind, value (pitch in semitones above 440 Hz; knob 0..1; octaves), and accent, or the
            samples that it takes to turn to the value; in order.
        constants: (CONSTANTS,), by their places.
        taps: (TAPS,), the decimation filter.
        z: (MOVING,), what moves; moved on.
        line: (TAPS - 1 + OVERSAMPLING * CHUNK,), the oversampled samples that the filter still needs; moved on.
        places: (3,), where the playing is; moved on.
        out: (samples,), written to.

    Returns:
        How many samples were written: whole blocks, so up to a block less than there is room for.
    """
    made, block = 0, int(constants[BLOCK])
    while made + block <= len(out):
        start = places[NOW]
        sounds = _play_chunk(events, constants, z, line, places, min(CHUNK, len(out) - made) - block + 1)
        samples = places[NOW] - start
        steps = OVERSAMPLING * samples
        if sounds or places[SILENT] == 0:
            _overdrive(line, steps, constants[LEVEL])
            _decimate(line, taps, out[made : made + samples])
        else:
            out[made : made + samples] = 0.0
        places[SILENT] = not sounds and steps >= TAPS
        for k in range(TAPS - 1):
            line[k] = line[steps + k]
        made += samples
    return made
