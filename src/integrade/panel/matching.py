"""Firms in the customs records to firms in the accounts: exact steps, each pair with the rule that made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from integrade.account import Account, Entry
from integrade.errors import MissingColumn, UnknownName, did_you_mean
from integrade.frames import Table, collect
from integrade.measure import choose
from integrade.panel.audit_links import LinkReport, link_report
from integrade.panel.keys import MOST_SHARED, cleaned
from integrade.panel.names import Names
from integrade.panel.resolve import BEATEN, KEPT, TIED, resolve
from integrade.schema import conform
from integrade.sheet import Sheet, shown

STEPS: Mapping[str, tuple[str, ...]] = {
    "name_year": ("name", "year"),
    "name": ("name",),
    "postcode_phone": ("postcode", "phone"),
    "phone_contact": ("phone", "contact"),
}
"""Rule of a link -> the keys that must be the same on both sides, in the order in which they are tried."""

KEYS = ("name", "postcode", "phone", "contact")


@dataclass(frozen=True)
class MatchFirms:
    """How customs firms are matched to accounts.

    Parameters
    ----------
    steps
        The rules in the order in which they are tried: name_year, name, postcode_phone, phone_contact.
    several
        Let several customs firms be one firm of the accounts in a year; otherwise the one that agrees in more is kept.
    """

    steps: tuple[str, ...] = tuple(STEPS)
    several: bool = False


@shown
@dataclass(frozen=True)
class Matched:
    """What `match_firms` found: ``links``, the pairs that were ``conflicts``, and the ``report`` on both.

    ``links``: one row per customs_firm, year, with firm, rule, agreeing (the keys that are the same in any year), and
    matched_on (the value that made the link). ``conflicts``: the pairs that gave way or were tied.
    """

    links: Table
    conflicts: Table
    report: LinkReport

    def sheet(self) -> Sheet:
        """Match rates by step, and the audit by province."""
        return self.report.sheet()


class _Sides(NamedTuple):
    """Exporter-years and firm-years with clean keys; ``left`` and ``right`` number them."""

    exporters: pl.DataFrame
    firms: pl.DataFrame


def match_firms(
    firms: Any, exporters: Any, *, customs: Any = None, names: Names | None = None, options: MatchFirms | None = None,
    **changes: Any,
) -> Matched:  # fmt: skip
    """Match the firms of customs records to the firms of accounts by exact steps, in the order of Tian and Yu (2013).

    Formula: an exporter in a year is linked to a firm that has accounts in that year and (1) ``name_year``: bears the
        same normalised name in that year, (2) ``name``: bore one of its names in any year, (3) ``postcode_phone``: had
        the same postcode and last seven digits of the telephone in any year, (4) ``phone_contact``: the same seven
        digits and contact person in any year. Each step sees only what earlier ones left. Where one side has several
        candidates, the pair that agrees in more of name, postcode, phone and contact (over all years) is kept; a tie
        links nobody.

    Missing values: a key that is missing or identifies nobody (postcode without six digits, telephone of fewer than
        seven, all digits the same, a person of one character) is not used and counted; so is a pair of keys (steps 3
        and 4) that more than one firm has on either side, and a name that more than 20 firms have.

    Args:
        firms: accounts with name, and postcode, phone, contact (else legal_person) where there are any.
        exporters: one row per customs firm and year with the same columns.
        customs: customs records, for match rates by export value (else the column ``value`` of exporters).
        names: how names are normalised, see `Names`.
        options: see `MatchFirms`; or single options by name.

    Returns: a `Matched`; its ``links`` go to `assemble`. One row per customs firm and year.

    Raises: `MissingColumn` where neither side has what a step needs; `UnknownName` for a step that does not exist.

    Reference: Tian and Yu (2013); Yu (2015); Upward, Wang and Zheng (2013).

    Example:
        >>> matched = match_firms(firms, exporters, customs=customs)  # doctest: +SKIP
        >>> print(matched)  # doctest: +SKIP
    """
    chosen = choose(MatchFirms, options, changes)
    unknown = [s for s in chosen.steps if s not in STEPS]
    if unknown:
        raise UnknownName(f"no step {unknown[0]!r}", remedy=did_you_mean(unknown[0], STEPS))
    sides, log = read_sides(firms, exporters, names or Names())
    found, notes = _all_steps(sides, chosen)
    rows = _named(found)
    links = rows.filter(pl.col("fate") == KEPT).drop("fate")
    lost = rows.filter(pl.col("fate") != KEPT).sort("customs_firm", "year", "firm", "rule")
    log += [*notes, *_unlinked(sides, links, lost)]
    log += [Entry("match", "links", "out", "exporter-years linked to accounts", links.height)]
    report = link_report(links, sides.exporters, sides.firms, customs=customs, steps=chosen.steps)
    return Matched(Table("links", links, log, conformed="links"), Table("conflicts", lost), report)


def read_sides(firms: Any, exporters: Any, names: Names) -> tuple[_Sides, Account]:
    """Both sides through their doors, only the needed columns collected, with clean keys and numbered rows."""
    ours, log = _side(firms, "firms", names)
    theirs, more = _side(exporters, "exporters", names)
    theirs = theirs.rename({"firm": "customs_firm"}).sort("customs_firm", "year").with_row_index("left")
    return _Sides(theirs, ours.sort("firm", "year").with_row_index("right")), log + more


def _side(data: Any, table: str, names: Names) -> tuple[pl.DataFrame, Account]:
    door = conform(data, table)
    optional = [c for c in (*KEYS, "legal_person", "region", "value") if c in door.columns]
    if not any(k in door.columns for k in KEYS):
        remedy = f"map one with --column {table}.name=OLD (Python: columns={{OLD: 'name'}})"
        raise MissingColumn(f"{table} has none of {', '.join(KEYS)}, by which firms are matched", remedy=remedy)
    rows, notes = cleaned(collect(door.frame.select("firm", "year", *optional)), table, names)
    if "contact" not in rows.columns and "legal_person" in rows.columns:
        rows = rows.with_columns(contact="legal_person")
    absent = [k for k in (*KEYS, "region") if k not in rows.columns]
    rows = rows.with_columns(pl.lit(None, pl.String).alias(k) for k in absent)
    notes += [Entry("match", table, "note", f"no column {k!r}: what needs it finds nobody", 0)
              for k in absent if k != "region"]  # fmt: skip
    return rows.drop("legal_person", strict=False), door.account + notes


def _all_steps(sides: _Sides, chosen: MatchFirms) -> tuple[pl.DataFrame, list[Entry]]:
    """Every pair that was a candidate, with rule and fate, and what the steps say."""
    free, done = sides, []
    notes: list[Entry] = []
    for rule in chosen.steps:
        candidates, entries = _candidates(free, sides, rule)
        notes += entries
        judged = resolve(_agreement(candidates, sides), ["n_agreeing"], share_right=chosen.several)
        done.append(judged.with_columns(rule=pl.lit(rule)))
        kept = judged.filter(pl.col("fate") == KEPT)
        firms = free.firms if chosen.several else free.firms.join(kept, on="right", how="anti")
        free = _Sides(free.exporters.join(kept, on="left", how="anti"), firms)
        text = f"{rule}: {kept.height:,} exporter-years of {kept['customs_firm'].n_unique():,} firms linked"
        notes.append(Entry("match", "links", "note", text, kept.height))
    return pl.concat(done), notes


def _candidates(free: _Sides, sides: _Sides, rule: str) -> tuple[pl.DataFrame, list[Entry]]:
    """Pairs of exporter-year and firm-year that the rule allows, with what they were matched on."""
    keys = [k for k in STEPS[rule] if k != "year"]
    entries: list[Entry] = []
    on = pl.concat_str(keys, separator=" ").alias("matched_on")
    if rule == "name_year":
        common, entries = _usable(sides, keys, MOST_SHARED, ("year",))
        pairs = free.exporters.join(common, on=[*keys, "year"], how="semi").join(free.firms, on=[*keys, "year"])
        return pairs.select("left", "right", "customs_firm", "firm", "year", on), entries
    most = MOST_SHARED if rule == "name" else 1
    common, entries = _usable(sides, keys, most, ())
    ours, theirs = (side.join(common, on=keys, how="semi") for side in (sides.firms, sides.exporters))
    pairs = theirs.select("customs_firm", *keys).unique().join(ours.select("firm", *keys).unique(), on=keys)
    pairs = pairs.group_by("customs_firm", "firm").agg(on.min())
    rows = pairs.join(free.exporters.select("customs_firm", "year", "left"), on="customs_firm")
    rows = rows.join(free.firms.select("firm", "year", "right"), on=["firm", "year"])
    return rows.select("left", "right", "customs_firm", "firm", "year", "matched_on"), entries


def _usable(sides: _Sides, keys: Sequence[str], most: int, within: tuple[str, ...]) -> tuple[pl.DataFrame, list[Entry]]:
    """The values of the keys that both sides have and at most so many firms on either; the others are counted."""
    at = [*keys, *within]
    counts = [
        side.drop_nulls(keys).group_by(at).agg(pl.col(firm).n_unique().alias(n))
        for side, firm, n in ((sides.exporters, "customs_firm", "n_left"), (sides.firms, "firm", "n_right"))
    ]
    both = counts[0].join(counts[1], on=at)
    shared = both.filter(pl.max_horizontal("n_left", "n_right") > most).sort(at)
    if not shared.height:
        return both, []
    what = " and ".join(keys)
    who = "more than one firm" if most == 1 else f"more than {most} firms"
    text = f"{what} of {who} on a side, not used: {shared.height:,}"
    example = " ".join(str(shared[k][0]) for k in keys)
    return both.filter(pl.max_horizontal("n_left", "n_right") <= most), [
        Entry("match", "links", "note", text, shared.height, example)
    ]


def _agreement(candidates: pl.DataFrame, sides: _Sides) -> pl.DataFrame:
    """How many keys, and which, a customs firm and a firm have in common in any year."""
    pairs = candidates.select("customs_firm", "firm").unique()
    for key in KEYS:
        theirs = sides.exporters.select("customs_firm", key).drop_nulls().unique()
        ours = sides.firms.select("firm", key).drop_nulls().unique()
        hits = (
            pairs.select("customs_firm", "firm")
            .join(theirs, on="customs_firm")
            .join(ours, on=["firm", key], how="semi")
        )
        hits = hits.select("customs_firm", "firm", pl.lit(key).alias(f"_{key}")).unique()
        pairs = pairs.join(hits, on=["customs_firm", "firm"], how="left")
    marks = [f"_{key}" for key in KEYS]
    pairs = pairs.select(
        "customs_firm", "firm",
        n_agreeing=pl.sum_horizontal(pl.col(m).is_not_null().cast(pl.Int64) for m in marks),
        agreeing=pl.concat_str(marks, separator="+", ignore_nulls=True),
    )  # fmt: skip
    return candidates.join(pairs, on=["customs_firm", "firm"], how="left")


def _named(found: pl.DataFrame) -> pl.DataFrame:
    """The pairs as rows of ``links``; a pair that gave way in one step and won in a later one is only a link."""
    kept = found.filter(pl.col("fate") == KEPT)
    lost = found.filter(pl.col("fate") != KEPT).join(kept, on=["left", "right"], how="anti")
    rows = pl.concat([kept, lost.unique(["left", "right", "fate"], keep="first", maintain_order=True)])
    return rows.select(
        "customs_firm", "firm", "year", "rule", pl.lit(None, pl.Float64).alias("weight"), "agreeing", "matched_on",
        "fate",
    ).sort("customs_firm", "year", "firm")  # fmt: skip


def _unlinked(sides: _Sides, links: pl.DataFrame, lost: pl.DataFrame) -> list[Entry]:
    """Conflicts, and why exporter-years stay without accounts."""
    at = ["customs_firm", "year"]
    left = sides.exporters.select(at).join(links, on=at, how="anti")
    tied = left.join(lost.filter(pl.col("fate") == TIED), on=at, how="semi")
    beaten = left.join(tied, on=at, how="anti").join(lost, on=at, how="semi")
    other = left.join(tied, on=at, how="anti").join(beaten, on=at, how="anti")
    known = other.join(links, on="customs_firm", how="semi")
    reasons = (
        ("tie between firms that agree in as much", tied),
        ("its firm is taken by an exporter that agrees in more", beaten),
        ("linked in other years, but its firm has no accounts in this one", known),
        ("no firm with accounts agrees in any step", other.join(known, on=at, how="anti")),
    )
    entries = []
    for fate in (BEATEN, TIED):
        part = lost.filter(pl.col("fate") == fate)
        if part.height:
            example = ", ".join(f"{c}={part[c][0]}" for c in ("customs_firm", "firm", "year"))
            entries.append(Entry("match", "links", "note", f"{part.height:,} pairs {fate}", part.height, example))
    for reason, rows in reasons:
        if rows.height:
            first = rows.sort(at).row(0, named=True)
            example = f"customs_firm={first['customs_firm']}, year={first['year']}"
            entries.append(Entry("match", "exporters", "dropped", reason, rows.height, example))
    return entries
