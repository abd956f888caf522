"""Ask whether families of measures of integration and of quality agree with the measures of the study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from integrade.engine.frames import Table
from integrade.integration import business_cycle, head_ries, krugman, relative_price, survey_score
from integrade.quality import demand_residual, unit_value
from integrade.records.question import question
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin, Row
from integrade.study.asked import Asked
from integrade.study.data.tables import read_source
from integrade.study.measures import measure_of
from integrade.study.sections import Strict
from integrade.subjects.families.model import OF_INTEGRATION, OF_QUALITY, Compared, FamiliesCompared, compared
from integrade.verdicts import places
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.doubts import left_out
from integrade.wording.numerals import fixed
from plainwords.texts import is_message, listed, say
from rawcells import doors

if TYPE_CHECKING:
    from integrade.report.document import Block, Made

EXAMPLE = """\
[families]                     # measures of other families, of integration and of quality, beside those of the study
"""
MEASURES: Mapping[str, Callable[..., Any]] = {
    "production": krugman,
    "flows": head_ries,
    "cycle": business_cycle,
    "survey": survey_score,
    "price": relative_price,
}


class Families(Strict):
    """The measures of the study beside one measure of each other family whose data the study has."""

    run: bool = True


def always(_: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the preset complete. A family without data is a row that says what it needs."""
    return {}


COLUMNS = ("measure", "units", "years", "within", "averages", "over_time")


def _cells(row: Compared) -> tuple[str, ...]:
    """Return the cells of a family; its last cell says if it is the measure of the study, or what it lacks."""
    numbers = tuple("" if v is None else fixed(v, 2) for v in (row.within, row.averages, row.over_time))
    counts = tuple(f"{n:,}" if n else "" for n in (row.n_units, row.n_years))
    return (say(f"families.{row.family.replace('_', '-')}"), measure_word(row.measure), *counts, *numbers, _remark(row))


def measure_word(measure: str) -> str:
    """Return the words for a measure; its name if the catalogue has none."""
    key = f"families.measure-{measure.replace('_', '-')}"
    return say(key) if is_message(key) else measure


def _remark(row: Compared) -> str:
    if row.own:
        return say("families.own")
    if row.why:
        return say("families.not-possible", why=row.why)
    return "" if row.n_units else say(f"families.needs-{row.table}")


def _table(place: str, title: str, units: str, rows: Sequence[Compared], rests: tuple[str, ...]) -> PrintedTable:
    heads = ("measure", units, "years", "within", f"averages-of-{units}", "over-time", "remark")
    columns = (say("families.family"), *(say(f"families.{head}") for head in heads))
    lines = tuple(Row("text", _cells(row), row.family) for row in rows)
    origin = Origin(say("families.how"), rests=rests)
    others = [row for row in rows if row.n_units and not row.own]
    notes = [say(f"families.note-{units}")] if others else []
    notes += [say("families.note-demand")] if any(row.family == "demand" for row in others) else []
    keys = (*COLUMNS, "remark")
    return PrintedTable(place, say(title), columns, lines, tuple(notes), (0, 7), (origin,), column_keys=keys)


def families_tables(found: FamiliesCompared) -> list[PrintedTable]:
    """Return a table of the families of measures of integration, and one of those of quality."""
    integration, quality = places.INTEGRATION_FAMILIES, places.QUALITY_FAMILIES
    return [
        _table(integration, "families.of-integration", "regions", found.integration, ("prices", "integration")),
        _table(quality, "families.of-quality", "firms", found.quality, ("quality",)),
    ]


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the tables of the families."""
    found = results.answers.get("families")
    return families_tables(found) if isinstance(found, FamiliesCompared) else []


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    found, sentences = results.answers.get("families"), list[str]()
    if isinstance(found, FamiliesCompared):
        for rows, key in ((found.integration, "integration"), (found.quality, "quality")):
            other = [row for row in rows if row.within is not None or row.averages is not None]
            names = [say(f"families.{row.family.replace('_', '-')}") for row in other]
            sentences.append(
                say(f"families.compared-{key}", n=len(names), names=listed(names, "comma"))
                if names
                else say(f"families.no-other-{key}")
            )
    tables_made = made.table(places.INTEGRATION_FAMILIES, places.QUALITY_FAMILIES)
    return [*sentences, *left_out(results, "families"), *tables_made]


def _index(asked: Asked) -> pl.DataFrame | None:
    """Return the study's index by region and year; None if it measures none."""
    return _stored(asked, "integration", "region", "integration")


def _stored(asked: Asked, step: str, unit: str, column: str) -> pl.DataFrame | None:
    if step not in asked.done:
        return None
    rows = pl.read_parquet(doors.regular(asked.done[step] / f"{step}.parquet"))
    if not {unit, "year", column} <= set(rows.columns):
        return None
    return rows.select(region=pl.col(unit).cast(pl.String), year="year", integration=column)


def _made_from(asked: Asked, family: str, table: str) -> Callable[[], pl.DataFrame]:
    """Return the function that reads the table of a family and measures integration by its measure."""

    def make() -> pl.DataFrame:
        study = asked.study
        source = getattr(study, table)
        read = read_source(table, source, asked.root, "polars", study.without_regions, asked.geography)
        measured: Table = MEASURES[family](read)
        return measured.polars().select("region", "year", "integration")

    return make


def _quality_from(asked: Asked, measure: Callable[..., Any], **options: Any) -> Callable[[], pl.DataFrame]:
    """Return the function that measures quality by firm and year from the customs records of the study."""

    def make() -> pl.DataFrame:
        assert asked.study.customs is not None
        customs = read_source("customs", asked.study.customs, asked.root, asked.engine, geography=asked.geography)
        measured: Table = measure(customs, **options)
        return measured.polars().select(region=pl.col("firm").cast(pl.String), year="year", integration="quality")

    return make


@question(
    "families",
    place=146,
    options=Families,
    result=FamiliesCompared | None,
    left_out="families.left-out",
    steps=("prices", "integration", "quality"),
    reads=("prices", "flows", "output", "gdp", "survey", "customs"),
    complete=always,
    announced="families.announced",
    part="doubts",
    section=75,
    titles=("families.short", "families.heading"),
    tables=tables,
    places=(places.INTEGRATION_FAMILIES, places.QUALITY_FAMILIES),
    printed=printed,
    example=EXAMPLE,
    offered=False,
    seconds=0.5,
)
def families(asked: Asked, _: Families) -> FamiliesCompared:
    """Do other families of measures of integration and of quality rank regions and firms in the same way?"""
    study = asked.study
    there = [family for family in OF_INTEGRATION if getattr(study, family.table, None) is not None]
    of_index = {family.key: _made_from(asked, family.key, family.table) for family in there}
    of_quality = dict[str, Callable[[], pl.DataFrame]]()
    if study.customs is not None:
        scale = {"standardise": study.quality.get("standardise", "minmax_trim")}
        of_quality["unit_value"] = _quality_from(asked, unit_value, **scale)
        equation = {"sigma": "ols", "effects": "product:destination:year"}
        of_quality["demand"] = _quality_from(asked, demand_residual, **equation, **scale)
    quality = _stored(asked, "quality", "firm", "quality")
    return FamiliesCompared(
        compared(OF_INTEGRATION, measure_of(study, "integration").name, _index(asked), of_index),
        compared(OF_QUALITY, measure_of(study, "quality").name, quality, of_quality),
    )
