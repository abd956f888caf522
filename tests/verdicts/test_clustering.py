"""Beside CR1 with few clusters, and errors of independent rows, stands a caution: one rule, wherever they stand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.cli import run
from integrade.estimate.results import FitResult
from integrade.report.document import Brief, Document, Part, Section, shaped
from integrade.report.printed import PrintedTable
from integrade.report.regression import regression_table
from integrade.report.rows import Origin, Row
from integrade.subjects.audit.page import audit_tables
from integrade.subjects.audit.switches import Audit, Headline, Switch
from integrade.subjects.benchmark.columns import Column
from integrade.verdicts.clustering import FEW, caution_of, cautions
from panels import panel
from plainwords.texts import say, speaking

FORMULA = "y ~ market + scale | firm + year"
WORD = "the cluster jackknife (CR3) or the wild cluster bootstrap"


def estimated(regions: int = 9, **options: str) -> FitResult:
    return ig.fit(panel(3, regions=regions, firms=3 * regions), FORMULA, **options)


@each(
    ("options", "words"),
    [
        ({"cluster": "region"}, "With 9 clusters by region, CR1 standard errors"),
        ({"cluster": "region+year"}, "With 6 clusters by year, CR1 standard errors"),
        ({"vcov": "iid"}, "iid standard errors treat rows as independent"),
        ({"vcov": "HC3"}, "With 9 regions"),
        ({"cluster": "region", "vcov": "CR2"}, None),
        ({"cluster": "region", "vcov": "CR3"}, None),
    ],
)
def test_which_errors_carry_a_caution(options: dict[str, str], words: str | None) -> None:
    fit = estimated(**options)
    said = caution_of(fit)
    assert caution_of(fit.basis) == said
    assert said is None if words is None else words in str(said)


def test_many_clusters_need_none_and_unknown_regions_are_not_spoken_of() -> None:
    assert caution_of(estimated(regions=60, cluster="region")) is None
    assert caution_of(estimated(regions=60)) is None
    assert caution_of(estimated(regions=60, cluster="firm")) is None
    few = estimated(regions=48, cluster="region")
    assert few.clusters["region"] < FEW
    assert caution_of(few) is not None
    bare = panel(3).drop("region")
    assert caution_of(ig.fit(bare, "y ~ market + scale | firm + year")) is None


def test_it_stands_in_the_terminal_the_summary_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "panel.csv"
    panel(3).write_csv(file)
    assert run(["fit", str(file), FORMULA, "--cluster", "region"]) == 0
    assert WORD in " ".join(capsys.readouterr().out.split())
    assert run(["fit", str(file), FORMULA, "--cluster", "region", "--json"]) == 0
    assert WORD in json.loads(capsys.readouterr().out)["caution"]
    assert run(["fit", str(file), FORMULA, "--cluster", "region", "--vcov", "CR3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["caution"] is None
    assert WORD in ig.summary(estimated(cluster="region"))
    assert WORD not in ig.summary(estimated(cluster="region", vcov="CR3"))


def test_it_stands_below_tables_in_every_format(tmp_path: Path) -> None:
    jackknife, clustered, plain = (estimated(cluster="region", vcov="CR3"), estimated(cluster="region"), estimated())
    alone = regression_table({"(1)": jackknife})
    assert not any(WORD in note for note in alone.notes)
    beside = regression_table({"(1)": Column("(1)", jackknife, {"iid": plain, "CR1 region": clustered})})
    assert [n for n in beside.notes if "standard errors treat rows" in n or "CR1 standard errors" in n] == [
        f"{c[0].upper()}{c[1:]}." for c in cautions([plain, clustered]).values()
    ]
    for suffix in (".tex", ".html", ".md", ".txt"):
        assert "cluster jackknife (CR3)" in beside.save(tmp_path / f"t{suffix}", "full").read_text().replace("\n", " ")


def test_a_row_or_a_column_of_any_table_that_rests_on_such_errors_brings_it_once() -> None:
    fit = estimated(cluster="region")
    row = Row("text", ("a", "1"), "a", (Origin(basis=fit.basis),))
    table = PrintedTable("9", "A table", ("", "x"), (row,), ("A note.",), origins=(Origin(fit=fit),))
    assert table.notes[0] == "A note."
    assert len(table.notes) == 2
    with speaking("zh"):
        chinese = PrintedTable("9", "A table", ("", "x"), (row,))
        assert "聚类刀切法（CR3）" in chinese.notes[0]


def test_a_report_has_a_caution_in_full_once_and_later_tables_name_the_table_that_has_it() -> None:
    origins = (Origin(fit=estimated(vcov="iid")),)
    tables = [PrintedTable(n, "A table", ("", "x"), (Row("text", ("a", "1")),), origins=origins) for n in "12"]
    whole = tables[0].notes
    assert ["wild cluster bootstrap" in note for note in whole] == [True]
    composed = Document("A study", Brief(""), (), (Part("paper", "Paper", (Section("s", "S", "S", tuple(tables)),)),))
    first, second = shaped(composed, "paper")["report"].tables()
    assert first.notes == whole
    assert second.notes == ("With 9 regions, iid standard errors may be too small: see the notes of Table 1.",)
    assert tables[1].notes == whole  # a table that is saved alone


def test_the_errors_to_rely_on_are_named_once() -> None:
    both = cautions([estimated(vcov="iid"), estimated(cluster="region")])
    assert [*both] == ["iid", "CR1"]
    assert ["Rely on" in text or "rely on" in text for text in both.values()] == [False, True]
    alone = cautions([estimated(vcov="iid"), estimated(cluster="region")], {"CR1": "Table 1"})
    assert "rely on" in alone["iid"]


def test_a_table_whose_note_names_the_clustered_errors_has_no_second_caution() -> None:
    other = say("published_layout.more-by-clusters", number="1a")
    origins = (Origin(fit=estimated(vcov="iid")),)
    table = PrintedTable("1", "A table", ("", "x"), (Row("text", ("a", "1")),), (other,), origins=origins)
    assert len(table.notes) == 2  # the first table has the caution in full
    assert replace(table, number="2", notes=(other,), cautioned={"iid": "Table 1"}).notes == (other,)


def test_it_stands_below_the_table_of_an_audit() -> None:
    ends = (0.4, 0.3, 0.5)
    kept, moved = (
        Headline(100, 0.5, -0.1, 2.5, "[2, 3]", 0.001, ends, ends, 0.4, fit.kind, fit.basis)
        for fit in (estimated(cluster="region", vcov="CR3"), estimated(cluster="region"))
    )
    quiet = Audit("T", "x", "y", "y ~ x", kept, ())
    assert not any(WORD in note for note in audit_tables(quiet)[0].notes)
    switch = Switch("regression.vcov", "CR3", "CR1", "", moved)
    notes = audit_tables(replace(quiet, switches=(switch,)))[0].notes
    assert [WORD in note for note in notes] == [False, False, True]


@pytest.mark.slow
def test_what_the_caution_says_is_so() -> None:
    """31 regions, 5 with most firms, shocks of regions and no effect: 5% tests by CR1 and iid reject too often."""
    rng = np.random.default_rng(1)
    rejected = []
    for _ in range(200):
        sizes = np.where(np.arange(31) < 5, 60, 4)
        region = np.repeat(np.arange(31), sizes)
        x, shock = rng.normal(size=(2, 31))
        rows = pl.DataFrame({"region": region, "x": x[region], "y": shock[region] + rng.normal(size=len(region))})
        found = [
            ig.fit(rows, "y ~ x", **o)["x"].p_value < 0.05
            for o in ({}, {"cluster": "region"}, {"cluster": "region", "vcov": "CR3"})
        ]
        rejected.append(found)
    plain, clustered, jackknife = np.mean(rejected, axis=0)
    assert plain > 0.3
    assert clustered > 0.1  # two binomial standard errors above .06
    assert jackknife < clustered
