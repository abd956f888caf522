"""Estimate the benchmark with the instruments of a study, by every estimator, with their exclusion restrictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar

import polars as pl
from pydantic import Field

from integrade.engine.frames import Table
from integrade.errors import DataError, UnknownColumn, UsageError, did_you_mean
from integrade.estimate.fit import columns_of, fit
from integrade.estimate.formula import Formula, Part, Term, has, parse_formula, rendered, square, with_regressors
from integrade.estimate.ready import ready
from integrade.estimate.results import FitResult
from integrade.records.needs import Column, File, Given, Only, Precondition
from integrade.records.question import Flags, question
from integrade.records.schema import column_word
from integrade.sources import read_table
from integrade.study.asked import Answer, Asked, OfFit, Told, doubted, named_file, named_pairs
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import NEAR, SEED, Level, Place, Seed, Strict
from integrade.subjects.instruments.builders import (
    Instrument,
    join_instrument,
    lagged_index,
    neighbour_instrument,
    split_goods,
    terrain_instrument,
)
from integrade.subjects.instruments.control_function import control_function
from integrade.subjects.instruments.weak_iv import Instrumented, WeakIVOptions, weak_iv
from integrade.verdicts import places
from plainwords.texts import listed, say

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[[instruments]]                # one section each: every instrument is judged by weak-robust sets
builder = "split_goods"        # the index of half of the goods by that of the other half: answers noise alone
# seed = 20240101              # which goods are in which half; title = "..." names an instrument in the report
# quadratic = true             # x and x^2 by z and z^2; false: x alone by z
# estimators = ["2sls", "liml", "gmm"]
# control_function = true      # one first stage for x, its residual beside x and x^2
# sets = true                  # Anderson-Rubin sets; level = 0.95, at = ["p10", "p50", "p90"] for those of the slope

[[instruments]]
builder = "neighbour"          # the neighbours' integration, made without the pairs that touch the region
# pairs = "adjacent"           # or a file with two columns of region names; component = "index" for plain indices

# [[instruments]]
# builder = "lagged"           # the region's own index of earlier years
# lags = 2

# [[instruments]]
# builder = "terrain"          # a fixed trait of each region times a national series
# trait = "raw/relief.csv"     # region and the trait; trait_column = "relief" where the file has several numbers
# series = "raw/roads.csv"     # year and the series; series_column likewise

# [[instruments]]
# builder = "column"           # columns of the panel as they are, and the sentence to defend
# columns = ["z1", "z2"]
# exclusion = "z moves quality through market integration alone, because ..."
"""


@with_keys_of(WeakIVOptions, "level", "at")
class Instruments(Strict):
    """One instrument (or set of columns) for the treatment, with its exclusion restriction."""

    needs: ClassVar[tuple[Precondition, ...]] = (
        Given("builder", ("column",), "columns"),
        Given("builder", ("terrain",), "trait"),
        Given("builder", ("terrain",), "series"),
    )

    run: bool = True
    builder: Literal["terrain", "lagged", "neighbour", "split_goods", "column"] = Field(
        description="how the instrument is made; column: from columns of the panel"
    )
    title: str = Field(default="", description="name of the instrument in the report")
    columns: tuple[Annotated[str, Only(Column(numbers=True), "builder", ("column",))], ...] = Field(
        default=(), description="for builder column: the columns that are instruments"
    )
    exclusion: str = Field(default="", description="for builder column: the exclusion restriction, as a sentence")
    lags: int = Field(default=2, ge=1, description="for builder lagged: number of years")
    pairs: Annotated[str, Only(NEAR, "builder", ("neighbour",))] = Field(
        default="adjacent", description="for builder neighbour: adjacent, or a file with two columns of region names"
    )
    component: Literal["pure", "index"] = Field(
        default="pure",
        description="for builder neighbour: average the pure component of the neighbours, or their index",
    )
    trait: Annotated[str | None, Only(File(), "builder", ("terrain",))] = Field(
        default=None, description="for builder terrain: a file with a trait of each region"
    )
    trait_column: str | None = Field(
        default=None, description="for builder terrain: column of the trait, if the file has several"
    )
    series: Annotated[str | None, Only(File(), "builder", ("terrain",))] = Field(
        default=None, description="for builder terrain: a file with a national series by year"
    )
    series_column: str | None = Field(
        default=None, description="for builder terrain: column of the series, if the file has several"
    )
    estimators: tuple[Literal["2sls", "liml", "gmm"], ...] = Field(
        default=("2sls", "liml", "gmm"), description="estimators that are reported side by side"
    )
    quadratic: bool = Field(default=True, description="instrument x and x^2 by z and z^2; false: x alone by z")
    control_function: bool = Field(
        default=True, description="a first stage for x; its residual is added to the regression"
    )
    sets: bool = Field(default=True, description="Anderson-Rubin sets, valid with weak instruments")
    level: Level
    at: tuple[Place, ...]
    seed: Seed = Field(default=SEED, description="for builder split_goods: seed of the split")


