"""Combine the answers of all steps into `StudyResults`, with the verdicts that follow from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from integrade.geography import CHINA, Geography
from integrade.integration.change import NationalChange
from integrade.integration.given import known_geography
from integrade.records.schema import column_word
from integrade.report.numbering import by_place
from integrade.study.asked import Answer, stored_answer
from integrade.study.config import Study
from integrade.study.data.index_trust import trend_in, trust_in
from integrade.study.data.panel import made_in, names_in, units_in
from integrade.study.data.quality_alone import summary_in
from integrade.study.data.tables import account_in
from integrade.study.geography import geography_in
from integrade.study.hypotheses import own_rules
from integrade.study.inputs import described, raw_files
from integrade.study.measures import by_prices, measure_of
from integrade.study.parts import has_panel
from integrade.study.printed import all_tables
from integrade.study.registers import stored_match
from integrade.study.seals import made_with, other_majors
from integrade.study.sections import choices_of
from integrade.study.setting import Folders, Setting
from integrade.study.stored_results import results_json
from integrade.subjects import questions
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.benchmark.question import Benchmark, benchmark_in
from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.robustness.verdict import doubts
from integrade.verdicts.bundle import NO_INDEX, Index, IndexPoint, Placed, RankedRegion, StudyResults, TrendPoint
from integrade.verdicts.collected import verdicts
from integrade.verdicts.naming import CONSTRUCTED
from integrade.verdicts.unused import is_of_an_unused_control
from plainwords.account import Account, Entry, warnings_of
from plainwords.texts import Said, is_message, say
from rawcells import doors

COUNTED = ("prices", "integration", "quality", "panel")
"""Steps whose accounts come first in the account of the study."""


LISTS = frozenset({"integration.list-of-goods", "integration.list-of-industries"})
"""Message ids of account entries which state that the goods or industries of an index change from some year on."""


def run(at: Setting, out: Path, done: Folders) -> None:
    """Combine the stored results of the steps; nothing is estimated."""
    asked = [q for q in questions() if q.name in done]
    answers = {q.name: stored_answer(done[q.name], q.result) for q in asked}
    results = assembled(at, done, benchmark_in(done) if "benchmark" in done else None, answers)
    (out / "results.json").write_text(results_json(results), encoding="utf-8")


def assembled(at: Setting, done: Folders, ready: Benchmark | None, answers: Mapping[str, Answer]) -> StudyResults:
    """Return the results of a study from the folders of its steps, its benchmark (if there is one), and its answers."""
    study = at.study
    counted = {step: account_in(done[step]) for step in COUNTED if step in done}
    account = Account(tuple(e for entries in counted.values() for e in entries))
    columns_made = made_in(done["panel"]) if "panel" in done else ()
    named = names_in(done["panel"]) if "panel" in done else {}
    other_versions = {name: other_majors(made_with(folder)) for name, folder in done.items()}
    steps = "; ".join(f"{name}: {versions}" for name, versions in other_versions.items() if versions)
    provenance = []
    for raw in raw_files(study, at.root):
        known, used = described(raw.file, at.root), ", ".join(raw.steps)
        provenance.append({"table": raw.table, "file": known["file"], "used by": used, "sha256": known["sha256"]})
    results = StudyResults(
        title=study.title,
        preset=study.preset,
        settings=_settings(study, answers),
        account=account,
        index=summarise_index(study, done, at.root) if "integration" in done else NO_INDEX,
        describe=ready.describe if ready else (),
        correlations=ready.correlations if ready else None,
        benchmark=ready.columns if ready else (),
        printed=ready.printed if ready else (),
        units=_units_made(study, done, columns_made),
        labels={**_own_columns(done, columns_made), **named, **study.report.called},
        looks=study.tables.looks,
        names=named,
        quality_alone=summary_in(done["quality"]) if "quality" in done else None,
        warnings=(*warnings_of(account), *([say("results.made-by-other-versions", steps=steps)] if steps else [])),
        provenance=tuple(provenance),
        stages={step: len(entries) for step, entries in counted.items()},
        effects=ready.effects if ready else None,
        match=stored_match(done["panel"]) if "panel" in done else None,
        hypotheses=own_rules(study),
    )
    results = answered(results, answers)
    if ready:
        results = replace(results, account=results.account + _entries_of_benchmark(ready.columns, ready.incomplete))
        results = with_the_headline(results)
    kept = tuple(w for w in results.warnings if not is_of_an_unused_control(w, results))
    results = replace(results, warnings=kept)
    results = replace(results, tables=by_place(all_tables(replace(results, looks={}))))
    return replace(results, verdicts=verdicts(results))


def answered(results: StudyResults, answers: Mapping[str, Answer]) -> StudyResults:
    """Return the results with the answers added: records, reasons for missing results, account entries."""
    for question in questions():
        if question.name in answers:
            answer = answers[question.name]
            results = (
                question.enter(results, answer.found)
                if question.enter
                else entered(results, question.name, answer.found)
            )
            warnings = tuple(dict.fromkeys((*results.warnings, *answer.said, *warnings_of(answer.account))))
            left_out = {**results.left_out, question.name: answer.said} if answer.said else results.left_out
            results = replace(results, warnings=warnings, left_out=left_out, account=results.account + answer.account)
    return results


def entered(results: StudyResults, name: str, found: Any) -> StudyResults:
    """Return the results with one record added: in the field with its name, or else in ``answers``."""
    if name in {f.name for f in fields(StudyResults)}:
        return replace(results, **{name: found})
    return replace(results, answers={**results.answers, name: found})


UNITS = {
    "scale": "units.scale",
    "age": "units.age",
    "roa": "units.roa",
    "rdebt": "units.rdebt",
    "fic": "units.fic",
    "invint": "units.invint",
    "ln_tfp": "units.tfp",
}
"""Units of the columns of the descriptive table that do not depend on options."""
SCHOOLING = {True: "units.human-capital", False: "units.human-capital-years"}
"""The option ``log`` of [education] -> the unit of human capital."""
QUALITY = {"minmax_trim": "share", "minmax": "share", "rank": "share"}
"""Standardisation that gives quality between 0 and 1 -> unit; for any other the unit has the name of the option."""


def units_of(study: Study) -> dict[str, str]:
    """Return the units in which the study measures the columns of the descriptive table."""
    transform = str(study.integration.get("transform", "log_inverse_sqrt")) if by_prices(study) else None
    known = units(transform=transform, standardise=str(study.quality.get("standardise", "minmax_trim")))
    if study.education is not None:
        known |= {"human_capital": say(SCHOOLING[study.education.log])}
    if "fic" in known and study.controls.get("fic", "asset_share") == "asset_share":
        column = column_word(str(study.controls.get("fic_column") or "receivables"))
        return known | {"fic": say("units.fic-share", column=column)}
    return known


def units(*, transform: str | None, standardise: str) -> dict[str, str]:
    """Return the units of the descriptive table's columns.

    ``transform`` is None for an index that is not made from prices and has no unit.
    """
    known = {"quality": f"units.quality-{QUALITY.get(standardise, standardise)}", "market": f"units.market-{transform}"}
    keys = {column: key for column, key in (UNITS | known).items() if transform is not None or column != "market"}
    return {column: say(key) for column, key in keys.items() if is_message(key)}


def _units_made(study: Study, done: Folders, made: Sequence[str]) -> dict[str, str]:
    """Return the units of the columns that integrade made; units of a user's own columns are not known here."""
    known = units_of(study)
    currency = units_in(done["panel"]).get("assets", "") if "panel" in done else ""
    if currency:  # stated by the file or the study: the log of total assets depends on it
        thousands = study.controls.get("scale_unit") == "thousand"
        known |= {"scale": say("units.scale-in-thousands" if thousands else "units.scale-in", currency=currency)}
    return _headings(study) | {column: unit for column, unit in known.items() if column in made}


