"""Firms over time: the simulated truth, a brute-force twin, and each trap."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.errors import UnknownName
from integrade.panel.identity import RULES, Identity, firm_identity
from integrade.panel.resolve import BEATEN, KEPT, TIED, resolve
from integrade.simulation.exporters import Registers, simulate_registers

LINKED = ("recoded", "renamed", "recoded_renamed", "recoded_new_person", "reborn", "gap", "gap_recoded")
RULE_OF = {
    "recoded": "name",
    "recoded_renamed": "person_county",
    "recoded_new_person": "phone_county",
    "reborn": "birth",
    "gap_recoded": "name",
    "gap": "id",
    "renamed": "id",
}


@pytest.fixture(scope="module")
def registers() -> Registers:
    return simulate_registers(1500, n_exporters=600, share=0.01)


@pytest.fixture(scope="module")
def followed(registers: Registers) -> Identity:
    return firm_identity(registers.firms, give="map", id_alone="drop")


def _with_truth(found: Identity, registers: Registers) -> pl.DataFrame:
    rows = found.table.polars().join(registers.true_firms, on=["firm", "year", "name"], how="left", validate="1:1")
    return rows.join(registers.planted.select("trap", "entity"), on="entity", how="left")


def test_every_firm_is_followed_and_no_two_become_one(followed: Identity, registers: Registers) -> None:
    rows = _with_truth(followed, registers)
    assert rows["entity"].null_count() == 0
    assert rows.group_by("panel_firm").agg(pl.col("entity").n_unique())["entity"].max() == 1  # precision 1
    whole = rows.group_by("entity", "trap").agg(pl.col("panel_firm").n_unique(), years=pl.len())
    assert whole.filter(pl.col("panel_firm") > 1).height == 0  # recall 1
    assert set(LINKED) <= set(whole["trap"].drop_nulls())


@each("trap", LINKED)
def test_each_change_is_bridged_by_its_rule(trap: str, followed: Identity, registers: Registers) -> None:
    rows = _with_truth(followed, registers).filter(pl.col("trap") == trap).sort("entity", "year")
    bridge = rows.filter(pl.col("rule") != "id").filter(pl.col("rule") != "first") if RULE_OF[trap] != "id" else rows
    assert bridge.height >= rows["entity"].n_unique()
    assert set(bridge["rule"]) - {"first"} == {RULE_OF[trap]}
    if trap.startswith("gap"):
        assert rows.filter(pl.col("year") - pl.col("from_year") == 2).height == rows["entity"].n_unique()


def test_codes_given_to_other_firms_are_told_and_cut_on_demand(registers: Registers, followed: Identity) -> None:
    kept = firm_identity(registers.firms)
    heirs = registers.planted.filter(pl.col("trap") == "heir").height // 2
    assert any(f"{heirs} links use only the id" in e.reason for e in kept.table.account)
    assert any(f"{heirs} pairs that share only the id" in e.reason for e in followed.table.account)
    assert followed.n_firms == kept.n_firms + heirs == registers.true_firms["entity"].n_unique()


def test_one_code_twice_in_a_year_is_two_firms(followed: Identity, registers: Registers) -> None:
    rows = _with_truth(followed, registers).filter(pl.col("trap") == "same_code")
    assert rows.group_by("firm").agg(pl.col("panel_firm").n_unique())["panel_firm"].to_list() == [2] * (
        rows["entity"].n_unique() // 2
    )
    assert rows.filter(pl.col("panel_firm").str.ends_with("#2")).height == rows.height // 2
    beaten = firm_identity(registers.firms).conflicts.polars().filter(pl.col("fate") == BEATEN)
    assert set(rows["firm"]) <= set(beaten["from_firm"])


def test_a_firm_with_a_new_code_and_its_old_name_is_one_firm() -> None:
    rows = pl.DataFrame({"firm": ["id1", "id2"], "year": [2004, 2005], "name": ["X厂", "X廠"]})
    found = firm_identity(rows, give="map")
    assert found.table.polars()["panel_firm"].to_list() == ["id1", "id1"]
    assert found.table.polars()["rule"].to_list() == ["first", "name"]
    assert (found.n_firms, found.recoded, found.recycled) == (1, 1, 0)
    assert any("no column 'legal_person', 'county'" in e.reason for e in found.table.account)


def test_a_gap_is_bridged_only_as_far_as_asked() -> None:
    rows = pl.DataFrame({"firm": ["a", "a", "a"], "year": [2001, 2003, 2006], "name": ["甲厂"] * 3})
    spans = {gap: firm_identity(rows, gap_years=gap).n_firms for gap in (0, 1, 2)}
    assert spans == {0: 3, 1: 2, 2: 1}


def test_a_tie_links_nobody_and_is_kept_as_a_conflict() -> None:
    rows = pl.DataFrame({"firm": ["a", "b", "c"], "year": [2001, 2002, 2002], "name": ["甲厂"] * 3})
    found = firm_identity(rows)
    assert found.n_firms == 3
    lost = found.conflicts.polars()
    assert lost.select("from_firm", "to_firm", "rule", "fate").rows() == [
        ("a", "b", "name", TIED),
        ("a", "c", "name", TIED),
    ]


def test_the_order_of_rules_can_decide_instead_of_agreement() -> None:
    """Code a goes on with another name; what was a goes on as b with name, person and county."""
    rows = pl.DataFrame(
        {
            "firm": ["a", "a", "b"],
            "year": [2001, 2002, 2002],
            "name": ["甲厂", "乙厂", "甲厂"],
            "legal_person": ["王静", "李强", "王静"],
            "county": ["110101", "110101", "110101"],
        }
    )
    by_agreement = firm_identity(rows, give="map").table.polars().sort("year", "firm")
    by_rule = firm_identity(rows, give="map", order="rule").table.polars().sort("year", "firm")
    assert by_agreement["panel_firm"].to_list() == ["a", "a#2", "a"]
    assert by_rule["panel_firm"].to_list() == ["a", "a", "b"]


def test_accounts_come_back_whole_with_the_panel_firm(registers: Registers) -> None:
    given = registers.firms.with_columns(assets=pl.int_range(pl.len()).cast(pl.Float64))
    rows = firm_identity(given).table.polars()
    assert rows.height == given.height
    assert rows["assets"].sum() == given["assets"].sum()
    assert rows.select("firm", "year").is_duplicated().sum() == 0
    assert {"firm", "firm_code", "name", "legal_person", "linked_by"} <= set(rows.columns)


def test_the_order_of_rows_does_not_matter(registers: Registers, followed: Identity) -> None:
    shuffled = firm_identity(registers.firms.sample(fraction=1, shuffle=True, seed=3), give="map", id_alone="drop")
    assert shuffled.table.polars().equals(followed.table.polars())
    assert shuffled.conflicts.polars().equals(followed.conflicts.polars())


def test_a_value_of_many_firms_is_not_used_and_counted() -> None:
    rows = pl.DataFrame(
        {
            "firm": [f"{y}{i}" for y in (1, 2) for i in range(21)],
            "year": [2001] * 21 + [2002] * 21,
            "name": ["甲厂"] * 42,
        }
    )
    found = firm_identity(rows)
    assert found.n_firms == 42
    assert found.conflicts.polars().height == 0
    assert any("a value of rule name that more than 20 records" in e.reason for e in found.table.account)


def test_an_unknown_rule_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'phone_county'"):
        firm_identity(pl.DataFrame({"firm": ["a"], "year": [2001]}), rules=("phone_country",))


def _twin(rows: list[dict[str, object]]) -> set[tuple[int, int]]:
    """Links of record numbers by loops: rule by pair, then the best pairs again and again."""
    columns = ("firm", "name", "legal_person", "phone", "county", "founded", "industry", "product")
    linked: set[tuple[int, int]] = set()
    for gap in (1, 2):
        for year in sorted({int(str(r["year"])) for r in rows}):
            gone = {a for a, _ in linked}, {b for _, b in linked}
            pairs = {}
            for (i, a), (j, b) in product(enumerate(rows), enumerate(rows)):
                if a["year"] != year or b["year"] != year + gap or i in gone[0] or j in gone[1]:
                    continue
                same = {c for c in columns if a[c] is not None and a[c] == b[c]}
                rules = [k for k, keys in enumerate(RULES.values()) if set(keys) <= same]
                if rules:
                    pairs[i, j] = (len(same), -rules[0])
            linked |= _greedy(pairs)
    return linked


def _greedy(pairs: dict[tuple[int, int], tuple[int, int]]) -> set[tuple[int, int]]:
    won: set[tuple[int, int]] = set()
    while True:
        new = set()
        for (i, j), worth in pairs.items():
            rivals = [w for (a, b), w in pairs.items() if (a == i or b == j) and (a, b) != (i, j)]
            if all(worth > w for w in rivals):
                new.add((i, j))
        if not new:
            return won
        won |= new
        pairs = {(a, b): w for (a, b), w in pairs.items() if all(a != i and b != j for i, j in new)}


@pytest.mark.parametrize("seed", range(8))
def test_links_are_those_of_a_brute_force_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 40
    rows = pl.DataFrame(
        {
            "firm": rng.choice([f"c{i}" for i in range(12)], n),
            "year": rng.integers(2001, 2005, n),
            "name": rng.choice(["甲厂", "乙厂", "丙厂", "丁厂", "戊厂", "己厂"], n),
            "legal_person": rng.choice(["王静", "李强", "张伟", "刘洋"], n),
            "phone": rng.choice(["2600123", "2600124", "2600125"], n),
            "county": rng.choice(["110101", "110102"], n),
            "founded": rng.integers(1990, 1994, n),
            "industry": rng.choice(["13", "14"], n),
            "product": rng.choice(["衣", "鞋"], n),
        }
    )
    rows = rows.with_columns(pl.when(pl.Series(rng.random(n) < 0.8)).then("name"), number=pl.int_range(n))
    found = firm_identity(rows).table.polars()
    groups = found.sort("year", "number").group_by("firm").agg("number", "year")
    ours = {(int(a), int(b)) for numbers in groups["number"].to_list() for a, b in pairwise(numbers)}
    assert ours == _twin(rows.to_dicts())


@pytest.mark.parametrize("share_right", [False, True])
def test_conflicts_are_settled_as_by_hand(share_right: bool) -> None:
    pairs = pl.DataFrame({"left": [0, 0, 1, 1, 2], "right": [0, 1, 0, 1, 2], "n": [3, 2, 2, 1, 1]})
    fates = resolve(pairs, ["n"], share_right=share_right)["fate"].to_list()
    assert fates == ([KEPT, BEATEN, KEPT, BEATEN, KEPT] if share_right else [KEPT, BEATEN, BEATEN, KEPT, KEPT])
