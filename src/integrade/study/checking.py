"""Check every need of every option of a study against the columns that its panel will have, before any data step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import narwhals as nw
from pydantic import BaseModel

from integrade.engine.system import coded
from integrade.errors import (
    BadFormula,
    FileMissing,
    IntegradeError,
    UnknownColumn,
    UnknownName,
    UsageError,
    did_you_mean,
)
from integrade.estimate.formula import parse_formula
from integrade.panel.controls import NEEDED_CLASSES
from integrade.records import needs
from integrade.records.catalogue import options_of
from integrade.records.schema import FOLLOWED
from integrade.sources.files.headings import Known
from integrade.sources.files.where import parse_where
from integrade.study.config import Study, terms_of
from integrade.study.forecast import OPEN, accounts_columns, headings_of, panel_columns, rows_columns, section_of
from integrade.study.inputs import sources_of
from integrade.study.lines import Lines, placed
from integrade.study.lines import Path as Place
from integrade.study.option_sections import options_in
from integrade.study.parts import has_panel, of_regressions
from integrade.study.reading import Draft
from plainwords.texts import say


@dataclass(frozen=True)
class Facts:
    """Facts about a study before it runs: its folder, the columns of its tables, the years of its accounts.

    ``tables``: section of the study file -> columns of its raw table. The keys ``accounts``, ``panel`` and ``rows`` are
    tables that the run will make. ``years`` are empty if no row was read. ``raw`` has the section and columns of every
    raw table, because a section such as [[covariates]] may have several.
    """

    study: Study
    root: Path
    tables: Mapping[str, Known] = field(default_factory=dict)
    years: tuple[int, ...] = ()
    raw: tuple[tuple[str, Known], ...] = ()

    @property
    def regressors(self) -> list[str]:
        """Terms of the benchmark."""
        chosen = self.study.regression
        return [*terms_of(chosen), *chosen.controls]

    @property
    def formula(self) -> str:
        """Formula of the benchmark."""
        chosen = self.study.regression
        effects = f" | {' + '.join(chosen.effects)}" if chosen.effects else ""
        return f"{chosen.outcome} ~ {' + '.join(self.regressors)}{effects}"

    @property
    def clusters(self) -> list[str]:
        """Cluster variables of the benchmark."""
        return [c.strip() for c in (self.study.regression.cluster or "").split("+") if c.strip()]


@dataclass(frozen=True)
class Asked:
    """A value of the study file with the need it must satisfy; ``given`` is false for a default."""

    path: Place
    need: needs.Need
    value: Any
    given: bool
    section: Any


def facts_of(
    study: Study, root: Path, read: Sequence[Known] | None = None, years: Sequence[int] = ()
) -> tuple[Facts, list[tuple[Place, IntegradeError]]]:
    """Return the facts about a study, and the problems of its tables, each with its key in the study file.

    ``read``: the columns of the tables of `sources_of` if they were read already; else their headings are read.
    """
    apart: list[tuple[Place, IntegradeError]] = []
    names = [table for table, _ in sources_of(study)]
    tables = list(zip(names, headings_of(study, root, apart) if read is None else read, strict=True))
    panel, more = panel_columns(study, tables) if has_panel(study) else (OPEN, [])
    by_section = {section_of(name): known_columns for name, known_columns in tables}
    accounts = accounts_columns(study, tables)
    known = {**by_section, "accounts": accounts, "panel": panel, "rows": rows_columns(tables, panel)}
    raw = tuple((section_of(name), known_columns) for name, known_columns in tables)
    return Facts(study, root, known, tuple(years), raw), [*apart, *more]


def refused(draft: Draft, facts: Facts) -> list[IntegradeError]:
    """Return everything that a run of the study would refuse, with its key in the study file."""
    lines, problems = draft.lines, list[IntegradeError]()
    absent = () if has_panel(facts.study) else of_regressions()  # `check_parts` reports these if the file has them
    for asked in (*_values_with_needs(facts.study, ()), *_of_measures(facts.study)):
        if asked.path[0] in absent or any(asked.path[: len(gone)] == gone for gone in draft.dropped):
            continue  # the value of the file is refused already, and this is the default
        default = "" if lines.has(asked.path) else " (default)"
        for problem in _unmet(asked, facts):
            problems += placed(problem, lines.place(asked.path) + default)
    for path, section, precondition in _preconditions(facts.study):
        if path[0] in absent:
            continue
        problems += _broken(path, section, precondition, facts, lines)
    return list({str(problem): problem for problem in problems}.values())


def unused_labels(lines: Lines, facts: Facts) -> list[str]:
    """Return warnings on ``[report] labels`` that name no column and no mediator.

    A label of a number names an industry.
    """
    panel, mediation = facts.tables["panel"], facts.study.section("mediation")
    mediators = [_printed(m) for m in mediation.mediators] if mediation else []
    return [
        say(
            "coverage.label-of-nothing",
            place=str(lines.place(("report", "labels", name))),
            name=repr(name),
            hint=did_you_mean(name, panel.kinds),
        )
        for name in facts.study.report.labels
        if not (name == FOLLOWED or name.isdecimal() or panel.open)
        and name.partition("^")[0].rpartition(".")[2] not in panel.kinds
        and name not in mediators
    ]


def _printed(term: str) -> str:
    """Return the name under which tables print a term; the text itself if it is no term, which is refused elsewhere."""
    try:
        return parse_formula(f"{term} ~ 1").outcome.name
    except IntegradeError:
        return term


def _values_with_needs(node: Any, path: Place) -> Iterator[Asked]:
    """Yield every value with a need in a section and its subsections; a section with ``run = false`` has none."""
    if getattr(node, "run", True) is False:
        return
    hints = get_type_hints(type(node), include_extras=True)
    for name in type(node).model_fields:
        given = name in node.model_fields_set
        for where, need, value in _values(hints[name], getattr(node, name), (*path, name)):
            yield Asked(where, need, value, given, node)
        for where, section in _sections(getattr(node, name), (*path, name)):
            yield from _values_with_needs(section, where)
    for need in getattr(type(node), "needs", ()):
        if isinstance(need, needs.Given):
            yield Asked((*path, need.option), need, getattr(node, need.option), True, node)


def _sections(value: Any, path: Place) -> Iterator[tuple[Place, BaseModel]]:
    if isinstance(value, BaseModel):
        yield path, value
    elif isinstance(value, list | tuple):
        for i, section in enumerate(value):
            if isinstance(section, BaseModel):
                yield (*path, i), section


def _values(hint: Any, value: Any, path: Place) -> Iterator[tuple[Place, needs.Need, Any]]:
    """Yield the values under an annotation that carry a need."""
    if value is None:
        return
    if get_origin(hint) is Annotated:
        inner, *more = get_args(hint)
        for need in more:
            if isinstance(need, needs.KINDS):
                yield path, need, value
        yield from _values(inner, value, path)
    elif get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _values(part, value, path)
    elif get_origin(hint) in (list, tuple) and isinstance(value, list | tuple):
        parts = get_args(hint)
        for i, inner_value in enumerate(value):
            yield from _values(
                parts[i] if len(parts) > i and parts[-1] is not ... else parts[0], inner_value, (*path, i)
            )
    elif get_origin(hint) is dict and isinstance(value, Mapping):
        for key, inner_value in value.items():
            yield from _values(get_args(hint)[1], inner_value, (*path, key))


def _of_measures(study: Study) -> Iterator[Asked]:
    """Yield the values with needs among the options of measures, of other versions, and of functions with a section."""
    for path, kind, given in options_in(study):
        known = options_of(kind) if is_dataclass(kind) else {}
        for name, value in given.items():
            hint = known[name].hint if name in known else Any
            for where, need, inner_value in _values(hint, value, (*path, name)):
                yield Asked(where, need, inner_value, True, given)


def _preconditions(study: Study) -> Iterator[tuple[Place, Any, needs.Columns | needs.Holds]]:
    for name in type(study).model_fields:
        for path, section in _sections(getattr(study, name), (name,)):
            if getattr(section, "run", True) is not False:
                for precondition in getattr(type(section), "needs", ()):
                    if isinstance(precondition, needs.Columns | needs.Holds):
                        yield path, section, precondition


def _broken(
    path: Place, section: Any, one: needs.Columns | needs.Holds, facts: Facts, lines: Lines
) -> Iterator[IntegradeError]:
    if isinstance(one, needs.Columns):
        table = facts.tables.get(one.of, OPEN)
        for name in one.names:
            if not table.open and name not in table.kinds:
                what = f"this needs a column {name!r}, which {_called(one.of)} will not have"
                absent = UnknownColumn(what, remedy=did_you_mean(name, table.kinds))
                yield from placed(absent, lines.place(path, key=False))
        return
    try:
        with coded():
            one.test(section, facts)
    except IntegradeError as problem:
        key = (*path, one.key) if one.key and lines.has((*path, one.key)) else path
        yield from placed(problem, lines.place(key))


def _unmet(asked: Asked, facts: Facts) -> Iterator[IntegradeError]:
    need = asked.need
    if isinstance(need, needs.Only):
        if getattr(asked.section, need.when) in need.values:
            yield from _unmet(Asked(asked.path, need.need, asked.value, asked.given, asked.section), facts)
        return
    try:
        with coded():
            yield from RESOLVE[type(need)](need, asked, facts)
    except IntegradeError as problem:
        yield problem


def _column(need: needs.Column, asked: Asked, facts: Facts) -> Iterator[IntegradeError]:
    if asked.value in need.words or (need.own and not asked.given):
        return
    yield from _lacking(asked.value, facts.tables.get(need.of, OPEN), need.of, numbers=need.numbers)


def _lacking(name: str, table: Known, of: str, *, numbers: bool = False) -> Iterator[IntegradeError]:
    if name not in table.kinds:
        if not table.open:
            made = _made_by(name, table.kinds) if of == "panel" else ""
            remedy = made or did_you_mean(name, table.kinds)
            yield UnknownColumn(f"no column {name!r} in {_called(of)}", remedy=remedy)
    elif numbers and table.kinds[name] == "text":
        yield UsageError(
            f"column {name!r} of {_called(of)} contains text, but numbers are required",
            remedy="name a column of numbers, or convert it in the file",
        )


def _made_by(name: str, there: Mapping[str, str]) -> str:
    """Return the remedy for a column of the panel that a section of the study makes; empty for any other column."""
    if name != "human_capital":
        return ""
    if set(NEEDED_CLASSES) <= set(there):
        return "its shares by schooling are in [[covariates]]: rename that section to [education], which computes it"
    return "add [education], which computes it from shares by schooling, with the file of these shares: files = [...]"


def _called(table: str) -> str:
    """Return the name of a table in messages."""
    return {
        "panel": "the panel",
        "rows": "the customs rows or the panel",
        "firms": "the accounts",
        "accounts": "the accounts",
    }.get(table, table)


def _term(_: needs.Term, asked: Asked, facts: Facts) -> Iterator[IntegradeError]:
    for column in parse_formula(f"{asked.value} ~ 1").outcome.columns:
        yield from _lacking(column, facts.tables["panel"], "panel", numbers=True)


def _effect(need: needs.Effect, asked: Asked, facts: Facts) -> Iterator[IntegradeError]:
    table = facts.tables.get(need.of, OPEN)
    for name in parse_formula(f"y ~ x | {asked.value}").effect_columns:
        if name not in need.words:
            yield from _lacking(name, table, need.of)


def _filter(need: needs.Filter, asked: Asked, facts: Facts) -> Iterator[IntegradeError]:
    table = facts.tables.get(need.of, OPEN)
    types: dict[str, nw.dtypes.DType] = {
        n: nw.Float64() if kind == "number" else nw.String() for n, kind in table.kinds.items()
    }
    try:
        parse_where(asked.value, types, of=_called(need.of).removeprefix("the "))
    except UnknownColumn as problem:
        if not table.open:
            yield problem


def _file(need: needs.File, asked: Asked, facts: Facts) -> Iterator[IntegradeError]:
    name = asked.value
    if not isinstance(name, str) or name in need.words or need.like(name):
        return
    path = facts.root / name
    if not (path.is_dir() if need.folder else path.is_file()):
        near = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        kind = "folder" if need.folder else "file"
        words = f"neither {', '.join(need.words)} nor a {kind}" if need.words else f"no such {kind}"
        yield FileMissing(
            f"{name!r} is {words}", where=str(path.parent), remedy=did_you_mean(path.name, [*near, *need.words])
        )


def _name(need: needs.Name, asked: Asked, _: Facts) -> Iterator[IntegradeError]:
    names = list(need.of())
    if asked.value not in names:
        yield UnknownName(f"no {need.what} {asked.value!r}", remedy=did_you_mean(str(asked.value), names))


def _regressor(need: needs.Regressor, asked: Asked, facts: Facts) -> Iterator[IntegradeError]:
    terms_known = list(facts.study.regression.controls) if need.control else facts.regressors
    terms = [asked.value]
    if need.groups:
        name, equals, right = asked.value.partition("=")
        terms = [t.strip() for t in right.split("+")]
        if not (equals and name.strip() and all(terms)):
            yield BadFormula(f"{asked.value!r} is not a group of controls", remedy='write "size = scale + age"')
            return
    for term in terms:
        if term not in terms_known:
            yield UnknownName(f"no control {term!r} in [regression]", remedy=did_you_mean(term, terms_known))


def _test(need: needs.Test, asked: Asked, _: Facts) -> Iterator[IntegradeError]:
    need.accepts(asked.value)
    return
    yield


def _given(need: needs.Given, asked: Asked, _: Facts) -> Iterator[IntegradeError]:
    value = getattr(asked.section, need.when)
    if value in need.values and not asked.value:
        yield UsageError(f"{need.when} {value} needs {need.option}", remedy=f"add {need.option} = ...")


RESOLVE: Mapping[type, Callable[[Any, Asked, Facts], Iterator[IntegradeError]]] = {
    needs.Column: _column,
    needs.Term: _term,
    needs.Effect: _effect,
    needs.Filter: _filter,
    needs.File: _file,
    needs.Name: _name,
    needs.Regressor: _regressor,
    needs.Test: _test,
    needs.Given: _given,
}
