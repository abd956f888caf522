"""Estimate the benchmark on other outcomes, on other indices, and on parts of the sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from integrade.engine import frames
from integrade.engine.frames import Engine
from integrade.errors import DataError, EmptyTable, IntegradeError, UnknownColumn, UnknownName, UsageError, did_you_mean
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import estimate, prepare
from integrade.estimate.multiple import holm
from integrade.estimate.ready import ready
from integrade.records.needs import Column as ColumnNeed
from integrade.records.needs import Filter, Holds, Precondition
from integrade.records.question import question
from integrade.sources.files.where import parse_where
from integrade.study.asked import Answer, Asked, judging, options_of, panel_in
from integrade.study.asking import index_options
from integrade.study.measures import is_measure, version_of
from integrade.study.reasons import STAMP
from integrade.study.sections import Strict
from integrade.study.variants import Own, once, other_panel, own_panel, panel_of
from integrade.subjects.benchmark.columns import Column, Version
from integrade.subjects.benchmark.question import benchmark_in, lines_of
from integrade.subjects.noise.corrected import estimator
from integrade.subjects.noise.halves import Halves
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.verdicts import places
from plainwords.texts import say, speaking

KEY = ["firm", "year"]
DATA = ("prices", "integration", "quality", "accounts", "panel")
"""The steps that prepare the data. They are repeated for another version."""


EXAMPLES = {
    "outcomes": """\
# The benchmark again beside its own: Tables 4c (outcomes), 4d (indices) and 4e (parts of the sample).

[[outcomes]]                   # options over those of [quality], another method, or a column of the panel
name = "Unit value"
method = "unit_value"

# [[outcomes]]
# name = "Number of products"
# column = "n_products"
""",
    "indices": """\
[[indices]]                    # options over those of [integration], another method, or a column of the panel
name = "Adjacent pairs"
pairs = "adjacent"
""",
    "samples": """\
[[samples]]                    # which rows, in the names of the panel
name = "To 2008"
where = "year <= 2008"

[[samples]]
name = "From 2009"
where = "year >= 2009"

# [[samples]]
# name = "30 provinces"
# without_regions = ["Tibet"]  # the index is computed again without them
""",
}


class Other(BaseModel):
    """Another outcome, or another index: a column of the panel, or options of a measure.

    Options without ``method`` are added to those of [quality] or [integration]; with ``method`` they replace them.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str = Field(description="name in the tables of the report")
    column: Annotated[str | None, ColumnNeed(numbers=True)] = Field(default=None, description="a column of the panel")

    def options(self) -> dict[str, Any]:
        """Return the options of the measure."""
        return dict(self.model_extra or {})


def _some_rows(section: Any, _: Any) -> None:
    """Raise an error for a part of the sample that is given neither by rows nor by regions."""
    if section.where is None and not section.without_regions:
        remedy = 'where = "year <= 2007", or without_regions = ["Tibet"]'
        raise UsageError("the part of the sample is not given", remedy=remedy)


class Sample(Strict):
    """A part of the sample on which the benchmark is estimated again."""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(_some_rows),)

    name: str = Field(description="name in the tables of the report")
    where: Annotated[str | None, Filter()] = Field(
        default=None, description="condition for the rows, in column names of the panel: year <= 2007"
    )
    without_regions: list[str] = Field(
        default_factory=list, description="regions that are left out; the index is recomputed from the others"
    )

    @property
    def change(self) -> str:
        """Difference from the benchmark, in the words of the study file."""
        left = [f"without_regions = {', '.join(self.without_regions)}"] if self.without_regions else []
        return "; ".join([*left, *([self.where] if self.where else [])])


if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.study.config import Study
    from integrade.verdicts.bundle import StudyResults


class Base(NamedTuple):
    """The inputs of the versions: the study, folders, the engine, the panel and the full benchmark.

    The folders are the folder of the study and the folder of its finished steps. ``own`` holds the folders of the
    study's own steps. ``halves`` are the indices of halves of the goods by which regressions on the study's own index
    are corrected, ``halves_with`` makes them for a study with another index (None if its index is not made from
    prices).
    """

    study: Study
    root: Path
    store: Path
    engine: Engine
    panel: pl.DataFrame
    column: Column
    own: tuple[Path, ...] = ()
    halves: Halves | None = None
    halves_with: Callable[[Study], Halves | None] = lambda _: None

    @property
    def needed(self) -> list[str]:
        """Columns that a row of the regression must have."""
        chosen = self.study.regression
        parts = [part for effect in chosen.effects for part in effect.split("^")]
        parts += [] if chosen.cluster is None else chosen.cluster.split("+")
        named = [chosen.outcome, chosen.treatment, *chosen.controls, *(p.strip() for p in parts)]
        return [n for n in dict.fromkeys(named) if n in self.panel.columns]


