"""Every variable of the paper: its row in docs/paper.md, the preset's choice, the change of the audit, what decides.

The list is made from the paper (tests/public/paper_variables.csv), not from the page or from labels.
"""

from __future__ import annotations

import csv
import importlib
import math
import re
import shutil
import tomllib
from functools import reduce
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from each import each
from integrade.estimate.formula import parse_formula
from integrade.integration.transforms import to_integration
from integrade.panel.controls import CURRENCY, Controls, sa_index
from integrade.records.catalogue import CATALOGUE, options_of
from integrade.study.audit import audit_study
from integrade.study.choices import OF_THE_PAPER, kinds_of, moves
from integrade.study.config import Study
from integrade.study.reading import load
from integrade.study.template_parts import write_kind
from integrade.subjects.benchmark.question import described_columns, with_mediators
from public_numbers import PUBLIC

PAGE = (Path(__file__).parents[2] / "docs" / "paper.md").read_text(encoding="utf-8")
with (PUBLIC / "paper_variables.csv").open(encoding="utf-8") as file:
    PAPER = {row["name"]: row for row in csv.DictReader(file)}


def rows_below(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/paper.md."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study that `integrade new --preset published` writes."""
    folder = tmp_path_factory.mktemp("paper") / "s"
    write_kind(folder, "study", "published")
    return load(folder)


@pytest.fixture(scope="module")
def own_panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of a panel that has few columns of the paper, under its preset."""
    folder = tmp_path_factory.mktemp("panel") / "s"
    write_kind(folder, "panel", "published")
    return folder


def panel() -> pl.DataFrame:
    """Rows with every column that a choice needs: provinces, years on both sides of 2008, industries, owners."""
    regions, codes = ("Guangdong", "Henan", "Tibet"), ("17", "26", "40")
    n = 90
    return pl.DataFrame(
        {
            "firm": [f"f{i % 9}" for i in range(n)],
            "year": [2004 + i % 10 for i in range(n)],
            "region": [regions[i % 9 % 3] for i in range(n)],
            "industry": [codes[i % 3] for i in range(n)],
            "ownership": ["state" if i % 4 == 0 else "private" for i in range(n)],
            **{c: [1.0 + (i * 7) % 11 for i in range(n)] for c in ("fixed_assets", "rd_spending")},
            "employees": [1.0 + i % 3 for i in range(n)],
            **{
                c: [0.1 + (i % 7) / 10 for i in range(n)]
                for c in ("quality", "market", "rd", "invint", "human_capital")
            },
        }
    )


def value_of(study: Study, key: str) -> Any:
    """The value of a key of the study; that of the option behind it if the study does not give it."""
    section, _, name = key.partition(".")
    if section == "groups":
        return [getattr(g, name) for g in study.section("groups")]
    if not name:
        return getattr(study, section)
    given = getattr(study, section)
    if not isinstance(given, dict):
        return getattr(given, name)
    measures = {"integration": "relative_price", "quality": "demand_residual"}
    options = CATALOGUE[measures[section]].options if section in measures else Controls
    return given.get(name, options_of(options)[name].default)


def test_the_page_has_a_row_for_every_variable_and_for_no_other() -> None:
    assert [row[0] for row in rows_below("Variables")] == list(PAPER)


@each("name", PAPER)
def test_the_page_names_column_choice_extremes_and_switch(name: str) -> None:
    paper = PAPER[name]
    (row,) = [r for r in rows_below("Variables") if r[0] == name]
    _, words, formula, ours, otherwise, switch = row
    assert all((words, formula, otherwise))
    assert f"`{paper['column']}`" in ours
    assert f"`{paper['switch']}`" == switch
    key, _, value = paper["choice"].partition(" = ")
    key = key.rpartition(".")[2]
    assert not key or f"`{key} = {value}`" in ours or f"`{key}`" in ours
    if paper["printed_min"]:
        assert f"[{paper['printed_min']}, {paper['printed_max']}]" in words


@each("name", [name for name in PAPER if PAPER[name]["choice"]])
def test_the_preset_chooses_as_the_list_says(name: str, study: Study) -> None:
    ((top, nested),) = tomllib.loads(PAPER[name]["choice"]).items()
    key = PAPER[name]["choice"].partition(" = ")[0]
    wanted = reduce(lambda at, part: at[part], key.split(".")[1:], nested) if "." in key else nested
    found = value_of(study, key)
    if top == "groups":
        assert wanted in found
    else:
        assert (list(found) if isinstance(found, tuple) else found) == wanted


@each("name", PAPER)
def test_each_variable_is_a_choice_of_the_audit(name: str, study: Study) -> None:
    possible = {f"{m.key} = {m.after}" for m in moves(study, panel()) if not m.why_not}
    assert PAPER[name]["switch"] in possible


def test_the_log_of_spending_is_one_choice_however_it_is_written(own_panel: Path, tmp_path: Path) -> None:
    file = shutil.copytree(own_panel, tmp_path / "s") / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + '\n[mediation]\nmediators = ["ln(rd_spending)"]\n', encoding="utf-8")
    logs = [m.after for m in moves(load(file.parent), panel()) if "rd_spending" in m.after and not m.why_not]
    assert logs == ["with ln(rd_spending)"]


def test_a_lacking_column_is_described_and_no_label_is_given_for_its_name(own_panel: Path) -> None:
    bare = panel().select("firm", "year", "region", "quality", "market")
    reasons = [m.why_not for m in moves(load(own_panel), bare) if m.why_not and "R&D" in m.why_not]
    assert len(reasons) == 2
    assert not any("called" in reason for reason in reasons)


@each("name", PAPER)
def test_what_the_data_lack_is_listed_with_the_reason(name: str, own_panel: Path) -> None:
    """A panel with a firm, a year, a region and numbers: every choice is there, most of them as impossible."""
    bare = panel().select("firm", "year", region=pl.lit("Selangor"), quality="quality", market="market")
    listed = {kinds_of(m): m for m in moves(load(own_panel), bare)}
    key, _, after = PAPER[name]["switch"].partition(" = ")
    after = "with R&D over output" if after == "with rd" else after
    assert (key, after) in listed
    move = listed[key, after]
    reason = next((why for k, v, why in OF_THE_PAPER if (k, v) == (key, after)), "")
    assert move.why_not in ("", reason)
    if key not in ("winsor.cuts", "sample"):
        assert move.why_not


def test_no_reason_is_given_for_a_choice_that_is_there_or_is_the_studys_own(study: Study) -> None:
    assert [m.after for m in moves(study, panel()) if m.why_not] == []
    own = study.model_copy(update={"controls": {"fic": "ln_abs_sa", "roa_lag": 1}, "without_regions": ["Tibet"]})
    without = panel().filter(pl.col("region") != "Tibet")
    assert [m.after for m in moves(own, without) if m.why_not] == []
    sound = study.model_copy(update={"preset": "sound"})
    assert [m for m in moves(sound, panel().drop("industry")) if m.why_not] == []


@pytest.mark.slow
def test_the_audit_prints_the_reason(own_panel: Path) -> None:
    audit = audit_study(own_panel, only="controls.fic")
    assert [(s.after, s.found) for s in audit.switches] == [("ln_abs_sa", None)]
    assert "not possible: the financing constraint is not computed from accounts" in str(audit)


@each("name", re.findall(r"`(integrade\.[\w.]+)`", PAGE.split("\n## Equations\n")[1].split("\n## ")[0]))
def test_functions_of_the_equations_exist(name: str) -> None:
    module, _, function = name.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))


def test_table_2_describes_research_as_it_is_the_mediator(study: Study) -> None:
    shown, mediators = with_mediators(panel(), study.section("mediation").mediators)
    assert mediators == ["human_capital", "ln(rd_spending)"]
    described = described_columns(shown.columns, study.regression, mediators)
    assert "ln(rd_spending)" in described
    assert "rd" not in described
    assert "rd" in described_columns(panel().columns, study.regression)
    assert parse_formula("y ~ log(rd_spending)").regressors[0].name == mediators[1]


def extremes(name: str) -> tuple[float, float]:
    return float(PAPER[name]["printed_min"]), float(PAPER[name]["printed_max"])


def test_the_printed_extremes_decide_as_the_page_says() -> None:
    """RD is no ratio; schooling is in logs; ln|SA| of a small firm is negative; the log of the inverse root fits."""
    assert min(extremes("RD")) > 1
    assert [round(math.exp(v), 1) for v in extremes("Humancapital")] == [7.6, 11.9]
    smallest = math.log(math.exp(extremes("Scale")[0]) * CURRENCY["1000 yuan"] / Controls().yuan_per_usd)
    one = pl.DataFrame({"size": [smallest], "years": [math.exp(2.122)]})  # the printed median of age
    index = nw.from_native(one).select(sa=sa_index(nw.col("size"), nw.col("years")))["sa"][0]
    assert math.log(abs(index)) < extremes("FIC")[0]
    low, high = to_integration(np.array([0.0000785, 0.0000775]), "log_inverse_sqrt")  # 0.000078, smallest of Table 1
    assert low < extremes("Market")[1] < high
