"""Compute moments of changes of prices and market shares by variety, relative to their market (METHODS 3.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import narwhals as nw

from integrade.engine.exact import average, total, totals
from integrade.engine.frames import Frame, collect, held, place
from integrade.errors import UsageError, mapped_as, option
from integrade.quality.coding import Coded, count_rows, joint, split
from plainwords.texts import say

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

Identity: TypeAlias = Literal["auto", "firm", "variety", "destination"]
LETTERS: Mapping[str, str] = {"firm": "f", "variety": "g", "destination": "m"}
FEWEST = 2  # a variety with fewer differences is left out, because it has no variance of its own
TERMS = ("y", "x1", "x2")
COST_TERMS = (*TERMS, "pc", "sc", "cc")
"""Names of products of two changes, of price (p), sales (s) or cost (c); y, x1 and x2 stand for pp, ss and ps."""


def pairs_of(terms: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return every pair of terms once, including each term with itself."""
    return tuple((a, b) for i, a in enumerate(terms) for b in terms[i:])


def second_moments(table: pl.DataFrame, terms: Sequence[str]) -> NDArray[np.float64]:
    """Return the means of products of terms as symmetric matrices (V, k, k), from the table of `Differenced`."""
    import numpy as np

    second = np.empty((table.height, len(terms), len(terms)))
    for a, b in pairs_of(terms):
        i, j = terms.index(a), terms.index(b)
        second[:, i, j] = second[:, j, i] = table[f"{a}*{b}"].to_numpy()
    return second


@dataclass(frozen=True)
class Differenced:
    """Moments of every variety that has enough differences, and counts of the differences lost by reason.

    ``table`` is sorted and has the columns good (position in ``goods``), u (market), w (variety), n, the means of the
    terms (y, x1 ...), the means of their products (y*y ...), and noise. Under "used", ``lost`` has the number of
    differences that are not lost.
    """

    table: pl.DataFrame
    goods: pl.DataFrame
    lost: Mapping[str, int]


def find_identity(coded: Coded, wanted: Identity) -> str:
    """Return the letter that distinguishes varieties. Raises `UsageError` if customs has no such column."""
    if wanted == "auto":
        return next(letter for letter in ("f", "g", "m") if letter in coded.sizes)
    if LETTERS[wanted] not in coded.sizes:
        raise UsageError(
            f"variety={wanted!r} needs a column {wanted!r}, but the customs table has none",
            remedy=f"map it with {mapped_as(wanted)}, or take {option('variety', 'destination')}",
        )
    return LETTERS[wanted]


def difference(coded: Coded, identity: str, digits: int, *, by_market: bool, kept: ExitStack) -> Differenced:
    """Difference ln v and ln p over consecutive years and to the reference variety of the market.

    A market is a good in a destination, or the good everywhere if destinations are the varieties. The reference has the
    most differences, then the largest value, then the first code. Differences of log shares to the reference are
    computed as differences of log values, because the market's total cancels. Gaps between years are not bridged.
    """
    goods, of_product = _goods(coded, digits)
    letters = ("h", "m") if identity == "m" else ("h", identity, "m")
    rows = coded.frame.join(place(of_product, coded.frame), on="h", how="inner").select(
        "v",
        "q",
        "t",
        "h",
        "good",
        w=joint(coded, letters),
        u=nw.col("good") if identity == "m" else nw.col("good") * coded.sizes["m"] + nw.col("m"),
    )
    rows = kept.enter_context(held(rows.group_by("w", "u", "good", "h", "t").agg(*totals(rows, "v", "q"))))
    changes = kept.enter_context(held(_over_time(rows)))
    relative = kept.enter_context(held(_to_reference(changes, rows)))
    sums = _moments(relative, TERMS)
    enough = sums.filter(nw.col("n") >= FEWEST)
    table = collect(enough).sort("good", "u", "w")
    if by_market:
        goods, table = _by_market(goods, table, coded)
    all_rows, all_changes, used = count_rows(rows), count_rows(changes), count_rows(relative)
    lost = {
        say("quality.first-year-of-variety"): all_rows - all_changes,
        say("quality.reference-variety"): all_changes - used,
        say("quality.few-differences", n=str(FEWEST)): used - int(table["n"].sum()),
        "used": int(table["n"].sum()),
    }
    return Differenced(table, goods, lost)


def changes_with_cost(coded: Coded, kept: ExitStack) -> Differenced:
    """Compute changes of ln v, ln p and cost of firms over consecutive years, less their mean in the market and year.

    Rows have a column ``cost`` (ln cost) without missing values. A market is a product in a destination. The only firm
    in a market and year is left out. The moments are the means of `COST_TERMS`; the table also has the code of the
    firm, ``f``.
    """
    goods, of_product = _goods(coded, 0)
    letters = ("h", "f", "m")
    rows = coded.frame.join(place(of_product, coded.frame), on="h", how="inner").select(
        "v", "q", "cost", "t", "h", "good", w=joint(coded, letters), u=nw.col("good") * coded.sizes["m"] + nw.col("m")
    )
    cost = average(rows, nw.col("cost"))
    one_each = rows.group_by("w", "u", "good", "h", "t").agg(*totals(rows, "v", "q"), cost=cost)
    rows = kept.enter_context(held(one_each))
    changes = kept.enter_context(held(_over_time(rows, ("cost",))))
    relative = kept.enter_context(held(_to_mean(changes)))
    sums = _moments(relative, COST_TERMS)
    table = collect(sums.filter(nw.col("n") >= FEWEST)).sort("good", "u", "w")
    table = table.with_columns(f=split(coded, letters, table["w"].to_numpy())["f"])
    all_rows, all_changes, used = count_rows(rows), count_rows(changes), count_rows(relative)
    lost = {
        say("quality.first-year-of-variety"): all_rows - all_changes,
        say("quality.alone-in-market"): all_changes - used,
        say("quality.few-differences", n=str(FEWEST)): used - int(table["n"].sum()),
        "used": int(table["n"].sum()),
    }
    return Differenced(table, goods, lost)


