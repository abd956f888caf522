"""Consistent tables are not accused and planted errors are found: the reduced form of benchmarks/certify_tables.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from each import each

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from certify_tables import consistent, power
from tables_drawn import draw
from tables_feasible import (
    estimates_tell,
    matrix_possible,
    product_possible,
    rank_possible,
    spread_possible,
    turning_possible,
)
from tables_judged import run
from tables_planted import PLANTS, plant
from tables_set import FORMATS, Drawn, Shown

from tablecheck.findings import GRADES

FEW = (
    "star added",
    "sign of t",
    "digit transposed in se",
    "p of another row",
    "opposite groups above the whole",
    "R2 falls in nested columns",
    "printed turning point",
    "s.d. above its bound",
    "correlations asymmetric",
    "rank not that of the value",
    "mediation identity",
)


@each("file", FORMATS)
def test_a_consistent_table_of_every_kind_of_file(file: str, tmp_path: Path) -> None:
    for seed, form in enumerate(("below", "beside")):
        case = draw(seed, kind="groups", files=[file], form=form)
        outcome = run(case, tmp_path)
        assert outcome.wrong == []
        assert [f.sentence for f in outcome.findings if f.grade == GRADES[0]] == []


def test_consistent_tables_are_not_accused(tmp_path: Path) -> None:
    found = consistent(20, 7, tmp_path)
    assert (found.accused, found.doubted, found.wrong) == ([], [], [])


@each("kind", FEW)
def test_a_planted_error_that_can_be_told_is_found(kind: str, tmp_path: Path) -> None:
    from tables_judged import found_by

    for seed in range(20):
        case, planted = plant(kind, seed, files=["csv"])
        if planted.detectable:
            found = found_by(planted, run(case, tmp_path, "before"), run(planted.case, tmp_path, "after"))
            assert found, planted.said
            return
    raise AssertionError("none can be told")


def test_no_error_that_cannot_be_told_is_called_a_contradiction(tmp_path: Path) -> None:
    """A changed digit that some true values still print."""
    for seed in range(10):
        case, planted = plant("digit transposed in se", seed, files=["csv"], decimals=2, form="below")
        if not planted.detectable:
            known = {f.sentence for f in run(case, tmp_path, "before").findings}
            after = run(planted.case, tmp_path, "after").findings
            assert [f.sentence for f in after if f.grade == "contradiction" and f.sentence not in known] == [], (
                planted.said
            )


def _column(**texts: str) -> Drawn:
    style = draw(0, kind="ols", files=["csv"], form="below", errors=("se",), levels="10-5-1", levels_stated=True,
                 brackets_stated=True, brackets={"se": "("}).tables[0].style  # fmt: skip
    other = {"b": "1.00", "se": "0.10", "marks": "***"}
    shown = Shown(["(1)"], {"x": dict(texts), "z": other}, {"N": "500"}, keys={"n": "N"})
    return Drawn("ols", style, [("", [shown])])


def test_the_search_is_right_where_the_answer_is_known() -> None:
    """0.20 (0.10): |t| from 1.86 to 2.16; p of 0.05 is at 1.97 with 498 degrees, at 2.78 with four."""
    assert not estimates_tell(_column(b="0.20", se="0.10", marks="*"), [(0, "x")])
    assert not estimates_tell(_column(b="0.20", se="0.10", marks="**"), [(0, "x")])
    assert estimates_tell(_column(b="0.20", se="0.10", marks="***"), [(0, "x")])
    assert estimates_tell(_column(b="0.02", se="0.10", marks="*"), [(0, "x")])
    assert spread_possible(10, "0.50", "0.53", "0", "1")
    assert not spread_possible(1000, "0.500", "0.530", "0.000", "1.000")
    assert rank_possible(["0.3", "0.2", "0.1"], ["1", "2", "3"])
    assert not rank_possible(["0.3", "0.2", "0.1"], ["2", "1", "3"])
    assert product_possible("0.30", "0.50", "0.10", "0.40")
    assert not product_possible("0.30", "-0.50", "0.10", "0.40")
    assert turning_possible("0.40", "-0.05", "4.0")
    assert not turning_possible("0.40", "-0.05", "9.0")


def test_the_search_for_a_matrix() -> None:
    import numpy as np

    def within(r: float) -> bool:
        values = np.array([[1, 0.9, r], [0.9, 1, 0.9], [r, 0.9, 1]])
        free = 0.005 * (1 - np.eye(3))
        return matrix_possible(values - free, values + free)

    assert within(0.62)  # 2 x 0.9 x 0.9 - 1 = 0.62
    assert not within(0.5)


@pytest.mark.slow
def test_size_over_many_consistent_tables(tmp_path: Path) -> None:
    found = consistent(200, 5, tmp_path)
    assert found.accused == []
    assert len(found.doubted) < 0.02 * found.tables
    assert len(found.wrong) <= 0.02 * found.tables


@pytest.mark.slow
def test_power_over_every_kind_of_planted_error(tmp_path: Path) -> None:
    found = power(4 * len(PLANTS), 5, tmp_path)
    told = sum(p.detectable for p in found.values())
    assert sum(p.found for p in found.values()) >= 0.9 * told, [x for p in found.values() for x in p.missed]
