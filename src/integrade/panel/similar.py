"""Match exporters without an exact link by similar names and other keys, and give each pair a match weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from integrade.errors import UsageError, option
from integrade.panel.linkage import LEVELS, NEEDED, Model, counts_of_levels, scored_pairs, smoothed
from integrade.panel.names import ANY_FORM
from integrade.panel.places import split_places
from integrade.panel.resolve import resolve
from integrade.panel.sides import KEYS, Sides, Spellings
from plainwords.account import Entry
from plainwords.texts import say

RULE = "similar"
SAMPLE = 1500
"""Number of firms sampled from each side; their pairs show how often two firms agree by chance (a convention)."""
LABELS = 20
"""With fewer linked pairs, similar names are refused, because no weights can be learnt from them (a convention)."""


@dataclass(frozen=True)
class Similar:
    """Options for matching exporters without an exact link by similar names.

    Parameters
    ----------
    threshold
        Match weight, in log2 odds, from which a pair is linked. 7 means odds of 128 to 1 that both are one firm.
    review_from
        Match weight from which a pair is shown in the sheet for clerical review.
    review
        Largest number of pairs in that sheet; those nearest to the threshold are kept.
    known
        Assumed share of the unlinked exporters that have accounts; it determines the odds before any comparison.
    linkage
        Engine of splink: duckdb, or spark (the running session, or the cluster that the environment names).
    """

    threshold: float = 7.0
    review_from: float = 0.0
    review: int = 500
    known: float = 0.5
    linkage: Literal["duckdb", "spark"] = "duckdb"


@dataclass(frozen=True)
class LevelWeight:
    """One level of a comparison: its shares among pairs of the same and of different firms, and log2 of their ratio."""

    comparison: str
    level: str
    m: float
    u: float
    weight: float


@dataclass(frozen=True)
class Scored:
    """The pairs found by similar names in any years, and the components of their weights.

    ``pairs``: customs_firm, firm, weight, probability, and how each key agrees. ``labels``: the numbers of linked pairs
    from which the shares m of names, and those of the other keys, were counted. ``prior``: odds that two random firms
    are the same.
    """

    pairs: pl.DataFrame
    weights: tuple[LevelWeight, ...]
    labels: tuple[int, int]
    prior: float


def score(known: Spellings, links: pl.DataFrame, refused: pl.DataFrame, chosen: Similar) -> tuple[Scored, list[Entry]]:
    """Score pairs of an exporter without any link and a firm by their match weights.

    Formula: weight = log2(prior odds) + sum over name, postcode, phone and contact of log2(m / u). m is the share of
        the level among pairs of the same firm and u among pairs of different firms (Fellegi and Sunter, 1969). m of the
        name comes from exact links that agree in two of the other keys. m of the other keys comes from links that agree
        in the name, and u from all pairs of 1,500 firms of each side. A contact with a common name weighs less than one
        with a rare name. A missing value has weight 0. Prior odds: ``known`` / number of firms.

    The province is not compared, so that it can audit the links. ``refused`` are pairs that a reviewer refused.
    """
    left, right = _records(known.exporters, "customs_firm"), _records(known.firms, "firm")
    others = [k for k in KEYS if all(side[NEEDED[k]].null_count() < side.height for side in (left, right))]
    if "name" not in others or len(others) == 1:
        raise UsageError(
            "similar names need names and one of postcode, phone and contact on both sides",
            example=f"all missing on a side: {', '.join(k for k in KEYS if k not in others)}",
            remedy=f"leave {option('similar')} out, or give both tables name, and phone, postcode or contact",
        )
    model, labels = _model(left, right, _labels(links, len(others) - 1))
    unlinked = left.join(links.select(entity="customs_firm"), on="entity", how="anti")
    prior = chosen.known / known.firms["firm"].n_unique()
    compared = scored_pairs(unlinked, right, model, prior, least=chosen.review_from, engine=chosen.linkage)
    pairs = compared.join(_numbered(unlinked, "left", "customs_firm"), on="left")
    pairs = pairs.join(_numbered(right, "right", "firm"), on="right")
    pairs = pairs.join(refused, on=["customs_firm", "firm"], how="anti").with_columns(_w=-pl.col("weight").round(6))
    pairs = pairs.sort("customs_firm", "firm", "_w", "left", "right").drop("_w")
    best = pairs.unique(["customs_firm", "firm"], keep="first", maintain_order=True).with_columns(
        said=_agreement_text()
    )
    text = say(
        "panel.similar-names",
        rule=RULE,
        exporters=unlinked["entity"].n_unique(),
        names=int(labels[0]),
        others=int(labels[1]),
    )
    weights = tuple(
        LevelWeight(name, level.text, m, u, float(np.log2(m / u)))
        for name, levels in LEVELS.items()
        for level, m, u in zip(levels, model.m[name], model.u[name], strict=True)
    )
    return Scored(best, weights, labels, prior), [Entry("match", "links", "note", text, best.height)]


def _labels(links: pl.DataFrame, n_others: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return linked pairs that agree in other keys than the name, and linked pairs that agree in the name."""
    pairs = links.select("customs_firm", "firm", "agreeing").unique()
    keys = pairs.with_columns(keys=pl.col("agreeing").str.split("+"))
    others = pl.sum_horizontal(pl.col("keys").list.contains(k).cast(pl.Int64) for k in KEYS if k != "name")
    known = keys.filter(others >= min(2, n_others)), keys.filter(pl.col("keys").list.contains("name"))
    by_others, by_name = (pairs.select("customs_firm", "firm").unique() for pairs in known)
    if min(by_others.height, by_name.height) < LABELS:
        raise UsageError(
            f"too few exact links to learn weights from: {by_name.height} by name, {by_others.height} without it",
            remedy=f"leave {option('similar')} out, or give firms with more exact links: {LABELS} of each are needed",
        )
    return by_others, by_name


