"""How far the 303 of this project is from recordings of another 303 with known steps and knobs.

    python benchmarks/acid_distance.py ../shared/realdata/tb303_open303

For each X.notes.csv of the folder, with X.knobs.csv, X.beats.csv and X.flac beside it, our 303 and a baseline play the
same notes at the same knobs, and each is compared with the recording. The baseline is what a beginner writes: a naive
saw (with aliases) through a two-pole low-pass with the same cutoff law and the same exponential envelope, gated.
The files do not say waveform and overdrive: both contestants take the best of saw and square, clean and driven.

The distance: log-mel spectra (80 bands, window 2048, hop 512) of both at the same loudness (RMS), mean absolute
difference in dB over the frames whose level in the recording is above -60 dB of its loudest; bands more than 80 dB
below the loudest band of the recording count as 80 dB below.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from technogen.audio import read_audio
from technogen.rendering import AcidKnobs
from technogen.rendering.acid import play_line
from technogen.rendering.acid_circuit import ladder_frequency
from technogen.rendering.clock import sample_of
from technogen.rendering.compiling import compiled
from technogen.score import TICKS_PER_BEAT, Control, Note, Score

Wave = NDArray[np.float64]
BANDS, WINDOW, HOP, FLOOR, QUIET = 80, 2048, 512, -80.0, -60.0
DRIVES = (0.0, 18.0)


def read_rows(path: Path) -> list[dict[str, float]]:
    with path.open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def read_score(stem: Path) -> Score:
    """The notes on a grid of 480 ticks a beat; tempo from the beats, times exact to a tick (about 1 ms)."""
    rows, beats = read_rows(stem.with_suffix(".notes.csv")), read_rows(stem.with_suffix(".beats.csv"))
    tempo = round(60 * (len(beats) - 1) / (beats[-1]["time_s"] - beats[0]["time_s"]), 2)
    scale = tempo * TICKS_PER_BEAT / 60
    notes = []
    for row, following in zip(rows, [*rows[1:], {"slide_in": 0.0}]):
        start, end = (round(row[name] * scale) for name in ("onset_s", "offset_s"))
        slide = following["slide_in"] == 1
        notes.append(Note(start, end - start, int(row["midi_pitch"]), int(row["velocity"]), slide))
    bars = -(-notes[-1].end // (4 * TICKS_PER_BEAT)) + 1
    return Score(tempo, bars, bass=tuple(notes), controls=tuple(_controls(stem, scale)))


def _controls(stem: Path, scale: float) -> Iterator[Control]:
    rows = read_rows(stem.with_suffix(".knobs.csv"))
    for name, column, top in (("cutoff", "cutoff_0_127", 127), ("resonance", "resonance_pct", 100)):
        if len({row[column] for row in rows}) > 1:  # a knob that stands still is set as finely as it is written
            yield from (Control(round(r["time_s"] * scale), name, round(r[column] * 127 / top)) for r in rows)


def read_knobs(stem: Path) -> AcidKnobs:
    row = read_rows(stem.with_suffix(".knobs.csv"))[0]
    decay = np.clip(np.log10(row["decay_ms"] / 200.0), 0.0, 1.0)
    return AcidKnobs(
        cutoff=row["cutoff_0_127"] / 127,
        resonance=row["resonance_pct"] / 100,
        envelope=row["envmod_pct"] / 100,
        decay=float(decay),
        accent=row["accent_pct"] / 100,
    )


@compiled
def naive_line(starts: Wave, ends: Wave, notes: Wave, knobs: Wave, cutoffs: Wave, out: Wave) -> None:
    """`notes` are rows of frequency, accent and whether it is slid into; `knobs` envelope, decay, Q, square, rate."""
    amount, decay, quality, square, rate = knobs
    phase, low, band, envelope, current = 0.0, 0.0, 0.0, 0.0, -1
    for n in range(len(out)):
        while current + 1 < len(starts) and starts[current + 1] <= n:
            current += 1
            if notes[current, 2] == 0.0:
                envelope = 1.0
        if current < 0 or n >= ends[current]:
            continue
        accent = notes[current, 1]
        envelope *= np.exp(-1.0 / (rate * (0.2 if accent else decay)))
        phase = (phase + notes[current, 0] / rate) % 1.0
        x = 2.0 * phase - 1.0
        if square:
            x = 1.0 if phase < 0.5 else -1.0
        g = np.tan(np.pi * min(ladder_frequency(cutoffs[n], envelope, amount, 0.0), 0.45 * rate) / rate)
        high = (x - (1.0 / quality + g) * band - low) / (1.0 + g / quality + g * g)
        v, w = band + g * high, low + g * (band + g * high)
        band, low = v + g * high, w + g * v
        out[n] = w * (1.0 + accent)


def play_baseline(score: Score, samples: int, rate: int, knobs: AcidKnobs) -> Wave:
    starts = np.array([sample_of(note.start, score, rate) for note in score.bass], dtype=float)
    ends = np.array([sample_of(note.end, score, rate) for note in score.bass], dtype=float)
    slid = [False, *(note.slide for note in score.bass[:-1])]
    rows = [(440 * 2 ** ((n.pitch - 69) / 12), n.accent, s) for n, s in zip(score.bass, slid)]
    quality = 0.7 * 20**knobs.resonance
    values = np.array([knobs.envelope, 0.2 * 10**knobs.decay, quality, knobs.waveform == "square", rate])
    curve = [c for c in score.controls if c.name == "cutoff"]
    at = [sample_of(c.tick, score, rate) for c in curve] or [0]
    cut = np.interp(np.arange(samples), at, [c.value / 127 for c in curve] or [knobs.cutoff])
    out = np.zeros(samples)
    naive_line(starts, ends, np.array(rows, dtype=float), values, cut, out)
    return np.tanh(out * 10 ** (knobs.drive / 20)) if knobs.drive else out


def mel_bank(rate: int) -> Wave:
    """Triangles between 0 Hz and half the rate, evenly spaced in mel; (bands, bins)."""
    top = 2595 * np.log10(1 + rate / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, BANDS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(WINDOW, 1 / rate)
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rise, fall))


def power_frames(wave: Wave) -> Wave:
    frames = np.lib.stride_tricks.sliding_window_view(wave, WINDOW)[::HOP] * np.hanning(WINDOW)
    return np.abs(np.fft.rfft(frames)) ** 2  # (t, bins)


def log_mel_distance(wave: Wave, reference: Wave, rate: int, floor: float = FLOOR) -> float:
    """Mean absolute difference in dB; both the same length."""
    bank = mel_bank(rate)
    there = power_frames(reference) @ bank.T
    here = power_frames(wave * reference.std() / (wave.std() + 1e-12)) @ bank.T
    lowest = there.max() * 10 ** (floor / 10)
    loud = there.sum(axis=1) > there.sum(axis=1).max() * 10 ** (QUIET / 10)
    levels = [10 * np.log10(np.maximum(mel[loud], lowest)) for mel in (here, there)]
    return float(np.abs(levels[0] - levels[1]).mean())


def measure(stem: Path, player: object, waveforms: tuple[str, ...] = ("saw", "square")) -> float:
    audio, score, knobs = read_audio(stem.with_suffix(".flac")), read_score(stem), read_knobs(stem)
    reference = audio.samples.astype(float)
    distances = []
    for waveform in waveforms:
        for drive in DRIVES:
            voice = replace(knobs, waveform=waveform, drive=drive)
            wave = player(score, len(reference), audio.sample_rate, voice)  # type: ignore[operator]
            distances.append(log_mel_distance(wave, reference, audio.sample_rate))
    return min(distances)


def main() -> None:
    parser = argparse.ArgumentParser(description="Distance of the 303 from recordings with known steps and knobs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[""], help="how the names of the items start")
    arguments, rows = parser.parse_args(), []
    print(f"{'item':28} {'ours dB':>8} {'baseline':>8} {'share':>6}   {'naive saw alone':>15} {'share':>6}")
    for path in sorted(arguments.folder.glob("*.notes.csv")):
        if not path.name.startswith(tuple(arguments.only)):
            continue
        stem = path.parent / path.name.removesuffix(".notes.csv")
        ours, base, saw = measure(stem, play_line), measure(stem, play_baseline), measure(stem, play_baseline, ("saw",))
        rows.append((ours, base, ours / base, saw, ours / saw))
        print(f"{stem.name:28} {ours:8.2f} {base:8.2f} {ours / base:6.2f}   {saw:15.2f} {ours / saw:6.2f}", flush=True)
    ours, base, share, saw, other = np.mean(rows, axis=0)
    print(f"{'mean':28} {ours:8.2f} {base:8.2f} {share:6.2f}   {saw:15.2f} {other:6.2f}")
    print(f"means of distances: {ours / saw:.2f} of the naive saw alone; of the better baseline {ours / base:.2f}")


if __name__ == "__main__":
    main()
