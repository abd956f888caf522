"""Render messages by id in a language, from the Fluent catalogues of a program.

``say("spillover.title", outcome="Quality")`` renders the message ``title`` of ``en/spillover.ftl``. Each package of the
program says where its catalogues are (`add_catalogues`), and a catalogue may have parts in several packages. The result
is a text that keeps its id and values, so that it can be stored and rendered in another language. A value that is
itself a text from a catalogue is rendered together with it. Numbers are formatted beforehand, because catalogues hold
only words. A number may be `quoted` from the cell of the report that prints it; its sentence then keeps that cell.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from fluent.runtime import FluentBundle

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Value: TypeAlias = "str | int | Said"

_speaking: ContextVar[str] = ContextVar("language", default="en")
BETWEEN = {
    ("en", "and"): (", ", " and "),
    ("en", "comma"): (", ", ", "),
    ("en", "semicolon"): ("; ", "; "),
    ("zh", "and"): ("、", "和"),
    ("en", "clauses"): (", ", ", "),
    ("zh", "comma"): ("、", "、"),
    ("zh", "clauses"): ("，", "，"),
    ("zh", "semicolon"): ("；", "；"),
}
"""For each language and kind of list, the separator between the parts, and the separator before the last part."""


class Cell(NamedTuple):
    """A cell of a report whose tables are not numbered yet.

    ``table`` is the place of the table, ``column`` the key of the column or its position from 1, ``row`` the key of the
    row.
    """

    table: str
    column: str | int
    row: str


class Said(str):
    """A text from the catalogues in a ``language``.

    ``key`` and ``given``, its id and values, allow it to be rendered in another language. ``cells``: by the name of a
    value, the cell of the report that prints it.
    """

    __slots__ = ("cells", "given", "key", "language")
    key: str
    given: Mapping[str, Value]
    language: str
    cells: Mapping[str, Cell]

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (str(self), self.key, dict(self.given), self.language, dict(self.cells))


def say(key: str, /, **values: Value) -> Said:
    """Render the message with the id ``file.message`` and its values in the current language.

    A whole number chooses between singular and plural and is printed with thousands separators. Pass a year as a text.
    Raises `LookupError` for an id or a value that the catalogue lacks.
    """
    given, cells = _parted(values)
    language = _speaking.get()
    return _again(_rendered(key, given, language), key, given, language, cells)


QUOTED = "quoted"
"""Id of a text that is only a number with its cell. If a sentence contains the number, the sentence has the cell."""


def quoted(text: str, cell: Cell | None) -> str:
    """Return a number with the cell that prints it; without a cell, return the text alone."""
    return text if cell is None else _again(text, QUOTED, {"text": text}, _speaking.get(), {"text": cell})


def _parted(values: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Cell]]:
    """Return the values, with quoted numbers as plain text, and by name the cells of these numbers."""
    numbers = {name: value for name, value in values.items() if isinstance(value, Said) and value.key == QUOTED}
    cells = {name: number.cells["text"] for name, number in numbers.items()}
    return {**values, **{name: number.given["text"] for name, number in numbers.items()}}, cells


def worded(text: str) -> str:
    """Render a message if the text is its id; return any other text unchanged, for example the words of a plugin."""
    return say(text) if is_message(text) else text


def listed(items: Sequence[str], how: Literal["and", "comma", "clauses", "semicolon", "sentences"] = "and") -> Said:
    """Join several texts to one, as ``a, b and c``, with commas or semicolons, or as sentences.

    Chinese uses its own comma between names.
    """
    given, cells = _parted({f"v{i}": item for i, item in enumerate(items)})
    language = _speaking.get()
    text = _joined(list(map(str_or_said, given.values())), how, language)
    return _again(text, f"listed.{how}", given, language, cells)


def ended(text: str) -> str:
    """Add a full stop to a user's text if no sentence mark ends it."""
    text = text.rstrip()
    if text.rstrip("\"'”’」』)）")[-1:] in ("", *".!?…。！？"):
        return text
    return f"{text}{'。' if _is_chinese(text[-1]) else '.'}"


def _is_chinese(letter: str) -> bool:
    return "\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef"


def in_language(text: str, language: str) -> str:
    """Render a text of the catalogues in a language; return any other text (a user's name, a number) unchanged."""
    if not isinstance(text, Said):
        return text
    if text.language == language:
        return str(text)
    if text.key == QUOTED:
        return in_language(str_or_said(text.given["text"]), language)
    if text.key.startswith("listed."):
        return _joined(
            [in_language(t, language) for t in map(str_or_said, text.given.values())],
            text.key.removeprefix("listed."),
            language,
        )
    return _rendered(text.key, text.given, language)


