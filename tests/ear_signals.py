"""Small drum machines for the tests of transcription: sounds at known times."""

import numpy as np

from technogen.audio import Audio

RATE = 44100


def click(seconds=0.005):
    t = np.arange(int(seconds * RATE)) / RATE
    return np.exp(-t / 0.001) * np.sin(2 * np.pi * 3000 * t + 1)


def kick():
    t = np.arange(int(0.25 * RATE)) / RATE
    return np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / 0.1)


def _noise(seconds, decay, low, high, seed=5):
    n = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    frequencies = np.fft.rfftfreq(n, 1 / RATE)
    wave = np.fft.irfft(spectrum * ((frequencies > low) & (frequencies < high)), n)
    return 0.3 * wave / wave.std() * np.exp(-np.arange(n) / RATE / decay)


def closed_hat():
    return 0.6 * _noise(0.08, 0.02, 7000, 16000)


def open_hat():
    return 0.6 * _noise(0.3, 0.2, 7000, 16000)


def clap():
    hands = [_noise(0.012, 0.006, 700, 9000), _noise(0.012, 0.006, 700, 9000), _noise(0.2, 0.06, 700, 9000)]
    return np.concatenate(hands)


SOUNDS = {36: kick, 42: closed_hat, 46: open_hat, 39: clap}
PATTERN = {36: (0, 4, 8, 12, 14), 39: (4, 12), 46: (2, 6, 10, 14), 42: (1, 3, 5, 7, 9, 11, 13, 15)}


def place(events, seconds):
    """Sounds at (time, wave) added up."""
    out = np.zeros(int(seconds * RATE) + RATE)
    for time, wave in events:
        at = round(time * RATE)
        out[at : at + len(wave)] += wave
    return Audio((0.5 * out[: int(seconds * RATE)]).astype(np.float32), RATE)


def step_seconds(step, tempo, swing=0.5):
    """The second of a 16th."""
    eighth = 30 / tempo
    return (step // 2) * eighth + (swing * eighth if step % 2 else 0)


def choke(pitch, time, hats):
    """A sound; a hat ends where the next one starts, as on a machine."""
    wave = SOUNDS[pitch]()
    following = [t for t in hats if t > time]
    if pitch in (42, 46) and following:
        wave = wave[: round((following[0] - time) * RATE)]
        wave = wave * np.minimum(1, np.arange(len(wave))[::-1] / 300)
    return wave


def loop(tempo, bars=4, *, swing=0.5, pattern=PATTERN, start=0.0):
    """Bars of a pattern; the truth as (time, pitch) beside the sound."""
    truth = sorted(
        (start + step_seconds(16 * bar + step, tempo, swing), pitch)
        for bar in range(bars)
        for pitch, steps in pattern.items()
        for step in steps
    )
    hats = [t for t, p in truth if p in (42, 46)]
    audio = place([(t, choke(p, t, hats)) for t, p in truth], start + bars * 240 / tempo)
    return audio, truth


def drifting(first=0.5, last=0.38, beats=64):
    """Kicks with clicks between them, whose beat shortens evenly; the beats beside the sound."""
    times = np.concatenate([[0.1], 0.1 + np.cumsum(np.linspace(first, last, beats - 1))])
    half = (times[1:] + times[:-1]) / 2
    sounds = [(t, kick()) for t in times] + [(t, closed_hat()) for t in half]
    return place(sounds, times[-1] + 0.3), times
