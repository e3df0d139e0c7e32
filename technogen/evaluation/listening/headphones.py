"""A check for headphones: three noises, of which one hides a faint tone that exists only between two ears.

Both ears get the same noise, but for a narrow band whose sign is turned in one of them. Over headphones that band is
heard as a tone; from loudspeakers, where both channels reach both ears, it is not.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from technogen.audio import Audio

TRIALS, ENOUGH, INTERVALS, VARIANTS = 6, 5, 3, 2
"""How many are asked, how many must be right, noises in each, and different sounds for each right answer."""
TONE, WIDTH = 600.0, 0.06
"""Hz of the hidden tone, and half the width of its band as a share of that."""
_RATE = 44_100
_NOISE_SECONDS, _GAP_SECONDS, _RAMP_SECONDS = 1.0, 0.35, 0.03
_LEVEL = 0.08


def make_check(right: int, *, seed: int) -> Audio:
    """Three noises one after the other, the tone in one of them.

    Args:
        right: In which, from 0.
        seed: Of the noise.

    References:
        Milne et al., "An online headphone screening test based on dichotic pitch", Behavior Research Methods 2021;
        Cramer and Huggins, "Creation of pitch through binaural interaction", JASA 1958.
    """
    generator = np.random.default_rng(seed)
    gap = np.zeros((round(_GAP_SECONDS * _RATE), 2))
    parts = [gap]
    for k in range(INTERVALS):
        parts += [_make_noise(generator, hidden=k == right), gap]
    return Audio(np.concatenate(parts).astype(np.float32), _RATE)


def right_answers(session: str, attempt: int) -> tuple[int, ...]:
    """Where the tone is in each trial of a listener's attempt."""
    digest = blake2b(f"{session}/{attempt}/right".encode(), digest_size=TRIALS).digest()
    return tuple(byte % INTERVALS for byte in digest)


def check_keys(test: str, session: str, attempt: int) -> tuple[str, ...]:
    """The keys of the sounds of an attempt; they do not tell which answer is right."""
    variants = blake2b(f"{session}/{attempt}/variant".encode(), digest_size=TRIALS).digest()
    answers = right_answers(session, attempt)
    return tuple(_key(test, right, byte % VARIANTS) for right, byte in zip(answers, variants))


def make_bank(test: str) -> dict[str, Audio]:
    """All sounds of the check by their keys, which differ from test to test."""
    return {
        _key(test, right, variant): make_check(right, seed=1 + variant * INTERVALS + right)
        for right in range(INTERVALS)
        for variant in range(VARIANTS)
    }


def _key(test: str, right: int, variant: int) -> str:
    return blake2b(f"{test}/{right}/{variant}".encode(), digest_size=8).hexdigest()


def _make_noise(generator: np.random.Generator, *, hidden: bool) -> NDArray[np.float64]:
    samples = round(_NOISE_SECONDS * _RATE)
    left = generator.standard_normal(samples)
    spectrum = np.fft.rfft(left)
    frequencies = np.fft.rfftfreq(samples, 1 / _RATE)
    if hidden:
        spectrum[np.abs(frequencies - TONE) <= WIDTH * TONE] *= -1
    stereo = np.stack([left, np.fft.irfft(spectrum, samples)], axis=1) * _LEVEL
    ramp = np.sin(np.linspace(0, np.pi / 2, round(_RAMP_SECONDS * _RATE)))[:, None] ** 2
    stereo[: len(ramp)] *= ramp
    stereo[-len(ramp) :] *= ramp[::-1]
    return stereo
