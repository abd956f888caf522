"""Cleaning rules: every rule by a row made for it, counts against a row-by-row twin, engines alike."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from each import each
from integrade.cli import run
from integrade.engine.frames import Table, on_engine
from integrade.errors import EmptyTable, MissingColumn, NotANumber, UnknownName, UsageError
from integrade.sources import clean_customs, clean_firms
from integrade.study.config import CustomsSource, FirmSource
from integrade.study.data.tables import read_source

GOOD: dict[str, Any] = {
    "firm": "F",
    "year": 2004,
    "assets": 1000.0,
    "net_fixed_assets": 400.0,
    "fixed_assets": 500.0,
    "current_assets": 300.0,
    "sales": 9000.0,
    "gross_output": 9500.0,
    "value_added": 3000.0,
    "intermediate_inputs": 6000.0,
    "employees": 20,
    "founded": 1999,
    "founded_month": 6,
    "depreciation": 50.0,
    "accumulated_depreciation": 200.0,
    "paid_in_capital": 100.0,
    "capital_at_cost": 700.0,
}
WRONG: dict[str, dict[str, dict[str, Any]]] = {
    "cai_liu": {
        "assets missing or negative": {"assets": None},
        "net_fixed_assets missing or negative": {"net_fixed_assets": -1.0},
        "sales missing or negative": {"sales": -0.5},
        "gross_output missing or negative": {"gross_output": None},
        "employees missing or fewer than 8": {"employees": 7},
    },
    "feenstra_li_yu": {
        "current_assets above assets": {"current_assets": 1001.0},
        "fixed_assets above assets": {"fixed_assets": 1000.5},
        "net_fixed_assets above assets": {"net_fixed_assets": 2000.0},
        "founding month outside 1..12": {"founded_month": 13},
        "founded after the year": {"founded": 2005},
    },
    "brandt": {
        "gross_output missing or not positive": {"gross_output": 0.0},
        "value_added missing or not positive": {"value_added": -3.0},
        "intermediate_inputs missing or not positive": {"intermediate_inputs": None},
        "capital_at_cost missing or not positive": {"capital_at_cost": 0.0},
        "employees missing or fewer than 8": {"employees": None},
    },
    "nie_jiang_yang": {
        "assets missing or not positive": {"assets": 0.0},
        "net_fixed_assets missing or not positive": {"net_fixed_assets": 0.0},
        "sales missing or not positive": {"sales": 0.0},
        "gross_output missing or not positive": {"gross_output": -1.0},
        "employees missing or fewer than 8": {"employees": 3},
        "sales below 5 million yuan (20 million from 2011)": {"sales": 4999.0},
        "current_assets above assets": {"current_assets": 1001.0},
        "fixed_assets above assets": {"fixed_assets": 1001.0},
        "net_fixed_assets above assets": {"net_fixed_assets": 1001.0},
        "depreciation above accumulated_depreciation": {"depreciation": 201.0},
        "paid_in_capital not positive": {"paid_in_capital": 0.0},
    },
}


def firms(*changes: dict[str, Any]) -> pl.DataFrame:
    rows = [GOOD | {"firm": f"F{i}"} | change for i, change in enumerate(changes)]
    return pl.DataFrame(rows, schema_overrides={"assets": pl.Float64}, infer_schema_length=None)


def dropped(table: Table) -> dict[str, int]:
    return {e.reason: e.rows for e in table.account if e.step == "clean" and e.kind == "dropped"}


@each("name", WRONG)
@each("engine", ["polars", "duckdb"])
def test_each_rule_drops_the_row_made_for_it(name: str, engine: Any) -> None:
    data = firms({}, *WRONG[name].values(), {})
    table = Table("firms", on_engine(data, engine).to_native())
    kept = clean_firms(table, rules=name, currency_unit="1000 yuan")
    assert kept.polars()["firm"].sort().to_list() == ["F0", f"F{data.height - 1}"]
    counts = dropped(kept)
    assert {r.split(": ", 1)[1].rsplit(" [", 1)[0]: n for r, n in counts.items()} == dict.fromkeys(WRONG[name], 1)
    assert all(r.startswith(f"{name}: ") and r.endswith(")]") for r in counts)


def test_a_row_is_counted_once_at_the_first_rule() -> None:
    kept = clean_firms(
        Table("firms", firms({}, {"employees": 2, "assets": -5.0, "current_assets": 2e6})),
        rules=("cai_liu", "feenstra_li_yu"),
    )
    assert [n for n in dropped(kept).values() if n] == [1]
    assert dropped(kept)["cai_liu: assets missing or negative [Cai and Liu (2009)]"] == 1
    assert [e.rows for e in kept.account if e.step == "clean" and e.kind == "out"] == [1]


def twin(row: dict[str, Any], least: int) -> str | None:
    """Cai-Liu, then Feenstra-Li-Yu, in plain Python."""
    for v in ("assets", "net_fixed_assets", "sales", "gross_output"):
        if row[v] is None or row[v] < 0:
            return f"cai_liu: {v} missing or negative [Cai and Liu (2009)]"
    if row["employees"] is None or row["employees"] < least:
        return f"cai_liu: employees missing or fewer than {least} [Cai and Liu (2009)]"
    cite = " [Feenstra, Li and Yu (2014)]"
    for v in ("current_assets", "fixed_assets", "net_fixed_assets"):
        if row[v] is not None and row[v] > row["assets"]:
            return f"feenstra_li_yu: {v} above assets{cite}"
    if row["founded_month"] is not None and not 1 <= row["founded_month"] <= 12:
        return f"feenstra_li_yu: founding month outside 1..12{cite}"
    if row["founded"] is not None and row["founded"] > row["year"]:
        return f"feenstra_li_yu: founded after the year{cite}"
    return None


@pytest.mark.parametrize("least", [8, 10])
def test_counts_are_those_of_a_row_by_row_twin(least: int) -> None:
    draw = random.Random(5)
    changes = []
    for _ in range(3000):
        change = {c: draw.choice([None, -1.0, 0.0, draw.uniform(0, 2000)]) for c in draw.sample(list(GOOD)[2:10], 2)}
        change["employees"] = draw.choice([None, 7, 8, 9, 10, 50])
        change["founded_month"], change["founded"] = draw.choice([None, 0, 5, 12, 13]), draw.choice([None, 1990, 2010])
        changes.append(change | {"year": draw.choice([2004, 2005])})
    data = firms(*changes)
    kept = clean_firms(Table("firms", data), rules=("cai_liu", "feenstra_li_yu"), min_employees=least)
    reasons = [twin(row, least) for row in data.iter_rows(named=True)]
    assert {r: n for r, n in dropped(kept).items() if n} == {r: reasons.count(r) for r in set(reasons) if r}
    assert kept.polars()["firm"].to_list() == [f for f, r in zip(data["firm"], reasons, strict=True) if r is None]


def test_thresholds_follow_unit_and_year() -> None:
    data = firms({"sales": 5.5e6}, {"sales": 4.9e6}, {"sales": 5.5e6, "year": 2011}, {"sales": 2.1e7, "year": 2012})
    kept = clean_firms(Table("firms", data), rules="nie_jiang_yang", currency_unit="yuan")
    assert kept.polars()["firm"].to_list() == ["F0", "F3"]
    unit = clean_firms(Table("firms", data), rules="nie_jiang_yang")
    assert "not applied, because currency_unit is not given: sales below" in str(unit.account)
    assert "2 rows are doubtful: the authenticity of the circulated files of 2011 to 2013 is disputed" in str(
        unit.account
    )


def test_a_year_without_a_variable_is_not_dropped_unasked() -> None:
    data = firms({}, {"year": 2009, "employees": None}, {"year": 2009, "employees": None, "sales": -1.0})
    kept = clean_firms(Table("firms", data), rules="cai_liu")
    assert kept.polars()["firm"].to_list() == ["F0", "F1"]
    assert "warning: employees is missing in every row of 2009: the rule is not applied in those years" in str(
        kept.account
    )
    assert "2 rows are doubtful: the survey of 2008 to 2010 lacks several variables" in str(kept.account)
    strict = clean_firms(Table("firms", data), rules="cai_liu", absent="drop")
    assert strict.polars()["firm"].to_list() == ["F0"]


def test_records_as_surveyed_are_cleaned_before_they_are_followed() -> None:
    twice = pl.concat([firms({}, {"employees": 2}), firms({})])
    kept = clean_firms(Table("registry", twice, conformed="registry"), rules="cai_liu")
    assert kept.conformed == kept.name == "registry"
    assert kept.polars()["firm"].to_list() == ["F0", "F0"]


def test_rules_that_cannot_be_applied_are_said_or_refused() -> None:
    data = firms({}, {})
    kept = clean_firms(Table("firms", data.drop("founded_month")), rules="feenstra_li_yu")
    assert "feenstra_li_yu: not applied, no column founded_month: founding month outside 1..12" in str(kept.account)
    with pytest.raises(MissingColumn, match="no rule of brandt can be applied"):
        clean_firms(data.select("firm", "year", "assets"), rules="brandt")
    with pytest.raises(UnknownName, match="did you mean 'cai_liu'"):
        clean_firms(data, rules="cai_lui")
    with pytest.raises(UsageError, match="no rule set is named"):
        clean_firms(data, rules=())
    with pytest.raises(EmptyTable, match="the rules leave no row of firms"):
        clean_firms(data.with_columns(employees=pl.lit(2)), rules="cai_liu")
    with pytest.raises(NotANumber, match="employees"):
        clean_firms(data.with_columns(employees=pl.lit("many")), rules="cai_liu")


CUSTOMS = pl.DataFrame(
    {
        "firm": ["A", "A", "A", "B", "B", "B", "C", "C", "D", "D"],
        "name": [
            "甲电子厂",
            "甲电子厂",
            "甲进出口公司",
            "乙进出口公司",
            "乙进出口公司",
            "乙厂",
            None,
            None,
            *["X Trading"] * 2,
        ],
        "product": ["010121", "970110", "010121", "010121", "010121", "020110", "010121", "020110", "020110", "930100"],
        "destination": ["USA", "USA", "中国", "JPN", "USA", "USA", "KOR", "CHN", "DEU", "DEU"],
        "year": [2004] * 10,
        "unit": ["kg", "kg", "kg", "kg", "head", "kg", "kg", "kg", None, "kg"],
        "regime": [
            "一般贸易",
            "一般贸易",
            "一般贸易",
            "进料加工",
            "Ordinary",
            "10",
            "14",
            None,
            "边境小额贸易",
            "一般贸易",
        ],
        "flow": ["出口", "出口", "出口", "进口", "出口", None, "出口", "出口", "出口", "出口"],
        "value": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 99.0],
        "quantity": [1.0] * 10,
    }
).with_row_index("id")

ONE_RULE = {
    "exports": [0, 1, 2, 4, 5, 6, 7, 8, 9],
    "not_home": [0, 1, 3, 4, 5, 6, 8, 9],
    "chapters": [0, 2, 3, 4, 5, 6, 7, 8],
    "ordinary": [0, 1, 2, 4, 5, 9],
    "processing": [3, 6],
    "intermediaries": [0, 1, 2, 6, 7],  # A is a maker by its most frequent name, B and D trade
    "main_unit": [0, 1, 2, 3, 5, 6, 7, 8, 9],
}


@each("rule", ONE_RULE)
@each("engine", ["polars", "duckdb"])
def test_each_customs_rule(rule: str, engine: Any) -> None:
    kept = clean_customs(Table("customs", on_engine(CUSTOMS, engine).to_native()), rules=rule)
    assert kept.polars()["id"].sort().to_list() == ONE_RULE[rule]
    assert list(dropped(kept).values()) == [10 - len(ONE_RULE[rule])]
    assert kept.polars().columns == CUSTOMS.select(kept.polars().columns).columns


def test_what_is_said_of_customs_rules() -> None:
    kept = clean_customs(Table("customs", CUSTOMS), rules=("ordinary", "intermediaries"))
    account = str(kept.account)
    assert "2 rows whose trade regime is neither ordinary nor processing trade (e.g. 边境小额贸易)" not in account
    assert "1 rows whose trade regime is neither ordinary nor processing trade (e.g. 边境小额贸易)" in account
    assert "of 3 firms are trade intermediaries according to their names" in account
    assert "[Ahn, Khandelwal and Wei (2011)]" in account
    usual = clean_customs(Table("customs", CUSTOMS.drop("flow", "name")), rules="usual")
    assert "exports: not applied, no column flow" in str(usual.account)
    assert "intermediaries: not applied, no column name" in str(usual.account)


def test_names_can_come_from_exporters() -> None:
    exporters = CUSTOMS.select("firm", "name", "year")
    kept = clean_customs(Table("customs", CUSTOMS.drop("name")), rules="intermediaries", exporters=exporters)
    assert kept.polars()["id"].sort().to_list() == ONE_RULE["intermediaries"]
    assert "name" not in kept.columns


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_trim_cuts_at_linear_percentiles_of_product_unit_and_year(engine: Any) -> None:
    import numpy as np

    draw = random.Random(3)
    rows = [
        {
            "firm": f"F{i}",
            "product": draw.choice("ab"),
            "destination": "USA",
            "year": draw.choice([2004, 2005]),
            "unit": draw.choice(["kg", None]),
            "value": draw.lognormvariate(0, 2),
            "quantity": draw.uniform(1, 9),
        }
        for i in range(2000)
    ]
    data = pl.DataFrame(rows, infer_schema_length=None)
    kept = clean_customs(Table("customs", on_engine(data, engine).to_native()), rules="trim", cuts=(2, 95))
    cells: dict[tuple[Any, ...], list[float]] = {}
    for r in rows:
        cells.setdefault((r["product"], r["unit"], r["year"]), []).append(r["value"] / r["quantity"])
    ends = {k: np.quantile(v, [0.02, 0.95]) for k, v in cells.items()}
    inside = [
        r["firm"]
        for r in rows
        if ends[r["product"], r["unit"], r["year"]][0]
        <= r["value"] / r["quantity"]
        <= ends[r["product"], r["unit"], r["year"]][1]
    ]
    assert sorted(kept.polars()["firm"].to_list()) == sorted(inside)


def test_customs_rules_are_refused_with_a_remedy() -> None:
    with pytest.raises(UnknownName, match="did you mean 'intermediaries'"):
        clean_customs(CUSTOMS, rules="intermediary")
    with pytest.raises(MissingColumn, match="rule exports needs column 'flow'"):
        clean_customs(CUSTOMS.drop("flow"), rules="exports")
    with pytest.raises(UsageError, match="'0', '1', which is neither export nor import"):
        clean_customs(CUSTOMS.with_columns(flow=pl.col("id") % 2), rules="exports")
    with pytest.raises(UsageError, match="together exclude every row"):
        clean_customs(CUSTOMS, rules=("ordinary", "processing"))
    with pytest.raises(EmptyTable, match="rule not_home leaves no row"):
        clean_customs(CUSTOMS.with_columns(destination=pl.lit("China")), rules="not_home")
    with pytest.raises(UsageError, match="two ascending percentiles"):
        clean_customs(CUSTOMS, rules="trim", cuts=(99, 1))


def test_rules_from_the_command_line_and_the_study_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    firms({}, {"employees": 3}, {"founded_month": 13}).write_csv(tmp_path / "firms.csv")
    CUSTOMS.drop("id").write_csv(tmp_path / "customs.csv")
    out = tmp_path / "out.csv"
    assert (
        run(
            [
                "clean",
                str(tmp_path / "firms.csv"),
                "--rules",
                "cai_liu",
                "--rules",
                "feenstra_li_yu",
                "--out",
                str(out),
                "--quiet",
            ]
        )
        == 0
    )
    assert pl.read_csv(out)["firm"].to_list() == ["F0"]
    said = capsys.readouterr().err
    assert "1 row dropped: cai_liu: employees missing or fewer than 8 [Cai and Liu (2009)]" in said
    call = [str(tmp_path / "customs.csv"), "--rules", "exports", "--rules", "chapters", "--out", str(out), "--quiet"]
    assert run(["clean", *call, "--table", "customs"]) == 0
    assert pl.read_csv(out).height == 7
    assert run(["quality", *call, "--method", "unit_value", "--level", "row"]) == 0
    assert "1 row dropped: flow '进口': imports" in capsys.readouterr().err
    source = {"files": ["firms.csv"], "rules": ["cai_liu"], "min_employees": 2}
    assert read_source("firms", FirmSource(**source), tmp_path, "polars").polars().height == 3
    source = {"files": ["customs.csv"], "rules": ["exports", "chapters"]}
    assert read_source("customs", CustomsSource(**source), tmp_path, "polars").polars().height == 7