def _headings(study: Study) -> dict[str, str]:
    """Return the headings of the files for the columns of [[covariates]] and for their logs: they state the unit.

    A heading that is not in ASCII is left out: readers of an English report could not read it.
    """
    mapped = (source.reading().columns or {} for source in study.covariates)
    headings = {
        to: heading for columns in mapped for heading, to in columns.items() if heading != to and heading.isascii()
    }
    read: dict[str, str] = {to: say("units.as-headed", heading=heading) for to, heading in headings.items()}
    return read | {f"ln({to})": say("units.log-of-heading", heading=heading) for to, heading in headings.items()}


def _own_columns(done: Folders, made: Sequence[str]) -> dict[str, str]:
    """Return labels for the user's own columns that have the name of a constructed column.

    The label is the column's name.
    """
    if "panel" not in done:
        return {}
    columns = pl.read_parquet_schema(done["panel"] / "panel.parquet")
    return {column: column for column in CONSTRUCTED if column in columns and column not in made}


def summarise_index(study: Study, done: Folders, root: Path) -> Index:
    """Return what the report shows of the index: ranking, trends, points, positions on the map, reliability."""
    folder = done["integration"]
    region = pl.read_parquet(doors.regular(folder / "integration.parquet"))
    ranked = pl.read_parquet(doors.regular(folder / "ranking.parquet"))
    trust = trust_in(done)
    record, measured = measure_of(study, "integration"), by_prices(study)
    goods = pl.read_parquet(doors.regular(done["prices"] / "prices.parquet"))["commodity"].n_unique() if measured else 0
    regions = region["region"].unique().sort().to_list()
    where = known_geography(regions, geography_in(study, root))
    breaks = [e.reason for e in account_in(folder) if e.is_remark and _says(e.reason, LISTS)]
    transform = str(study.integration.get("transform", "log_inverse_sqrt"))
    entries = account_in(done["index_trust"]) if "index_trust" in done else []
    unreliable = (e.reason for e in entries if _says(e.reason, frozenset({"left_out.reliability"})))
    return Index(
        measure=record.name,
        transform=transform if measured else record.adds["integration"],
        n_regions=region["region"].n_unique(),
        n_goods=goods,
        ranking=tuple(RankedRegion(group=_group(row["region"], where), **row) for row in ranked.iter_rows(named=True)),
        trend=tuple(
            TrendPoint(r["series"], r["year"], r["segmentation"], r["integration"], r["se_integration"])
            for r in trend_in(done).iter_rows(named=True)
        ),
        points=tuple(
            IndexPoint(
                r["region"], r["year"], r.get("segmentation", math.nan), r["integration"], r.get("se_integration")
            )
            for r in region.iter_rows(named=True)
        ),
        split_half=trust.get("split_half"),
        spearman_brown=trust.get("spearman_brown"),
        noise_share=trust.get("noise_share"),
        jackknife_coverage=trust.get("coverage"),
        breaks=tuple(breaks),
        places=places_in(where, regions),
        without_reliability=next(unreliable, ""),
        change=NationalChange(**trust["change"]) if "change" in trust else None,
    )