def versions(base: Base) -> tuple[tuple[Version, ...], tuple[str, ...]]:
    """Estimate the versions of a study: other outcomes, other indices, then samples.

    Also returns the reasons why some of them cannot be estimated.
    """
    estimated, left = list[Version](), list[str]()
    study = base.study
    with ExitStack() as kept:
        panel_of_study = once(lambda: kept.enter_context(own_panel(base.study, base.root, base.engine, base.store)))
        for section, kind in (("outcomes", "outcome"), ("indices", "index")):
            for version in study.section(section):
                options = ", ".join(f"{k} = {v}" for k, v in version.options().items())
                change = options if version.column is None else f"column {version.column}"
                try:
                    rows = _other(base, panel_of_study, section, version)
                    halves = base.halves
                    if kind == "index":
                        own = version.column is not None
                        halves = None if own else base.halves_with(version_of(study, section, version))
                    estimated.append(_version(base, kind, version.name, change, rows, halves))
                except UnknownName as problem:
                    if version.options().get("pairs") != "adjacent":
                        raise
                    # check refuses a section of the file without borders; the preset complete may have added this one
                    left.append(say(f"left_out.{section}", name=version.name, why=problem.what))
                except DataError as problem:
                    left.append(say(f"left_out.{section}", name=version.name, why=problem.what))
    for part in study.section("samples"):
        try:
            version = _version(base, "sample", part.name, part.change, _rows(base, part), base.halves)
            if part.without_regions and base.halves is not None:  # its index is made from the prices of other regions
                version = replace(version, corrected=None, uncorrected=say("impossible.index-of-other-regions"))
            estimated.append(version)
        except DataError as problem:
            left.append(say("left_out.sample", name=repr(part.name), why=problem.what))
    for folder in base.own:  # mark the study's own steps as the latest: a later run is compared with the latest
        (folder / STAMP).touch()
    return tuple(_adjusted(estimated, base.column)), tuple(left)


def _other(base: Base, own: Callable[[], Own], section: str, version: Other) -> pl.DataFrame:
    """Return the panel with the version in place of the study's own outcome or treatment."""
    chosen = base.study.regression
    column = chosen.outcome if section == "outcomes" else chosen.treatment
    if version.column is not None:
        if version.column not in base.panel.columns:
            raise UnknownColumn(
                f"[[{section}]] {version.name!r}: no column {version.column!r} in the panel",
                remedy=did_you_mean(version.column, base.panel.columns),
            )
        return base.panel.with_columns(pl.col(version.column).alias(column))
    other_rows = other_panel(own(), version_of(base.study, section, version))
    return base.panel.drop(column).join(other_rows.select(*KEY, column), on=KEY, how="left", maintain_order="left")


def _rows(base: Base, part: Sample) -> pl.DataFrame:
    """Return the rows of a part of the sample. Without some regions, the index is recomputed from the others."""
    panel = base.panel
    if part.without_regions:
        without = [*base.study.without_regions, *part.without_regions]
        without_study = base.study.model_copy(update={"without_regions": without})
        panel, _ = panel_of(without_study, base.root, base.engine, base.store)
    if part.where is None:
        return panel
    frame = frames.enter(panel)
    kept: pl.DataFrame = frames.collect(frame.filter(parse_where(part.where, frame.collect_schema())))
    if kept.is_empty():
        raise EmptyTable(f"no row is left by {part.where!r}", remedy="correct where, or leave the sample out")
    return kept


def _version(base: Base, kind: str, name: str, change: str, rows: pl.DataFrame, halves: Halves | None) -> Version:
    """Estimate the benchmark on the rows of a version.

    If the treatment and its square were not dropped, tests of the shape and effect sizes are added.
    """
    chosen, study = base.study.regression, base.study
    sample = rows.drop_nulls(base.needed)
    if sample.is_empty():
        raise EmptyTable("no row has every column of the regression")
    options, ready_rows = judging(options_of(chosen), chosen, sample.columns), ready(sample)
    design = prepare(ready_rows, base.column.headline.formula, options)
    headline = estimate(
        design,
        replace(
            options,
            wild=chosen.wild if chosen.cluster else 0,
            seed=settings.seed if (settings := study.section("inference")) else options.seed,
        ),
    )
    x = chosen.treatment
    turns = not {x, f"{x}^2"} & set(headline.dropped)
    corrected, why = None, ""
    if halves is not None and turns:
        try:
            corrected = replace(estimator(halves, x)(ready_rows, headline.formula, options), spreads=())
        except IntegradeError as problem:
            why = problem.what
    return Version(
        kind,
        name,
        change,
        Column(
            name,
            headline,
            {},
            u_test(headline, x) if turns else None,
            two_lines=lines_of(ready_rows, headline.formula, x, options) if turns else None,
        ),
        effect_sizes(headline, x) if turns else None,
        corrected=corrected,
        uncorrected=why,
    )