def _to_mean(changes: Frame) -> Frame:
    """Return products of changes after subtracting from each its mean over the firms of the market and year."""
    there = changes.with_columns(n=nw.col("w").count().over("u", "t")).filter(nw.col("n") > 1)
    p, s, c = (nw.col(name) - average(there, nw.col(name), ("u", "t")) for name in ("d_p", "d_v", "d_cost"))
    inner = there.with_columns(p=p, s=s, c=c)
    p, s, c = nw.col("p"), nw.col("s"), nw.col("c")
    products = {"y": p * p, "x1": s * s, "x2": p * s, "pc": p * c, "sc": s * c, "cc": c * c}
    return inner.select("w", "u", "good", "noise", **products)


def _goods(coded: Coded, digits: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the goods by position, and the good of every coded product; several units of one HS code are one good."""
    import polars as pl

    code = pl.col("product").str.head(digits) if digits else pl.col("product")
    products = coded.levels["h"].select(product=code).with_columns(h=pl.int_range(pl.len(), dtype=pl.Int64))
    goods = products.select("product").unique().sort("product")
    numbered = goods.with_columns(good=pl.int_range(pl.len(), dtype=pl.Int64))
    return goods, products.join(numbered, on="product").select("h", "good").sort("h")


def _over_time(rows: Frame, more: Sequence[str] = ()) -> Frame:
    """Return changes from the year before, also of ``more``, with the noise term of each change.

    Quantities in the noise term are relative to the product's mean, so that it has no unit.
    """
    mean = average(rows, nw.col("q"), ("h",))
    now = rows.with_columns(ln_v=nw.col("v").log(), ln_q=nw.col("q").log(), inverse=mean / nw.col("q"))
    old = {f"{name}_0": nw.col(name) for name in more}
    before = now.select(
        "w", t=nw.col("t") + 1, ln_v_0=nw.col("ln_v"), ln_q_0=nw.col("ln_q"), inverse_0=nw.col("inverse"), **old
    )
    both = now.join(before, on=["w", "t"], how="inner")
    d_v = nw.col("ln_v") - nw.col("ln_v_0")
    d_q = nw.col("ln_q") - nw.col("ln_q_0")
    others = {f"d_{name}": nw.col(name) - nw.col(f"{name}_0") for name in more}
    noise = nw.col("inverse") + nw.col("inverse_0")
    return both.select("w", "u", "good", "t", d_v=d_v, d_p=d_v - d_q, noise=noise, **others)


def _to_reference(changes: Frame, rows: Frame) -> Frame:
    worth = rows.group_by("w").agg(value=total(rows, nw.col("v")))
    series = changes.group_by("u", "w").agg(n=nw.len()).join(worth, on="w", how="inner")
    # rounded, because engines sum in another order and the reference must not depend on that
    series = series.with_columns(value=nw.col("value").round(2))
    for name, best in (("n", nw.col("n").max()), ("value", nw.col("value").max()), ("w", nw.col("w").min())):
        series = series.with_columns(best=best.over("u")).filter(nw.col(name) == nw.col("best")).drop("best")
    reference = series.select("u", r="w")
    marked = changes.join(reference, on="u", how="inner")
    base = marked.filter(nw.col("w") == nw.col("r")).select("u", "t", v_r="d_v", p_r="d_p", noise_r="noise")
    others = marked.filter(nw.col("w") != nw.col("r")).join(base, on=["u", "t"], how="inner")
    p, s = nw.col("d_p") - nw.col("p_r"), nw.col("d_v") - nw.col("v_r")
    return others.select("w", "u", "good", y=p * p, x1=s * s, x2=p * s, noise=nw.col("noise") + nw.col("noise_r"))


def _moments(relative: Frame, terms: Sequence[str]) -> Frame:
    pairs = pairs_of(terms)
    products = [(nw.col(a) * nw.col(b)).alias(f"{a}*{b}") for a, b in pairs]
    names = [*terms, *(f"{a}*{b}" for a, b in pairs), "noise"]
    means = [average(relative, nw.col(name)).alias(name) for name in names]
    return relative.with_columns(*products).group_by("good", "u", "w").agg(*means, n=nw.len())


def _by_market(goods: pl.DataFrame, table: pl.DataFrame, coded: Coded) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the goods and the table with every market as a good of its own."""
    import polars as pl

    markets = table.select("good", "u").unique().sort("u").with_columns(new=pl.int_range(pl.len(), dtype=pl.Int64))
    where = coded.levels["m"]["destination"].gather((markets["u"] % coded.sizes["m"]).to_list())
    named = pl.DataFrame({"product": goods["product"].gather(markets["good"].to_list()), "destination": where})
    table = table.join(markets.select("u", "new"), on="u").with_columns(good="new").drop("new")
    return named, table.sort("good", "u", "w")
