"""Match firms in customs records to firms in the accounts, step by step, and record the rule that linked each pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import polars as pl

from integrade.engine.frames import Table
from integrade.errors import UnknownName, did_you_mean
from integrade.panel.audit_links import LinkReport, link_report
from integrade.panel.keys import MOST_SHARED
from integrade.panel.names import Names
from integrade.panel.resolve import BEATEN, KEPT, TIED, resolve
from integrade.panel.review_links import Linkage, decisions, linkage_of
from integrade.panel.sides import KEYS, Sides, Spellings, read_sides, spellings
from integrade.panel.similar import RULE, Similar, by_year, score
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import column_word
from integrade.wording.sheet import Sheet, shown
from plainwords.account import Entry
from plainwords.texts import listed, say

STEPS: Mapping[str, tuple[str, ...]] = {
    "name_year": ("name", "year"),
    "name": ("name",),
    "postcode_phone": ("postcode", "phone"),
    "phone_contact": ("phone", "contact"),
}
"""Name of a rule -> the keys that must be equal on both sides. The rules are tried in this order."""

FIRMS = ("customs_firm", "firm")

REVIEWED = "reviewed"
"""The rule of pairs that a reviewer accepted."""


@dataclass(frozen=True)
class MatchFirms:
    """Options of `match_firms`: how customs firms are matched to accounts.

    Parameters
    ----------
    steps
        The rules in the order in which they are tried: name_year, name, postcode_phone, phone_contact.
    several
        Let several customs firms match the same firm of the accounts in a year. Otherwise only the customs firm that
        agrees in more fields is kept.
    names
        How names are normalised: options of `normalise_names`, or a mapping of them.
    similar
        After the exact steps, match the remaining exporters by similar names (needs splink). Give options of `Similar`,
        a mapping of them, or true for the defaults.
    """

    steps: tuple[str, ...] = tuple(STEPS)
    several: bool = False
    names: Names | Mapping[str, Any] = field(default_factory=Names)
    similar: Similar | Mapping[str, Any] | bool = False


@shown
@dataclass(frozen=True)
class Matched:
    """The result of `match_firms`: the ``links``, the rejected pairs (``conflicts``), and a ``report`` on both.

    ``links``: one row per customs_firm, year, with firm, rule, agreeing (the keys that are equal in any year),
    matched_on (the value that made the link, or how similar the two names are) and weight (of similar names, log2
    odds). ``conflicts``: the pairs that were rejected for a better pair, or because of a tie. ``linkage``: weights,
    thresholds and pairs to review, if similar names were requested.
    """

    links: Table
    conflicts: Table
    report: LinkReport
    linkage: Linkage | None = None

    def tidy(self) -> pl.DataFrame:
        """Return the estimates or rows of this result with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the summary numbers of this result in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return match rates by step and the audit by province as a printable table."""
        return self.report.sheet()


@keywords(MatchFirms)
def match_firms(
    firms: Any,
    exporters: Any,
    *,
    customs: Any = None,
    reviewed: Any = None,
    options: MatchFirms | None = None,
    **changes: Any,
) -> Matched:
    """Match firms of customs records to firms of accounts by exact steps and, on request, by similar names.

    Formula: an exporter in a year is linked to a firm that has accounts in that year and (1) ``name_year``: has the
        same normalised name in that year, (2) ``name``: had one of its names in any year, (3) ``postcode_phone``: had
        the same postcode and last seven digits of the telephone in any year, (4) ``phone_contact``: had the same seven
        digits and contact person in any year. The order is that of Tian and Yu (2013). Each step uses only records that
        earlier steps left unlinked. Among several candidates, the pair that agrees in more of name, postcode, phone and
        contact (over all years) is kept; a tie links nobody. With ``similar``, exporters without any link are then
        compared with all firms, and linked if the match weight is high enough (formula:
        `integrade.panel.similar.score`).

    Missing values: a key that is missing or identifies nobody is not used, and counted. Such keys are a postcode
        without six digits, a telephone of fewer than seven, all digits the same, and a person of one character. Also
        not used and counted: a pair of keys (steps 3 and 4) that more than one firm has on either side, and a name that
        more than 20 firms have.

    Args:
        firms: accounts with name and, if available, postcode, phone, contact (else legal_person).
        exporters: customs firm (``firm``) and year with the same columns; or the customs records themselves, from which
            the most frequent name, postcode, telephone and contact of each exporter and year are taken.
        customs: customs records (or firm, year, value), for match rates by export value; default: the column ``value``
            of exporters.
        reviewed: pairs with a column ``decision`` (``linkage.review``, filled in). A pair with yes is linked before all
            steps, under the rule ``reviewed``, in every year in which both firms have records. A pair with no is never
            linked.
        options: see `MatchFirms`; or single options by name.

    Returns: a `Matched`; its ``links`` go to `assemble`. One row per customs firm and year.

    Raises: `MissingColumn` if neither side has the columns of a step; `UnknownName` for an unknown step; `UsageError`
        for similar names without splink, or with too few exact links to learn from.

    Reference: Tian and Yu (2013); Yu (2015); Upward, Wang and Zheng (2013); Fellegi and Sunter (1969).

    Example:
        >>> matched = match_firms(firms, exporters, customs=customs)  # doctest: +SKIP
        >>> print(matched)  # doctest: +SKIP
    """
    chosen = choose(MatchFirms, options, changes)
    unknown = [s for s in chosen.steps if s not in STEPS]
    if unknown:
        raise UnknownName(f"no step {unknown[0]!r}", remedy=did_you_mean(unknown[0], STEPS))
    names = chosen.names if isinstance(chosen.names, Names) else choose(Names, None, chosen.names)
    sides, log = read_sides(firms, exporters, names)
    known = spellings(sides)
    decided: Decided | None = None
    if reviewed is not None:  # pairs whose firms are both in the data, with codes in the type of the data
        kinds = sides.exporters.schema["customs_firm"], sides.firms.schema["firm"]
        codes = [pl.col(c).cast(kind, strict=False) for c, kind in zip(FIRMS, kinds, strict=True)]
        yes, no = (pairs.with_columns(*codes).drop_nulls() for pairs in decisions(reviewed))
        decided = yes, no
    candidates, free, notes = _all_steps(sides, known, chosen, decided)
    similar, scored = None, None
    if isinstance(chosen.similar, Mapping):
        similar = choose(Similar, None, chosen.similar)
    elif chosen.similar:
        similar = chosen.similar if isinstance(chosen.similar, Similar) else Similar()
    if similar is not None:
        refused = decided[1] if decided else candidates.clear()
        kept = candidates.filter(pl.col("fate") == KEPT)
        scored, more = score(known, kept, refused, similar)
        pairs = by_year(scored, free, similar, several=chosen.several)
        candidates = pl.concat([candidates, pairs.select(candidates.columns)])
        notes += [*more, _linked(RULE, pairs.filter(pl.col("fate") == KEPT))]
    rows = _named(candidates)
    links = rows.filter(pl.col("fate") == KEPT).drop("fate")
    lost = rows.filter(pl.col("fate") != KEPT).sort("customs_firm", "year", "firm", "rule")
    log += [*notes, *_unlinked(sides, links, lost)]
    log += [Entry("match", "links", "out", say("panel.linked-out"), links.height)]
    rules = (*([REVIEWED] if decided else []), *chosen.steps, *([RULE] if similar else []))
    report = link_report(links, sides.exporters, sides.firms, customs=customs, steps=rules)
    linkage = linkage_of(scored, sides, links, report.by_chance, similar) if scored and similar else None
    links, lost = (rows.drop("left", "right").with_columns(pl.col(FIRMS).cast(pl.String)) for rows in (links, lost))
    return Matched(Table("links", links, log, conformed="links"), Table("conflicts", lost), report, linkage)


Decided = tuple[pl.DataFrame, pl.DataFrame]
"""Pairs that a reviewer accepted, and pairs that a reviewer refused."""


def _all_steps(
    sides: Sides, known: Spellings, chosen: MatchFirms, decided: Decided | None
) -> tuple[pl.DataFrame, Sides, list[Entry]]:
    """Run all steps; return every candidate pair with its rule and outcome, the unlinked records, and notes."""
    free, done = sides, []
    values = {key: _pair(known, [key]) for key in KEYS}
    notes: list[Entry] = []
    for rule in ((REVIEWED,) if decided else ()) + chosen.steps:
        if rule == REVIEWED and decided:
            candidates, entries = _accepted_pairs(free, decided[0]), list[Entry]()
        else:
            candidates, entries = _candidates(free, sides, known, rule)
        if decided:
            candidates = candidates.join(decided[1], on=["customs_firm", "firm"], how="anti")
        notes += entries
        judged = resolve(_agreement(candidates, values), ["n_agreeing"], share_right=chosen.several)
        done.append(
            judged.select(
                *(c for c in FOUND if c not in ("rule", "weight")), rule=pl.lit(rule), weight=pl.lit(None, pl.Float64)
            ).select(FOUND)
        )
        kept = judged.filter(pl.col("fate") == KEPT)
        firms = free.firms if chosen.several else free.firms.join(kept, on="right", how="anti")
        free = Sides(free.exporters.join(kept, on="left", how="anti"), firms)
        notes.append(_linked(rule, kept))
    return pl.concat(done), free, notes


FOUND = ("left", "right", "customs_firm", "firm", "year", "rule", "weight", "agreeing", "matched_on", "fate")


def _linked(rule: str, kept: pl.DataFrame) -> Entry:
    text = say("panel.rule-linked", rule=rule, n=kept.height, firms=kept["customs_firm"].n_unique())
    return Entry("match", "links", "note", text, kept.height)


def _accepted_pairs(free: Sides, yes: pl.DataFrame) -> pl.DataFrame:
    """Return the accepted pairs in every year in which both firms have records."""
    rows = yes.join(free.exporters.select("customs_firm", "year", "left"), on="customs_firm")
    rows = rows.join(free.firms.select("firm", "year", "right"), on=["firm", "year"])
    return rows.select("left", "right", "customs_firm", "firm", "year", matched_on=pl.lit("a reviewer's decision"))


def _candidates(free: Sides, sides: Sides, known: Spellings, rule: str) -> tuple[pl.DataFrame, list[Entry]]:
    """Return pairs of exporter-year and firm-year that the rule allows, with the key value that both share."""
    keys = [k for k in STEPS[rule] if k != "year"]
    on = pl.concat_str([pl.col(k).cast(pl.String) for k in keys], separator=" ").alias("matched_on")
    if rule == "name_year":
        # only records whose name also occurs on the other side, in any year
        theirs, ours = (side.select(firm, "year", *keys) for side, firm in zip(sides, FIRMS, strict=True))
        ours = ours.join(theirs.select(keys).unique(), on=keys, how="semi")
        theirs = theirs.join(ours.select(keys).unique(), on=keys, how="semi")
        common, entries = _usable((theirs, ours), keys, MOST_SHARED, ("year",))
        pairs = free.exporters.join(common, on=[*keys, "year"], how="semi").join(free.firms, on=[*keys, "year"])
        return pairs.select("left", "right", "customs_firm", "firm", "year", on), entries
    theirs, ours = _pair(known, keys)
    common, entries = _usable((theirs, ours), keys, MOST_SHARED if rule == "name" else 1, ())
    pairs = theirs.join(common, on=keys, how="semi").join(ours, on=keys)
    first = pairs.sort(*keys).unique(FIRMS, keep="first", maintain_order=True).select(*FIRMS, on)
    rows = first.join(free.exporters.select("customs_firm", "year", "left"), on="customs_firm")
    rows = rows.join(free.firms.select("firm", "year", "right"), on=["firm", "year"])
    return rows.select("left", "right", "customs_firm", "firm", "year", "matched_on"), entries


Pair = tuple[pl.DataFrame, pl.DataFrame]
"""A table of exporters and a table of firms."""


def _pair(known: Spellings, keys: Sequence[str]) -> Pair:
    """Return the firms of both sides with each value of their keys in any year, without rows that miss a key."""
    theirs, ours = (side.select(firm, *keys).drop_nulls().unique() for side, firm in zip(known, FIRMS, strict=True))
    return theirs, ours


def _usable(records: Pair, keys: Sequence[str], most: int, within: tuple[str, ...]) -> tuple[pl.DataFrame, list[Entry]]:
    """Return key values that both sides have and at most ``most`` firms share on either side, and a note on the others.

    ``records`` are exporters and firms with the keys, one row per firm and value.
    """
    at = [*keys, *within]
    left, right = (side.group_by(at).agg(n=pl.len()) for side in records)
    both = left.join(right, on=at)
    shared = both.filter(pl.max_horizontal("n", "n_right") > most).sort(at)
    if not shared.height:
        return both, []
    what = reduce(lambda a, b: listed([a, b]), [column_word(k) for k in keys])
    text = say("panel.keys-of-several-firms", keys=what, n=shared.height)
    if most != 1:
        text = say("panel.keys-of-many-firms", keys=what, most=str(most), n=shared.height)
    example = " ".join(str(shared[k][0]) for k in keys)
    return both.filter(pl.max_horizontal("n", "n_right") <= most), [
        Entry("match", "links", "note", text, shared.height, example)
    ]


def _agreement(candidates: pl.DataFrame, values: Mapping[str, Pair]) -> pl.DataFrame:
    """Add the number and names of the keys that a customs firm and a firm share in any year.

    ``values``: key -> its values by customs firm and by firm.
    """
    firms = candidates.select(FIRMS).unique()
    pairs = firms
    for key, (theirs, ours) in values.items():
        hits = firms.join(theirs, on="customs_firm").join(ours, on=["firm", key], how="semi").select(FIRMS).unique()
        pairs = pairs.join(hits.with_columns(pl.lit(key).alias(f"_{key}")), on=FIRMS, how="left")
    marks = [f"_{key}" for key in KEYS]
    pairs = pairs.select(
        *FIRMS,
        n_agreeing=pl.sum_horizontal(pl.col(m).is_not_null().cast(pl.Int64) for m in marks),
        agreeing=pl.concat_str(marks, separator="+", ignore_nulls=True),
    )
    return candidates.join(pairs, on=FIRMS, how="left")


def _named(candidates: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs as rows of ``links``.

    A pair rejected in one step but linked in a later one appears only as a link.
    """
    kept = candidates.filter(pl.col("fate") == KEPT)
    lost = candidates.filter(pl.col("fate") != KEPT)
    lost = lost.join(kept, on=["left", "right"], how="anti", maintain_order="left")
    rows = pl.concat([kept, lost.unique(["left", "right", "fate"], keep="first", maintain_order=True)])
    columns = (*FIRMS, "year", "rule", "weight", "agreeing", "matched_on", "fate", "left", "right")
    return rows.select(columns).sort("customs_firm", "year", "firm")


