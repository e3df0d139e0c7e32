"""Pictures for the pages on sound: a waveform over a spectrogram on a logarithmic scale, as one SVG."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np

from technogen import Audio

LOW, HIGH, FLOOR = 30.0, 16_000.0, -75.0
_QUIETEST = 0.0
"""The level that is drawn as the loudest where nothing is louder: silence stays dark."""
_COLOURS = (
    (0, (10, 10, 24)),
    (0.35, (62, 28, 110)),
    (0.6, (190, 54, 92)),
    (0.82, (246, 140, 50)),
    (1, (252, 246, 190)),
)
_TICKS = (
    (50, "50"),
    (100, "100"),
    (200, "200"),
    (500, "500"),
    (1000, "1k"),
    (2000, "2k"),
    (5000, "5k"),
    (10000, "10k"),
)


def draw_sound(audio: Audio, *, width: int = 640, height: int = 220, labels: bool = True, window: int = 4096) -> str:
    """A waveform, and under it 75 dB of spectrum from 30 Hz to 16 kHz, by windows of so many samples."""
    left, wave = (34 if labels else 0), height // 4
    shown = height - wave - (16 if labels else 0)
    png = b64encode(_png(_spectrogram(audio, (width - left, shown), window))).decode()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-size="9" font-family="Arial">',
        f'<rect x="{left}" width="{width - left}" height="{wave}" fill="#f4f4f4"/>',
        f'<path d="{_waveform(audio.mono(), width - left, wave, left)}" stroke="#3a6ea5" fill="none"/>',
        f'<image x="{left}" y="{wave}" width="{width - left}" height="{shown}" href="data:image/png;base64,{png}"/>',
    ]
    if labels:
        parts += [_text(left - 4, wave + shown * _place(hertz) + 3, name, "end") for hertz, name in _TICKS]
        parts += [_text(3, wave // 2 + 3, "wave", "start")]
        seconds = np.arange(0, audio.seconds, 1 if audio.seconds > 2 else 0.1)
        for second in seconds[:: max(1, len(seconds) // 12)]:
            parts.append(_text(left + (width - left) * second / audio.seconds, height - 4, f"{second:g} s", "start"))
    return "\n".join((*parts, "</svg>"))


def _text(x: float, y: float, said: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="#888">{said}</text>'


def _place(hertz: float) -> float:
    """Where a frequency is, from 0 at the top."""
    return 1 - np.log(hertz / LOW) / np.log(HIGH / LOW)


def _waveform(samples: np.ndarray, width: int, height: int, left: int) -> str:
    edges = np.linspace(0, len(samples), width, endpoint=False).astype(int)
    low, high = (extreme.reduceat(samples, edges).clip(-1, 1) for extreme in (np.minimum, np.maximum))
    middle = height / 2
    return "".join(
        f"M{left + x}.5,{middle - top * middle:.1f}V{middle - bottom * middle + 0.5:.1f}"
        for x, (bottom, top) in enumerate(zip(low, high))
    )


def _spectrogram(audio: Audio, size: tuple[int, int], window: int) -> np.ndarray:
    """(height, width, 3) of bytes; each column is the louder of two spectra."""
    width, height = size
    samples, shape = audio.mono().astype(float), np.hanning(window)
    padded = np.pad(samples, window // 2)
    starts = np.linspace(0, len(samples) - 1, 2 * width).astype(int)
    power = np.array([np.abs(np.fft.rfft(padded[s : s + window] * shape)) ** 2 for s in starts])
    power = np.maximum(power[::2], power[1::2])
    bins = LOW * (HIGH / LOW) ** (1 - (np.arange(height) + 0.5) / height) * window / audio.sample_rate
    near = np.floor(bins).astype(int)
    share = bins - near
    level = 10 * np.log10((power[:, near] * (1 - share) + power[:, near + 1] * share).T + 1e-12)
    place = np.clip(1 - (max(level.max(), _QUIETEST) - level) / -FLOOR, 0, 1)
    stops, colours = zip(*_COLOURS)
    return np.stack([np.interp(place, stops, [c[k] for c in colours]) for k in range(3)], axis=-1).astype(np.uint8)


def _png(pixels: np.ndarray) -> bytes:
    """A PNG of 8-bit colours, by the format's own rules: chunks of length, name, data and checksum."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, width, _ = pixels.shape
    lines = b"".join(b"\x00" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")
