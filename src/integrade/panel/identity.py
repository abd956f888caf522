"""Follow firms over time by linking records of different years on codes, names, persons, telephones and birth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl

from integrade.engine.frames import Table, bring, units_of
from integrade.errors import UnknownName, did_you_mean
from integrade.panel.keys import MOST_SHARED, cleaned
from integrade.panel.names import Names
from integrade.panel.resolve import BEATEN, KEPT, TIED, resolve
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.records.needs import Name
from integrade.records.schema import conform
from integrade.wording.sheet import Sheet, shown
from plainwords.account import Account, Entry
from plainwords.texts import listed, say

RULES: Mapping[str, tuple[str, ...]] = {
    "id": ("firm",),
    "name": ("name",),
    "person_county": ("legal_person", "county"),
    "phone_county": ("phone", "county"),
    "birth": ("founded", "county", "industry", "product"),
}
"""Name of a rule -> the columns that must be equal in both years. The order is that of Brandt et al. (2012)."""

FIELDS = ("firm", "name", "legal_person", "phone", "county", "founded", "industry", "product")
MUCH = 4
"""If at least so many other fields are comparable and all differ, an equal code is no evidence (a convention)."""


def rule_names() -> tuple[str, ...]:
    """Return the rules by which a firm may be followed."""
    return tuple(RULES)


@dataclass(frozen=True)
class FirmIdentity:
    """Options of `firm_identity`: how firms are followed over time.

    Parameters
    ----------
    rules
        Rules to try, in order: id, name, person_county, phone_county, birth.
    gap_years
        Number of missing years that a link may bridge.
    order
        Choice between several candidates of a record. agreement: the pair with the most equal fields wins; on a tie,
        the earlier rule. rule: the earlier rule wins; on a tie, the pair with the most equal fields.
    id_alone
        Treatment of a pair with the same code if at least four other fields are comparable and all differ: keep links
        the pair, drop does not link it. Such pairs occur because codes of closed firms are given to new firms.
    give
        accounts: every column of the table, with the panel firm as ``firm``, the code as ``firm_code`` and the rule of
        the link to the previous record as ``linked_by``. map: only the link of each record.
    """

    rules: tuple[Annotated[str, Name(rule_names, "rule")], ...] = tuple(RULES)
    gap_years: int = 1
    order: Literal["agreement", "rule"] = "agreement"
    id_alone: Literal["keep", "drop"] = "keep"
    give: Literal["accounts", "map"] = "accounts"


@dataclass(frozen=True)
class RuleCount:
    """Counts for one rule: links between neighbouring years, links over gaps, rejected pairs, and ties."""

    rule: str
    links: int
    over_gaps: int
    gave_way: int
    tied: int


@shown
@dataclass(frozen=True)
class Identity:
    """Firms followed over time.

    ``table`` is either the accounts, one row per record with its panel firm, or the map. The map has firm, year, name,
    panel_firm, rule of the link to the previous record (``first`` if there is none), agreeing (the equal fields),
    from_firm and from_year.
    ``conflicts``: pairs that were rejected for a better pair, or because of a tie. Counts: records, panel firms, codes,
    codes that are in several panel firms (``recycled``), and panel firms with several codes (``recoded``).
    """

    table: Table
    conflicts: Table
    rules: tuple[RuleCount, ...]
    n_records: int
    n_firms: int
    n_codes: int
    recycled: int
    recoded: int

    def tidy(self) -> pl.DataFrame:
        """Return the estimates or rows of this result with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the summary numbers of this result in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return a printable table of links by rule."""
        head = ("rule", "links", "over gaps", "gave way", "tied")
        rows = tuple((r.rule, f"{r.links:,}", f"{r.over_gaps:,}", f"{r.gave_way:,}", f"{r.tied:,}") for r in self.rules)
        lines = (
            f"{self.n_records:,} records with {self.n_codes:,} codes are {self.n_firms:,} firms",
            f"{self.recoded:,} firms have several codes; {self.recycled:,} codes belong to several firms",
        )
        return Sheet("Firms over time", head, rows, lines)


@keywords(FirmIdentity)
def firm_identity(
    firms: Any, *, names: Names | None = None, options: FirmIdentity | None = None, **changes: Any
) -> Identity:
    """Follow firms over time where codes change, repeat or are given to other firms.

    Formula: records of neighbouring years t and t + 1, then of t and t + 2 (``gap_years``), are candidates if they
        share (1) the firm id (its code), (2) the normalised name, (3) legal person and county, (4) telephone (last
        seven digits) and county, (5) founding year, county, industry and product. Each record is linked to at most one
        earlier and one later record. Among several candidates, the pair with the most equal fields is kept; on a tie,
        the pair of the earlier rule; on a further tie, no pair is kept. Linked records are one firm (connected
        components). The firm has the code of its first record. If several firms start with the same code, #2 and so on
        are appended.

    Missing values: a field that is missing, or identifies nobody (see `match_firms`), is equal to nothing. A rule whose
        columns the table lacks is not tried, and the account notes it. A value that more than 20 records of a year
        share is not used.

    Args:
        firms: firm records, one row per firm and year or several (`read_registry`); any of name, legal_person, phone,
            county, founded, industry, product.
        names: how names are normalised, see `Names`.
        options: see `FirmIdentity`; or single options by name.

    Returns: an `Identity`. No panel firm has two records in a year.

    Raises: `UnknownName` for an unknown rule; the errors of `conform`.

    Reference: Brandt, Van Biesebroeck and Zhang (2012).

    Example:
        >>> followed = firm_identity(registry)  # doctest: +SKIP
        >>> panel = assemble(followed.table, quality=quality, links=links)  # doctest: +SKIP
    """
    chosen = choose(FirmIdentity, options, changes)
    unknown = [r for r in chosen.rules if r not in RULES]
    if unknown:
        raise UnknownName(f"no rule {unknown[0]!r}", remedy=did_you_mean(unknown[0], RULES))
    whole = chosen.give == "accounts"
    raw, records, log = _records(firms, names or Names(), whole=whole)
    absent = {r: [c for c in RULES[r] if c not in records.columns] for r in chosen.rules}
    lacking = {r: listed([repr(c) for c in lack], "comma") for r, lack in absent.items() if lack}
    log += [
        Entry("identify", "registry", "note", say("panel.rule-not-tried", rule=r, columns=columns), 0)
        for r, columns in lacking.items()
    ]
    judged, notes = _all_years(records, [r for r in chosen.rules if not absent[r]], chosen)
    kept = judged.filter(pl.col("fate") == KEPT)
    firm_of = _components(records, kept)
    beaten, tied = (judged.filter(fate=fate).height for fate in (BEATEN, TIED))
    alone = kept.filter("alone").height
    lines = [(say("panel.links", n=kept.height), kept.height)]
    lines += [(say("panel.pairs-gave-way", n=beaten), beaten)] if beaten else []
    lines += [(say("panel.pairs-tied", n=tied), tied)] if tied else []
    lines += [(say("panel.links-by-id-alone", n=alone), alone)] if alone else []
    notes += [Entry("identify", "registry", "note", text, n) for text, n in lines]
    notes.append(Entry("identify", "registry", "out", say("account.records"), records.height))
    table = _mapped(raw, records, kept, firm_of, whole=whole)
    counts = []
    for rule in chosen.rules:
        of_rule = judged.filter(pl.col("rule") == rule)
        links = of_rule.filter(pl.col("fate") == KEPT)
        over_gaps = links.filter(pl.col("gap") > 0).height
        gave_way, ties = (of_rule.filter(pl.col("fate") == fate).height for fate in (BEATEN, TIED))
        counts.append(RuleCount(rule, links.height - over_gaps, over_gaps, gave_way, ties))
    codes = pl.DataFrame({"firm": records["firm"], "panel": firm_of}).unique()
    several = [codes.group_by(key).len().filter(pl.col("len") > 1).height for key in ("firm", "panel")]
    name, schema = ("firms", "firms") if whole else ("identity", "")
    return Identity(
        Table(name, table, log + notes, conformed=schema, units=units_of(firms)),
        Table("conflicts", _conflicts(judged, records)),
        tuple(counts),
        records.height,
        codes["panel"].n_unique(),
        codes["firm"].n_unique(),
        *several,
    )


def _records(firms: Any, names: Names, *, whole: bool) -> tuple[pl.DataFrame, pl.DataFrame, Account]:
    """Return the raw records and the records with cleaned fields, in the same order, numbered by ``at``."""
    conformed = conform(firms, "registry")
    present = [c for c in FIELDS if c in conformed.columns]
    raw = bring(conformed.frame if whole else conformed.frame.select(*present, "year"), "firms")
    raw = raw.sort("year", *present, *[c for c in raw.columns if c not in (*present, "year")], nulls_last=True)
    records, notes = cleaned(raw.select("year", *present), "registry", names)
    notes = [Entry("identify", e.table, e.kind, e.reason, e.rows, e.example) for e in notes]
    return raw, records.with_row_index("at"), conformed.account + notes


def _all_years(records: pl.DataFrame, rules: Sequence[str], chosen: FirmIdentity) -> tuple[pl.DataFrame, list[Entry]]:
    """Return every candidate pair with rule, gap and outcome.

    Pairs of neighbouring years come first, then pairs across gaps.
    """
    years = records["year"].unique().sort().to_list()
    by_year = {int(y[0]): rows for y, rows in records.group_by("year")}
    lost = dict.fromkeys((*rules, "alone"), 0)
    followed, preceded = np.zeros(records.height, bool), np.zeros(records.height, bool)
    done = []
    for gap in range(chosen.gap_years + 1):
        for year in years:
            if year + 1 + gap not in by_year:
                continue
            left = by_year[year].filter(~pl.Series(followed[by_year[year]["at"].to_numpy()]))
            later = by_year[year + 1 + gap]
            right = later.filter(~pl.Series(preceded[later["at"].to_numpy()]))
            judged = _judged(left, right, rules, chosen, lost).with_columns(gap=pl.lit(gap))
            won = judged.filter(pl.col("fate") == KEPT)
            followed[won["left"].to_numpy()] = preceded[won["right"].to_numpy()] = True
            done.append(judged)
    alone = lost.pop("alone")
    shared = [(say("panel.value-shared", rule=r, most=str(MOST_SHARED), n=n), n) for r, n in lost.items() if n]
    notes = [Entry("identify", "registry", "note", text, n) for text, n in shared]
    if alone:
        notes.append(Entry("identify", "registry", "note", say("panel.id-alone-not-linked", n=alone), alone))
    empty = pl.DataFrame(schema=CANDIDATE)
    return pl.concat([empty, *(d.select(*CANDIDATE).cast(CANDIDATE) for d in done)]), notes


CANDIDATE = pl.Schema(
    {
        "left": pl.UInt32,
        "right": pl.UInt32,
        "rule": pl.String,
        "agreeing": pl.String,
        "n_agreeing": pl.Int64,
        "alone": pl.Boolean,
        "gap": pl.Int64,
        "fate": pl.String,
    }
)


def _judged(
    left: pl.DataFrame, right: pl.DataFrame, rules: Sequence[str], chosen: FirmIdentity, lost: dict[str, int]
) -> pl.DataFrame:
    """Return the candidate pairs of two years, each with the first rule that allows it, equal fields and outcome."""
    candidates = []
    for i, rule in enumerate(rules):
        keys = list(RULES[rule])
        counts = [side.drop_nulls(keys).group_by(keys).agg(n=pl.len()) for side in (left, right)]
        both = counts[0].join(counts[1], on=keys)
        usable = both.filter(pl.max_horizontal("n", "n_right") <= MOST_SHARED)
        lost[rule] += both.height - usable.height
        pairs = left.join(usable, on=keys, how="semi").select("at", *keys).join(right.select("at", *keys), on=keys)
        candidates.append(pairs.select(left="at", right="at_right", order=pl.lit(i)))
    first = pl.concat(candidates).group_by("left", "right").agg(pl.col("order").min())
    fields = [c for c in FIELDS if c in left.columns]
    pairs = first.join(left.select(left="at", **{f"l_{c}": c for c in fields}), on="left")
    pairs = pairs.join(right.select(right="at", **{f"r_{c}": c for c in fields}), on="right")
    same = {c: pl.col(f"l_{c}") == pl.col(f"r_{c}") for c in fields}
    n_agreeing = pl.sum_horizontal(e.fill_null(False).cast(pl.Int64) for e in same.values())
    n_comparable = pl.sum_horizontal(e.is_not_null().cast(pl.Int64) for e in same.values())
    pairs = pairs.select(
        "left",
        "right",
        "order",
        rule=pl.col("order").replace_strict(range(len(rules)), list(rules), return_dtype=pl.String),
        agreeing=pl.concat_str([pl.when(e).then(pl.lit(c)) for c, e in same.items()], separator="+", ignore_nulls=True),
        n_agreeing=n_agreeing,
        alone=same["firm"] & (n_agreeing == 1) & (n_comparable > MUCH),  # an id is never missing
    )
    if chosen.id_alone == "drop":
        lost["alone"] += pairs.filter("alone").height
        pairs = pairs.filter(~pl.col("alone"))
    claim = ["n_agreeing", "_before"] if chosen.order == "agreement" else ["_before", "n_agreeing"]
    return resolve(pairs.with_columns(_before=-pl.col("order").cast(pl.Int64)), claim)


def _components(records: pl.DataFrame, kept: pl.DataFrame) -> pl.Series:
    """Return the panel firm of every record, which is the code of the firm's first record.

    The code gets a number if several firms start with it.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = records.height
    ends = kept["left"].to_numpy(), kept["right"].to_numpy()
    _, labels = connected_components(coo_array((np.ones(kept.height, bool), ends), shape=(n, n)), directed=False)
    chains = records.select("at", "firm").with_columns(chain=pl.Series(labels)).sort("at")
    firsts = chains.unique("chain", keep="first", maintain_order=True)
    number = firsts.with_columns(k=pl.int_range(1, pl.len() + 1).over("firm"))
    name = pl.when(pl.col("k") > 1).then(pl.concat_str("firm", "k", separator="#")).otherwise("firm")
    names = number.select("chain", panel_firm=name)
    return chains.join(names, on="chain", how="left", maintain_order="left")["panel_firm"]