def _group(region: str, where: Geography | None) -> str:
    known = where.region(region) if where else CHINA.named(region)
    return known.area if known else ""


def places_in(where: Geography | None, regions: Sequence[str]) -> tuple[Placed, ...]:
    """Return the map positions of the regions of a geography, under their names in the index.

    The result is empty if a region has no position, or if the geography is China's without outlines.
    """
    if where is None or (where.code == CHINA.code and where.outlines is None) or not all(r.tile for r in where.regions):
        return ()
    called = {where.usual(name): name for name in reversed(regions)}
    outlines = where.outlines or {}
    return tuple(
        Placed(called.get(r.name, r.name), r.label, r.tile[0], r.tile[1], outlines.get(r.name, ()))
        for r in where.regions
        if r.tile
    )


def _entries_of_benchmark(columns: Sequence[Column], incomplete: int) -> list[Entry]:
    """Return the last entries of the account: rows that the headline regression drops, and rows that it uses."""
    headline = columns[-1].headline
    missing = incomplete + headline.n_missing
    entries = [Entry("fit", "panel", "dropped", say("results.missing-in-the-regression"), missing)]
    if headline.n_singletons:
        entries.append(Entry("fit", "panel", "dropped", say("results.singletons"), headline.n_singletons))
    return [e for e in entries if e.rows] + [
        Entry("fit", "panel", "out", say("results.rows-in-the-regression"), headline.nobs)
    ]


def with_the_headline(results: StudyResults) -> StudyResults:
    """Return the results with the warnings and notes of the headline regression and of placebos added."""
    fit = results.benchmark[-1].headline
    warned = (*results.warnings, *fit.warnings, *doubts(results))
    notes = (note for note in fit.notes if note not in fit.warnings)
    return replace(results, warnings=tuple(dict.fromkeys(warned)), notes=tuple(dict.fromkeys((*results.notes, *notes))))


def _says(reason: str, ids: frozenset[str]) -> bool:
    """Return whether a reason, or a reason nested in it, has one of these message ids."""
    if not isinstance(reason, Said):
        return False
    return reason.key in ids or any(_says(value, ids) for value in reason.given.values() if isinstance(value, str))


def _settings(study: Study, answers: Mapping[str, Answer]) -> dict[str, str]:
    """Return the choices of a study by their keys, for the table of settings."""
    chosen: dict[str, Any] = {"without_regions": study.without_regions} if study.without_regions else {}
    chosen |= {f"integration.{k}": v for k, v in study.integration.items()}
    chosen |= {f"quality.{k}": v for k, v in study.quality.items()}
    chosen |= {f"tfp.{k}": v for k, v in (study.tfp or {}).items()}
    chosen |= {f"controls.{k}": v for k, v in study.controls.items()}
    if has_panel(study):
        chosen |= {f"winsor.{k}": v for k, v in study.winsor.model_dump().items()}
        chosen |= {f"regression.{k}": v for k, v in study.regression.model_dump().items()}
    for name in (*(q.name for q in questions() if q.options is not None), "hypotheses"):
        given = getattr(study, name)
        several = isinstance(given, tuple)
        for i, section in enumerate(given if several else () if given is None else (given,), start=1):
            head = f"{name}.{i}" if several else name
            run = getattr(section, "run", True)
            options = choices_of(section) if run else {"run": False}
            chosen |= {f"{head}.{k}": v for k, v in options.items() if v != ""}
    return {k: _written(v) for k, v in chosen.items() if v is not None and k not in _undrawn(chosen, answers)}


def _written(value: Any) -> str:
    """Return a setting as text: values of a list with commas, true and false as in study.toml."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_written(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_written, value))
    return str(value)


def _undrawn(chosen: Mapping[str, Any], answers: Mapping[str, Answer]) -> set[str]:
    """Return the keys of permutations that are not drawn, such as ``groups.3.permutations`` if the groups are periods.

    No permutation is drawn for a split whose labels cannot be permuted.
    """
    splits: Sequence[GroupSplit] = answers["groups"].found if "groups" in answers else ()
    never = {split.how for split in splits if split.comparison.permuted is None}
    return {
        key.replace(".how", ".permutations")
        for key, how in chosen.items()
        if key.startswith("groups.") and key.endswith(".how") and how in never - {"column", "list"}
    }
