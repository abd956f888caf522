"""A folder that holds a panel: of firms, of regions, of countries, of whatever is followed over years."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyreadstat
import pytest

from foreign_files import REGIONS, workbook
from integrade.cli import run
from integrade.errors import UsageError
from integrade.study.propose import propose

COUNTRIES = ("Malaysia", "Thailand", "Vietnam", "Brazil", "Chile", "Peru", "Kenya", "Ghana", "Poland", "Spain", "Italy")


def panel(units: Sequence[str], headings: Sequence[str]) -> pl.DataFrame:
    """Unit, year and three numbers under such headings."""
    draw = np.random.default_rng(3)
    rows = []
    for unit in units:
        own = draw.normal()
        for year in range(2005, 2016):
            x = own + draw.normal()
            rows.append((unit, year, round(x, 4), round(draw.normal() + 3, 4), round(0.5 * x + draw.normal(), 4)))
    return pl.DataFrame(rows, schema=list(headings), orient="row")


def proposed(folder: Path, kind: str = "") -> tuple[dict[str, Any], str]:
    """The study that is proposed for the folder's raw files, and its head; its formula taken as it stands ready."""
    propose(folder / "raw", folder / "study", kind)
    file = folder / "study" / "study.toml"
    text = file.read_text(encoding="utf-8").replace("\n# formula = ", "\nformula = ")
    file.write_text(text, encoding="utf-8")
    return tomllib.loads(text), text.partition("title =")[0]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


