"""The answers of all steps put together as `StudyResults`, with the verdicts that follow from them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

import polars as pl

from integrade.account import Account, Entry
from integrade.geography import province_of
from integrade.judge.bundle import Column, Index, IndexPoint, RankedRegion, StudyResults, TrendPoint, Version
from integrade.judge.verdicts import verdicts
from integrade.models.groups.compare import adjust_family
from integrade.study.config import Study
from integrade.study.data.tables import account_in
from integrade.study.hypotheses import own_rules
from integrade.study.inputs import described, raw_files
from integrade.study.measures import by_prices, measure_of
from integrade.study.questions.asked import Answer, stored_answer
from integrade.study.questions.benchmark import Benchmark, benchmark_in
from integrade.study.questions.truth import Compared
from integrade.study.records import to_json
from integrade.study.registers import stored_match
from integrade.study.sections import ASKED
from integrade.study.setting import Folders, Setting

WARNED = ("lags", "mediation", "groups", "robustness")
"""Questions whose missing parts are warnings alone."""
DOUBTED = ("instruments", "shape", "inference", "noise", "sensitivity", "row_level", "spillover")
"""Questions whose section of the report says what is missing too."""
VERSIONS = ("outcomes", "indices", "samples")
COUNTED = ("prices", "integration", "quality", "panel")
"""The steps whose accounts open that of the study."""


def run(at: Setting, out: Path, done: Folders) -> None:
    """Put together what the steps stored; nothing is estimated."""
    answers = {name: stored_answer(done[name], kind) for name, kind in _kinds().items() if name in done}
    results = assembled(at, done, benchmark_in(done), answers)
    (out / "results.json").write_text(to_json(results), encoding="utf-8")


def _kinds() -> dict[str, Any]:
    """The type of every question's record."""
    hints = get_type_hints(StudyResults)
    own = {name: hints[name] for name in (*WARNED, *DOUBTED, "situation")}
    return own | dict.fromkeys(VERSIONS, tuple[Version, ...]) | {"truth": Compared}


def assembled(at: Setting, done: Folders, ready: Benchmark, answers: Mapping[str, Answer]) -> StudyResults:
    """The results of a study from the folders of its steps, its benchmark and its answers."""
    study, columns = at.study, ready.columns
    counted = {step: account_in(done[step]) for step in COUNTED}
    account = Account(tuple(e for entries in counted.values() for e in entries))
    compared = answers["truth"].found if "truth" in answers else Compared(())
    found, told = answered(answers), [a.said for n, a in answers.items() if n in VERSIONS]
    if found["noise"] is not None:
        found["noise"] = replace(found["noise"], on_true_index=compared.on_true_index)
    results = StudyResults(
        title=study.title,
        preset=study.preset,
        settings=_settings(study),
        account=account + found.pop("account") + _last_entries(columns, ready.incomplete),
        index=summarise_index(study, done),
        describe=ready.describe,
        correlations=ready.correlations,
        benchmark=columns,
        units=UNITS,
        labels=study.report.labels,
        truth=compared.parameters,
        warnings=(*_warnings(account, columns), *found.pop("warnings"), *(s for said in told for s in said)),
        provenance=tuple(_provenance(study, at.root)),
        stages={step: len(entries) for step, entries in counted.items()},
        situation=answers["situation"].found,
        effects=ready.effects,
        match=stored_match(done["panel"]),
        versions=tuple(v for name in VERSIONS if name in answers for v in answers[name].found),
        hypotheses=own_rules(study),
        **found,
    )
    return replace(results, verdicts=verdicts(results))


def answered(answers: Mapping[str, Answer]) -> dict[str, Any]:
    """The fields of `StudyResults` that come from the questions on the benchmark: their records, the family of tests of
    groups, what is left out and why, the warnings, what became of the rows.
    """
    found: dict[str, Any] = {name: a.found for name, a in answers.items() if name in (*WARNED, *DOUBTED)}
    for name in ("mediation", "groups", "robustness", "instruments"):
        found.setdefault(name, ())
    for name in (*WARNED, *DOUBTED):
        found.setdefault(name, None)
    groups = found["groups"]
    found["group_family"] = tuple(adjust_family({s.title: s.comparison for s in groups})) if groups else ()
    found["left_out"] = {n: answers[n].said for n in DOUBTED if n in answers and answers[n].said}
    said = [answers[n].said for n in (*WARNED, *DOUBTED) if n in answers]
    found["warnings"] = tuple(sentence for sentences in said for sentence in sentences)
    counted = [answers[n].account for n in ("groups", "row_level") if n in answers]
    found["account"] = Account(tuple(entry for entries in counted for entry in entries))
    return found


