"""Where each option is explained: once, at the measure, the question or the function that it belongs to.

The same option is a keyword in Python, a key of study.toml and a flag of a command. ``places`` finds the first entry
that has it, in the order measures, questions, functions, sections of study.toml. Other pages link there.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import PurePosixPath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from integrade.records.catalogue import CATALOGUE, options_of
from integrade.subjects import questions

CODE = re.compile(r"(``[^`]+``|`[^`]+`)")
OF_FILES = ("questions.md", "reference/study.md")
"""Pages whose options are written in study.toml, with true and false."""
UNSET = inspect.Parameter.empty
LONG = 12
"""Words above which the text of an argument is not repeated."""
SEVERAL = "Shared options"
THIN = "Thin data"
BY_NAME = {"thin": THIN, "geography": SEVERAL, "basis": "relative_price"}
"""Options of measures that are explained once, although each measure has its own words -> the section."""


@dataclass(frozen=True)
class Explained:
    """An option as a page prints it: its default, its choices and what it does."""

    name: str
    default: Any = UNSET
    choices: tuple[str, ...] = ()
    text: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two options one: the name, as a key or as a flag, and the words."""
        text = self.text.partition(" Where not given: ")[0]
        return self.name.removeprefix("--").replace("-", "_"), re.sub(r"[`.\s]+", " ", text).strip()

    def line(self, links: Mapping[str, str]) -> str:
        """One entry of a list: ``- `level` = `nation` | `region`: ...``."""
        shown = self.value if self.default is not UNSET else ""
        rest = [f"`{choice}`" for choice in self.choices if choice != str(self.default)]
        choices = " | ".join([f"`{shown}`", *rest] if shown else rest)
        head = f"- `{self.name}`{' = ' if shown else ': ' if rest else ''}{choices}"
        values = (*self.choices, str(self.default))
        return f"{head}: {prose(sentence(self.text, values), links)}" if self.text else head

    @property
    def required(self) -> bool:
        """True where users must give a value."""
        return self.default is UNSET

    @property
    def value(self) -> str:
        """The default as users write it; nothing where there is none to write."""
        if self.default in (None, UNSET, "", (), [], {}) or callable(self.default):
            return ""
        if isinstance(self.default, str | PurePosixPath):
            return str(self.default)
        said = repr(list(self.default) if isinstance(self.default, tuple) else self.default)
        return "" if len(said) > 60 else said


def sentence(text: str, values: Iterable[str]) -> str:
    """A text with a capital letter and a full stop; a first word that is a value, a name or code stays as it is."""
    first = text.split()[0]
    a_word = (first.isalpha() and first.islower() and len(first) > len("en") and first not in values) or first == "a"
    begins = text[0].upper() + text[1:] if a_word else text
    return begins if begins.endswith((".", "!", "?", ":", "`")) else f"{begins}."


@dataclass(frozen=True)
class Place:
    """Where an option is explained: a page below docs/ and a heading of it."""

    page: str
    title: str

    def link(self, at: str) -> str:
        """The link as a page ``at`` writes it."""
        path = os.path.relpath(self.page, PurePosixPath(at).parent) if self.page != at else ""
        return f"[{self.title}]({path}#{slug(self.title)})"


