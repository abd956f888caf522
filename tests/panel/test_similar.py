"""Exporters left over, matched by similar names: truth by trap, weights by hand, thresholds, review, engines."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product

import polars as pl
import pytest

from integrade.engine.frames import Table
from integrade.errors import MissingColumn, UnknownName, UsageError
from integrade.panel import linkage, similar
from integrade.panel.identity import firm_identity
from integrade.panel.linkage import LEVELS
from integrade.panel.matching import Matched, match_firms
from integrade.panel.names import Names
from integrade.panel.review_links import decisions
from integrade.panel.sides import KEYS, read_sides, spellings
from integrade.panel.similar import LABELS, SAMPLE, Similar
from integrade.simulation.exporters import Registers, simulate_registers
from registers import judged

pytestmark = pytest.mark.slow

pytest.importorskip("splink")


@pytest.fixture(scope="module")
def registers() -> Registers:
    return simulate_registers(1500, n_exporters=600, share=0.012)


@pytest.fixture(scope="module")
def accounts(registers: Registers) -> Table:
    return firm_identity(registers.firms, id_alone="drop").table


@pytest.fixture(scope="module")
def matched(registers: Registers, accounts: Table) -> Matched:
    return match_firms(accounts, registers.exporters, customs=registers.customs, similar=True)


def test_wrong_characters_that_exact_steps_miss_are_found(
    matched: Matched, accounts: Table, registers: Registers
) -> None:
    """Precision and recall of the step: one character, whose telephone is unusable or shared by two firms."""
    rows = judged(matched, accounts, registers)
    similar = rows.filter(pl.col("rule") == "similar")
    assert similar["right"].all()
    assert set(similar["trap"]) == {"slip_agent", "slip_same_digit", "slip_short"}
    slips = rows.filter(pl.col("trap").is_in(["slip_agent", "slip_same_digit", "slip_short"]))
    assert slips["right"].mean() == 1.0
    bare = rows.filter(pl.col("trap") == "twins_bare")
    assert bare["rule"].null_count() == bare.height  # nothing but the name tells them apart: still a tie
    arms = registers.planted.filter(pl.col("trap") == "trading_arm")["customs_firm"].to_list()
    assert not rows.filter(pl.col("rule").is_not_null())["customs_firm"].is_in(arms).any()


def test_exact_links_are_the_same_with_and_without(matched: Matched, accounts: Table, registers: Registers) -> None:
    exact = match_firms(accounts, registers.exporters)
    assert exact.linkage is None
    columns = [c for c in exact.links.columns if c != "weight"]
    assert (
        matched.links.polars()
        .filter(pl.col("rule") != "similar")
        .select(columns)
        .equals(exact.links.polars().select(columns))
    )
    assert matched.report.steps[-2].rule == "similar"
    assert matched.report.steps[-1].rows == matched.links.polars().height


def _levels_by_hand(a: dict[str, str | None], b: dict[str, str | None]) -> dict[str, str]:
    """The level of each comparison but the name, by its words."""
    found = {}
    if a["postcode"] and b["postcode"]:
        near = "first four digits" if a["postcode"][:4] == b["postcode"][:4] else "other"
        found["postcode"] = "same" if a["postcode"] == b["postcode"] else near
    if a["phone"] and b["phone"]:
        digits = sum(x != y for x, y in zip(a["phone"], b["phone"], strict=True))
        if digits == 0 or digits > 2:  # two digits apart may be one shift: left to the program
            found["phone"] = "same" if digits == 0 else "other"
    if a["contact"] and b["contact"]:
        found["contact"] = "same" if a["contact"] == b["contact"] else "other"
    return found


def test_shares_of_levels_are_those_counted_by_hand(matched: Matched, accounts: Table, registers: Registers) -> None:
    """u: all pairs of evenly spread firms, counted in a loop, each level half a time more than it was seen."""
    assert matched.linkage is not None
    sides, _ = read_sides(accounts, registers.exporters, Names())
    samples = []
    for side, key in ((sides.exporters, "customs_firm"), (sides.firms, "firm")):
        rows = (
            side.select(key, *KEYS)
            .unique()
            .sort(key, *KEYS, nulls_last=True)
            .unique(key, keep="first", maintain_order=True)
        )
        samples.append(rows.gather_every(max(1, rows.height // SAMPLE)).head(SAMPLE).to_dicts())
    counts: dict[str, Counter[str]] = {"postcode": Counter(), "contact": Counter()}
    for a, b in product(*samples):
        for name, level in _levels_by_hand(a, b).items():
            if name in counts:
                counts[name][level] += 1
    for w in matched.linkage.weights:
        if w.comparison in counts:
            seen, levels = counts[w.comparison], LEVELS[w.comparison]
            expected = (seen[w.level] + 0.5) / (seen.total() + 0.5 * len(levels))
            assert w.u == pytest.approx(expected, rel=1e-12)
        assert w.weight == pytest.approx(math.log2(w.m / w.u), rel=1e-12)


def test_levels_are_counted_as_splink_finds_them(
    accounts: Table, registers: Registers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pairs of some records of both sides, of which many are one firm: the former path."""
    sides, _ = read_sides(accounts, registers.exporters, Names())
    known = spellings(sides)
    left = similar._records(known.exporters, "customs_firm").head(250).with_columns(block=pl.lit("all"))
    right = similar._records(known.firms, "firm").gather_every(5).with_columns(block=pl.lit("all"))
    counted = linkage.counts_of_levels(left, right, "block")
    even = {name: (1 / len(levels),) * len(levels) for name, levels in LEVELS.items()}
    monkeypatch.setattr(linkage, "BLOCKS", (("block",),))
    monkeypatch.setattr(linkage, "COLUMNS", (*linkage.COLUMNS, "block"))
    pairs = linkage.scored_pairs(left, right, linkage.Model(even, even), 0.5, least=-1000.0, engine="duckdb")
    assert pairs.height == left.height * right.height
    for name, levels in LEVELS.items():
        assert counted[name] == [pairs[f"at_{name}"].eq(level.text).sum() for level in levels]
        assert counted[name][0] > 0
    assert sum(n > 0 for n in counted["name"]) >= 4


