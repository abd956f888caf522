"""What a case of a remedy is, and how a remedy is followed.

A case is a call that is refused with a code, and what its remedy makes of that call: an option, a flag or a name is
taken from the printed text, so that a wrong one fails; what a remedy says in prose, the case does. Followed, the call
succeeds, or is refused by another problem, which the case names.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from integrade.cli import run, say
from integrade.errors import IntegradeError, Problems, Surface, UsageError, speaking
from integrade.surface.packages import BELOW

SOURCE = Path(sys.modules["integrade"].__path__[0]).parent
FOLDERS = tuple(SOURCE / package for package in ("integrade", *BELOW))


def place(path: Path) -> str:
    """The path of a file of the source, without ``integrade``."""
    return path.relative_to(SOURCE).as_posix().removeprefix("integrade/")


@dataclass(frozen=True, eq=False)
class Call:
    """A function with what it is given; a value that is a function of nothing else is made when the call is."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self) -> Any:
        """Make the call."""
        return self.function(*map(made, self.args), **{name: made(value) for name, value in self.options.items()})

    def with_options(self, **changes: Any) -> Call:
        """The call with other options."""
        return replace(self, options={**self.options, **changes})

    def without(self, *names: str) -> Call:
        """The call without some options."""
        return replace(self, options={n: v for n, v in self.options.items() if n not in names})

    def with_args(self, *args: Any) -> Call:
        """The call with other arguments by position."""
        return replace(self, args=args)

    def spelt(self, wrong: str, right: str) -> Call:
        """The call with a word put right wherever it stands."""
        options = {spelt(n, wrong, right): spelt(v, wrong, right) for n, v in self.options.items()}
        return replace(self, args=tuple(spelt(a, wrong, right) for a in self.args), options=options)


@dataclass(frozen=True)
class Later:
    """A value that is made when it is needed."""

    make: Callable[[], Any]


def made(value: Any) -> Any:
    """A value itself, or what makes it."""
    return value.make() if isinstance(value, Later) else value


def spelt(value: Any, wrong: str, right: str) -> Any:
    """A value with a word put right in it: whole words of a text, elements, keys."""
    if isinstance(value, str):
        return re.sub(rf"(?<![\w]){re.escape(wrong)}(?![\w])", lambda _: right, value)
    if isinstance(value, tuple | list):
        return type(value)(spelt(one, wrong, right) for one in value)
    if isinstance(value, Mapping):
        return {spelt(k, wrong, right): spelt(v, wrong, right) for k, v in value.items()}
    return value


def command(*words: str) -> int:
    """A call of the command line in this process; what it refuses is raised."""
    heard: list[Any] = []
    quiet = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
    with quiet[0], quiet[1], patch.object(say, "note", lambda text, **_: heard.append(text)):
        code = run(list(words))
    refused = [one for one in heard if isinstance(one, IntegradeError)]  # a count of problems may follow
    if code and refused:
        raise refused[-1]
    if code:
        raise UsageError(str(heard[-1]), remedy=str(heard[-1]))
    return code


# --- what a remedy says