def is_message(key: str) -> bool:
    """Return whether the catalogues have the id."""
    name, _, message = key.partition(".")
    return name in catalogues("en") and message in _sources("en", name)


def str_or_said(value: Value) -> str:
    """Return a value as text; a text from the catalogues keeps its id and values."""
    return value if isinstance(value, str) else str(value)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Render messages of `say` in a language until the block ends."""
    token = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(token)


def language_spoken() -> str:
    """Return the current language, which `speaking` sets; it is English by default."""
    return _speaking.get()


def as_record(text: Said) -> dict[str, Any]:
    """Return the id and the values of a text, for JSON; with ``cells`` (table, column, row) where values are quoted."""
    values = {k: as_record(v) if isinstance(v, Said) else v for k, v in text.given.items()}
    cells = {name: list(cell) for name, cell in text.cells.items()}
    return {"id": text.key, "values": values} | ({"cells": cells} if cells else {})


def from_record(record: Mapping[str, Any]) -> Said:
    """Rebuild the text that `as_record` stored, in the current language."""
    values = {k: from_record(v) if isinstance(v, Mapping) else v for k, v in record["values"].items()}
    cells = {name: Cell(*cell) for name, cell in record.get("cells", {}).items()}
    values |= {name: quoted(values[name], cell) for name, cell in cells.items()}
    if record["id"] == QUOTED:
        return typing.cast(Said, values["text"])
    how = record["id"].removeprefix("listed.")
    return listed(list(values.values()), how) if how != record["id"] else say(record["id"], **values)


def with_values(text: Said, change: Callable[[str], str]) -> Said:
    """Apply ``change`` to each value of a text that is itself a text, and render the text in the current language."""
    values = {name: change(value) if isinstance(value, str) else value for name, value in text.given.items()}
    return from_record({"id": text.key, "values": values, "cells": text.cells})


def without_cells(text: str) -> str:
    """Return a text whose numbers are quoted from no cell; its words stay the same."""
    if not isinstance(text, Said):
        return text
    if text.key == QUOTED:
        return str(text.given["text"])
    values = {name: without_cells(v) if isinstance(v, str) else v for name, v in text.given.items()}
    return _again(str(text), text.key, values, text.language)


def slug(text: str) -> str:
    """Return a text as part of an address: English words in lower case, joined by ``_``; the ``^`` of a power stays."""
    return re.sub(r"[^\w^]+", "_", in_language(text, "en")).strip("_").lower()


def messages(language: str, name: str) -> dict[str, frozenset[str]]:
    """Return the ids in a catalogue file, each with the names of its values."""
    from fluent.syntax import FluentParser
    from fluent.syntax import ast as fluent

    parsed = FluentParser().parse(_source(language, name))
    broken = [entry.content for entry in parsed.body if isinstance(entry, fluent.Junk)]
    if broken:
        raise LookupError(f"{language}/{name}.ftl cannot be read at {str(broken[0])[:80]!r}")
    return {e.id.name: frozenset(_variables(e.value)) for e in parsed.body if isinstance(e, fluent.Message) and e.value}


def _variables(node: Any) -> Iterator[str]:
    """Yield the names of the variables in a part of a message."""
    from fluent.syntax import ast as fluent

    if isinstance(node, fluent.VariableReference):
        yield node.id.name
    for inner in vars(node).values():
        for child in inner if isinstance(inner, list) else [inner]:
            if isinstance(child, fluent.BaseNode):
                yield from _variables(child)


def catalogues(language: str) -> tuple[str, ...]:
    """List the catalogue files of a language."""
    return tuple(sorted(_files(language)))


_PLACES: list[tuple[str, bool]] = []
"""Packages with catalogues. True: each folder of the package has catalogues; false: the package itself has them."""


def add_catalogues(package: str, *, of_folders: bool = False) -> None:
    """Find messages also in the folders ``en`` and ``zh`` of a package, or in those of each of its folders."""
    _PLACES.append((package, of_folders))
    for found in (_files, _source, _sources):
        found.cache_clear()


@cache
def _files(language: str) -> dict[str, list[Traversable]]:
    """Return the files of each catalogue, with one file for each package that has messages of it."""
    from importlib.resources import files

    catalogue_files: dict[str, list[Traversable]] = {}
    for package, of_folders in _PLACES:
        place = files(package)
        folders = [f for f in place.iterdir() if f.is_dir()] if of_folders else [place]
        for folder in (f / language for f in folders):
            for file in folder.iterdir() if folder.is_dir() else ():
                catalogue_files.setdefault(file.name.removesuffix(".ftl"), []).append(file)
    return catalogue_files


def _again(
    text: str, key: str, values: Mapping[str, Value], language: str, cells: Mapping[str, Cell] | None = None
) -> Said:
    result = Said(text)
    result.key, result.given, result.language, result.cells = key, dict(values), language, cells or {}
    return result


def _rendered(key: str, values: Mapping[str, Value], language: str) -> str:
    """Render a message with its values; messages that contain choices (plurals, functions) are rendered by Fluent."""
    given = {k: in_language(v, language) if isinstance(v, str) else v for k, v in values.items()}
    words = _words(language, key)
    if not words or any(name not in given for name in words[1::2]):
        return _chosen(key, given, language)
    if len(words) == 1:
        return words[0]
    return "".join(_shown(given[part]) if at % 2 else part for at, part in enumerate(words))


def _shown(value: str | int) -> str:
    """Format a value for a message: a text stays as it is, and a whole number gets thousands separators."""
    return value if isinstance(value, str) else f"{value:,}"


VALUE = re.compile(r"\{ \$([a-z][a-z0-9_]*) \}")
"""The pattern of a value in a message."""


@cache
def _words(language: str, key: str) -> tuple[str, ...]:
    """Split a message into words and names of values, in turn; the result is empty if the message contains choices."""
    parts = VALUE.split(_message(language, key).partition("=")[2].strip())
    return () if any(mark in text for text in parts[::2] for mark in "{}\n") else tuple(parts)


def _chosen(key: str, values: dict[str, str | int], language: str) -> str:
    """Render a message with Fluent, which handles plurals and reports missing values."""
    rendered, problems = (bundle := _bundle(language, key)).format_pattern(_pattern(bundle, key), values)
    if problems:
        raise LookupError(f"{language}/{key}: {problems[0]}")
    return str(rendered)


def _pattern(bundle: FluentBundle, key: str) -> Any:
    pattern = bundle.get_message(key.partition(".")[2]).value
    assert pattern is not None
    return pattern


def _joined(items: Sequence[str], how: str, language: str) -> str:
    texts = [in_language(item, language) for item in items]
    if how == "sentences":
        return _sentences(texts, language)
    between, last = BETWEEN[language, how]
    if language == "zh" and len(texts) > 1:
        last = _spaced(texts[-2], last, texts[-1])
    return between.join(texts[:-1]) + last + texts[-1] if len(texts) > 1 else "".join(texts)


def _sentences(said: Sequence[str], language: str) -> str:
    """Join sentences; in Chinese, a blank follows a sentence only if it ends in another script."""
    if not said:
        return ""
    apart = [" " if language != "zh" or before[-1:].isascii() else "" for before in said[:-1]]
    return "".join(text + gap for text, gap in zip(said, [*apart, ""], strict=True))


def _spaced(before: str, word: str, after: str) -> str:
    """Put blanks around a Chinese word next to letters and digits of another script; punctuation gets none."""
    if not _is_chinese(word) or not word.isalpha():
        return word
    left, right = (" " if c.isascii() and c.isalnum() else "" for c in (before[-1:], after[:1]))
    return f"{left}{word}{right}"


def _capital(text: Any) -> Any:
    """Implement ``CAPITAL($text)`` in catalogues: return the text with a capital first letter."""
    return str(text)[:1].upper() + str(text)[1:]


@cache
def _bundle(language: str, key: str) -> FluentBundle:
    """Return a Fluent bundle with one message; it is parsed on first use."""
    from fluent.runtime import FluentBundle, FluentResource

    bundle = FluentBundle([language], use_isolating=False, functions={"CAPITAL": _capital})
    bundle.add_resource(FluentResource(_message(language, key)))
    return bundle


def _message(language: str, key: str) -> str:
    """Return the source of a message. Raises `LookupError` for an id that the catalogue lacks."""
    name, _, message = key.partition(".")
    source = _sources(language, name).get(message)
    if source is None:
        raise LookupError(f"no message {message!r} in {language}/{name}.ftl")
    return source


@cache
def _sources(language: str, name: str) -> dict[str, str]:
    """Return the source text of each message in a catalogue file by its id.

    A line that starts with a letter begins a message.
    """
    entries = [entry for entry in re.split(r"^(?=[A-Za-z])", _source(language, name), flags=re.MULTILINE) if entry]
    return {entry.partition("=")[0].strip(): entry for entry in reversed(entries)}


@cache
def _source(language: str, name: str) -> str:
    if name not in _files(language):
        raise LookupError(f"no catalogue {language}/{name}.ftl")
    return "\n".join(file.read_text(encoding="utf-8") for file in _files(language)[name])


add_catalogues(__package__)