def _records(side: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return the distinct spellings of each firm, with the parts of names that are compared."""
    rows = side.rename({key: "entity"}).sort("entity", *KEYS, nulls_last=True)
    rows = rows.with_columns(pl.col(KEYS).cast(pl.String))
    names = rows["name"].drop_nulls().unique()
    parts = split_places(names)
    parts = parts.with_columns(pl.col("stem").str.replace(ANY_FORM, ""), name=names)
    places = parts.with_columns(pl.when(pl.col(c) != "").then(c).alias(c) for c in ("province", "city", "stem"))
    known = places.with_columns(
        place=pl.coalesce("city", "province"), start=pl.col("stem").str.head(3), end=pl.col("stem").str.tail(3)
    )
    return rows.join(known, on="name", how="left", maintain_order="left")


def _numbered(rows: pl.DataFrame, number: str, firm: str) -> pl.DataFrame:
    return rows.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias(number), pl.col("entity").alias(firm))


def _model(
    left: pl.DataFrame, right: pl.DataFrame, labels: tuple[pl.DataFrame, pl.DataFrame]
) -> tuple[Model, tuple[int, int]]:
    """Estimate shares of levels: for the same firm from exact links, for different firms from all pairs of a sample."""
    seen = []
    for pairs in labels:
        numbered = pairs.sort("customs_firm", "firm").with_columns(block=pl.int_range(pl.len()).cast(pl.String))
        theirs = left.join(numbered.select("block", entity="customs_firm"), on="entity")
        ours = right.join(numbered.select("block", entity="firm"), on="entity")
        seen.append(counts_of_levels(theirs, ours, "block"))
    chance = counts_of_levels(_sample(left), _sample(right), "block")
    m = {name: smoothed(seen[0 if name == "name" else 1][name]) for name in LEVELS}
    model = Model(m, {name: smoothed(n) for name, n in chance.items()})
    return model, (labels[0].height, labels[1].height)


def _sample(side: pl.DataFrame) -> pl.DataFrame:
    """Sample `SAMPLE` firms, spread evenly over the sorted codes, one spelling of each."""
    spellings = side.unique("entity", keep="first", maintain_order=True)
    return spellings.gather_every(max(1, spellings.height // SAMPLE)).head(SAMPLE).with_columns(block=pl.lit("all"))


def _agreement_text() -> pl.Expr:
    """Describe how a pair agrees: 'name one character differs +11.2, postcode same +9.8'."""
    parts = []
    for name in KEYS:
        weight = pl.col(f"weight_{name}")
        sign = pl.when(weight >= 0).then(pl.lit("+")).otherwise(pl.lit(""))
        text = pl.format(name + " {} {}{}", f"at_{name}", sign, weight.round(1))
        parts.append(pl.when(pl.col(f"at_{name}").is_not_null()).then(text))
    return pl.concat_str(parts, separator=", ", ignore_nulls=True)


def by_year(scored: Scored, free: Sides, chosen: Similar, *, several: bool) -> pl.DataFrame:
    """Return pairs of unlinked exporter-years and firm-years above the threshold, with their outcome.

    Of competing pairs, the pair with the larger weight is linked.
    """
    likely = scored.pairs.filter(pl.col("weight") >= chosen.threshold)
    rows = likely.rename({"left": "_l", "right": "_r"}).join(
        free.exporters.select("customs_firm", "year", "left"), on="customs_firm"
    )
    rows = rows.join(free.firms.select("firm", "year", "right"), on=["firm", "year"])
    same = [pl.when(pl.col(f"at_{k}") == LEVELS[k][0].text).then(pl.lit(k)) for k in KEYS]
    agreeing = pl.concat_str(same, separator="+", ignore_nulls=True)
    rows = rows.with_columns(claim=pl.col("weight").round(6), matched_on="said", rule=pl.lit(RULE), agreeing=agreeing)
    return resolve(rows.sort("left", "right"), ["claim"], share_right=several)
