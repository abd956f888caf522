"""The benchmark with instruments: built as the study asks, estimated in every way, with what they stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal, NamedTuple, TypeVar

import polars as pl

from integrade.errors import DataError, UnknownColumn, UsageError, did_you_mean
from integrade.frames import Table
from integrade.models.bundle import Instrumented
from integrade.models.instruments.builders import (
    Instrument,
    join_instrument,
    lagged_index,
    neighbour_instrument,
    split_goods,
    terrain_instrument,
)
from integrade.models.instruments.control_function import control_function
from integrade.models.instruments.weak_iv import WeakIVOptions, weak_iv
from integrade.models.linear.fit import fit
from integrade.models.linear.formula import Formula, Part, Term, parse_formula
from integrade.models.linear.results import FitResult
from integrade.models.linear.rewrite import has, rendered, square, with_regressors
from integrade.study.checks import Data, named_file
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


def instrumented(data: Data, section: Instruments) -> Instrumented:
    """Every estimator the section asks for; what the data do not allow is in ``problems``.

    Raises the coded usage errors of wrong columns and files, and `DataError` where there is no instrument at all.
    """
    made = _made(data, section)
    rows = data.sample
    if section.builder != "column":
        rows = join_instrument(Table("panel", rows), made.instrument).polars()
    asked, rows = _formulas(data, section, made), rows.drop_nulls(list(made.columns))
    problems = list[str]()

    def tried(what: str, make: Callable[[], Found]) -> Found | None:
        try:
            return make()
        except (DataError, UsageError) as problem:
            problems.append(f"{what}: {problem.what}")
            return None

    plain = replace(data.fit, wild=0, wild_ci=False)
    ols = tried("least squares", lambda: fit(rows, asked.least_squares, plain))
    first = [tried("first stage", lambda f=f: fit(rows, f, plain)) for f in asked.first]  # type: ignore[misc]
    options = WeakIVOptions(level=section.level, at=section.at, draws=data.wild, fit=plain)
    weak = tried("Anderson-Rubin sets", lambda: weak_iv(rows, asked.second, options)) if section.sets else None
    estimates = dict[str, FitResult]()
    for estimator in section.estimators:
        found = weak.fit if weak and estimator == "2sls" else tried(
            NAMES[estimator], lambda e=estimator: fit(rows, asked.second, replace(plain, estimator=e))  # type: ignore[misc]
        )  # fmt: skip
        if found is not None:
            estimates[NAMES[estimator]] = found
    control = None
    if section.control_function and asked.control:
        how = replace(plain, cluster=plain.cluster or "region", vcov="CR3")
        control = tried("control function", lambda: control_function(rows, str(asked.control), how))
    return Instrumented(
        title_of(section), section.builder, made.variable, made.columns, made.instrument.exclusion, ols,
        tuple(f for f in first if f is not None), estimates, weak, control, tuple(problems),
    )  # fmt: skip


def two_stage(data: Data, section: Instruments) -> FitResult:
    """2SLS alone, of the treatment itself whatever the instrument is made of: for rows whose treatment has no noise."""
    made = _made(data, section)._replace(variable=data.treatment)
    rows = data.sample
    if section.builder != "column":
        rows = join_instrument(Table("panel", rows), made.instrument).polars()
    return fit(rows, _formulas(data, section, made).second, replace(data.fit, wild=0, wild_ci=False))


class _Made(NamedTuple):
    """The instrument, the regressor it is for, and its columns that are instruments."""

    instrument: Instrument
    variable: str
    columns: tuple[str, ...]


def _made(data: Data, section: Instruments) -> _Made:
    x = data.treatment
    match section.builder:
        case "column":
            return _Made(_columns(data, section), x, tuple(section.columns))
        case "terrain":
            found = terrain_instrument(*_terrain(data, section), of=section.trait_column, times=section.series_column)
        case "lagged":
            found = lagged_index(_index(data), section.lags, x)
        case "neighbour":
            near = section.pairs if section.pairs == "adjacent" else str(named_file(data.root, section.pairs))
            found = neighbour_instrument(data.needed_prices(), near, data.index_options, component=section.component)
        case "split_goods":
            halves = split_goods(data.needed_prices(), section.seed, data.index_options)
            return _Made(halves, halves.columns[0], halves.columns[1:])
    return _Made(found, x, found.columns)


def _columns(data: Data, section: Instruments) -> Instrument:
    if not section.columns:
        raise UsageError("[instruments] with builder column names no columns", remedy='give columns = ["z"]')
    for name in section.columns:
        if name not in data.sample.columns:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, data.sample.columns))
    said = section.exclusion or (
        f"{', '.join(section.columns)} must move {data.study.regression.outcome} through {data.treatment} alone; the "
        "study gives no sentence that says why (exclusion)"
    )
    return Instrument(", ".join(section.columns), Table("instrument", data.sample), tuple(section.columns), said)


def _terrain(data: Data, section: Instruments) -> Iterator[Table]:
    from integrade.sources import read_table

    for key, name in (("trait", section.trait), ("series", section.series)):
        if name is None:
            raise UsageError(f"[instruments] with builder terrain needs {key}", example=f'{key} = "raw/{key}.csv"')
        yield read_table(str(named_file(data.root, name)))


def _index(data: Data) -> pl.DataFrame:
    """The treatment by region and year: the whole index where the study measures it, else what the panel has."""
    if data.series is not None:
        return data.series
    return data.sample.select("region", "year", data.treatment).drop_nulls().unique().sort("region", "year")


class _Formulas(NamedTuple):
    """Least squares, the first stages, the second stage, and the control function where x enters squared."""

    least_squares: Formula
    first: tuple[Formula, ...]
    second: Formula
    control: str | None


def _formulas(data: Data, section: Instruments, made: _Made) -> _Formulas:
    parsed, x = parse_formula(data.formula), made.variable
    own = [Term((Part(x, t.parts[0].power),)) for t in parsed.regressors if has(t, data.treatment)]
    rest = [t for t in parsed.regressors if not has(t, data.treatment)]
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