def _unlinked(sides: Sides, links: pl.DataFrame, lost: pl.DataFrame) -> list[Entry]:
    """Return notes on conflicts, and on exporter-years without accounts (their number by reason)."""
    at = ["customs_firm", "year"]
    left = sides.exporters.select(at).join(links, on=at, how="anti")
    tied = left.join(lost.filter(pl.col("fate") == TIED), on=at, how="semi")
    beaten = left.join(tied, on=at, how="anti").join(lost, on=at, how="semi")
    remaining = left.join(tied, on=at, how="anti").join(beaten, on=at, how="anti")
    known = remaining.join(links, on="customs_firm", how="semi")
    reasons = (
        (say("panel.tie"), tied),
        (say("panel.firm-taken"), beaten),
        (say("panel.linked-in-other-years"), known),
        (say("panel.no-firm-agrees"), remaining.join(known, on=at, how="anti")),
    )
    entries = []
    for fate in (BEATEN, TIED):
        part = lost.filter(pl.col("fate") == fate)
        if part.height:
            example = ", ".join(f"{c}={part[c][0]}" for c in ("customs_firm", "firm", "year"))
            text = say("panel.pairs-tied" if fate == TIED else "panel.pairs-gave-way", n=part.height)
            entries.append(Entry("match", "links", "note", text, part.height, example))
    for reason, rows in reasons:
        if rows.height:
            first = rows.sort(at).row(0, named=True)
            example = f"customs_firm={first['customs_firm']}, year={first['year']}"
            entries.append(Entry("match", "exporters", "dropped", reason, rows.height, example))
    return entries