@dataclass(frozen=True)
class InstrumentFlags:
    """Instruments, written in the last part of the formula: "y ~ w | firm + year | x ~ z".

    Parameters
    ----------
    instrument
        Add a column to the panel before the regression: lag:2 (the treatment, as NAME_l2); neighbours (with
        --prices); halves (market_a and market_b, with --prices); terrain:TRAITS,SERIES (files by region and by year);
        exposure:FILE (by region, or by region and source: shift_share, with exposure-robust errors). Repeatable.
    weak_iv
        Anderson-Rubin sets on CR1, the cluster jackknife and the wild bootstrap, first stage, tF, LIML, exogeneity.
    """

    instrument: tuple[str, ...] = ()
    weak_iv: bool = False


Found = TypeVar("Found")

NAMES: dict[Literal["2sls", "liml", "gmm"], str] = {"2sls": "2SLS", "liml": "LIML", "gmm": "GMM"}


def title_of(section: Instruments) -> str:
    """Return the name of an instrument: its title, else the usual name for its builder."""
    return section.title or say(f"made_instruments.{section.builder}")


def instrumented(asked: Asked, section: Instruments) -> Instrumented:
    """Estimate with every estimator that the section asks for. ``problems`` lists what the data do not allow.

    Raises the usage errors about wrong columns and files, and `DataError` if no instrument can be made.
    """
    built = _build(asked, section)
    formulas = _formulas(asked, section, built)
    rows = ready(_rows(asked, section, built, formulas.second).drop_nulls(list(built.columns)))
    problems = list[str]()

    def tried(left_out: str, make: Callable[[], Found], **given: str) -> Found | None:
        try:
            return make()
        except (DataError, UsageError) as problem:
            problems.append(say(left_out, why=problem.what, **given))
            return None

    plain = replace(asked.fit, wild=0, wild_ci=False)
    ols = tried("left_out.least-squares", lambda: fit(rows, formulas.least_squares, plain))
    first = [tried("left_out.first-stage", lambda f=f: fit(rows, f, plain)) for f in formulas.first]  # type: ignore[misc]
    options = record_of(section, WeakIVOptions, draws=asked.wild, fit=plain)
    weak = tried("left_out.sets", lambda: weak_iv(rows, formulas.second, options)) if section.sets else None
    estimates = dict[str, FitResult]()
    for estimator in section.estimators:
        estimate = (
            weak.fit
            if weak and estimator == "2sls"
            else tried(
                "left_out.estimator",
                lambda e=estimator: fit(rows, formulas.second, replace(plain, estimator=e)),  # type: ignore[misc]
                estimator=NAMES[estimator],
            )
        )
        if estimate is not None:
            estimates[NAMES[estimator]] = estimate
    control = None
    if section.control_function and formulas.control:
        how = replace(plain, cluster=plain.cluster or "region", vcov="CR3")
        control = tried("left_out.control-function", lambda: control_function(rows, str(formulas.control), how))
    return Instrumented(
        title_of(section),
        section.builder,
        built.variable,
        built.columns,
        built.instrument.exclusion,
        ols,
        tuple(f for f in first if f is not None),
        estimates,
        weak,
        control,
        tuple(problems),
    )


