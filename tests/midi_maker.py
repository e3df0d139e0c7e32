"""MIDI files by hand, byte by byte, right or wrong."""


def number(value):
    """A number of variable length."""
    encoded = [value & 0x7F]
    while value := value >> 7:
        encoded.append(value & 0x7F | 0x80)
    return bytes(reversed(encoded))


def track(*events, end=0):
    """A track chunk of (delta, bytes) events; `end` is the delta of the end of track, None for none."""
    body = b"".join(number(delta) + message for delta, message in events)
    if end is not None:
        body += number(end) + b"\xff\x2f\x00"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def midi(*tracks, file_type=1, claimed=None, division=480):
    """A file of these tracks."""
    claimed = len(tracks) if claimed is None else claimed
    head = b"".join(n.to_bytes(2, "big") for n in (file_type, claimed, division))
    return b"MThd" + (6).to_bytes(4, "big") + head + b"".join(tracks)


def on(pitch, velocity=100, channel=0):
    return bytes((0x90 | channel, pitch, velocity))


def off(pitch, channel=0):
    return bytes((0x80 | channel, pitch, 0))


def meta(kind, data):
    return bytes((0xFF, kind)) + number(len(data)) + data


def tempo(microseconds):
    return meta(0x51, microseconds.to_bytes(3, "big"))


def name(text):
    return meta(0x03, text.encode())
