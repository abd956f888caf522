"""What a finished study warns of, and what it only notes: decided where an entry or a regression is made."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

import report_example as example
from integrade.estimate.fit import fit
from integrade.report.document import Points, compose
from integrade.study.results import with_the_headline
from integrade.subjects.robustness.model import Variant
from integrade.verdicts.bundle import StudyResults
from panels import panel

LEAD = "quality ~ market + market^2 + market_f1 + market_f1^2 | firm + year"


def placebo(p: float) -> Variant:
    return Variant("placebo", "lead", "lead", LEAD, 1.0, 0.1, nobs=90, joint_p=p, tested=("market_f1", "market_f1^2"))


def lists(results: StudyResults) -> dict[str, tuple[str, ...]]:
    return {b.heading: b.items for b in compose(results).blocks() if isinstance(b, Points)}


def test_settings_are_notes_and_a_placebo_that_rejects_is_a_warning() -> None:
    found = with_the_headline(example.study(robustness=(placebo(0.0036),)))
    assert found.warnings[0] == "rdebt missing in 320 rows: liabilities is missing"
    assert found.warnings[1].startswith("a placebo test rejects: next year's market integration")
    assert found.notes == (
        "212 firm fixed effects (0.2%) cover rows of more than one region. "
        "The degrees of freedom do not count these effects, as if they were nested in the clusters",
    )
    printed = lists(found)
    assert printed["Warnings of the run"] == found.warnings
    assert printed["Notes of the run"] == found.notes
    assert with_the_headline(found) == found
    passing = with_the_headline(example.study(robustness=(placebo(0.4),)))
    assert len(passing.warnings) == 1


def test_rows_that_a_regression_leaves_out_are_a_warning() -> None:
    rows = panel(5, firms=40, years=5)
    gap = rows.with_columns(scale=pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("scale"))
    found = fit(gap, "y ~ market + market^2 + scale | firm + year", cluster="region")
    assert found.warnings == ("3 rows dropped, a value missing: scale 3",)
    assert set(found.warnings) < set(found.notes)
    column = replace(example.column("(1)"), headline=found, u_test=None)
    told = with_the_headline(example.study(benchmark=(column,), warnings=()))
    assert told.warnings == found.warnings
    assert not set(told.notes) & set(told.warnings)