def two_stage(asked: Asked, section: Instruments) -> FitResult:
    """Estimate 2SLS with the treatment itself as the endogenous regressor, for rows whose treatment has no noise."""
    built = _build(asked, section)._replace(variable=asked.treatment)
    second = _formulas(asked, section, built).second
    return fit(_rows(asked, section, built, second), second, replace(asked.fit, wild=0, wild_ci=False))


def _rows(asked: Asked, section: Instruments, built: _Built, formula: Formula) -> pl.DataFrame:
    """Return the rows with the columns of the instrument.

    If these columns are joined to the rows, only columns that the regressions use are kept. With the builder ``column``
    the rows are unchanged.
    """
    if section.builder == "column":
        return asked.sample
    wanted = columns_of(asked.sample.columns, formula, asked.fit, also=("region", "year"))
    rows = asked.sample.select(c for c in asked.sample.columns if c in wanted)
    return join_instrument(Table("panel", rows), built.instrument).polars()


class _Built(NamedTuple):
    """The instrument, the regressor that it instruments, and the names of its columns."""

    instrument: Instrument
    variable: str
    columns: tuple[str, ...]


def _build(asked: Asked, section: Instruments) -> _Built:
    x = asked.treatment
    match section.builder:
        case "column":
            return _Built(_columns(asked, section), x, tuple(section.columns))
        case "terrain":
            tables = []
            for key, name in (("trait", section.trait), ("series", section.series)):
                if name is None:
                    raise UsageError(
                        f"[instruments] with builder terrain needs {key}", remedy=f'give {key} = "raw/{key}.csv"'
                    )
                tables.append(read_table(str(named_file(asked.root, name))))
            instrument = terrain_instrument(*tables, of=section.trait_column, times=section.series_column)
        case "lagged":
            # a measured index, else the panel's treatment
            index = asked.series
            if index is None:
                index = asked.sample.select("region", "year", x).drop_nulls().unique().sort("region", "year")
            instrument = lagged_index(index, section.lags, x)
        case "neighbour":
            near = named_pairs(asked, section.pairs)
            instrument = neighbour_instrument(
                asked.needed_prices(), near, asked.index_options, component=section.component
            )
        case "split_goods":
            halves = split_goods(asked.needed_prices(), section.seed, asked.index_options)
            return _Built(halves, halves.columns[0], halves.columns[1:])
    return _Built(instrument, x, instrument.columns)


def _columns(asked: Asked, section: Instruments) -> Instrument:
    if not section.columns:
        raise UsageError("[instruments] with builder column names no columns", remedy='give columns = ["z"]')
    for name in section.columns:
        if name not in asked.sample.columns:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, asked.sample.columns))
    exclusion = section.exclusion or say(
        "made_instruments.no-exclusion",
        columns=listed(section.columns, "comma"),
        outcome=column_word(asked.study.regression.outcome),
        treatment=column_word(asked.treatment),
    )
    return Instrument(", ".join(section.columns), Table("instrument", asked.sample), tuple(section.columns), exclusion)


class _Formulas(NamedTuple):
    """Formulas of least squares, first stages and second stage, and of the control function if x enters squared."""

    least_squares: Formula
    first: tuple[Formula, ...]
    second: Formula
    control: str | None


