"""Document links by similar names with their weights, the links at other thresholds, and a sheet for a reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs

from integrade.engine.frames import Table, collect, enter
from integrade.errors import MissingColumn, UnknownName, counted
from integrade.panel.audit_links import LinkReport, province_of_exporters, provinces
from integrade.panel.identity import RuleCount
from integrade.panel.resolve import KEPT, resolve
from integrade.panel.sides import KEYS, Sides
from integrade.panel.similar import LevelWeight, Scored, Similar
from integrade.wording.sheet import Sheet, shown

YES, NO = ("yes", "y", "1", "true", "是", "对"), ("no", "n", "0", "false", "否", "不是")


@dataclass(frozen=True)
class Threshold:
    """Links at one threshold, among pairs in which each firm is the best match of the other.

    ``share_false`` is the expected share of false links by the weights, 1 - mean probability. ``compared`` is the
    number of pairs with a province on both sides, and ``disagree`` how many of them have different provinces. Weights
    do not use provinces. ``audited`` is the share of false links that the provinces imply (None if nothing can be
    compared).
    """

    weight: float
    pairs: int
    share_false: float
    compared: int
    disagree: int
    audited: float | None


@shown
@dataclass(frozen=True)
class Linkage:
    """The evidence behind links by similar names.

    ``weights``: each level of each comparison. ``thresholds``: links at other thresholds. ``review``: pairs around the
    threshold side by side, with an empty column ``decision`` (yes or no), to be passed back to `match_firms` as
    ``reviewed``. ``labels``: the numbers of linked pairs from which the shares of names, and the shares of the other
    keys, were learnt.
    """

    weights: tuple[LevelWeight, ...]
    thresholds: tuple[Threshold, ...]
    review: Table
    labels: tuple[int, int]
    prior: float
    threshold: float

    def sheet(self) -> Sheet:
        """Return a printable table of thresholds.

        A threshold with the same pairs as the previous threshold is left out.
        """
        head = ("weight", "pairs", "false, by weight", "other province", "of", "false, by province")
        rows = tuple(
            (
                f"{t.weight:g}",
                f"{t.pairs:,}",
                f"{t.share_false:.1%}",
                f"{t.disagree:,}",
                f"{t.compared:,}",
                "." if t.audited is None else f"{t.audited:.1%}",
            )
            for before, t in zip((None, *self.thresholds[:-1]), self.thresholds, strict=True)
            if before is None or before.pairs != t.pairs
        )
        levels = tuple(f"{w.comparison} {w.level}: {w.weight:+.1f}" for w in self.weights)
        return Sheet("Pairs from a match weight on", head, rows, (f"linked from {self.threshold:g}", *levels))


@dataclass(frozen=True)
class MatchStudy:
    """The results of matching exporters and of following firms over time, if the study did this."""

    report: LinkReport | None = None
    identity: tuple[RuleCount, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    threshold: float | None = None


def linkage_of(scored: Scored, sides: Sides, linked: pl.DataFrame, chance: float | None, chosen: Similar) -> Linkage:
    """Build the record of a linkage.

    ``linked``: all links; ``chance``: the share of random pairs whose provinces differ.
    """
    # the latest known province of each firm, on both sides
    theirs, _ = province_of_exporters(sides.exporters)
    theirs = theirs.drop_nulls().sort("customs_firm", "year").unique("customs_firm", keep="last", maintain_order=True)
    ours = sides.firms.select("firm", "year", province_firm=provinces(sides.firms["region"])).drop_nulls()
    ours = ours.sort("firm", "year").unique("firm", keep="last", maintain_order=True)
    pairs = scored.pairs.join(
        theirs.select("customs_firm", province_exporter="province"), on="customs_firm", how="left"
    )
    pairs = pairs.join(ours.drop("year"), on="firm", how="left").sort("customs_firm", "firm")
    return Linkage(
        scored.weights,
        _thresholds(pairs, chance, chosen),
        _sheet(pairs, sides, linked, chosen),
        scored.labels,
        scored.prior,
        chosen.threshold,
    )


def _thresholds(pairs: pl.DataFrame, chance: float | None, chosen: Similar) -> tuple[Threshold, ...]:
    """Return the links at each whole weight, among pairs in which each firm is the best match of the other."""
    codes = {side: pl.col(c).to_physical().cast(pl.Int64) for side, c in (("left", "customs_firm"), ("right", "firm"))}
    numbered = pairs.with_columns(**codes, claim=pl.col("weight").round(6))
    best = resolve(numbered, ["claim"]).filter(pl.col("fate") == KEPT)
    if not best.height:
        return ()
    most = int(np.ceil(best["weight"].max()))  # type: ignore[arg-type]
    steps = np.arange(np.ceil(chosen.review_from), most + 1)
    thresholds = []
    for weight in steps.tolist():
        linked = best.filter(pl.col("weight") >= weight)
        known = linked.drop_nulls(["province_exporter", "province_firm"])
        disagree = known.filter(pl.col("province_exporter") != pl.col("province_firm")).height
        false = 1 - float(linked["probability"].sort().mean() or 0.0) if linked.height else 0.0  # type: ignore[arg-type]
        audited = min(1.0, disagree / known.height / chance) if known.height and chance else None
        thresholds.append(Threshold(weight, linked.height, false, known.height, disagree, audited))
    return tuple(thresholds)


def _sheet(pairs: pl.DataFrame, sides: Sides, linked: pl.DataFrame, chosen: Similar) -> Table:
    """Return the pairs nearest to the threshold with both records, whether they are linked, and an empty decision."""
    near = pairs.with_columns(_far=(pl.col("weight") - chosen.threshold).abs().round(6))
    near = near.sort("_far", "customs_firm", "firm").head(chosen.review)
    ours = linked.select("customs_firm", "firm", linked=pl.lit("yes")).unique()
    near = near.join(ours, on=["customs_firm", "firm"], how="left").with_columns(pl.col("linked").fill_null("no"))
    for side, key, ending in ((sides.exporters, "customs_firm", "exporter"), (sides.firms, "firm", "firm")):
        last = side.sort(key, "year").unique(key, keep="last", maintain_order=True)
        near = near.join(last.select(key, *[pl.col(k).alias(f"{k}_{ending}") for k in KEYS]), on=key, how="left")
    both = [f"{k}_{ending}" for k in (*KEYS, "province") for ending in ("exporter", "firm")]
    rows = near.select(
        "customs_firm", "firm", "weight", "probability", "linked", *both, why="said", decision=pl.lit(None, pl.String)
    )
    rows = rows.sort("weight", "customs_firm", "firm", descending=[True, False, False])
    return Table("review", rows.with_columns(cs.enum().cast(pl.String)))


def decisions(reviewed: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return pairs that a reviewer accepted, and pairs that a reviewer refused; rows without a decision are left out.

    Raises `MissingColumn` if customs_firm, firm or decision is missing. Raises `UnknownName` for a decision that is
    neither yes nor no, and for a pair with both decisions.
    """
    needed = ("customs_firm", "firm", "decision")
    frame = enter(reviewed)
    absent = [c for c in needed if c not in frame.collect_schema().names()]
    if absent:
        raise MissingColumn(
            f"reviewed pairs have no column {absent[0]!r}",
            remedy="give the review sheet with customs_firm, firm and decision, which is filled with yes or no",
        )
    rows = collect(frame.select(*needed)).cast(pl.String).with_row_index("row", offset=2)
    words = pl.col("decision").str.strip_chars().str.to_lowercase()
    rows = rows.with_columns(decision=pl.when(words != "").then(words)).drop_nulls()
    wrong = rows.filter(~pl.col("decision").is_in([*YES, *NO]))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise UnknownName(
            f"decision {row['decision']!r} of the reviewed pairs is neither yes nor no: {counted(wrong.height, 'row')}",
            where=f"row {row['row']}",
            remedy="write yes or no, or leave it empty",
        )
    pairs = rows.select("customs_firm", "firm", yes=pl.col("decision").is_in(YES)).unique(maintain_order=True)
    twice = pairs.filter(pairs.select("customs_firm", "firm").is_duplicated())
    if twice.height:
        pair = ", ".join(f"{c}={twice[c][0]}" for c in ("customs_firm", "firm"))
        raise UnknownName(
            "a reviewed pair has both decisions, yes and no", example=pair, remedy="leave one decision for each pair"
        )
    return tuple(pairs.filter(pl.col("yes") == side).drop("yes") for side in (True, False))  # type: ignore[return-value]
