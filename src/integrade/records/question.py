"""Register questions with ``@question``; a record has the input, options, result and output of a question.

A question is one function from the prepared rows and its options to a frozen record. The decorator registers a
`Question` and returns the function unchanged. The record defines the section of study.toml with its schema, the step of
a run and the key in results.json. It also defines the flags of ``integrade fit``, the section of the report,
docs/questions.md and the common tests.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from integrade.errors import UsageError

Function = TypeVar("Function", bound=Callable[..., Any])
Part = Literal["data", "results", "doubts", ""]


@dataclass(frozen=True)
class Flags:
    """The flags with which ``integrade fit`` asks the question.

    ``options`` are the flags (a frozen dataclass with defaults), ``group`` is their heading in the help. ``answer``
    takes the regression and the flags and returns the results to print, each with its key in ``--json``.
    """

    options: type
    group: str
    answer: Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class Question:
    """The record of one question.

    Asking: ``function`` takes the material of the study (`integrade.study.asked.Asked`) and its section of
    the study file, of class ``options``. If the section may be repeated (``several``), the function takes a tuple of
    all such sections. If every study has the question, there is no section, and the function takes None. ``result`` is
    the type of its record. ``left_out`` begins the sentence that explains why there is no result. A question is
    left out if the data do not allow it; with ``doubt`` also if it does not fit the study.

    Inputs: ``steps`` are steps needed in addition to the benchmark, ``reads`` other sections that are used. ``read``
    makes a section from a plain value, which the study file may have instead of the section. ``published`` are defaults
    changed by the preset of the paper. ``usual`` takes the study file as it was read. It returns the options with which
    the question is asked if its section is left out, or None if it is not asked then. ``complete`` does the same under
    the preset complete, for a question that the paper announces; ``published`` does not apply to it there.
    ``announced`` is the id of the sentence that its section begins with under that preset. ``enter`` puts the result
    into the results of a study; without it, the result is stored in the field with the question's name.

    Report: ``place`` determines the order of the questions. ``chapter`` (default: its name), ``part`` and ``section``
    give the position in the report; ``titles`` are the short title and the heading, as words or message ids. ``tables``
    makes its tables from the results; ``printed`` makes all content of the section from the results and those tables.
    ``rows``: key of a row -> the meaning of its number (words or a message id).

    Other: ``functions`` are its names in Python, ``example`` its lines in a new study file
    (as comments unless ``offered``), ``seconds`` its run time on
    the data set of ``integrade new``. With ``alone``, a study without a regression may also ask it, about its measures.

    ``places`` are the numbers of its tables in a report that has every table; no other question may use them. Examples:
    ``A8``; ``A6*`` for A6, A6b and so on; ``8+`` for 8 and all later numbers.
    """

    name: str
    function: Callable[[Any, Any], Any]
    result: Any
    place: int
    options: Any = None
    left_out: str = ""
    doubt: bool = True
    steps: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    several: bool = False
    read: Callable[[Any], Any] | None = None
    published: Mapping[str, Any] = field(default_factory=dict)
    usual: Callable[[Mapping[str, Any]], Mapping[str, Any] | None] | None = None
    complete: Callable[[Mapping[str, Any]], Any] | None = None
    announced: str = ""
    part: Part = ""
    section: int = 0
    chapter: str = ""
    titles: tuple[str, str] = ("", "")
    tables: Callable[[Any], Any] = lambda _: ()
    places: tuple[str, ...] = ()
    printed: Callable[[Any, Any], Any] = lambda _, __: ()
    rows: Mapping[str, str] = field(default_factory=dict)
    flags: Flags | None = None
    enter: Callable[[Any, Any], Any] | None = None
    functions: tuple[str, ...] = ()
    example: str = ""
    offered: bool = True
    seconds: float = 1.0
    alone: bool = False

    @property
    def module(self) -> str:
        """The module of its function, relative to the package."""
        return self.function.__module__.removeprefix("integrade.")

    @property
    def key(self) -> str:
        """The key of its section in the report."""
        return self.chapter or self.name

    @property
    def about(self) -> str:
        """The question in one line."""
        return (self.function.__doc__ or "").partition("\n")[0]

    def guarded(self, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Question:
        """Return the record with its functions wrapped by ``guard`` (used for plugins).

        Generators run to their end within ``guard``.
        """
        flags = self.flags and replace(self.flags, answer=guard(_whole(self.flags.answer)))
        return replace(
            self,
            function=guard(self.function),
            tables=guard(_whole(self.tables)),
            printed=guard(_whole(self.printed)),
            enter=self.enter and guard(self.enter),
            read=self.read and guard(self.read),
            flags=flags,
        )


def _whole(function: Callable[..., Iterable[Any]]) -> Callable[..., tuple[Any, ...]]:
    """Wrap a function so that its result is complete when it returns, even if it is a generator."""

    @functools.wraps(function)
    def call(*given: Any) -> tuple[Any, ...]:
        return tuple(function(*given))

    return call


REGISTER: dict[str, Question] = {}
RESERVED = (
    *(
        "prices",
        "integration",
        "quality",
        "accounts",
        "panel",
        "quality_rows",
        "index_trust",
        "benchmark",
        "models",
        "report",
        "index",
        "describe",
        "correlations",
    ),
    *("title", "preset", "plugins", "flows", "output", "gdp", "survey", "customs", "firms", "identity", "exporters"),
    *("matching", "links", "covariates", "education", "deflators", "controls", "winsor", "regression", "curve"),
    *(
        "ratios",
        "without_regions",
        "hypotheses",
        "settings",
        "looks",
        "account",
        "units",
        "labels",
        "verdicts",
        "warnings",
        "provenance",
        "group_family",
    ),
    *(
        "effects",
        "versions",
        "match",
        "left_out",
        "answers",
        "below",
        "stages",
        "tables",
        "sentences",
        "section",
        "claims",
        "printed",
        "notes",
        "names",
        "quality_alone",
        "geography",
        "tfp",
    ),
)
"""Names that no question may have: steps, sections of a study file and keys of results.json."""


PLACE = re.compile(r"([A-Z]?)([1-9]\d*)([a-z]?|\*|\+)")
"""Series, number and letter of a table number. A star stands for every letter, a plus for this and every later number.
"""
HOUSE = ("1*", "2*", "3*", "4", "4a", "4b", "A1*", "B1+", "C1+", "R1+")
"""Table numbers that every study uses, and the series of the appendices of a printed report (B and C)."""


def is_at(place: str, declared: Iterable[str]) -> bool:
    """Return whether a table number, such as ``A6b``, is among declared numbers, such as ``A6*``."""
    return any(_meet(place, one) for one in declared)


def _meet(one: str, other: str) -> bool:
    """Return whether two declared table numbers, such as ``8+`` and ``9``, overlap."""
    matches = PLACE.fullmatch(one), PLACE.fullmatch(other)
    if matches[0] is None or matches[1] is None or matches[0][1] != matches[1][1]:
        return False
    (low, letter), (high, other_letter) = sorted((int(f[2]), f[3]) for f in matches if f)
    if low != high:
        return letter == "+"
    return letter == other_letter or {letter, other_letter} & {"*", "+"} != set()


def _check_places(name: str, record: Mapping[str, Any]) -> None:
    """Refuse tables without table numbers, and numbers that integrade or any question already uses."""
    places, taken = tuple(record.get("places", ())), [("integrade", one) for one in HOUSE]
    others = [one for one in REGISTER.values() if one.name != name]
    taken += [(f"the question {one.name!r}", place) for one in others for place in one.places]
    spare = next(p for n in range(1, 1000) if not is_at(p := f"P{n}", [*places, *(place for _, place in taken)]))
    if record.get("tables") and not places:
        raise UsageError(
            f"the question {name!r} prints tables but declares no places for them",
            remedy=f'declare their places in the report, as in places=("{spare}",)',
        )
    for i, place in enumerate(places):
        if not isinstance(place, str) or not PLACE.fullmatch(place):
            raise UsageError(
                f"{place!r} is not the number of a table", remedy=f'give a letter and a number, as in "{spare}"'
            )
        claims = [*taken, *((f"the question {name!r} itself", one) for one in places[:i])]
        if owner := next((f"{who} has {one}" for who, one in claims if _meet(place, one)), ""):
            raise UsageError(
                f"the place {place} of a table of the question {name!r} is taken: {owner}",
                remedy=f'give your table another place, such as "{spare}"',
            )


def question(name: str, **record: Any) -> Callable[[Function], Function]:
    """Register a `Question` for a function and return the function unchanged.

    Raises `UsageError` for a name that cannot be a section of a study file or is taken. Also raises `UsageError` for
    options that cannot be such a section, and for table numbers that are not declared or are taken.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(
            f"{name!r} is not a name of a question",
            remedy='lower-case letters, digits and underscores, as in "price_gap": it names a section of study.toml',
        )
    from pydantic import BaseModel

    if name in RESERVED or name.startswith("model_") or hasattr(BaseModel, name):
        raise UsageError(
            f"{name!r} is reserved by integrade and cannot name a question", remedy="give the question another name"
        )
    options = record.get("options")
    if options is not None and not hasattr(options, "model_fields"):
        raise UsageError(
            f"the options of the question {name!r} are not a section of a study file",
            example=repr(options)[:80],
            remedy="make them a class of integrade.study.sections.Strict",
        )

    def attach(function: Function) -> Function:
        known = REGISTER.get(name)
        again = known is not None and known.function.__module__ == function.__module__ == "__main__"  # rerun cell
        if known is not None and not again:
            raise UsageError(f"a question {name!r} exists already", remedy="give your question another name")
        _check_places(name, record)
        REGISTER[name] = Question(name, function, **record)
        return function

    return attach
