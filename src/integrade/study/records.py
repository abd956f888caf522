"""Convert frozen result records to JSON and back, so that a report can be printed without estimating again."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from plainwords.texts import Said, as_record, from_record

Record = TypeVar("Record")
Vector = NDArray[np.float64]
MISFITS = (TypeError, LookupError, ValueError, AttributeError, OverflowError, StopIteration)
"""Errors that `read_as` raises for JSON that does not have the form of the record."""
PLAIN = (float, int, str, bool, object)
"""Types whose values are stored in JSON without conversion; ``object`` (any JSON value) is one of them."""


def to_json(record: object) -> str:
    """Return a record as strict JSON: NaN becomes null, infinities become the texts inf and -inf, arrays become lists.

    Sentences are stored in English. The key ``sentences`` has the message id and values of each sentence, by its path
    (``verdicts/0/sentence``).
    """
    return in_lines(as_plain(record))


def as_plain(record: object) -> Any:
    """Return the content of `to_json` as dictionaries, lists, texts and numbers."""
    plain, sentences = _plain(record), dict(_sentences_in(record, ""))
    return plain | {"sentences": sentences} if sentences and isinstance(plain, dict) else plain


def in_lines(value: Any, depth: int = 2) -> str:
    """Return strict JSON with one line per entry of the outer two levels; deeper levels are on the line of their entry.

    Only the outer levels are indented, because the fast (compiled) encoder of the standard library cannot indent.
    """
    if depth and value and isinstance(value, dict):
        entries = (f"{_on_a_line(str(key))}: {in_lines(item, depth - 1)}" for key, item in value.items())
        return "{\n" + ",\n".join(entries) + "\n}"
    if depth and value and isinstance(value, list | tuple):
        return "[\n" + ",\n".join(in_lines(item, depth - 1) for item in value) + "\n]"
    return _on_a_line(value)


def _on_a_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def from_json(kind: type[Record], text: str) -> Record:
    """Return the record of type ``kind`` that `to_json` wrote; null is read as NaN if a number is expected."""
    return typing.cast(Record, _build(kind, read_json(text)))


def read_json(text: str) -> Any:
    """Return the content that `to_json` wrote, with its sentences as texts that can be translated."""
    content = json.loads(text)
    sentences = content.pop("sentences", {}) if isinstance(content, dict) else {}
    for place, record in sentences.items():
        *above, last = (part.replace("~1", "/").replace("~0", "~") for part in place.split("/"))
        inside = content
        for name in above:
            inside = inside[int(name) if isinstance(inside, list) else name]
        with suppress(LookupError):  # a sentence of another version, which stays as it was stored
            inside[int(last) if isinstance(inside, list) else last] = from_record(record)
    return content


def _sentences_in(value: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every sentence of the catalogues in a record, with its path."""
    if isinstance(value, Said):
        yield place, as_record(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for f in dataclasses.fields(value):
            yield from _sentences_in(getattr(value, f.name), f"{place}/{f.name}" if place else f.name)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from _sentences_in(inner, f"{place}/{escaped}" if place else escaped)
    elif isinstance(value, (list, tuple)):
        for at, inner in enumerate(value):
            yield from _sentences_in(inner, f"{place}/{at}")


def read_as(kind: Any, value: Any) -> Any:
    """Return a value of the type ``kind`` from JSON that is parsed already."""
    return _build(kind, value)


def misfit(hint: Any, value: Any, place: str = "it") -> str:
    """Return a text that names the part of a value without the type ``hint``; empty if every part has its type.

    Example:
        >>> misfit(tuple[float, ...], (1.0, "two"))
        "it[1] is 'two', which is no float"
    """
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint in (object, Any):
        return ""
    if hint == Vector:  # by comparison: with a new numpy on Python 3.12 it is an alias, without instances
        return "" if isinstance(value, np.ndarray) else f"{place} is {value!r:.40}, which is no array"
    if origin in (typing.Union, types.UnionType):
        misfits = [misfit(kind, value, place) for kind in args]
        return "" if "" in misfits else misfits[0]
    if origin is Literal:
        return "" if value in args else f"{place} is {value!r:.40}, not one of {', '.join(map(str, args))}"
    kind: Any = origin or hint
    if not isinstance(value, _ADMITTED.get(kind, kind)):
        return f"{place} is {value!r:.40}, which is no {getattr(kind, '__name__', kind)}"
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        return _first(misfit(h, getattr(value, n), f"{place}.{n}") for n, h in hints.items())
    if origin is tuple:
        kinds = [args[0]] * len(value) if args[-1] is Ellipsis else args
        if len(kinds) != len(value):
            return f"{place} has {len(value)} values, not {len(kinds)}"
        return _first(misfit(k, v, f"{place}[{i}]") for i, (k, v) in enumerate(zip(kinds, value, strict=True)))
    if isinstance(value, Mapping) and args:
        return _first(misfit(args[1], v, f"{place}[{k!r}]") for k, v in value.items())
    return ""


_ADMITTED: Mapping[Any, Any] = {
    float: (float, int, np.floating, np.integer),
    int: (int, np.integer),
    None: types.NoneType,
}
"""Type of a field -> the types of values that are accepted for it."""


@cache
def _hints(record: type) -> dict[str, Any]:
    """Return the types of the fields of a record."""
    return typing.get_type_hints(record)


def _first(found: Iterator[str]) -> str:
    return next((text for text in found if text), "")


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (bool, int, str)) or value is None:
        return value
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None if math.isnan(value) else str(float(value))
    if isinstance(value, np.integer):
        return int(value)
    raise TypeError(f"{type(value).__name__} has no place in a result record")


def _build(hint: Any, value: Any) -> Any:
    if hint == Vector:  # the only array type in records; compared, because its parts differ between numpys
        return np.array(value, dtype=float)  # the text inf is a number too
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        return hint(**{name: _build(hints[name], v) for name, v in value.items()})
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else _build(next(a for a in args if a is not type(None)), value)
    if origin is tuple:
        inner = [args[0]] * len(value) if args[-1] is Ellipsis else args
        return tuple(_build(a, v) for a, v in zip(inner, value, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {k: _build(args[1], v) for k, v in value.items()}
    if hint not in PLAIN and origin is not Literal:
        raise TypeError(f"a field of the type {hint} cannot be read back")
    if value in ("inf", "-inf") and hint in (float, object):
        return float(value)
    return math.nan if hint is float and value is None else value
