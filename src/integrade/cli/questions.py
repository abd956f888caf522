"""Make flags of ``integrade fit``, in groups, from the records of the questions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, make_dataclass
from functools import cache
from typing import Annotated, Any, get_type_hints

from cyclopts import Group, Parameter

from integrade.records.needs import NoNegative, Several
from integrade.records.question import Question
from integrade.study.asked import OfFit, Told
from integrade.subjects import questions

ESTIMATION = Group("Estimation and errors", sort_key=1)
FILES = Group("Files and output", sort_key=10)
HEADINGS = (
    "Further checks of inference",
    "Shape of the effect",
    "Time",
    "Groups and tables",
    "Mechanisms",
    "Instruments",
    "Noise in the index",
    "Robustness",
)
"""Headings of the groups of flags, in their order; headings of plugins come last."""
GROUPS: Mapping[str, Group] = {name: Group(name, sort_key=2 + i) for i, name in enumerate(HEADINGS)}
MARKS: Mapping[type, dict[str, Any]] = {Several: {"consume_multiple": True}, NoNegative: {"negative": ()}}


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """Flags that several questions use.

    Parameters
    ----------
    treatment
        The regressor that the questions are about; by default the one that enters squared, else the first.
    split
        A column of groups; the printed table has one column for each of its values. Formulas with several outcomes
        c(y1, y2) or steps sw(a, b), csw(a, b), sw0, csw0 also print a table.
    prices
        File, folder or pattern with the prices: region, year, commodity, index.
    """

    treatment: Annotated[str | None, Parameter(group=GROUPS["Further checks of inference"])] = None
    split: Annotated[str | None, Parameter(group=GROUPS["Groups and tables"])] = None
    prices: Annotated[str | None, Parameter(group=GROUPS["Noise in the index"])] = None


def asking() -> tuple[Question, ...]:
    """Return the questions that ``fit`` can ask."""
    return tuple(q for q in questions() if q.flags is not None)


def _flags(one: Question) -> Any:
    """Return the flags of a question: a dataclass whose options are annotated for the command line."""
    assert one.flags is not None
    kind, group = one.flags.options, GROUPS.get(one.flags.group, Group(one.flags.group, sort_key=9))
    hints = get_type_hints(kind, include_extras=True)
    fields = [
        (f.name, _marked(hints[f.name], f.metadata.get("about")), field(default=f.default))
        for f in dataclasses.fields(kind)
    ]
    flags_class = make_dataclass(
        kind.__name__, fields, frozen=True, namespace={"__doc__": kind.__doc__, "__module__": __name__}
    )
    return Parameter(name="*", group=group)(flags_class)


def _marked(hint: Any, about: str | None) -> Any:
    """Return the annotated type of a flag: its marks, and the help text ``about`` if there is one."""
    marks = [mark for mark in getattr(hint, "__metadata__", ()) if type(mark) in MARKS]
    parts: dict[str, Any] = {"help": about} if about else {}
    if marks:
        return Annotated[hint.__origin__, Parameter(**MARKS[type(marks[0])], **parts)]
    return Annotated[hint, Parameter(**parts)] if parts else hint


def questions_class() -> Any:
    """Return the class of all flags of one regression: `Common`, and the flags of each question under its name."""
    return _class_for(asking())


@cache
def _class_for(asked: tuple[Question, ...]) -> Any:
    kinds: dict[str, Any] = {"common": Common} | {q.name: _flags(q) for q in asked}
    fields = [(name, Annotated[kind, Parameter(name="*")], field(default_factory=kind)) for name, kind in kinds.items()]
    flags_class = make_dataclass(
        "Questions", fields, frozen=True, namespace={"__doc__": "What is asked.", "__module__": __name__}
    )
    return Parameter(name="*")(flags_class)


def told(asked: OfFit, given: Any) -> Iterator[Told]:
    """Yield the results of each requested question, in their order. Raises the errors of the models."""
    for question in asking():
        assert question.flags is not None
        yield from question.flags.answer(asked, getattr(given, question.name))


def any_asked(given: Any) -> bool:
    """Return whether a requested question cannot be answered for a table of several regressions."""
    plain = questions_class()()
    asked = [q.name for q in asking() if q.name != "instruments" and getattr(given, q.name) != getattr(plain, q.name)]
    return bool(asked) or given.instruments.weak_iv or given.common.treatment is not None