def test_a_weight_is_the_prior_and_its_parts(matched: Matched, accounts: Table) -> None:
    """log2 odds = log2 prior odds + the parts that ``why`` prints, to their printed digit."""
    assert matched.linkage is not None
    prior = 0.5 / accounts.polars()["firm"].n_unique()
    assert matched.linkage.prior == pytest.approx(prior, rel=1e-12)
    sheet = matched.linkage.review.polars()
    assert sheet.height
    for weight, probability, why in sheet.select("weight", "probability", "why").rows():
        parts = [float(part.rsplit(" ", 1)[1]) for part in why.split(", ")]
        assert weight == pytest.approx(math.log2(prior / (1 - prior)) + sum(parts), abs=0.05 * len(parts) + 1e-9)
        assert probability == pytest.approx(2**weight / (1 + 2**weight), rel=1e-9)


def test_every_similar_link_says_its_weight_and_why(matched: Matched) -> None:
    links = matched.links.polars()
    similar = links.filter(pl.col("rule") == "similar")
    assert similar["weight"].min() >= Similar().threshold  # type: ignore[operator]
    assert similar["matched_on"].str.starts_with("name one character differs +").all()
    assert links.filter(pl.col("rule") != "similar")["weight"].null_count() == links.height - similar.height


def test_a_higher_threshold_links_less_as_the_table_said(
    matched: Matched, accounts: Table, registers: Registers
) -> None:
    assert matched.linkage is not None
    known = {t.weight: t for t in matched.linkage.thresholds}
    pairs = [t.pairs for t in matched.linkage.thresholds]
    assert pairs == sorted(pairs, reverse=True)
    high = next(w for w in sorted(known) if 0 < known[w].pairs < known[7.0].pairs)
    stricter = match_firms(accounts, registers.exporters, similar={"threshold": high})
    links = stricter.links.polars().filter(pl.col("rule") == "similar")
    assert links["customs_firm"].n_unique() == known[high].pairs
    assert all(t.disagree == 0 for t in matched.linkage.thresholds)


