"""The paper's preset from a folder of files: its sections, mediators in any words, codes as numbers, evidence."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from each import each
from integrade import group_column, read_panel
from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import CodesReadAsNumbers, MissingColumn
from integrade.estimate.linear import Fit
from integrade.panel.logs import in_logs
from integrade.simulation import Economy, simulate, write_raw
from integrade.study.asked import Asked, judging
from integrade.study.config import Regression, study_model
from integrade.study.proposal.files import groups_of
from integrade.study.propose import propose
from integrade.study.reading import load
from integrade.study.run import check_study
from integrade.study.template_parts import write_kind
from integrade.subjects.benchmark.question import described_columns, with_mediators
from integrade.verdicts.mediator_roles import by_role, role_of


def written(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    write_raw(simulate(Economy(n_firms=120, n_goods=6, n_years=4, seed=3)), folder)
    shutil.rmtree(folder / "truth")
    return folder


def test_new_writes_every_section_of_the_papers_tables(tmp_path: Path) -> None:
    assert run(["new", str(tmp_path / "s"), "--preset", "published"]) == 0
    study = written(tmp_path / "s")
    assert study["preset"] == "published"
    assert [g["how"] for g in study["groups"]] == ["ownership", "intensity", "period", "area"]
    assert study["mediation"]["mediators"] == ["human_capital", "log(rd_spending)"]
    assert study["lags"]["lags"] == [1, 2, 3]


@pytest.mark.slow
def test_a_folder_gives_the_same_tables_under_its_own_names(raw: Path, tmp_path: Path) -> None:
    """Research is spending, in logarithms, under the heading of the file; nothing is left to a comment."""
    propose(raw, tmp_path / "s", preset="published")
    study = written(tmp_path / "s")
    assert study["preset"] == "published"
    assert study["mediation"]["mediators"] == ["human_capital", "log(r_d经费支出)"]
    assert [g["how"] for g in study["groups"]] == ["ownership", "intensity", "period", "area"]
    assert study["winsor"]["columns"] == {"sound": ["roa", "rdebt", "fic", "invint"]}
    (term,) = (m for m in study["mediation"]["mediators"] if m.startswith("log("))
    assert study["report"]["labels"] == {term.replace("log(", "ln("): "RD"}
    problems, entries = check_study(tmp_path / "s")
    assert problems == ()
    assert not [e for e in entries if "labels" in str(e.reason)], "a label of a mediator is one of something"
    assert load(tmp_path / "s").winsor.columns == ["quality"]


def test_a_panel_has_its_periods_and_areas(tmp_path: Path) -> None:
    write_kind(tmp_path / "s", "panel", "published")
    assert [g["how"] for g in written(tmp_path / "s")["groups"]] == ["period", "area"]
    study = load(tmp_path / "s")
    assert (study.regression.vcov, study.regression.cluster, study.regression.evidence) == ("iid", None, "clusters")
    assert study.winsor.columns == ["Export_quality"], "the outcome of the formula"
    assert check_study(tmp_path / "s")[0] == ()


@each("kind", ["index", "quality"])
def test_a_kind_without_regressions_is_refused(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", str(tmp_path / "s"), "--kind", kind, "--preset", "published"]) == 2
    assert f"--kind {kind} has none" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


@each(
    "name, role",
    [
        ("humancapital", "human_capital"),
        ("ln_hc", "human_capital"),
        ("受教育年限", "human_capital"),
        ("log(rd_spending)", "rd"),
        ("rd_intensity", "rd"),
        ("R&D", "rd"),
        ("研发投入", "rd"),
        ("rdebt", ""),
        ("record", ""),
        ("thread", ""),
        ("innovation", ""),
    ],
)
def test_mediators_are_known_by_their_words(name: str, role: str) -> None:
    assert role_of(name) == role


def test_the_exact_name_comes_first() -> None:
    assert by_role(["rd_intensity", "rd", "schooling", "trade"]) == {"rd": "rd", "human_capital": "schooling"}


def test_the_unit_of_assets_in_a_file_answers_the_constraint(tmp_path: Path) -> None:
    """ln|SA| needs no currency_unit where the file states one; a unit of another currency is refused by check, too."""
    write_kind(tmp_path / "s", "study", "published")
    file = tmp_path / "s" / "study.toml"
    text = file.read_text(encoding="utf-8").replace('fic = "asset_share"', 'fic = "ln_abs_sa"')
    text = text.replace('fic_column = "receivables"', "")
    file.write_text(text, encoding="utf-8")
    assert check_study(tmp_path / "s")[0] == ()
    file.write_text(text.replace('"ln_abs_sa"', '"ln_abs_sa"\ncurrency_unit = "million USD"'), encoding="utf-8")
    (problem,), _ = check_study(tmp_path / "s")
    assert problem.code == "D242"
    assert problem.remedy == "leave currency_unit out"


def codes(values: list[Any]) -> pl.DataFrame:
    """Two years of firms whose industries cycle over the values; the first half of these is rich in capital."""
    n = 12 * len(values)
    industry = pl.Series([values[i % len(values)] for i in range(n)])
    capital = [9.0 if i % len(values) < len(values) // 2 else 1.0 for i in range(n)]
    return pl.DataFrame(
        {"firm": [str(i // 2) for i in range(n)], "year": [2004 + i % 2 for i in range(n)]}
    ).with_columns(industry=industry, fixed_assets=pl.Series(capital), employees=pl.lit(1.0))


def split(table: Any) -> pl.DataFrame:
    found: pl.DataFrame = group_column(table, "intensity", name="g", labour="employees")
    return found


def test_codes_as_numbers_of_one_length_have_lost_nothing() -> None:
    as_text = split(codes(["1310", "1711", "3613", "4011"]))["g"]
    assert split(codes([1310, 1711, 3613, 4011]))["g"].equals(as_text)
    assert split(codes([1310.0, 1711.0, 3613.0, 4011.0]))["g"].equals(as_text)


def test_codes_of_different_lengths_are_refused_with_the_line_that_restores_them(tmp_path: Path) -> None:
    """The line is followed: pad on the panel gives back the zeros."""
    with pytest.raises(CodesReadAsNumbers, match="610 may be 0610") as refused:
        split(codes([610, 1711, 3613, 4011]))
    assert 'pad={"industry": 4}' in refused.value.remedy
    codes([610, 1711, 3613, 4011]).write_csv(tmp_path / "p.csv")
    padded = read_panel(tmp_path / "p.csv", pad={"industry": 4})
    assert padded.polars()["industry"][0] == "0610"
    assert split(padded).polars()["g"].null_count() == 0  # type: ignore[attr-defined]
    with pytest.raises(MissingColumn, match="pad names 'industri'"):
        read_panel(tmp_path / "p.csv", pad={"industri": 4})


def test_a_covariate_in_logarithms_counts_what_has_none() -> None:
    table = Table("covariates", pl.DataFrame({"region": ["a", "b", "c"], "year": [1, 2, 3], "rd": [2.0, 0.0, None]}))
    logged = in_logs(table)
    assert logged.polars()["rd"].to_list() == [pytest.approx(np.log(2)), None, None]
    assert logged.polars()["year"].to_list() == [1, 2, 3]
    assert [str(e.reason) for e in logged.account] == [
        "rd is zero or negative in 1 rows: its logarithm is missing there"
    ]


def test_the_true_values_of_an_economy_are_not_read_as_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`new --from` took index.parquet of the truth for a covariate, whose columns the panel has already."""
    write_raw(simulate(Economy(n_firms=40, n_goods=4, n_years=3, seed=3)), tmp_path / "raw")
    assert not [path for group in groups_of(tmp_path / "raw") for path in group if "truth" in path.parts]
    assert run(["new", str(tmp_path / "s"), "--from", str(tmp_path / "raw")]) == 0
    assert "truth: true values of a simulated economy, not read as data" in capsys.readouterr().out