def slug(title: str) -> str:
    """The anchor of a heading, as GitHub and MyST make it."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain.lower().strip()).replace(" ", "-")


def of_record(options: type) -> list[Explained]:
    """The options of a record, in order."""
    return [
        Explained(name, UNSET if one.required else one.default, choices(one.hint), " ".join(one.about.split()))
        for name, one in options_of(options).items()
    ]


def choices(hint: Any) -> tuple[str, ...]:
    """The words that a type allows; none where it allows others too."""
    origin = get_origin(hint)
    if origin is Annotated:
        return choices(get_args(hint)[0])
    if origin is Literal:
        return tuple(str(v) for v in get_args(hint))
    if origin in (Union, UnionType):
        parts = [p for p in get_args(hint) if p is not NoneType]
        return choices(parts[0]) if len(parts) == 1 else ()
    return ()


def of_section(kind: Any) -> list[Explained]:
    """The keys of a section of study.toml."""
    return [
        Explained(
            name,
            UNSET if field.is_required() else field.get_default(call_default_factory=True),
            choices(field.annotation),
            " ".join((field.description or "").split()),
        )
        for name, field in kind.model_fields.items()
    ]


@cache
def places() -> Mapping[tuple[str, str], Place]:
    """Option -> the place that explains it."""
    import reference

    found: dict[tuple[str, str], Place] = {}

    def enter(options: Iterable[Explained], place: Place) -> None:
        for one in options:
            if one.text:
                found.setdefault(one.identity, place)

    found |= of_all_measures()
    for record in CATALOGUE.values():
        enter(of_record(record.options), Place("measures.md", record.name))
    asked = {name for question in questions() for name in question.functions}
    owned = [(kind, place) for kind, place in reference.owners().items() if place.page != "measures.md"]
    for kind, place in owned:
        if place.title not in asked:
            enter(of_record(kind), place)
    for question in questions():
        enter(of_question(question), Place("questions.md", question.name))
    for kind, place in owned:
        enter(of_record(kind), place)
    for name in reference.records_alone():
        enter(of_record(name.value), Place(f"reference/python/{name.page}.md", name.name))
    for name in reference.public():
        enter(
            (one for one in reference.arguments(name.value) if len(one.text.split()) > LONG),
            Place(f"reference/python/{name.page}.md", name.name),
        )
    for title, keys in reference.sections().items():
        enter(keys, Place("reference/study.md", title))
    return found


def of_several() -> Mapping[tuple[str, str], list[str]]:
    """Options that at least three measures have -> those measures."""
    users: dict[tuple[str, str], list[str]] = {}
    for record in CATALOGUE.values():
        for one in of_record(record.options):
            if not gathered(one):
                users.setdefault(one.identity, []).append(record.name)
    return {identity: names for identity, names in users.items() if len(names) > 2}


def of_all_measures() -> dict[tuple[str, str], Place]:
    """Options that one section explains for all measures -> that section."""
    options = [one for record in CATALOGUE.values() for one in of_record(record.options)]
    found = {identity: Place("measures.md", SEVERAL) for identity in of_several()}
    return found | {one.identity: Place("measures.md", gathered(one)) for one in options if gathered(one)}


def gathered(one: Explained) -> str:
    """The section that explains an option for all measures, whatever the words of each; "" for most options."""
    if one.name == "basis" and "detect" not in one.choices:
        return ""
    return BY_NAME.get(one.name, "")


def of_question(one: Any) -> list[Explained]:
    """The keys of a question's section, then the flags of ``fit`` that are not among them."""
    keys = of_section(one.options) if one.options else []
    flags = of_record(one.flags.options) if one.flags else []
    flags = [replace(flag, name=f"--{flag.name.replace('_', '-')}") for flag in flags]
    known = {key.identity for key in keys}
    return [*keys, *(flag for flag in flags if flag.identity not in known)]


def listed(options: Iterable[Explained], at: Place, links: Mapping[str, str], head: str = "Options") -> str:
    """The options of an entry: what it explains itself as a list, the others by name with a link."""
    here, others = list[Explained](), dict[Place, list[str]]()
    for one in options:
        place = places().get(one.identity, at)
        if place == at or not one.text:
            here.append(one)
        else:
            others.setdefault(place, []).append(f"`{one.name}`")
    own = [_line(list(same), links) for _, same in groupby(here, key=lambda one: one.text or one.name)]
    if at.page in OF_FILES:
        own = [re.sub(r"`(True|False)`", lambda m: m[0].lower(), line) for line in own]
    parts = [(f"**{head}**\n\n" if head else "") + "\n".join(own)] if own else []
    also = "; ".join(f"{', '.join(names)} ({place.link(at.page)})" for place, names in others.items())
    return "\n\n".join([*parts, *([f"{'Also' if own or not head else head}: {also}."] if also else [])])


def _line(same: list[Explained], links: Mapping[str, str]) -> str:
    """One entry for neighbours with one text: ``- `low` = `2`, `high` = `8`: ...``."""
    heads = [replace(one, text="").line({}).removeprefix("- ") for one in same[:-1]]
    return "- " + ", ".join([*heads, same[-1].line(links).removeprefix("- ")])


def prose(text: str, links: Mapping[str, str]) -> str:
    """Text whose marks stay what they are: code in backticks (a link where it is a public name), no other markup."""
    done = []
    for piece in CODE.split(text):
        if not CODE.fullmatch(piece):
            done.append(re.sub(r"([\\*_<>|\[\]~#])", r"\\\1", piece))
            continue
        name = piece.strip("`").removeprefix("~")
        target = links.get(name.rpartition(".")[2]) if re.fullmatch(r"[\w.]+", name) else None
        done.append(f"[`{name}`]({target})" if target and piece.count("`") == 2 else f"`{name}`")
    return "".join(done)
