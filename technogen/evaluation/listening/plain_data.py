"""Frozen dataclasses to plain JSON values and back; what comes from outside is checked field by field."""

from __future__ import annotations

import dataclasses
import json
import math
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from technogen.errors import ListeningError

T = TypeVar("T")
_EXACT = 2**53


def to_plain(value: Any) -> Any:
    """Turn dataclasses, tuples, numbers, words and None into what `json.dumps` takes."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)  # 10 and 10.0 are the same number, and must be written the same
    return value


def write_line(value: Any) -> str:
    """Write a value as JSON in one line, always the same for the same value."""
    return json.dumps(to_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def from_plain(kind: type[T], data: Any) -> T:
    """Make a dataclass of a JSON object, of which every field must be there, of its type, and no other.

    Fields with a default may be missing.

    Raises:
        ListeningError: If it is no such object; the message names the field.
    """
    if not isinstance(data, Mapping):
        raise ListeningError(f"{kind.__name__} must be an object, got {_shown(data)}")
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(data) - set(fields)):
        raise ListeningError(f"{kind.__name__} has no {_shown(unknown[0])}; it has {', '.join(fields)}")
    hints = get_type_hints(kind)
    values = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _convert(f"{kind.__name__}.{name}", hints[name], data[name])
        elif field.default is dataclasses.MISSING:
            raise ListeningError(f"{kind.__name__} lacks {name}")
    return kind(**values)


def _convert(name: str, hint: Any, data: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = next(one for one in get_args(hint) if one is not type(None))
        return None if data is None else _convert(name, inner, data)
    if origin is Literal:
        return _choose(name, get_args(hint), data)
    if origin is tuple:
        if not isinstance(data, list):
            raise ListeningError(f"{name} must be a list, got {_shown(data)}")
        return tuple(_convert(name, get_args(hint)[0], item) for item in data)
    if dataclasses.is_dataclass(hint):
        return from_plain(hint, data)  # type: ignore[arg-type]
    return _scalar(name, hint, data)


def _choose(name: str, choices: tuple[Any, ...], data: Any) -> Any:
    if not isinstance(data, str) or data not in choices:
        raise ListeningError(f"{name} must be one of {', '.join(choices)}, got {_shown(data)}")
    return data


def _scalar(name: str, hint: Any, data: Any) -> Any:
    if hint is float and type(data) is int and abs(data) < _EXACT:
        data = float(data)
    if type(data) is not hint or (hint is float and not math.isfinite(data)):
        raise ListeningError(f"{name} must be {hint.__name__}, got {_shown(data)}")
    return data


def _shown(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 40 else f"{text[:37]}..."