def test_table_2_describes_a_mediator_that_is_a_term() -> None:
    rows = pl.DataFrame({"rd_spending": [1.0, 2.0, 0.0], "rd": [0.1, 0.2, 0.3]})
    shown, names = with_mediators(rows, ["log(rd_spending)", "rd"])
    assert names == ["ln(rd_spending)", "rd"]
    assert shown["ln(rd_spending)"].to_list() == pytest.approx([0.0, np.log(2), None])
    chosen = Regression(outcome="quality", treatment="market", controls=["scale"], effects=["firm"])
    there = ["quality", "market", "scale", *shown.columns, "invint"]
    assert described_columns(there, chosen, names) == [
        "quality", "market", "scale", "ln(rd_spending)", "rd", "invint"]  # fmt: skip


def asked_of(evidence: str, columns: Sequence[str], **regression: Any) -> Asked:
    """Return a question on rows with these columns, under the errors of the paper's tables."""
    chosen = {"vcov": "iid", "cluster": None, "wild": 0, "evidence": evidence, **regression}
    study = study_model().model_validate({"title": "t", "panel": {"files": ["p.csv"]}, "regression": chosen})
    return Asked(study, pl.DataFrame({name: [1.0] for name in columns}), "y ~ x")


def test_what_a_referee_asks_rests_on_clusters_by_region() -> None:
    of_paper = asked_of("clusters", ["y", "x", "region"]).fit
    assert (of_paper.vcov, of_paper.cluster) == ("CR3", "region")
    for other in (asked_of("own", ["y", "x", "region"]), asked_of("clusters", ["y", "x"])):
        assert (other.fit.vcov, other.fit.cluster) == ("iid", None)
    bootstrapped = Fit(vcov="CR1", cluster="region", wild=99)
    assert judging(bootstrapped, asked_of("clusters", []).study.regression, ["region"]) == bootstrapped
