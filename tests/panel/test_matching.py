"""Firms of the accounts to firms of the customs: planted traps with known truth, a brute-force twin, the account."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import product

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table
from integrade.errors import Coverage, MissingColumn, UnknownName, UsageError
from integrade.panel.assemble import assemble
from integrade.panel.identity import firm_identity
from integrade.panel.matching import STEPS, Matched, match_firms
from integrade.panel.names import normalise_name
from integrade.panel.resolve import BEATEN, TIED
from integrade.panel.sides import KEYS
from integrade.simulation.exporters import IN_CUSTOMS, Registers, simulate_registers
from registers import judged

RULE_OF: Mapping[str, str] = {
    "full_width": "name_year",
    "traditional": "name_year",
    "legal_form": "name_year",
    "slip": "postcode_phone",
    "slip_postcode": "phone_contact",
    "slip_switchboard": "phone_contact",
    "twins": "name_year",
    "second_code": "name_year",
}
UNSEEN = ("slip_agent", "slip_same_digit", "slip_short", "twins_bare")
"""Traps in which nothing usable agrees, or as much with two firms: no link, and the account says why."""


@pytest.fixture(scope="module")
def registers() -> Registers:
    return simulate_registers(1500, n_exporters=600, share=0.01)


@pytest.fixture(scope="module")
def accounts(registers: Registers) -> Table:
    return firm_identity(registers.firms, id_alone="drop").table


@pytest.fixture(scope="module")
def matched(registers: Registers, accounts: Table) -> Matched:
    return match_firms(accounts, registers.exporters, customs=registers.customs)


def test_precision_and_recall_by_step(matched: Matched, accounts: Table, registers: Registers) -> None:
    """Names and postcodes with telephones are never wrong here; telephone and person are, by the planted strangers."""
    rows = judged(matched, accounts, registers)
    links = rows.filter(pl.col("rule").is_not_null())
    precision = dict(links.group_by("rule").agg(pl.col("right").mean()).rows())
    strangers = registers.planted.filter(pl.col("trap") == "stranger")["customs_firm"]
    wrong = links.filter(~pl.col("right"))
    assert {rule: precision[rule] for rule in ("name_year", "name", "postcode_phone")} == {
        "name_year": 1,
        "name": 1,
        "postcode_phone": 1,
    }
    assert set(wrong["customs_firm"]) == set(strangers)
    assert set(wrong["rule"]) == {"phone_contact"}
    found = rows.filter(pl.col("true").is_not_null() & ~pl.col("trap").is_in([*UNSEEN, "second_code"]))
    assert found["right"].mean() == 1.0  # recall, but for what cannot be told


def test_it_prints_the_rates_of_its_report(matched: Matched) -> None:
    assert matched.report.steps
    assert str(matched) == str(matched.report)
    for step in matched.report.steps:
        assert re.search(rf"{step.rule}\b.*\b{step.rows:,}\b", str(matched)), step.rule


@each("trap", RULE_OF)
def test_each_spelling_is_found_by_its_step(trap: str, matched: Matched, accounts: Table, registers: Registers) -> None:
    rows = judged(matched, accounts, registers).filter((pl.col("trap") == trap) & pl.col("rule").is_not_null())
    assert rows.height
    assert rows["right"].all()
    assert set(rows["rule"]) == {RULE_OF[trap]}


@pytest.mark.parametrize("trap", UNSEEN)
def test_what_cannot_be_told_is_not_linked(trap: str, matched: Matched, accounts: Table, registers: Registers) -> None:
    rows = judged(matched, accounts, registers).filter(pl.col("trap") == trap)
    assert rows.height
    assert rows["rule"].null_count() == rows.height


def test_no_trap_goes_unnoticed(matched: Matched, registers: Registers) -> None:
    """Every trap is linked rightly (above), or said in the account with its number, or in the audit by province."""
    said = {e.reason: e.rows for e in matched.links.account if e.step == "match"}
    rows = registers.exporters.join(
        registers.planted.select("trap", firm="customs_firm"), on="firm", how="left"
    ).filter(pl.col("trap").is_not_null())
    n = {trap: rows.filter(pl.col("trap") == trap).height for trap in IN_CUSTOMS}
    firms = {trap: registers.planted.filter(pl.col("trap") == trap).height for trap in IN_CUSTOMS}
    assert said[f"phone shorter than 7 digits, not used: {n['slip_short']:,} rows"] == n["slip_short"]
    assert said[f"phone a single digit repeated, not used: {n['slip_same_digit']:,} rows"] == n["slip_same_digit"]
    shared = (firms["slip_switchboard"] + firms["slip_agent"]) // 2
    assert said[f"postcode and phone shared by more than one firm within a data set, not used: {shared}"] == shared
    agents = firms["slip_agent"] // 2
    assert said[f"phone and contact shared by more than one firm within a data set, not used: {agents}"] == agents
    assert said["tie between firms that match equally well"] == n["twins_bare"]
    assert said["its firm is linked to a better-matching exporter"] == n["second_code"]
    # the strangers are in other provinces than the firms whose telephone they have: the audit's estimate is their share
    step = next(s for s in matched.report.steps if s.rule == "phone_contact")
    strangers = registers.planted.filter(pl.col("trap") == "stranger")["customs_firm"]
    false = matched.links.polars().filter(pl.col("customs_firm").is_in(strangers.to_list())).height
    assert step.share_false == pytest.approx(false / step.rows, abs=0.05)
    assert all(s.share_false == 0 for s in matched.report.steps if s.rule in ("name_year", "name", "postcode_phone"))
    # a trading arm bears another name, and the firm's own telephone is not its
    arms = registers.planted.filter(pl.col("trap") == "trading_arm")["customs_firm"]
    assert not matched.links.polars()["customs_firm"].is_in(arms.to_list()).any()


def test_several_customs_codes_of_one_firm_by_option(accounts: Table, registers: Registers) -> None:
    both = match_firms(accounts, registers.exporters, several=True)
    rows = judged(both, accounts, registers).filter(pl.col("trap") == "second_code")
    assert rows["right"].all()
    assert rows.group_by("firm", "year").len()["len"].max() == 2


def test_rates_by_number_and_value_are_those_of_the_links(matched: Matched, registers: Registers) -> None:
    links = matched.links.polars()
    sums = registers.customs.group_by("firm", "year").agg(pl.col("value").sum()).rename({"firm": "customs_firm"})
    worth = links.join(sums, on=["customs_firm", "year"], how="left")
    for step in matched.report.steps:
        mine = worth if step.rule == "all" else worth.filter(pl.col("rule") == step.rule)
        assert step.rows == mine.height
        assert step.share == mine.height / registers.exporters.height
        assert step.share_value == pytest.approx(float(mine["value"].sum()) / float(sums["value"].sum()), rel=1e-12)
    dropped = sum(e.rows for e in matched.links.account if e.kind == "dropped")
    assert dropped + links.height == registers.exporters.height  # every exporter-year is linked or counted


def test_every_link_says_what_made_it(matched: Matched, registers: Registers) -> None:
    """matched_on is a value that both sides have in their own records, and agreeing holds the keys of the rule."""
    links = matched.links.polars()
    assert links.select("customs_firm", "year").is_duplicated().sum() == 0
    assert links.select("firm", "year").is_duplicated().sum() == 0
    keys = {rule: [k for k in step if k != "year"] for rule, step in STEPS.items()}
    assert all(
        set(keys[rule]) <= set(agreeing.split("+")) for rule, agreeing in links.select("rule", "agreeing").rows()
    )
    phones = registers.exporters.select(customs_firm="firm", year="year", tail=pl.col("phone").str.tail(7))
    by_phone = links.filter(pl.col("rule") == "postcode_phone").join(phones, on=["customs_firm", "year"])
    ends = by_phone["matched_on"].str.split(" ").list.last() == by_phone["tail"]
    assert by_phone.height
    assert ends.all()


def test_the_order_of_rows_does_not_matter(matched: Matched, accounts: Table, registers: Registers) -> None:
    firms = accounts.polars().sample(fraction=1, shuffle=True, seed=1)
    again = match_firms(firms, registers.exporters.sample(fraction=1, shuffle=True, seed=2), customs=registers.customs)
    assert again.links.polars().equals(matched.links.polars())
    assert again.conflicts.polars().equals(matched.conflicts.polars())
    assert again.report == matched.report


def test_a_name_without_its_place_matches_by_option() -> None:
    firms = pl.DataFrame({"firm": ["f"], "year": [2004], "name": ["广东省深圳市华大电子有限公司"]})
    exporters = pl.DataFrame({"firm": ["c"], "year": [2004], "name": ["深圳华大电子有限公司"]})
    assert match_firms(firms, exporters).links.polars().height == 0
    assert match_firms(firms, exporters, names={"places": "drop"}).links.polars()["rule"].to_list() == ["name_year"]


def test_tables_without_any_key_and_unknown_steps_are_refused() -> None:
    bare = pl.DataFrame({"firm": ["f"], "year": [2004]})
    named = bare.with_columns(name=pl.lit("甲厂"))
    with pytest.raises(MissingColumn, match="exporters has none of name, postcode, phone, contact"):
        match_firms(named, bare)
    with pytest.raises(UnknownName, match="did you mean 'name_year'"):
        match_firms(named, named, steps=("nameyear",))


def _twin(firms: list[dict[str, object]], exporters: list[dict[str, object]]) -> set[tuple[str, str, int, str]]:
    """The links by loops over pairs of records."""

    def values(rows: list[dict[str, object]], firm: object, key: str) -> set[object]:
        return {r[key] for r in rows if r["firm"] == firm and r[key] is not None}

    def owners(rows: list[dict[str, object]], at: tuple[tuple[str, object], ...]) -> int:
        return len({r["firm"] for r in rows if all(r[k] == v for k, v in at)})

    def agree(x: dict[str, object], f: dict[str, object]) -> int:
        return sum(bool(values(exporters, x["firm"], k) & values(firms, f["firm"], k)) for k in KEYS)

    def allowed(rule: str, x: dict[str, object], f: dict[str, object]) -> bool:
        if rule == "name_year":
            return x["name"] is not None and x["name"] == f["name"]
        keys = STEPS[rule]
        theirs = {tuple(r[k] for k in keys) for r in exporters if r["firm"] == x["firm"]}
        ours = {tuple(r[k] for k in keys) for r in firms if r["firm"] == f["firm"]}
        most = 20 if rule == "name" else 1
        return any(
            None not in v and max(owners(side, tuple(zip(keys, v, strict=True))) for side in (firms, exporters)) <= most
            for v in theirs & ours
        )

    won: set[tuple[str, str, int, str]] = set()
    for rule in STEPS:
        gone = {(a, y) for a, _, y, _ in won}, {(b, y) for _, b, y, _ in won}
        pairs = {
            (str(x["firm"]), str(f["firm"]), int(str(x["year"]))): agree(x, f)
            for x, f in product(exporters, firms)
            if x["year"] == f["year"]
            and allowed(rule, x, f)
            and (x["firm"], x["year"]) not in gone[0]
            and (f["firm"], x["year"]) not in gone[1]
        }
        while True:
            new = {
                at
                for at, n in pairs.items()
                if all(
                    n > m
                    for other, m in pairs.items()
                    if other != at and other[2] == at[2] and (other[0] == at[0] or other[1] == at[1])
                )
            }
            if not new:
                break
            won |= {(a, b, y, rule) for a, b, y in new}
            taken = {(a, y) for a, _, y in new}, {(b, y) for _, b, y in new}
            pairs = {
                (a, b, y): n for (a, b, y), n in pairs.items() if (a, y) not in taken[0] and (b, y) not in taken[1]
            }
    return won


@each("seed", range(8))
def test_links_are_those_of_a_brute_force_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def side(prefix: str, n: int) -> pl.DataFrame:
        years = pl.DataFrame({"firm": [f"{prefix}{i}" for i in range(n)]}).join(
            pl.DataFrame({"year": [2001, 2002]}), how="cross"
        )
        rows = years.height
        spell = {
            "name": ["甲厂", "乙厂", "丙厂", "丁厂", "戊厂", "己厂", "庚厂"],
            "postcode": ["518001", "518002", "518003"],
            "phone": ["2600123", "2600124", "2600125", "2600126"],
            "contact": ["王静", "李强", "张伟"],
        }
        filled = {k: np.where(rng.random(rows) < 0.7, rng.choice(of, rows), None) for k, of in spell.items()}
        return years.with_columns(**{k: pl.Series(v.tolist(), dtype=pl.String) for k, v in filled.items()})

    firms, exporters = side("f", 8), side("c", 6)
    links = match_firms(firms, exporters).links.polars().select("customs_firm", "firm", "year", "rule").rows()
    assert set(links) == _twin(firms.to_dicts(), exporters.to_dicts())


MESSY: Mapping[str, tuple[str, ...]] = {
    "name": (
        "甲 电子有限公司",
        "甲（电子）有限责任公司",
        "甲電子有限公",
        "乙厂",
        "乙　廠",
        "丙厂",
        "ＡＢ Co., Ltd.",
        "（）",
    ),
    "postcode": ("518001", "５１８００１", "518-002", "51800", "111111", "518003"),
    "phone": ("0755-2600123", "2600123转8", "26 00 123, 2600999", "2600124-12", "2600124", "12345", "00000000"),
    "contact": ("王静", "王 静", "李強", "李强", "张", "（）"),
}


def _clean_by_hand(row: Mapping[str, object]) -> tuple[dict[str, object], set[str]]:
    """A record with clean keys, and which keys it has that identify nobody; each value by itself."""

    def digits(text: str) -> str:
        return re.sub(r"\D", "", unicodedata.normalize("NFKC", text))

    def telephone(text: str) -> str:
        first = unicodedata.normalize("NFKC", text).lower().strip()
        first = re.sub(r"(?:转|ext|#).*$", "", re.sub(r"[,;/、].*$", "", first))
        return digits(re.sub(r"(\d{7,})\s*-\s*\d{1,4}$", r"\1", first))

    postcode, phone = digits(str(row["postcode"] or "")), telephone(str(row["phone"] or ""))
    contact = normalise_name(str(row["contact"] or ""), forms="keep")
    good = {
        "postcode": len(postcode) == 6 and len(set(postcode)) > 1,
        "phone": len(phone) >= 7 and len(set(phone[-7:])) > 1,
        "contact": len(contact) > 1,
    }
    found = {"postcode": postcode, "phone": phone[-7:], "contact": contact}
    name = normalise_name(str(row["name"] or "")) or None
    clean = {**row, "name": name, **{k: v if good[k] else None for k, v in found.items()}}
    return clean, {k for k, v in found.items() if v and not good[k]}


def _messy(prefix: str, n: int, rng: np.random.Generator) -> pl.DataFrame:
    """So many firms in three years, in any order of rows."""
    records = [(f"{prefix}{i}", year) for i, year in product(range(n), (2001, 2002, 2003))]
    rows = pl.DataFrame(records, schema=["firm", "year"], orient="row")
    filled = {k: np.where(rng.random(rows.height) < 0.7, rng.choice(of, rows.height), None) for k, of in MESSY.items()}
    rows = rows.with_columns(**{k: pl.Series(v.tolist(), dtype=pl.String) for k, v in filled.items()})
    return rows.sample(fraction=1, shuffle=True, seed=n)


@pytest.mark.parametrize("seed", range(8))
def test_messy_keys_match_as_if_each_was_cleaned_by_itself(seed: int) -> None:
    """Links, and what is not used, as by loops over records and pairs."""
    rng = np.random.default_rng(100 + seed)
    sides = _messy("f", 7, rng), _messy("c", 6, rng)
    matched = match_firms(*sides)
    firms, exporters = ([_clean_by_hand(row) for row in rows.to_dicts()] for rows in sides)
    links = matched.links.polars().select("customs_firm", "firm", "year", "rule").rows()
    assert set(links) == _twin([row for row, _ in firms], [row for row, _ in exporters])
    for table, rows in (("firms", firms), ("exporters", exporters)):
        said = dict.fromkeys(("postcode", "phone", "contact"), 0)
        for entry in matched.links.account:
            if entry.table == table and ", not used: " in entry.reason:
                said[entry.reason.split(" ")[0]] += entry.rows
        assert said == {k: sum(k in unusable for _, unusable in rows) for k in said}


def test_decisions_about_firms_that_are_not_on_record_change_nothing(accounts: Table, registers: Registers) -> None:
    plain = match_firms(accounts, registers.exporters)
    strangers = pl.DataFrame({"customs_firm": ["nobody", "none"], "firm": ["x", "y"], "decision": ["yes", "no"]})
    again = match_firms(accounts, registers.exporters, reviewed=strangers)
    assert again.links.polars().equals(plain.links.polars())
    assert again.report.steps[1:] == plain.report.steps


def test_conflicts_name_both_firms_and_the_reason(matched: Matched, registers: Registers) -> None:
    lost = matched.conflicts.polars()
    twins = registers.planted.filter(pl.col("trap") == "twins_bare")["customs_firm"]
    tied = lost.filter(pl.col("fate") == TIED)
    assert set(tied["customs_firm"]) == set(twins)
    assert set(lost["fate"]) == {TIED, BEATEN}


def test_customs_records_serve_as_exporters() -> None:
    """The most frequent spelling of the year counts, the first in the order of text where two are as frequent."""
    firms = pl.DataFrame({"firm": ["f", "g"], "year": [2004, 2004], "name": ["华大电子有限公司", "甲厂"]})
    records = pl.DataFrame(
        {
            "firm": ["c", "c", "c", "d", "d"],
            "year": [2004] * 5,
            "product": ["610910"] * 5,
            "name": ["华大电子有限公司", "华太电子有限公司", "华大电子有限公司", "甲厂", "乙厂"],
            "value": [1.0, 2.0, 3.0, 4.0, 5.0],
        }
    )
    found = match_firms(firms, records)
    assert found.links.polars().select("customs_firm", "firm").rows() == [("c", "f")]
    assert found.report.steps[-1].share_value == pytest.approx(6 / 15)
    merged = [e for e in found.links.account if e.kind == "merged"]
    assert [e.rows for e in merged] == [3]


def test_quality_follows_links_to_the_accounts() -> None:
    """Two customs firms of one firm are averaged by value; what has no link is dropped and counted."""
    firms = pl.DataFrame({"firm": ["f", "f", "g"], "year": [2004, 2005, 2004], "assets": [1.0, 2.0, 3.0]})
    links = pl.DataFrame({"customs_firm": ["c", "d", "c"], "firm": ["f", "f", "f"], "year": [2004, 2004, 2005]})
    quality = pl.DataFrame(
        {
            "firm": ["c", "d", "c", "e"],
            "year": [2004, 2004, 2005, 2004],
            "quality": [0.2, 0.8, 0.5, 0.9],
            "value": [3.0, 1.0, 2.0, 9.0],
            "n_products": [2, 1, 1, 1],
        }
    )
    panel = assemble(firms, quality=quality, links=links)
    rows = panel.polars().select("firm", "year", "quality", "value", "n_products").rows()
    assert rows == [("f", 2004, pytest.approx(0.35), 4.0, 3), ("f", 2005, 0.5, 2.0, 1)]
    said = {(e.kind, e.reason): e.rows for e in panel.account if e.table == "quality"}
    assert said["dropped", "no link to accounts"] == 1
    assert said["merged", "several customs firms linked to one firm in a year, averaged with weights by value"] == 1


def test_links_that_cannot_be_followed_are_refused() -> None:
    firms = pl.DataFrame({"firm": ["f"], "year": [2004], "assets": [1.0]})
    quality = pl.DataFrame({"firm": ["c"], "year": [2004], "quality": [0.5]})
    two = pl.DataFrame({"customs_firm": ["c", "c"], "firm": ["f", "g"], "year": [2004, 2004]})
    with pytest.raises(Coverage, match="linked to two firms"):
        assemble(firms, quality=quality, links=two)
    with pytest.raises(Coverage, match="no customs firm and year of the links"):
        assemble(firms, quality=quality, links=two.head(1).with_columns(customs_firm=pl.lit("z")))
    with pytest.raises(UsageError, match="links are given without quality"):
        assemble(firms, links=two.head(1))


def test_the_whole_way_from_two_registers_to_a_panel(matched: Matched, accounts: Table, registers: Registers) -> None:
    """Every link is a firm-year of the panel, with the quality of its customs firm."""
    quality = registers.customs.select("firm", "year", "value", quality=pl.col("value").log())
    panel = assemble(accounts, quality=quality, links=matched.links).polars()
    want = matched.links.polars().join(quality, left_on=["customs_firm", "year"], right_on=["firm", "year"])
    both = panel.join(want, on=["firm", "year"], how="full")
    assert panel.height == want.height
    assert (both["quality"] - both["quality_right"]).abs().max() == 0
