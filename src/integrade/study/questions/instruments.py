"""The benchmark with instruments: built as the study asks, estimated in every way, with what they stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal, NamedTuple, TypeVar

import polars as pl

from integrade.errors import DataError, UnknownColumn, UsageError, did_you_mean
from integrade.frames import Table
from integrade.models.fit.fit import fit
from integrade.models.fit.formula import Formula, Part, Term, has, parse_formula, rendered, square, with_regressors
from integrade.models.fit.results import FitResult
from integrade.models.instruments.builders import (
    Instrument,
    join_instrument,
    lagged_index,
    neighbour_instrument,
    split_goods,
    terrain_instrument,
)
from integrade.models.instruments.control_function import control_function
from integrade.models.instruments.study import Instrumented
from integrade.models.instruments.weak_iv import WeakIVOptions, weak_iv
from integrade.sources import read_table
from integrade.study.questions.asked import Answer, Asked, doubted, named_file
from integrade.study.sections import Instruments

Found = TypeVar("Found")

TITLES = {
    "terrain": "terrain times a national series",
    "lagged": "the index of earlier years",
    "neighbour": "the neighbours' integration",
    "split_goods": "the other half of the goods",
    "column": "columns of the panel",
}
NAMES: dict[Literal["2sls", "liml", "gmm"], str] = {"2sls": "2SLS", "liml": "LIML", "gmm": "GMM"}


def title_of(section: Instruments) -> str:
    """What an instrument is called: its title, else the usual words."""
    return section.title or TITLES[section.builder]


def answer(asked: Asked) -> Answer:
    """One record for each instrument that can be made."""
    said = list[str]()
    sections = [section for section in asked.study.instruments if section.run]
    found = [doubted(said, "An instrument is", lambda s=s: instrumented(asked, s)) for s in sections]  # type: ignore[misc]
    return Answer(tuple(i for i in found if i is not None), tuple(said))


def instrumented(asked: Asked, section: Instruments) -> Instrumented:
    """Every estimator the section asks for; what the data do not allow is in ``problems``.

    Raises the coded usage errors of wrong columns and files, and `DataError` where there is no instrument at all.
    """
    made = _made(asked, section)
    rows = asked.sample
    if section.builder != "column":
        rows = join_instrument(Table("panel", rows), made.instrument).polars()
    formulas, rows = _formulas(asked, section, made), rows.drop_nulls(list(made.columns))
    problems = list[str]()

    def tried(what: str, make: Callable[[], Found]) -> Found | None:
        try:
            return make()
        except (DataError, UsageError) as problem:
            problems.append(f"{what}: {problem.what}")
            return None

    plain = replace(asked.fit, wild=0, wild_ci=False)
    ols = tried("least squares", lambda: fit(rows, formulas.least_squares, plain))
    first = [tried("first stage", lambda f=f: fit(rows, f, plain)) for f in formulas.first]  # type: ignore[misc]
    options = WeakIVOptions(level=section.level, at=section.at, draws=asked.wild, fit=plain)
    weak = tried("Anderson-Rubin sets", lambda: weak_iv(rows, formulas.second, options)) if section.sets else None
    estimates = dict[str, FitResult]()
    for estimator in section.estimators:
        found = (
            weak.fit
            if weak and estimator == "2sls"
            else tried(
                NAMES[estimator],
                lambda e=estimator: fit(rows, formulas.second, replace(plain, estimator=e)),  # type: ignore[misc]
            )
        )
        if found is not None:
            estimates[NAMES[estimator]] = found
    control = None
    if section.control_function and formulas.control:
        how = replace(plain, cluster=plain.cluster or "region", vcov="CR3")
        control = tried("control function", lambda: control_function(rows, str(formulas.control), how))
    return Instrumented(
        title_of(section),
        section.builder,
        made.variable,
        made.columns,
        made.instrument.exclusion,
        ols,
        tuple(f for f in first if f is not None),
        estimates,
        weak,
        control,
        tuple(problems),
    )


def two_stage(asked: Asked, section: Instruments) -> FitResult:
    """2SLS alone, of the treatment itself whatever the instrument is made of: for rows whose treatment has no noise."""
    made = _made(asked, section)._replace(variable=asked.treatment)
    rows = asked.sample
    if section.builder != "column":
        rows = join_instrument(Table("panel", rows), made.instrument).polars()
    return fit(rows, _formulas(asked, section, made).second, replace(asked.fit, wild=0, wild_ci=False))


class _Made(NamedTuple):
    """The instrument, the regressor it is for, and its columns that are instruments."""

    instrument: Instrument
    variable: str
    columns: tuple[str, ...]


def _made(asked: Asked, section: Instruments) -> _Made:
    x = asked.treatment
    match section.builder:
        case "column":
            return _Made(_columns(asked, section), x, tuple(section.columns))
        case "terrain":
            found = terrain_instrument(*_terrain(asked, section), of=section.trait_column, times=section.series_column)
        case "lagged":
            found = lagged_index(_index(asked), section.lags, x)
        case "neighbour":
            near = section.pairs if section.pairs == "adjacent" else str(named_file(asked.root, section.pairs))
            found = neighbour_instrument(asked.needed_prices(), near, asked.index_options, component=section.component)
        case "split_goods":
            halves = split_goods(asked.needed_prices(), section.seed, asked.index_options)
            return _Made(halves, halves.columns[0], halves.columns[1:])
    return _Made(found, x, found.columns)


def _columns(asked: Asked, section: Instruments) -> Instrument:
    if not section.columns:
        raise UsageError("[instruments] with builder column names no columns", remedy='give columns = ["z"]')
    for name in section.columns:
        if name not in asked.sample.columns:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, asked.sample.columns))
    said = section.exclusion or (
        f"{', '.join(section.columns)} must move {asked.study.regression.outcome} through {asked.treatment} alone; the "
        "study gives no sentence that says why (exclusion)"
    )
    return Instrument(", ".join(section.columns), Table("instrument", asked.sample), tuple(section.columns), said)


def _terrain(asked: Asked, section: Instruments) -> Iterator[Table]:
    for key, name in (("trait", section.trait), ("series", section.series)):
        if name is None:
            raise UsageError(f"[instruments] with builder terrain needs {key}", example=f'{key} = "raw/{key}.csv"')
        yield read_table(str(named_file(asked.root, name)))


def _index(asked: Asked) -> pl.DataFrame:
    """The treatment by region and year: the whole index where the study measures it, else what the panel has."""
    if asked.series is not None:
        return asked.series
    return asked.sample.select("region", "year", asked.treatment).drop_nulls().unique().sort("region", "year")


class _Formulas(NamedTuple):
    """Least squares, the first stages, the second stage, and the control function where x enters squared."""

    least_squares: Formula
    first: tuple[Formula, ...]
    second: Formula
    control: str | None


def _formulas(asked: Asked, section: Instruments, made: _Made) -> _Formulas:
    parsed, x = parse_formula(asked.formula), made.variable
    own = [Term((Part(x, t.parts[0].power),)) for t in parsed.regressors if has(t, asked.treatment)]
    rest = [t for t in parsed.regressors if not has(t, asked.treatment)]
    squared = section.quadratic and square(x) in own
    plain = tuple(Term((Part(z),)) for z in made.columns)
    z = (*plain, *(square(name) for name in made.columns)) if squared else plain
    endogenous = tuple(own if squared else own[:1])
    second = rendered(replace(parsed, regressors=tuple(rest), endogenous=endogenous, instruments=z))
    first = tuple(with_regressors(parsed, [*z, *rest], t) for t in endogenous)
    control = None
    if square(x) in own:
        one = replace(parsed, regressors=(square(x), *rest), endogenous=(Term((Part(x),)),), instruments=plain)
        control = rendered(one).text
    return _Formulas(with_regressors(parsed, [*endogenous, *rest]), first, second, control)
