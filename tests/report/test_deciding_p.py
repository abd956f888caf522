"""The p on which a sentence rests stands in a table; a note says what of its columns it holds for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

import report_example as example
from integrade.estimate.hausman import Hausman
from integrade.report.layouts import in_two
from integrade.report.printed import PrintedTable
from integrade.report.regression import regression_table
from integrade.subjects.lags.model import lag_table
from integrade.subjects.lags.records import LagStudy
from integrade.subjects.lags.tables import lags_table
from integrade.subjects.mediation.mediate import mediate
from integrade.subjects.mediation.tables import mediation_table
from integrade.wording.numerals import p_text
from plainwords.texts import say


def panel() -> pl.DataFrame:
    random = np.random.default_rng(4)
    region, year, firm = (a.ravel() for a in np.meshgrid(range(12), range(8), range(4), indexing="ij"))
    x = random.normal(size=(12, 8))[region, year]
    m = 0.5 * x - 0.2 * x**2 + random.normal(size=x.size)
    y = x - 0.3 * x**2 + 0.4 * m + random.normal(size=x.size)
    columns = {"region": region, "year": 2000 + year, "firm": region * 4 + firm, "market": x, "skill": m, "y": y}
    return pl.DataFrame(columns)


def row(table: PrintedTable, key: str) -> tuple[str, ...]:
    return next(r.cells for r in table.rows if r.key == key)


def test_the_wild_p_of_the_placebo_stands_below_that_of_the_joint_test() -> None:
    formula = "y ~ market + market^2 | firm + year"
    how = {"variable": "market", "lags": (1,), "leads": (1,), "cluster": "region", "vcov": "CR3"}
    drawn = lag_table(panel(), formula, wild=99, **how)
    assert drawn.placebo is not None
    wild = next(w for w in drawn.placebo.fit.wild if w.null == "market_f1 + market_f1^2")
    table = lags_table(LagStudy(drawn, drawn), {})
    assert row(table, "placebo.wild")[-1] == p_text(wild.p_value)
    plain = lag_table(panel(), formula, **how)
    assert not any(r.key == "placebo.wild" for r in lags_table(LagStudy(plain, plain), {}).rows)


def test_lags_that_lack_the_same_rows_share_a_note() -> None:
    how = {"variable": "market", "lags": (1,), "on": "both", "cluster": "region", "vcov": "CR3"}
    both = lag_table(panel(), "y ~ market + market^2 | firm + year", **how)
    lacking = [n for n in lags_table(LagStudy(both, both), {}).notes if "rows lack" in n]
    assert len(lacking) == 1
    assert "Market (t-1) and y (t-1)" in lacking[0]


def test_the_p_of_an_indirect_effect_is_the_one_that_decides_and_sobels_stands_apart() -> None:
    found = mediate(panel(), "y ~ market + market^2 | firm + year", "skill", cluster="region", draws=99, seed=1)
    effects = found.mediators[0].indirect
    table = mediation_table(found)
    for one in effects:
        assert row(table, f"indirect.{one.place}")[-1] == p_text(one.p_holm)
        assert row(table, f"sobel.{one.place}")[-1] == p_text(one.sobel.p_value)
    assert any(p_text(one.p_holm) != p_text(one.sobel.p_value) for one in effects)
    main, more = in_two(table)
    assert any(r.key.startswith("indirect.") for r in main.rows)
    assert not any(r.key.startswith("sobel.") for r in main.rows)
    assert any(r.key.startswith("sobel.") for r in more.rows)


def test_the_note_on_the_hausman_test_gives_the_degrees_of_freedom_of_each_column() -> None:
    def tested(df: int) -> Hausman:
        return Hausman("mundlak", 3.0, df, 0.04, True, f"p from F({df}, 30)")

    columns = {f"({i})": replace(example.column(str(i)), hausman=tested(df)) for i, df in enumerate((2, 7, 7), 1)}
    said = [n for n in regression_table(columns).notes if "Hausman" in n]
    assert len(said) == 2
    assert said[0].startswith("Column 1:")
    assert "F(2, 30)" in said[0]
    assert said[1].startswith("Columns 2 and 3:")
    assert "F(7, 30)" in said[1]
    (alone,) = [n for n in regression_table({"(2)": columns["(2)"], "(3)": columns["(3)"]}).notes if "Hausman" in n]
    assert alone.startswith("The Hausman test")


def test_hausman_notes_that_differ_in_a_range_are_one_with_the_whole_range() -> None:
    def tested(low: str, high: str) -> Hausman:
        return Hausman("stata", 3.0, 2, 0.04, True, say("models_fit.theta-stata", low=low, high=high))

    ranges = (("0.3661", "0.7491"), ("0.3685", "0.7506"))
    columns = {f"({i})": replace(example.column(str(i)), hausman=tested(*r)) for i, r in enumerate(ranges, 1)}
    (said,) = [n for n in regression_table(columns).notes if "Hausman" in n]
    assert said.startswith("The Hausman test")
    assert "(between 0.3661 and 0.7506)" in said


def test_the_note_on_the_hausman_test_says_where_its_rows_are_others() -> None:
    """Random effects use units with a single row, which the regression leaves out."""
    column = example.column("1")
    n = column.headline.nobs

    def note(nobs: int) -> str:
        tested = Hausman("mundlak", 3.0, 2, 0.04, True, "p from F(2, 30)", nobs=nobs)
        (said,) = [s for s in regression_table({"(1)": replace(column, hausman=tested)}).notes if "Hausman" in s]
        return said

    assert "singletons" not in note(n)
    assert f"The Hausman test includes the singletons that the regression drops (N = {n + 7:,})." in note(n + 7)