@pytest.mark.parametrize(
    ("units", "headings", "role"),
    [
        (REGIONS, ("State", "Year", "Openness", "Log income", "Export quality"), "region"),
        (COUNTRIES, ("Country", "Year", "Trade openness (%)", "GDP per head (USD)", "Quality index"), "region"),
        ([f"35{i:05}" for i in range(40)], ("Municipality code", "Ano", "Acesso", "Salário", "Qualidade"), "firm"),
        ([f"Bank {i}" for i in range(30)], ("Bank", "Year", "Competition", "Capital ratio", "Quality"), "firm"),
        ([f"F{i}" for i in range(40)], ("Company ID", "Financial year", "market", "Size", "quality"), "firm"),
    ],
)
def test_a_panel_that_exists_is_proposed_and_passes_the_checks(
    raw: Path, units: Sequence[str], headings: Sequence[str], role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    panel(units, headings).write_csv(raw / "p.csv")
    study, head = proposed(raw.parent)
    assert set(study) == {"title", "preset", "panel", "regression", "shape"}
    assert study["panel"]["columns"][headings[0]] == role
    assert study["regression"]["cluster"] == role
    named = headings[4] if headings[4].isidentifier() else f"`{headings[4]}`"
    assert study["regression"]["formula"].startswith(f"{named} ~ ")
    assert "which column is the outcome" in head
    assert f"{headings[2]}, {headings[3]}, {headings[4]}" in head
    asked = f"[panel.columns] {role}: {headings[0]!r} was chosen by its cells: with the year"
    assert (asked in head) == (headings[0] in ("Bank", "Municipality code"))
    assert (f'#       "{headings[0]}" = "{role}"\n' in head) == (asked in head)
    assert run(["check", str(raw.parent / "study")]) == 0, capsys.readouterr()


def test_a_panel_with_a_row_twice_is_a_panel_all_the_same(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = panel([f"Bank {i}" for i in range(30)], ("Bank", "Year", "Competition", "Capital ratio", "Quality"))
    pl.concat([rows, rows.head(1)]).write_csv(raw / "p.csv")
    study, _ = proposed(raw.parent)
    assert study["panel"]["columns"] == {"Bank": "firm", "Year": "year"}
    assert run(["check", str(raw.parent / "study")]) != 0
    assert "D204 study.toml:" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["xlsx", "dta"])
def test_workbooks_and_stata_files_are_panels_too(raw: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = panel(REGIONS, ("negeri", "tahun", "openness", "income", "outcome"))
    if kind == "dta":
        pyreadstat.write_dta(rows.to_pandas(), str(raw / "p.dta"))
    else:
        workbook(raw / "p.xlsx", rows, "Panel of states")
    study, _ = proposed(raw.parent)
    assert study["panel"]["columns"] == {"negeri": "region", "tahun": "year"}
    assert run(["check", str(raw.parent / "study")]) == 0, capsys.readouterr()


def test_regions_of_a_folder_with_prices_are_covariates_as_before(raw: Path) -> None:
    panel(REGIONS, ("State", "Year", "Openness", "Income", "Wage")).write_csv(raw / "p.csv")
    cells = [
        (r, y, g, 100.0 + len(r) % 3 + y % 4) for r in REGIONS for y in range(2005, 2016) for g in ("Food", "Rent")
    ]
    pl.DataFrame(cells, schema=["State", "Year", "Item", "CPI"], orient="row").write_csv(raw / "cpi.csv")
    study, _ = proposed(raw.parent)
    assert "panel" not in study
    assert "prices" in study


@pytest.mark.slow
def test_a_panel_of_regions_runs_with_the_questions_about_regions(
    raw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panel(REGIONS, ("State", "Year", "Openness", "Income", "Quality")).write_csv(raw / "p.csv")
    proposed(raw.parent)
    file = raw.parent / "study" / "study.toml"
    text = file.read_text(encoding="utf-8").replace('cluster = "region"', 'cluster = "region"\nwild = 0')
    file.write_text(f'{text}\n[inference]\nrandomisation = 99\n[report]\nformats = ["md"]\n', encoding="utf-8")
    assert run(["check", str(file.parent), "-v"]) == 0, capsys.readouterr()
    assert "the panel unit is the region" in capsys.readouterr().err
    assert run(["run", str(file.parent)]) == 0, capsys.readouterr()


@pytest.mark.slow
@pytest.mark.parametrize("word", ["units", "banks"])
def test_a_report_on_banks_does_not_speak_of_firms(raw: Path, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    panel([f"B{i}" for i in range(30)], ("Bank", "Year", "Competition", "Size", "Quality")).write_csv(raw / "p.csv")
    proposed(raw.parent)
    file = raw.parent / "study" / "study.toml"
    text = file.read_text(encoding="utf-8").replace('cluster = "firm"', 'cluster = "firm"\nwild = 0')
    named = 'labels = { firms = "banks" }\n' if word == "banks" else ""
    file.write_text(f'{text}\n[report]\nformats = ["md"]\nshape = "full"\n{named}', encoding="utf-8")
    assert run(["check", str(file.parent), "-v"]) == 0, capsys.readouterr()
    assert "warning" not in capsys.readouterr().err
    assert run(["run", str(file.parent)]) == 0, capsys.readouterr()
    (report,) = (file.parent / "runs").glob("*/report/report.md")
    said = report.read_text(encoding="utf-8") + (report.parent / "appendix.md").read_text(encoding="utf-8")
    assert f"The mean of Quality over {word} changed by" in said
    assert f"associations within {word} over time" in said
    assert "| Bank FE |" in said
    assert not [line for line in said.splitlines() if "firms" in line.casefold() and "firms = " not in line]


def test_a_panel_of_integrade_is_read_as_it_was_written(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    firms = panel([f"F{i}" for i in range(40)], ("firm", "year", "scale", "market", "quality"))
    number = pl.col("firm").str.slice(1).cast(pl.Int64)
    regions = pl.Series("region", REGIONS)
    firms = firms.with_columns(
        industry=(pl.lit("31") + (number % 20 + 1000).cast(pl.String)),
        region=regions.gather(firms.select(number % len(REGIONS)).to_series()),
        founded=1960 + number,
    )
    firms.select("firm", "year", "region", "industry", "founded", "quality", "scale", "market").write_csv(
        raw / "panel.csv", quote_style="non_numeric"
    )
    study, asked = proposed(raw.parent)
    assert study["regression"]["formula"] == "quality ~ market + market^2 + founded + scale | firm + year"
    assert study["regression"]["cluster"] == "region"
    assert "industry" not in asked
    assert run(["check", str(raw.parent / "study")]) == 0, capsys.readouterr()


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_panel_whose_formula_is_not_written_is_refused(
    raw: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    panel([f"B{i}" for i in range(30)], ("Bank", "Year", "Competition", "Size", "Quality")).write_csv(raw / "p.csv")
    propose(raw, raw.parent / "study")
    assert run([command, str(raw.parent / "study")]) != 0
    told = capsys.readouterr().err
    assert "[regression] treatment (default): no column 'market' in the panel" in told
    assert not list((raw.parent / "study").glob("runs/*/report"))


STRANGE = {"customs": "Xa,Xb,Xc,Xd,Xe", "prices": "Xkatu,Xsto,Xkuu,Johor,Kedah,Perak"}


def strange(raw: Path) -> None:
    """A panel, and prices and customs under headings that no language has."""
    panel([f"F{i}" for i in range(30)], ("q0", "Year", "q2", "q3", "q4")).write_csv(raw / "firms.csv")
    draw = np.random.default_rng(1)
    customs = [
        f"F{f},{y},{p},Land {d},{draw.integers(99)}.5"
        for f in range(30)
        for y in (2005, 2006)
        for p in (40, 41)
        for d in range(3)
    ]
    prices = [f"g{g},{y},m{m},101.5,99.5,100.5" for g in range(4) for y in (2005, 2006) for m in range(12)]
    for name, rows in (("customs", customs), ("prices", prices)):
        (raw / f"{name}.csv").write_text("\n".join([STRANGE[name], *rows]), encoding="utf-8")


def test_files_that_a_panel_leaves_out_are_named_with_sections_to_fill_in(
    raw: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange(raw)
    assert run(["new", str(raw.parent / "study"), "--from", str(raw)]) == 0
    said = capsys.readouterr().out
    assert "2 of 3 are not used in any section" in said
    text = (raw.parent / "study" / "study.toml").read_text(encoding="utf-8")
    assert "2 other files are not used" in text.partition("title =")[0]
    rest = text.partition("# Files that this study does not use:")[2]
    for name, headings in STRANGE.items():
        part = rest.partition(f"# ../raw/{name}.csv: ")[2].partition("# ../raw")[0]
        written = [line.removeprefix("#   ") for line in part.splitlines() if line.startswith("#   columns = ")]
        assert list(tomllib.loads(written[0])["columns"]) == headings.split(",")
    assert run(["check", str(raw.parent / "study")]) != 0


def test_a_study_may_be_said_where_a_panel_would_be_found(raw: Path) -> None:
    strange(raw)
    study, asked = proposed(raw.parent, "study")
    assert "panel" not in study
    assert "[prices] which file is it?" in asked
    assert "[customs] which file is it?" in asked


@pytest.mark.parametrize(("kind", "what"), [("index", "small data set"), ("panel", "no file of the folder is a panel")])
def test_a_kind_that_files_cannot_give_is_refused(raw: Path, kind: str, what: str) -> None:
    cells = [(r, y, g, 100.5 + y % 4) for r in REGIONS for y in range(2005, 2016) for g in ("Food", "Rent")]
    pl.DataFrame(cells, schema=["State", "Year", "Item", "CPI"], orient="row").write_csv(raw / "cpi.csv")
    with pytest.raises(UsageError, match=what):
        propose(raw, raw.parent / "study", kind)
    assert not (raw.parent / "study").exists()