def test_decisions_of_a_reviewer_are_kept(matched: Matched, accounts: Table, registers: Registers) -> None:
    assert matched.linkage is not None
    sheet = matched.linkage.review.polars()
    assert set(sheet["linked"]) <= {"yes", "no"}
    linked = sheet.filter(pl.col("linked") == "yes").sort("customs_firm")
    no, yes = linked.row(0, named=True), linked.row(1, named=True)
    words = pl.col("customs_firm").replace_strict({no["customs_firm"]: "否", yes["customs_firm"]: " Yes"}, default=None)
    again = match_firms(accounts, registers.exporters, similar=True, reviewed=sheet.with_columns(decision=words))
    links = again.links.polars()
    assert not links.filter((pl.col("customs_firm") == no["customs_firm"]) & (pl.col("firm") == no["firm"])).height
    mine = links.filter(pl.col("customs_firm") == yes["customs_firm"])
    assert set(mine["rule"]) == {"reviewed"}
    assert set(mine["firm"]) == {yes["firm"]}
    assert again.report.steps[0].rule == "reviewed"


def test_a_refusal_undoes_an_exact_link_too(accounts: Table, registers: Registers) -> None:
    exact = match_firms(accounts, registers.exporters).links.polars()
    pair = exact.filter(pl.col("rule") == "name_year").row(0, named=True)
    said = pl.DataFrame({"customs_firm": [pair["customs_firm"]], "firm": [pair["firm"]], "decision": ["no"]})
    links = match_firms(accounts, registers.exporters, reviewed=said).links.polars()
    assert links.join(said, on=["customs_firm", "firm"], how="semi").height == 0
    assert links.height < exact.height


def test_decisions_that_cannot_be_read_are_refused() -> None:
    rows = pl.DataFrame({"customs_firm": ["a", "b"], "firm": ["f", "g"], "decision": [None, "perhaps"]})
    with pytest.raises(UnknownName, match="'perhaps'") as caught:
        decisions(rows)
    assert "row 3" in str(caught.value)
    with pytest.raises(MissingColumn, match="'decision'"):
        decisions(rows.drop("decision"))
    both = pl.DataFrame({"customs_firm": ["a", "a"], "firm": ["f", "f"], "decision": ["yes", "no"]})
    with pytest.raises(UnknownName, match="both decisions"):
        decisions(both)


def test_too_little_to_learn_from_is_refused(accounts: Table, registers: Registers) -> None:
    few = registers.exporters.filter(pl.col("firm").is_in(registers.exporters["firm"].unique().sort()[:5].to_list()))
    with pytest.raises(UsageError, match="too few exact links") as caught:
        match_firms(accounts, few, similar=True)
    assert str(LABELS) in str(caught.value)
    with pytest.raises(UsageError, match="similar names need names and one of"):
        match_firms(accounts, registers.exporters.select("firm", "year", "name"), similar=True)


def test_the_order_of_rows_does_not_matter(matched: Matched, accounts: Table, registers: Registers) -> None:
    firms = accounts.polars().sample(fraction=1, shuffle=True, seed=1)
    mixed = registers.exporters.sample(fraction=1, shuffle=True, seed=2)
    again = match_firms(firms, mixed, customs=registers.customs, similar=True)
    weights = ["weight"]
    assert again.links.polars().drop(weights).equals(matched.links.polars().drop(weights))
    assert again.linkage is not None
    assert matched.linkage is not None
    assert again.linkage.weights == matched.linkage.weights


@pytest.mark.system
@pytest.mark.slow
@pytest.mark.usefixtures("spark")
def test_spark_links_the_same() -> None:
    """A small register on which every step finds links: Spark does not compile here, and each pair takes its time."""
    registers = simulate_registers(300, n_exporters=120, share=0.05)
    accounts = firm_identity(registers.firms, id_alone="drop").table
    ours, theirs = (
        match_firms(accounts, registers.exporters, customs=registers.customs, similar=similar).links.polars()
        for similar in (True, {"linkage": "spark"})
    )
    assert ours.filter(pl.col("rule") == "similar").height > 200
    assert theirs.drop("weight", "matched_on").equals(ours.drop("weight", "matched_on"))
    assert theirs["weight"].is_null().equals(ours["weight"].is_null())
    weighted = (links["weight"].drop_nulls().to_list() for links in (theirs, ours))
    assert next(weighted) == pytest.approx(next(weighted), rel=1e-9)
