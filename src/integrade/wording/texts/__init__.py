"""Sentences: an id with typed values, said in a language from the catalogues beside this file (Fluent).

``say("spillover.title", outcome="Quality")`` is the message ``title`` of ``en/spillover.ftl``. What comes back is a
text that knows its id and its values, so that it can be stored and said again in another language; a value that is
such a text is said again with it. Numbers are formatted before (`integrade.wording.numerals`): a catalogue holds words alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
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
"""Between the parts of a list, and before its last one."""


class Said(str):
    """A text of the catalogues, in the ``language`` spoken when it was made; ``key`` and ``given`` make it again."""

    __slots__ = ("given", "key", "language")
    key: str
    given: Mapping[str, Value]
    language: str

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (str(self), self.key, dict(self.given), self.language)


def say(key: str, /, **values: Value) -> Said:
    """The message of the id ``file.message`` with its values, in the language that is spoken.

    A whole number chooses between singular and plural and is printed with thousands separators; a year is a text.
    Raises `LookupError` for an id or a value that the catalogue lacks.
    """
    language = _speaking.get()
    return _again(_rendered(key, values, language), key, values, language)


def worded(text: str) -> str:
    """The message of an id; any other text, such as the words of a plugin, as it is."""
    return say(text) if is_message(text) else text


def listed(items: Sequence[str], how: Literal["and", "comma", "clauses", "semicolon", "sentences"] = "and") -> Said:
    """Several texts as one: ``a, b and c``, names or clauses with commas, with semicolons, or sentence after sentence.

    Chinese has a comma of its own between names.
    """
    values, language = {f"v{i}": item for i, item in enumerate(items)}, _speaking.get()
    return _again(_joined(list(items), how, language), f"listed.{how}", values, language)


def ended(text: str) -> str:
    """A text of a user with its final stop, which is added where it has none."""
    text = text.rstrip()
    if text.rstrip("\"'”’」』)）")[-1:] in ("", *".!?…。！？"):
        return text
    return f"{text}{'。' if _is_chinese(text[-1]) else '.'}"


def _is_chinese(letter: str) -> bool:
    return "\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef"


def in_language(text: str, language: str) -> str:
    """A text of the catalogues in the language; any other text (a user's name, a number) as it is."""
    if not isinstance(text, Said):
        return text
    if text.language == language:
        return str(text)
    if text.key.startswith("listed."):
        return _joined(
            [in_language(t, language) for t in map(str_or_said, text.given.values())],
            text.key.removeprefix("listed."),
            language,
        )
    return _rendered(text.key, text.given, language)


def is_message(key: str) -> bool:
    """Whether the catalogues have the id."""
    name, _, message = key.partition(".")
    return name in catalogues("en") and message in _sources("en", name)


def str_or_said(value: Value) -> str:
    """A value as text that keeps its id."""
    return value if isinstance(value, str) else str(value)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within this block `say` speaks the language."""
    token = _speaking.set(language)
    try:
        yield
    finally:
        _speaking.reset(token)


def language_spoken() -> str:
    """The language of the block (`speaking`), English outside of any."""
    return _speaking.get()


def as_record(text: Said) -> dict[str, Any]:
    """The id and the values of a text, for JSON."""
    values = {k: as_record(v) if isinstance(v, Said) else v for k, v in text.given.items()}
    return {"id": text.key, "values": values}


def from_record(record: Mapping[str, Any]) -> Said:
    """The text that `as_record` stored, in the language that is spoken."""
    values = {k: from_record(v) if isinstance(v, Mapping) else v for k, v in record["values"].items()}
    how = record["id"].removeprefix("listed.")
    return listed(list(values.values()), how) if how != record["id"] else say(record["id"], **values)


def with_values(text: Said, change: Callable[[str], str]) -> Said:
    """The text with each of its values that is a text changed, in the language that is spoken."""
    values = {name: change(value) if isinstance(value, str) else value for name, value in text.given.items()}
    return from_record({"id": text.key, "values": values})


def messages(language: str, name: str) -> dict[str, frozenset[str]]:
    """The ids of a catalogue file and the names of the values of each."""
    from fluent.syntax import FluentParser
    from fluent.syntax import ast as fluent

    parsed = FluentParser().parse(_source(language, name))
    broken = [entry.content for entry in parsed.body if isinstance(entry, fluent.Junk)]
    if broken:
        raise LookupError(f"{language}/{name}.ftl cannot be read at {str(broken[0])[:80]!r}")
    return {e.id.name: frozenset(_variables(e.value)) for e in parsed.body if isinstance(e, fluent.Message) and e.value}


def _variables(node: Any) -> Iterator[str]:
    """The names of the variables below a node of a message."""
    from fluent.syntax import ast as fluent

    if isinstance(node, fluent.VariableReference):
        yield node.id.name
    for inner in vars(node).values():
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, fluent.BaseNode):
                yield from _variables(one)


@cache
def catalogues(language: str) -> tuple[str, ...]:
    """The names of the catalogue files of a language."""
    return tuple(sorted(_files(language)))


@cache
def _files(language: str) -> dict[str, Traversable]:
    """Map catalogue names to their files: those beside this module and those in the folders of subjects."""
    folders = [files(__name__), *(f for f in (files("integrade") / "subjects").iterdir() if f.is_dir())]
    inner = [folder / language for folder in folders]
    return {f.name.removesuffix(".ftl"): f for one in inner if one.is_dir() for f in one.iterdir()}


def _again(text: str, key: str, values: Mapping[str, Value], language: str) -> Said:
    made = Said(text)
    made.key, made.given, made.language = key, dict(values), language
    return made


def _rendered(key: str, values: Mapping[str, Value], language: str) -> str:
    """The words of a message with its values among them; one with choices (plurals, functions) is left to Fluent."""
    given = {k: in_language(v, language) if isinstance(v, str) else v for k, v in values.items()}
    words = _words(language, key)
    if not words or any(name not in given for name in words[1::2]):
        return _chosen(key, given, language)
    if len(words) == 1:
        return words[0]
    return "".join(_shown(given[part]) if at % 2 else part for at, part in enumerate(words))


def _shown(value: str | int) -> str:
    """A value in a message: a text as it is, a whole number with thousands separators."""
    return value if isinstance(value, str) else f"{value:,}"


VALUE = re.compile(r"\{ \$([a-z][a-z0-9_]*) \}")
"""The place of a value in a message."""


@cache
def _words(language: str, key: str) -> tuple[str, ...]:
    """The words of a message and the names of the values between them, in turn; nothing where it holds choices."""
    parts = VALUE.split(_message(language, key).partition("=")[2].strip())
    return () if any(mark in text for text in parts[::2] for mark in "{}\n") else tuple(parts)


def _chosen(key: str, values: dict[str, str | int], language: str) -> str:
    """The message as Fluent says it, which knows plurals and which value is missing."""
    made, problems = (bundle := _bundle(language, key)).format_pattern(_pattern(bundle, key), values)
    if problems:
        raise LookupError(f"{language}/{key}: {problems[0]}")
    return str(made)


def _pattern(bundle: FluentBundle, key: str) -> Any:
    pattern = bundle.get_message(key.partition(".")[2]).value
    assert pattern is not None
    return pattern


def _joined(items: Sequence[str], how: str, language: str) -> str:
    said = [in_language(item, language) for item in items]
    if how == "sentences":
        return _sentences(said, language)
    between, last = BETWEEN[language, how]
    if language == "zh" and len(said) > 1:
        last = _spaced(said[-2], last, said[-1])
    return between.join(said[:-1]) + last + said[-1] if len(said) > 1 else "".join(said)


def _sentences(said: Sequence[str], language: str) -> str:
    """Sentence after sentence; in Chinese a space stands only after one that ends in another script."""
    apart = [" " if language != "zh" or before[-1:].isascii() else "" for before in said[:-1]]
    return "".join(text + gap for text, gap in zip(said, [*apart, ""], strict=True))


def _spaced(before: str, word: str, after: str) -> str:
    """A Chinese word with a space towards letters and digits of another script; punctuation as it is."""
    if not _is_chinese(word) or not word.isalpha():
        return word
    left, right = (" " if c.isascii() and c.isalnum() else "" for c in (before[-1:], after[:1]))
    return f"{left}{word}{right}"


def _capital(text: Any) -> Any:
    """``CAPITAL($text)`` in a catalogue: the text with its first letter large."""
    return str(text)[:1].upper() + str(text)[1:]


@cache
def _bundle(language: str, key: str) -> FluentBundle:
    """Fluent with one message, parsed when it is first said."""
    from fluent.runtime import FluentBundle, FluentResource

    made = FluentBundle([language], use_isolating=False, functions={"CAPITAL": _capital})
    made.add_resource(FluentResource(_message(language, key)))
    return made


def _message(language: str, key: str) -> str:
    """The source of a message. Raises `LookupError` for an id that the catalogue lacks."""
    name, _, message = key.partition(".")
    found = _sources(language, name).get(message)
    if found is None:
        raise LookupError(f"no message {message!r} in {language}/{name}.ftl")
    return found


@cache
def _sources(language: str, name: str) -> dict[str, str]:
    """The source of every message of a catalogue file by its id: from the line that begins with it to the next one."""
    entries = [entry for entry in re.split(r"^(?=[A-Za-z])", _source(language, name), flags=re.MULTILINE) if entry]
    return {entry.partition("=")[0].strip(): entry for entry in reversed(entries)}


@cache
def _source(language: str, name: str) -> str:
    if name not in _files(language):
        raise LookupError(f"no catalogue {language}/{name}.ftl")
    return _files(language)[name].read_text(encoding="utf-8")