def _formulas(asked: Asked, section: Instruments, built: _Built) -> _Formulas:
    parsed, x = parse_formula(asked.formula), built.variable
    treatment_terms = [Term((Part(x, t.parts[0].power),)) for t in parsed.regressors if has(t, asked.treatment)]
    controls = [t for t in parsed.regressors if not has(t, asked.treatment)]
    squared = section.quadratic and square(x) in treatment_terms
    plain = tuple(Term((Part(z),)) for z in built.columns)
    z = (*plain, *(square(name) for name in built.columns)) if squared else plain
    endogenous = tuple(treatment_terms if squared else treatment_terms[:1])
    second = rendered(replace(parsed, regressors=tuple(controls), endogenous=endogenous, instruments=z))
    first = tuple(with_regressors(parsed, [*z, *controls], t) for t in endogenous)
    control = None
    if square(x) in treatment_terms:
        first_stage = replace(
            parsed, regressors=(square(x), *controls), endogenous=(Term((Part(x),)),), instruments=plain
        )
        control = rendered(first_stage).text
    return _Formulas(with_regressors(parsed, [*endogenous, *controls]), first, second, control)


def told(asked: OfFit, flags: InstrumentFlags) -> Iterator[Told]:
    """Yield the results of weak-instrument inference, and exposure-robust errors of a shift-share instrument."""
    from integrade.subjects.instruments.shift_share import ShiftShareOptions, shift_share_errors

    if flags.weak_iv:
        draws = {"draws": asked.fit.wild} if asked.fit.wild else {}
        sets = weak_iv(asked.table, asked.formula, WeakIVOptions(fit=asked.fit), **draws)
        yield Told("weak_iv", sets, sets.sheet().text())
    if asked.made:
        robust = shift_share_errors(asked.table, asked.formula, asked.made[0], ShiftShareOptions(fit=asked.fit))
        yield Told("shift_share", robust, str(robust))


def usual_instruments(raw: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the instruments of the preset complete, which an index of prices allows: halves of the goods, and lags."""
    return [{"builder": "split_goods"}, {"builder": "lagged"}] if "prices" in raw else None


ROWS = {"first_stage_F": "meaning.first-stage-f"}
"""The meaning of the number in a row, by the key of the row."""


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of how strong the instruments are, and one table for each instrument."""
    from integrade.subjects.instruments.tables import instrument_numbers, instrument_table, strength_table

    results_of_instruments, labels = results.instruments, results.labels
    each = zip(instrument_numbers(results_of_instruments), results_of_instruments, strict=True)
    noise = results.noise is not None
    each_table = [instrument_table(one, labels, number=number, with_noise=noise) for number, one in each]
    return [strength_table(results_of_instruments, labels), *each_table] if results_of_instruments else []


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.subjects.instruments.tables import instrument_numbers
    from integrade.verdicts import doubts

    numbers = instrument_numbers(results.instruments)
    each = [block for n in numbers for block in (*made.figure(f"anderson_rubin{n}"), *made.table(n))]
    return [*doubts.instruments(results), *made.table(places.INSTRUMENTS), *each]


@question(
    "instruments",
    place=90,
    options=Instruments,
    result=tuple[Instrumented, ...],
    several=True,
    steps=("prices", "integration"),
    published={"run": False},
    complete=usual_instruments,
    announced="models_instruments.announced",
    part="doubts",
    section=40,
    tables=tables,
    places=("A6*",),
    printed=printed,
    rows=ROWS,
    flags=Flags(InstrumentFlags, "Instruments", told),
    functions=(
        "weak_iv",
        "control_function",
        "lagged_index",
        "neighbour_instrument",
        "split_goods",
        "terrain_instrument",
        "join_instrument",
        "shift_share_instrument",
        "shift_share_errors",
    ),
    example=EXAMPLE,
    seconds=4.0,
)
def instruments(asked: Asked, sections: tuple[Instruments, ...]) -> Answer:
    """How large is the effect by instruments, with inference that is valid with weak instruments?"""
    sentences = list[str]()
    answers = [
        doubted(sentences, "left_out.instrument", lambda s=s: instrumented(asked, s))  # type: ignore[misc]
        for s in sections
    ]
    return Answer(tuple(i for i in answers if i is not None), tuple(sentences))
