"""Audio as an HTML fragment for notebooks: a player and a waveform as inline SVG. No scripts."""

import wave
from base64 import b64encode
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from technogen.audio.resampling import resample
from technogen.audio.types import Audio

FULL_SECONDS = 20
"""What is longer is played in mono, at a lower rate, and up to `LONGEST_SECONDS`."""
LONGEST_SECONDS = 60
_LOW_RATE = 22_050
_COLUMNS, _HEIGHT = 600, 80


def draw_audio(audio: Audio) -> str:
    """Draw audio as a player over a waveform; of long audio the player has the first minute, in mono, and says so."""
    channels = "mono" if audio.channels == 1 else "stereo"
    caption = f"{_clock(audio.seconds)}, {channels}, {audio.sample_rate} Hz"
    if audio.seconds > FULL_SECONDS:
        caption += f" (player: {_clock(min(audio.seconds, LONGEST_SECONDS))} in mono)"
    sound = b64encode(_wave_bytes(_shortened(audio))).decode()
    player = f'<audio controls preload="none" src="data:audio/wav;base64,{sound}" style="width:{_COLUMNS}px"></audio>'
    return f"<div>{_draw_waveform(audio)}<br>{player}<br><small>{caption}</small></div>"


def _clock(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"


def _shortened(audio: Audio) -> Audio:
    if audio.seconds <= FULL_SECONDS:
        return audio
    first = Audio(audio.samples[: LONGEST_SECONDS * audio.sample_rate], audio.sample_rate)
    return resample(Audio(first.mono(), first.sample_rate), min(_LOW_RATE, audio.sample_rate))


def _wave_bytes(audio: Audio) -> bytes:
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(audio.channels)
        file.setsampwidth(2)
        file.setframerate(audio.sample_rate)
        file.writeframes((np.clip(audio.samples, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def _draw_waveform(audio: Audio) -> str:
    low, high = _envelope(audio)
    middle = _HEIGHT / 2
    points = [*((x, middle - y * middle) for x, y in enumerate(high))]
    points += [(x, middle - y * middle) for x, y in reversed(list(enumerate(low)))]
    path = " ".join(f"{x * _COLUMNS / len(high):.1f},{np.clip(y, 0, _HEIGHT):.1f}" for x, y in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_COLUMNS}" height="{_HEIGHT}" role="img" '
        f'aria-label="waveform"><rect width="100%" height="100%" fill="#f4f4f4"/>'
        f'<line x1="0" x2="{_COLUMNS}" y1="{middle}" y2="{middle}" stroke="#bbb"/>'
        f'<polygon points="{path}" fill="#3a6ea5" stroke="#3a6ea5" stroke-width="0.5"/></svg>'
    )


def _envelope(audio: Audio) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The lowest and the highest sample of each column, of all channels."""
    edges = np.linspace(0, len(audio.samples), min(_COLUMNS, len(audio.samples)), endpoint=False).astype(np.int64)
    flat = audio.samples[:, None] if audio.channels == 1 else audio.samples
    return np.minimum.reduceat(flat, edges).min(axis=1), np.maximum.reduceat(flat, edges).max(axis=1)
