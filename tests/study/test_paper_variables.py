"""Every variable of the paper, from a list made from its text and Table 2: the page, the preset, and the audit."""

from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from each import each
from integrade.geography import PROVINCES
from integrade.study.choices import moves
from integrade.study.config import Study
from integrade.study.reading import load
from integrade.study.template_parts import write_kind
from public_numbers import PUBLIC

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")
TABLE2 = {row["variable"]: row for row in pl.read_csv(PUBLIC / "printed" / "table2.csv").to_dicts()}


class Variable(NamedTuple):
    """A variable of the paper: its row of the page, the preset's choice (section, key, value), the audit's switch."""

    name: str
    choice: tuple[str, str, Any] | None
    switch: str
    printed: bool = True


PAPER = (
    Variable("Quality", ("quality", "standardise", "minmax"), "winsor.cuts"),
    Variable("Market", ("integration", "transform", "log_inverse_sqrt"), "integration.transform"),
    Variable("provinces", None, "without_regions", printed=False),
    Variable("Scale", ("controls", "scale_unit", "thousand"), "controls.scale_unit"),
    Variable("Age", None, ""),
    Variable("ROA", ("controls", "roa_lag", 0), "controls.roa_lag"),
    Variable("Rdebt", None, ""),
    Variable("FIC", ("controls", "fic", "asset_share"), "controls.fic"),
    Variable("Invint", None, "regression.controls"),
    Variable("Humancapital", ("education", "log", True), "education.log"),
    Variable("RD", None, "regression.controls"),
    Variable("ownership", None, "sample", printed=False),
    Variable("industries", ("groups", "intensity_from", "lists"), "sample", printed=False),
    Variable("period", None, "sample", printed=False),
    Variable("area", None, "sample", printed=False),
)
"""What sections 3.1, 3.3 and 5.2 of the paper define, and the splits of its section 5.3.4, in the page's order."""


def rows_of(heading: str) -> list[list[str]]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines[2:]]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("variables")
    write_kind(folder / "study", "study", "published")
    return load(folder / "study")


@pytest.fixture(scope="module")
def switches(study: Study) -> set[str]:
    """The keys that the audit moves; Table 2 of the paper has a row for every column of this panel."""
    names = ("quality", "market", "scale", "age", "roa", "rdebt", "fic", "invint")
    keys = {"firm": ["a"] * 310, "year": list(range(2004, 2014)) * 31}
    regions = [p.english for p in PROVINCES for _ in range(10)]
    panel = pl.DataFrame(keys | {"region": regions} | dict.fromkeys(names, [0.5] * 310))
    return {m.key for m in moves(study, panel)}


def test_the_list_has_every_variable_that_the_paper_prints() -> None:
    printed = [v.name.lower() for v in PAPER if v.printed]
    assert sorted(printed) == sorted(name.lower() for name in TABLE2)


def test_the_page_has_every_variable_and_its_switch() -> None:
    rows = rows_of("Variables")
    assert [row[0] for row in rows] == [v.name for v in PAPER]
    for row, variable in zip(rows, PAPER, strict=True):
        assert len(row) == 6
        assert row[5] == f"`{variable.switch}`" if variable.switch else row[5].startswith("none: "), variable.name
        if variable.choice and variable.choice[0] in ("controls", "integration", "quality", "groups"):
            _, key, value = variable.choice
            said = f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
            assert said in row[3], variable.name


@each("variable", [v for v in PAPER if v.choice])
def test_the_preset_makes_the_choice(study: Study, variable: Variable) -> None:
    assert variable.choice is not None
    section, key, value = variable.choice
    if section == "groups":
        assert [g.intensity_from for g in study.section("groups") if g.how == "intensity"] == [value]
        return
    given = getattr(study, section)
    found = given.get(key, 0 if key == "roa_lag" else None) if isinstance(given, dict) else getattr(given, key)
    assert found == value


@each("variable", [v for v in PAPER if v.switch])
def test_the_audit_moves_it(switches: set[str], variable: Variable) -> None:
    assert variable.switch in switches


def test_the_page_quotes_the_printed_range() -> None:
    for row in rows_of("Variables"):
        printed = next((r for name, r in TABLE2.items() if name.lower() == row[0].lower()), None)
        if printed:
            for end in ("minimum", "maximum"):
                value = f"{printed[end]:.3f}".removesuffix(".000").replace("0.", ".", 1)
                assert (value if value not in ("", "-.000") else "0") in row[2].replace("0.", "."), (row[0], value)


def test_what_the_ranges_decide() -> None:
    """Scale fits thousand yuan, FIC is not ln|SA|, human capital is a log and RD no ratio."""
    low, high = (math.exp(TABLE2["Scale"][end]) * 1e3 for end in ("minimum", "maximum"))
    assert 1e6 < low < 5e6 < 1e9 < high  # 2.6 million yuan to 2.9 billion: firms above 5 million yuan of sales
    for unit, thousands in (("thousand yuan", 1.0), ("million yuan", 1e3), ("million dollars of 2004", 8.2768e3)):
        size, age = TABLE2["Scale"]["median"] - math.log(thousands), math.exp(TABLE2["Age"]["median"])
        index = -0.737 * size + 0.043 * size**2 - 0.040 * age
        assert abs(math.log(abs(index)) - TABLE2["Fic"]["median"]) > TABLE2["Fic"]["std_dev"], unit
    assert 7 < math.exp(TABLE2["Humancapital"]["minimum"]) < math.exp(TABLE2["Humancapital"]["maximum"]) < 13
    assert TABLE2["RD"]["minimum"] > 1
    assert 0.5 * math.log(1 / 0.0000785) < TABLE2["Market"]["maximum"] < 0.5 * math.log(1 / 0.0000775)


def test_every_function_of_the_equations_is_there() -> None:
    named = [row[2].strip("`") for row in rows_of("Equations")]
    functions = [n for n in named if not n.startswith("none")]
    assert len(functions) >= 10
    for name in functions:
        module, _, function = name.rpartition(".")
        assert callable(getattr(import_module(module), function)), name