def _adjusted(estimated: Sequence[Version], benchmark: Column) -> list[Version]:
    """Return the versions; those with other outcomes get Holm-adjusted p-values of the U-test.

    The adjustment is over all outcomes, including the outcome of the benchmark.
    """
    family = [v for v in estimated if v.kind == "outcome" and v.column.u_test is not None]
    if not family or benchmark.u_test is None:
        return list(estimated)
    p = holm([benchmark.u_test.p_value, *(v.column.u_test.p_value for v in family if v.column.u_test)])
    by_name = {v.name: float(value) for v, value in zip(family, p[1:], strict=True)}
    return [replace(v, p_holm=by_name.get(v.name)) if v.kind == "outcome" else v for v in estimated]


def _answer(asked: Asked) -> Answer:
    """Return all versions of the study, and the reasons why others are left out."""
    column, done = benchmark_in(asked.done).columns[-1], asked.done
    folders = tuple(done.values())
    base = Base(asked.study, asked.root, done["panel"].parent, asked.engine, panel_in(done), column, folders)

    def halves_with(study: Study) -> Halves | None:
        by_prices = study.integration.get("method", "relative_price") == "relative_price"
        return asked.halves(index_options(study, asked.root)) if by_prices else None

    base = base._replace(halves=asked.halves(), halves_with=halves_with)
    return Answer(*versions(base))


def _named_alone(value: Any) -> Any:
    """Return the options of a version.

    A text in place of options is the name of a measure or, if there is no such measure, a column of the panel.
    """
    if not isinstance(value, str):
        return value
    return {"name": value, "method" if is_measure(value) else "column": value}


def _entered(results: StudyResults, found: tuple[Version, ...]) -> StudyResults:
    """Add versions to the versions that the results already have."""
    return replace(results, versions=(*results.versions, *found))


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return tables 4c, 4d and 4e."""
    from integrade.subjects.versions.tables import version_tables

    return version_tables(results)


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of the report's section on all versions."""
    from integrade.report.document import under
    from integrade.subjects.versions import tables as version_tables

    return under(
        version_tables.said(results),
        made.figure("versions") + made.table(places.OTHER_OUTCOMES, places.OTHER_INDICES, places.OTHER_SAMPLES),
    )


def other_measures_of_quality(raw: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the outcomes of the preset complete: unit values, and another standardisation of the demand residual.

    Return None if the study does not measure quality by the demand residual.
    """
    if "customs" not in raw or _method(raw, "quality") not in (None, "demand_residual"):
        return None
    return [
        {"name": _named(raw, "unit-value"), "method": "unit_value", "standardise": "minmax"},
        {"name": _named(raw, "trimmed"), "standardise": "minmax_trim"},
    ]


def other_measures_of_integration(raw: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the indices of the preset complete: adjacent pairs, and mean absolute deviations over goods.

    Return None if the study has no index from relative prices.
    """
    if "prices" not in raw or _method(raw, "integration") not in (None, "relative_price"):
        return None
    return [
        {"name": _named(raw, "adjacent"), "pairs": "adjacent"},
        {"name": _named(raw, "absolute"), "dispersion": "mean_absolute"},
    ]


def _method(raw: Mapping[str, Any], family: str) -> Any:
    section = raw.get(family)
    return section.get("method") if isinstance(section, dict) else None


def _named(raw: Mapping[str, Any], version: str) -> str:
    """Return the name of a version in the language of the report."""
    report = raw.get("report")
    language = report.get("language") if isinstance(report, dict) else None
    with speaking("zh" if language == "zh" else "en"):
        return str(say(f"version_tables.complete-{version}"))


def _record(place: int, options: type, seconds: float, name: str) -> dict[str, Any]:
    return {
        "place": place,
        "options": options,
        "result": tuple[Version, ...],
        "several": True,
        "read": _named_alone if options is Other else None,
        "steps": DATA,
        "reads": ("noise",),
        "enter": _entered,
        "example": EXAMPLES[name],
        "seconds": seconds,
    }


SECTION: dict[str, Any] = {
    "part": "results",
    "section": 30,
    "chapter": "versions",
    "tables": tables,
    "places": (places.OTHER_OUTCOMES, places.OTHER_INDICES, places.OTHER_SAMPLES),
    "printed": printed,
    "announced": "version_tables.announced",
}
"""Report section shared by the three questions; the first question prints it."""


@question("outcomes", **_record(120, Other, 0.6, "outcomes"), **SECTION, complete=other_measures_of_quality)
def outcomes(asked: Asked, _: Any) -> Answer:
    """Does the result hold for other outcomes?"""
    return _answer(asked)


@question("indices", **_record(130, Other, 1.5, "indices"), complete=other_measures_of_integration)
def indices(asked: Asked, _: Any) -> Answer:
    """Does the result hold on other indices of integration?"""
    return _answer(asked)


@question("samples", **_record(140, Sample, 0.2, "samples"))
def samples(asked: Asked, _: Any) -> Answer:
    """Does the result hold on parts of the sample?"""
    return _answer(asked)