def _mapped(
    raw: pl.DataFrame, records: pl.DataFrame, kept: pl.DataFrame, firm_of: pl.Series, *, whole: bool
) -> pl.DataFrame:
    """Return one row per record, sorted by panel firm and year."""
    if whole:
        rules = records.select("at").join(kept.select(at="right", linked_by="rule"), on="at", how="left")
        rows = raw.rename({"firm": "firm_code"}).with_columns(rules.sort("at")["linked_by"].fill_null("first"))
        rows = rows.with_columns(firm=firm_of)
        return rows.select("firm", "year", pl.exclude("firm", "year")).sort("firm", "year")
    before = kept.join(records.select(left="at", from_firm="firm", from_year="year"), on="left")
    before = before.select("rule", "agreeing", "from_firm", "from_year", at="right")
    rows = raw.select("firm", "year", *(["name"] if "name" in raw.columns else [])).with_row_index("at")
    rows = rows.with_columns(panel_firm=firm_of).join(before, on="at", how="left")
    return rows.with_columns(pl.col("rule").fill_null("first")).drop("at").sort("panel_firm", "year")


def _conflicts(judged: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that were not linked, with both records."""
    name = ["name"] if "name" in records.columns else []
    lost = judged.filter(pl.col("fate") != KEPT).select("left", "right", "rule", "agreeing", "fate")
    shown = ("firm", "year", *name)
    sides = [
        records.select(pl.col("at").alias(side), *[pl.col(c).alias(f"{when}_{c}") for c in shown])
        for side, when in (("left", "from"), ("right", "to"))
    ]
    rows = lost.join(sides[0], on="left").join(sides[1], on="right")
    return rows.sort("left", "right", "rule").drop("left", "right")
