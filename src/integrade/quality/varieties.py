"""Compute moments of changes of prices and market shares by variety, relative to their market (METHODS 3.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from integrade.errors import UsageError, mapped_as, option
from integrade.quality.arranged import Arranged
from integrade.quality.segments import Groups, Places, Vector, runs, spread, sums
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

Result = TypeVar("Result")
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
    second = np.empty((table.height, len(terms), len(terms)))
    for a, b in pairs_of(terms):
        i, j = terms.index(a), terms.index(b)
        second[:, i, j] = second[:, j, i] = table[f"{a}*{b}"].to_numpy()
    return second


@dataclass(frozen=True)
class Differenced:
    """Moments of every variety that has enough differences, for some goods.

    ``table`` is sorted and has the columns good (position in ``goods``), u (market), w (variety), n, the means of the
    terms (y, x1 ...), the means of their products (y*y ...), and noise.
    """

    table: pl.DataFrame
    goods: pl.DataFrame


def find_identity(rows: Arranged, wanted: Identity) -> str:
    """Return the letter that distinguishes varieties. Raises `UsageError` if customs has no such column."""
    if wanted == "auto":
        return next(letter for letter in ("f", "g", "m") if letter in rows.sizes)
    if LETTERS[wanted] not in rows.sizes:
        raise UsageError(
            f"variety={wanted!r} needs a column {wanted!r}, but the customs table has none",
            remedy=f"map it with {mapped_as(wanted)}, or take {option('variety', 'destination')}",
        )
    return LETTERS[wanted]


class Changes(NamedTuple):
    """Changes of varieties from the year before, sorted by series and year.

    ``series``: the code of product, variety and market; ``good`` and ``market`` of the series; year ``t``; changes of
    ln v, ln p and cost, and the noise term; ``worth``: the value of the series over all years, and ``who`` its variety.
    """

    series: Places
    good: Places
    market: Places
    t: Places
    d_v: Vector
    d_p: Vector
    d_cost: Vector
    noise: Vector
    worth: Vector
    who: Places

    def at(self, rows: NDArray[Any]) -> Changes:
        """Return some of the changes."""
        return Changes(*(column[rows] for column in self))


def difference(
    rows: Arranged, identity: str, digits: int, then: Callable[[Differenced], Result], *, by_market: bool
) -> tuple[list[Result], Mapping[str, int]]:
    """Difference ln v and ln p over consecutive years and to the reference variety of the market.

    A market is a good in a destination, or the good everywhere if destinations are the varieties. The reference has the
    most differences, then the largest value, then the first code. Differences of log shares to the reference are
    computed as differences of log values, because the market's total cancels. Gaps between years are not bridged.
    Return what ``then`` makes of the goods of each block of products, in order, and counts of the differences lost by
    reason. Under "used" is the number of differences that are not lost.
    """
    goods, of_product = _goods(rows, digits)

    def block(low: int, high: int) -> tuple[_Counts, Result]:
        n, changes = _over_time(rows, rows.block(low, high), identity, of_product)
        of, differences = _differenced(goods, of_product[low:high], *_to_reference(changes))
        counts = n, len(changes.t), differences, int(of.table["n"].sum())
        return counts, then(_by_market(of, rows) if by_market else of)

    return _gathered(rows.each(block, runs(of_product)), say("quality.reference-variety"))


def changes_with_cost(
    rows: Arranged, cost: Vector, then: Callable[[Differenced], Result]
) -> tuple[list[Result], Mapping[str, int]]:
    """Compute changes of ln v, ln p and cost of firms over consecutive years, less their mean in the market and year.

    ``cost`` (n,): ln cost; rows without it are left out. A market is a product in a destination. The only firm in a
    market and year is left out. The moments are the means of `COST_TERMS`; the table also has the code of the firm,
    ``f``. The result is that of `difference`.
    """
    goods, of_product = _goods(rows, 0)

    def block(low: int, high: int) -> tuple[_Counts, Result]:
        n, changes = _over_time(rows, rows.block(low, high), "f", of_product, cost)
        of, differences = _differenced(goods, of_product[low:high], *_to_mean(changes))
        return (n, len(changes.t), differences, int(of.table["n"].sum())), then(of)

    return _gathered(rows.each(block, runs(of_product)), say("quality.alone-in-market"))


_Counts: TypeAlias = tuple[int, int, int, int]
"""Numbers of rows, of changes, of differences, and of the differences of varieties that have enough of them."""


def _differenced(
    goods: pl.DataFrame, of_product: Places, changes: Changes, terms: Mapping[str, Vector]
) -> tuple[Differenced, int]:
    """Return the moments of the goods of some products, and the number of differences before varieties are left out."""
    import polars as pl

    first, last = int(of_product[0]), int(of_product[-1])
    moments = _moments(changes, terms)
    table = moments.filter(pl.col("n") >= FEWEST).with_columns(pl.col("good") - first)
    return Differenced(table, goods[first : last + 1]), int(moments["n"].sum())


def _gathered(blocks: Sequence[tuple[_Counts, Result]], without_base: str) -> tuple[list[Result], Mapping[str, int]]:
    """Return the results of all blocks, and counts of the differences lost by reason."""
    rows, changes, differences, used = (sum(counts[i] for counts, _ in blocks) for i in range(4))
    lost = {
        say("quality.first-year-of-variety"): rows - changes,
        without_base: changes - differences,
        say("quality.few-differences", n=str(FEWEST)): differences - used,
        "used": used,
    }
    return [result for _, result in blocks], lost


def _goods(rows: Arranged, digits: int) -> tuple[pl.DataFrame, Places]:
    """Return the goods by position, and the good of every product (H,); several units of one HS code are one good."""
    import polars as pl

    code = pl.col("product").str.head(digits) if digits else pl.col("product")
    products = rows.levels["h"].select(product=code)["product"]
    goods = products.unique().sort()
    return goods.to_frame(), products.rank("dense").cast(pl.Int64).to_numpy() - 1


def _over_time(
    rows: Arranged, at: slice, identity: str, of_product: Places, cost: Vector | None = None
) -> tuple[int, Changes]:
    """Return the number of rows by product, variety, market and year, and the changes from the year before.

    Quantities in the noise term are relative to the product's mean, so that it has no unit.
    """
    here = np.arange(at.start, at.stop) if cost is None else at.start + np.flatnonzero(~np.isnan(cost[at]))
    letters = ("h", identity, "m") if identity != "m" else ("h", "m")
    codes = [rows.letter(x, here) for x in (*letters, "t")]
    by = Groups.of(codes, [rows.sizes[x] if x != "h" else rows.products for x in (*letters, "t")])
    first = by.order[by.starts[:-1]]
    *series, t = (code[first].astype(np.int64) for code in codes)
    v, q = (sums(x[here][by.order], by.starts) for x in (rows.value, rows.quantity))
    c = np.zeros(len(v)) if cost is None else sums(cost[here][by.order], by.starts) / np.diff(by.starts)
    starts = runs(*series)
    of = spread(np.arange(len(starts) - 1), starts)
    product = series[0]
    n_of, q_of = (np.bincount(product, x, minlength=rows.products) for x in (np.ones(len(q)), q))
    inverse = (q_of / np.maximum(n_of, 1))[product] / q
    ln_v, ln_p = np.log(v), np.log(v) - np.log(q)
    now = np.flatnonzero((of[1:] == of[:-1]) & (t[1:] == t[:-1] + 1)) + 1
    good = of_product[product]
    market = good if identity == "m" else good * rows.sizes["m"] + series[-1]
    worth = np.round(sums(v, starts), 2)  # rounded, so that the reference does not depend on the order of sums
    d_v, d_p, d_c = (x[now] - x[now - 1] for x in (ln_v, ln_p, c))
    noise = inverse[now] + inverse[now - 1]
    who = series[1] if identity != "m" else series[-1]
    return len(v), Changes(of[now], good[now], market[now], t[now], d_v, d_p, d_c, noise, worth[of[now]], who[now])


def _to_reference(changes: Changes) -> tuple[Changes, dict[str, Vector]]:
    """Return changes of other varieties than the reference of their market, and the terms of their moments."""
    starts = runs(changes.series)
    first = starts[:-1]
    n, market = np.diff(starts), changes.market[first]
    best = np.lexsort((changes.series[first], -changes.worth[first], -n, market))
    references = changes.series[first][best[runs(market[best])[:-1]]]
    is_reference = np.isin(changes.series, references)
    base, others = changes.at(np.flatnonzero(is_reference)), changes.at(np.flatnonzero(~is_reference))
    years = int(changes.t.max(initial=0)) + 1
    key = base.market * years + base.t
    order = np.append(np.argsort(key), 0)
    wanted = others.market * years + others.t
    place = order[np.searchsorted(key, wanted, sorter=order[:-1])] if len(key) else np.zeros(len(wanted), dtype=int)
    met = np.flatnonzero(key[place] == wanted) if len(key) else place[:0]
    others, base = others.at(met), base.at(place[met])
    p, s = others.d_p - base.d_p, others.d_v - base.d_v
    return others._replace(noise=others.noise + base.noise), {"y": p * p, "x1": s * s, "x2": p * s}


def _to_mean(changes: Changes) -> tuple[Changes, dict[str, Vector]]:
    """Return changes in markets and years with several firms, and the terms of changes less their means."""
    sizes = [int(code.max(initial=0)) + 1 for code in (changes.market, changes.t)]
    by = Groups.of([changes.market, changes.t], sizes)
    n = by.counts()
    there = np.flatnonzero(n > 1)
    p, s, c = ((x - by.sums(x) / n)[there] for x in (changes.d_p, changes.d_v, changes.d_cost))
    terms = {"y": p * p, "x1": s * s, "x2": p * s, "pc": p * c, "sc": s * c, "cc": c * c}
    return changes.at(there), terms


def _moments(changes: Changes, terms: Mapping[str, Vector]) -> pl.DataFrame:
    """Return the means of terms, of their products and of the noise by variety, sorted by good and market."""
    import polars as pl

    starts = runs(changes.series)
    n, first = np.diff(starts), starts[:-1]
    products = {f"{a}*{b}": terms[a] * terms[b] for a, b in pairs_of(list(terms))}
    means = {name: sums(x, starts) / n for name, x in {**terms, **products, "noise": changes.noise}.items()}
    keys = {
        "good": changes.good[first],
        "u": changes.market[first],
        "w": changes.series[first],
        "f": changes.who[first],
    }
    return pl.DataFrame({**keys, "n": n, **means}).sort("good", "u", "w")


def _by_market(of: Differenced, rows: Arranged) -> Differenced:
    """Return the moments with every market as a good of its own."""
    import polars as pl

    goods, table = of.goods, of.table
    markets = table.select("good", "u").unique().sort("u").with_columns(new=pl.int_range(pl.len(), dtype=pl.Int64))
    where = rows.levels["m"]["destination"].gather((markets["u"] % rows.sizes["m"]).to_list())
    named = pl.DataFrame({"product": goods["product"].gather(markets["good"].to_list()), "destination": where})
    table = table.join(markets.select("u", "new"), on="u").with_columns(good="new").drop("new")
    return Differenced(table.sort("good", "u", "w"), named)