UNITS = {
    "quality": "standardised, 0..1",
    "market": "0.5 ln(1/S), S in squared log points",
    "scale": "ln total assets",
    "age": "ln(years + 1)",
    "roa": "ratio",
    "rdebt": "ratio",
    "fic": "see settings",
    "invint": "ratio",
    "human_capital": "ln years of schooling",
    "rd": "as given",
}


def summarise_index(study: Study, done: Folders) -> Index:
    """The index as the report shows it: ranking, trends, points and trust figures."""
    folder = done["integration"]
    region, ranked = pl.read_parquet(folder / "integration.parquet"), pl.read_parquet(folder / "ranking.parquet")
    trust = json.loads((folder / "trust.json").read_text(encoding="utf-8"))
    record, measured = measure_of(study, "integration"), by_prices(study)
    goods = pl.read_parquet(done["prices"] / "prices.parquet")["commodity"].n_unique() if measured else 0
    breaks = [e.reason for e in account_in(folder) if e.kind == "note" and "list of " in e.reason]
    made = str(study.integration.get("transform", "log_inverse_sqrt"))
    return Index(
        measure=record.name,
        transform=made if measured else record.adds["integration"],
        n_regions=region["region"].n_unique(),
        n_goods=goods,
        ranking=tuple(RankedRegion(group=_group(row["region"]), **row) for row in ranked.iter_rows(named=True)),
        trend=tuple(_trend(folder)),
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
    )


def _group(region: str) -> str:
    found = province_of(region)
    return found.group if found else ""


def _trend(folder: Path) -> list[TrendPoint]:
    return [
        TrendPoint(row["series"], row["year"], row["segmentation"], row["integration"], row["se_integration"])
        for row in pl.read_parquet(folder / "trend.parquet").iter_rows(named=True)
    ]


def _last_entries(columns: Sequence[Column], incomplete: int) -> list[Entry]:
    headline = columns[-1].headline
    missing = incomplete + headline.n_missing
    entries = [Entry("fit", "panel", "dropped", "outcome, regressor, effect or cluster missing", missing)]
    if headline.n_singletons:
        entries.append(Entry("fit", "panel", "dropped", "singletons of the fixed effects", headline.n_singletons))
    return [e for e in entries if e.rows] + [Entry("fit", "panel", "out", "rows in the regression", headline.nobs)]


def _warnings(account: Account, columns: Sequence[Column]) -> list[str]:
    noted = [e.reason for e in account if e.kind == "note" and ("list of goods" in e.reason or "missing" in e.reason)]
    fitted = [note for column in columns[-1:] for note in column.headline.notes]
    return list(dict.fromkeys([*noted, *fitted]))


def _settings(study: Study) -> dict[str, str]:
    chosen: dict[str, Any] = {f"integration.{k}": v for k, v in study.integration.items()}
    chosen |= {f"quality.{k}": v for k, v in study.quality.items()}
    chosen |= {f"controls.{k}": v for k, v in study.controls.items()}
    chosen |= {f"winsor.{k}": v for k, v in study.winsor.model_dump().items()}
    chosen |= {f"regression.{k}": v for k, v in study.regression.model_dump().items()}
    chosen |= {f"lags.{k}": v for k, v in (study.lags.model_dump() if study.lags else {}).items()}
    chosen |= {f"mediation.{k}": v for k, v in (study.mediation.model_dump() if study.mediation else {}).items()}
    for i, group in enumerate(study.groups, start=1):
        chosen |= {f"groups.{i}.{k}": v for k, v in group.model_dump(exclude_defaults=True).items()}
    varied = study.robustness.model_dump(exclude_none=True) if study.robustness else {}
    chosen |= {f"robustness.{k}": v for k, v in varied.items()}
    for section in ("outcomes", "indices", "samples", "hypotheses"):
        for i, one in enumerate(getattr(study, section), start=1):
            chosen |= {f"{section}.{i}.{k}": v for k, v in one.model_dump(exclude_none=True).items()}
    once = {name: getattr(study, name) for name in ASKED if getattr(study, name) is not None}
    several = {f"instruments.{i}": one for i, one in enumerate(study.instruments, start=1)}
    for name, section in (once | several).items():
        own = section.model_dump(exclude_none=True) if section.run else {"run": False}
        chosen |= {f"{name}.{k}": v for k, v in own.items() if k != "run" or not v}
    return {k: str(v) for k, v in chosen.items()}


def _provenance(study: Study, root: Path) -> list[dict[str, str]]:
    found = []
    for raw in raw_files(study, root):
        known = described(raw.file, root)
        used = ", ".join(raw.steps)
        found.append({"table": raw.table, "file": known["file"], "used by": used, "sha256": known["sha256"]})
    return found