VALUE = r"\"[^\"]*\"|'[^']*'|\([^()]*\)|\[[^\]]*\]|\{[^}]*\}|\.\.\.|-?[\w.]+"
OPTION = re.compile(rf"(?<![\w-])([A-Za-z_]\w*) ?= ?({VALUE})")
FLAG = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]*(?:\.[a-z_]+)?)(?:[ =]('[^']*'|\"[^\"]*\"|[^\s,;:)-][^\s,;)]*))?")
OR = re.compile(r"(?:, |; | )(?:or|else) ")
LEAVE = re.compile(r"\bleave (?:out (.+?)|((?:(?!leave).)+?) out)(?=$|[ ,;:.])")
MEANT = re.compile(r"did you mean (\"[^\"]*\"|'(?:[^'\\]|\\.)*')")
KNOWN = re.compile(r"known: (.+?)(?:, \.\.\.|$)")


@dataclass(frozen=True)
class Advice:
    """One way that a remedy offers: options to give, options to leave out."""

    give: Mapping[str, Any]
    leave: tuple[str, ...]


def ways(remedy: str) -> tuple[Advice, ...]:
    """The ways that a remedy offers in options, in the order in which it names them; prose is none."""
    found = []
    for piece in _pieces(remedy):
        give = {name: _value(text) for name, text in OPTION.findall(FLAG.sub("", piece))}
        give |= {name.replace("-", "_"): _word(text) for name, text in FLAG.findall(piece)}
        out = LEAVE.search(piece)
        words = re.findall(r"[a-z_][a-z0-9_-]*", out.group(1) or out.group(2)) if out else ()
        leave = tuple(w.removeprefix("--").replace("-", "_") for w in words if w not in ("and", "the"))
        give = {name: value for name, value in give.items() if name not in leave}
        if give or leave:
            found.append(Advice(give, leave))
    return tuple(found)


def _pieces(text: str) -> list[str]:
    """A remedy cut at its "or", outside quotes and brackets."""
    held = re.sub(r"\"[^\"]*\"|'[^']*'|\([^()]*\)|\[[^\]]*\]|\{[^}]*\}", lambda m: "\0" * len(m.group()), text)
    cuts = [(0, 0), *(m.span() for m in OR.finditer(held)), (len(text), len(text))]
    return [text[a:b] for (_, a), (b, _) in pairwise(cuts)]


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return {"true": True, "false": False}.get(text, text)


def _word(text: str) -> Any:
    try:
        return ast.literal_eval(text) if text else True
    except (ValueError, SyntaxError):
        return text.strip("'\"")


# --- how it is followed

Follow = Callable[[Call, IntegradeError], Sequence[Call]]


def given(**fill: Any) -> Follow:
    """Every way in options that the remedy offers, one by one; ``fill`` is what stands for ``...`` and NAMES."""

    def follow(call: Call, error: IntegradeError) -> Sequence[Call]:
        found = ways(error.remedy)
        assert found, f"no option is named: {error.remedy}"
        return [changed(call, one, fill) for one in found]

    return follow


def changed(call: Call, advice: Advice, fill: Mapping[str, Any]) -> Call:
    """A call with one way of a remedy followed, as keywords or as flags."""
    give = {name: fill[name] if open_value(value) and name in fill else value for name, value in advice.give.items()}
    if call.function is command:
        return _in_words(call, give, advice.leave)
    unknown = [name for name in advice.leave if name not in call.options]
    assert not advice.leave or len(unknown) < len(advice.leave), f"nothing to leave out: {advice.leave}"
    return call.without(*advice.leave).with_options(**give)


def open_value(value: object) -> bool:
    """Whether a remedy leaves a value to the reader: ``...``, NAME, FILE."""
    return value is Ellipsis or (isinstance(value, str) and bool(re.fullmatch(r"[A-Z_]{2,}(=[A-Z_]{2,})?", value)))


def _in_words(call: Call, give: Mapping[str, Any], leave: Sequence[str]) -> Call:
    words = list(call.args)
    for name in [*leave, *give]:
        flag = f"--{name.replace('_', '-')}"
        while flag in words and name not in ("with", "column", "pad"):
            at = words.index(flag)
            alone = at + 1 == len(words) or words[at + 1].startswith("--")
            del words[at : at + (1 if alone else 2)]
    for name, value in give.items():
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    assert words != list(call.args), "the remedy changes nothing"
    return call.with_args(*words)


def meant(wrong: str) -> Follow:
    """The name that the remedy says was meant, or the first that it says is known, in place of the wrong one."""

    def follow(call: Call, error: IntegradeError) -> Sequence[Call]:
        near, known = MEANT.search(error.remedy), KNOWN.search(error.remedy)
        assert near or known, f"no name is offered: {error.remedy}"
        right = ast.literal_eval(near.group(1)) if near else known.group(1).split(", ")[0]  # type: ignore[union-attr]
        return [call.spelt(wrong, right)]

    return follow


def done(says: str, change: Callable[[Call], Call | Sequence[Call]]) -> Follow:
    """What a remedy says in prose, done by hand; ``says`` is what it must say."""

    def follow(call: Call, error: IntegradeError) -> Sequence[Call]:
        assert says in error.remedy, f"{says!r} is not stated: {error.remedy}"
        found = change(call)
        return [found] if isinstance(found, Call) else found

    return follow


def written(change: Callable[[Call, str], Call]) -> Follow:
    """A remedy that prints in double quotes what is to be written, which ``change`` puts into the call."""

    def follow(call: Call, error: IntegradeError) -> Sequence[Call]:
        texts = re.findall(r"\"([^\"]+)\"", error.remedy) or re.findall(r"write (.+)$", error.remedy)
        assert texts, f"nothing is quoted: {error.remedy}"
        return [change(call, text) for text in texts]

    return follow


# --- cases


@dataclass(frozen=True, eq=False)
class Case:
    """A call that is refused with ``code``, how its remedy is followed, and what refuses it then (``later``).

    ``about``: of several problems, a word of the one that is meant.
    """

    name: str
    code: str
    call: Call
    follow: Follow
    later: str = ""
    about: str = ""


class Cases(list[Case]):
    """Cases of a room."""

    def refused(
        self,
        name: str,
        code: str,
        function: Callable[..., Any],
        *args: Any,
        then: Follow | None = None,
        later: str = "",
        about: str = "",
        **options: Any,
    ) -> None:
        """One more case: the call, and then how the remedy is followed; by default by the options that it names."""
        self.append(Case(name, code, Call(function, args, options), then or given(), later, about))

    def command(
        self, name: str, code: str, *words: str, then: Follow | None = None, later: str = "", about: str = ""
    ) -> None:
        """One more case of the command line."""
        self.append(Case(name, code, Call(command, words), then or given(), later, about))


Site = tuple[str, int, int]
"""A remedy in the source: file, line and column of the call that it is given to."""


@dataclass(frozen=True)
class Refusal:
    """An error with where in the source it was made."""

    error: IntegradeError
    sites: frozenset[Site]


def refusal(call: Call, *, about: str = "") -> Refusal | None:
    """What refuses a call, the first of several problems (that speaks of ``about``); None if nothing does."""
    made_at: dict[int, tuple[IntegradeError, frozenset[Site]]] = {}
    original = IntegradeError.__init__

    def recording(self: IntegradeError, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        sites = frozenset(_stack())
        for one, earlier in made_at.values():  # an error that is said again with its place in a file
            if one.what and one.remedy == self.remedy and self.what.endswith(one.what):
                sites |= earlier
        made_at[id(self)] = (self, sites)

    with patch.object(IntegradeError, "__init__", recording):
        try:
            call()
        except IntegradeError as problem:
            found = problem
            if isinstance(problem, Problems):
                found = next(p for p in problem.problems if about in str(p))
        else:
            return None
    sites: set[Site] = set()
    link: BaseException | None = found
    while link is not None:
        sites |= made_at[id(link)][1] if id(link) in made_at else set()
        link = link.__cause__ or link.__context__
    return Refusal(found, frozenset(sites))


def _stack() -> Iterator[Site]:
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(tuple(map(str, FOLDERS))):
            line, _, column, _ = list(code.co_positions())[frame.f_lasti // 2]
            if line is not None and column is not None:
                yield place(Path(code.co_filename)), line, column
        frame = frame.f_back  # type: ignore[assignment]


@cache
def tried(case: Case) -> frozenset[Site]:
    """The sites of the remedy of a case, which was followed; raises `AssertionError` where it leads no further."""
    first = refusal(case.call, about=case.about)
    assert first, "the call is not refused"
    error = first.error
    assert error.code == case.code, str(error)
    assert error.remedy, str(error)
    calls = case.follow(case.call, error)
    assert calls
    for call in calls:
        assert call is not case.call
        second = refusal(call)
        shown = [f"{one!r:.80}" for one in (*call.args, *call.options.items()) if "shape: " not in repr(one)]
        told = f"{error}\n- followed by {', '.join(shown)}:"
        if case.later:
            assert second, f"{told}\nnothing refuses it, and {case.later!r} was said to"
            assert case.later in str(second.error), f"{told}\n{second.error}"
            assert (second.error.code, second.error.what) != (error.code, error.what), told
        else:
            assert second is None, f"{told}\n{second and second.error}"
    if case.call.function is not command and case.call.function.__module__ not in OF_STUDIES:
        _same_elsewhere(case, error)
    return first.sites


OF_STUDIES = ("remedies.of_study", "remedies.of_parts", "remedies.of_runs")
"""Cases of study files and of commands, whose words are theirs already."""
MAPPED = ("column", "columns", "pad", "layout", "unit", "units", "with", "gdp", "use")
"""Options that are written otherwise on the command line: NAME=VALUE, one by one."""
SURFACES: tuple[Surface, ...] = ("command", "file")


def _same_elsewhere(case: Case, error: IntegradeError) -> None:
    """A remedy that names options names them as flags where the call comes from a command, as keys in a study."""
    assert not re.search(r"(?<![\w-])--[a-z]", error.remedy), f"a flag is named in Python: {error.remedy}"
    here = _values(error.remedy)
    for surface in SURFACES:
        with speaking(surface):
            there = refusal(case.call, about=case.about)
        assert there, f"nothing refuses the call of surface {surface}"
        spoken = there.error.remedy
        said = _values(spoken)
        if surface == "file":  # which may have a section where a call has an option
            assert {**here, **said} == {**said, **here}, f"{error.remedy} | {spoken}"
            assert not re.search(r"(?<![\w-])--[a-z]", spoken), f"a flag is named to a study file: {spoken}"
        elif spoken != error.remedy and here:
            assert said == here, f"{error.remedy} | {spoken}"


def _values(remedy: str) -> dict[str, str]:
    """The options that a remedy names with their values, but those that are written otherwise on a command line."""
    return {
        name: str(value[-1] if isinstance(value, tuple | list) else value)
        for way in ways(remedy)
        for name, value in way.give.items()
        if value is not True and name not in MAPPED
    }
