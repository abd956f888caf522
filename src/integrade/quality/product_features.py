"""Measure export quality by a rating, or by features of the good that a regression prices (METHODS 3.1)."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Data
from integrade.errors import UsageError, option
from integrade.quality.arranged import Arranged
from integrade.quality.measured import ADDS, STEP, Scored, finish, open_customs
from integrade.quality.scale import Scale
from integrade.quality.segments import Groups, Places, Vector
from integrade.quality.unit_value import one_cell
from integrade.records.catalogue import SHARED, choose, measure
from integrade.regress.partial import generalised_inverse
from plainwords.account import Entry
from plainwords.texts import listed, say

if TYPE_CHECKING:
    import polars as pl

ABSORBED = 1e-18  # a feature with at most this share of its sum of squares within cells does not vary; a convention
_CHAPTER = 2


@dataclass(frozen=True)
class ProductFeatures:
    """Options of export quality from features or a rating (METHODS 3.1).

    Parameters
    ----------
    features
        Columns of customs with numbers that describe the good (alcohol, horse power, 1 for cotton and else 0),
        priced by a hedonic regression.
    rating
        A column of customs with a rating, instead of features: higher is better.
    by
        Whether prices of features are the same for all products, or differ by HS chapter (first two digits) or by
        product.
    effects
        Fixed effects of the hedonic regression: product:year, or product:destination:year.
    scale
        Standardisation, level and weights: a `Scale`; its options may also be given by name.
    """

    features: tuple[str, ...] = ()
    rating: str | None = None
    by: Literal["all", "chapter", "product"] = "all"
    effects: str = "product:year"
    scale: Scale = field(default=Scale(), metadata=SHARED)


@measure(
    family="quality",
    needs=("customs",),
    key=("firm", "year"),
    adds=ADDS,
    options=ProductFeatures,
    cite="Goldberg and Verboven (2001); Auer, Chaney and Saure (2018); Chen and Juvenal (2016)",
)
def product_features(customs: Data, options: ProductFeatures | None = None, **changes: Any) -> Data:
    """Measure export quality by firm and year from features of the goods, or from a rating.

    Formula: ln p_j = delta_ht + x_j'b + e_j by least squares over rows j (each counting once) of product h and year t,
        with p = v / q; ln quality = x_j'b: the part of the price that buyers pay for the features. With a rating,
        ln quality is the rating. Quality is then standardised and averaged as in `demand_residual`. A feature left out
        of x is left out of quality. The regression does not detect features that are costly but not valued, or valued
        but free.

    Missing values:
        Bad rows are dropped and repeated rows summed as in `demand_residual`; a feature of summed rows is their mean by
        value. A row without one of the features (or without rating) has no quality and is not in the regression. Rows
        of a product or chapter (``by``) that has too few rows also have no quality. A feature that does not vary within
        the effects, or is a linear combination of others, has no price; it is left out, and the account names it. All
        left-out rows are counted in the account.

    Args:
        customs: any frame with (firm,) product, destination, year, value (money), quantity (, unit, variety, month,
            regime, region, industry) and the columns of features or rating.
        options: a `ProductFeatures`; features or rating must be given.
        **changes: options by name, such as ``rating="stars"``.

    Returns:
        One row per firm, year, sorted: quality (0..1), n_products, n_rows and value; other levels have their own
        key. With level='row' one row per customs key: value, quantity, ln_price, ln_quality (log points, or
        the rating), quality. The prices of the features are in the account. The kind of frame that came in.

    Raises:
        UsageError: neither or both of features and rating; effects that are not one term with product and year.
        MissingColumn: a feature that customs lacks. NotANumber: text in a feature.
        NotIdentified: no row has all features, or no feature has a price.
        UnknownName, CodesReadAsNumbers, EmptyTable: see `integrade.records.schema.conform`.

    Reference:
        Goldberg and Verboven (2001, REStud 68(4)); Auer, Chaney and Saure (2018, JIE 110); Chen and Juvenal (2016,
        JIE 100). METHODS 3.1. The form of the regression was recalled from these papers; the formula above is the one
        used.

    Example:
        >>> import polars as pl
        >>> wine = pl.DataFrame({
        ...     "firm": ["a", "b", "c"], "product": ["220421"] * 3, "destination": ["USA"] * 3, "year": [2004] * 3,
        ...     "value": [50.0, 80, 40], "quantity": [10.0, 20, 5], "stars": [3.0, 2.0, 5.0],
        ... })
        >>> product_features(wine, rating="stars", standardise="rank")["quality"].to_list()
        [0.5, 0.0, 1.0]
    """
    chosen = choose(ProductFeatures, options, changes)
    columns = _columns(chosen)
    cell = one_cell(chosen.effects, "effects")
    with ExitStack() as kept:
        opened = open_customs(customs, chosen.scale, kept, user=columns)
        rows = opened.rows
        given = [rows.carried[f"user_{c}"] for c in columns]
        x, notes = (rows.filled(lambda at: given[0][at]), []) if chosen.rating else _priced(rows, cell, chosen)
        missing = say("quality.rating-missing" if chosen.rating else "quality.feature-missing")
        scored = Scored(
            x,
            {
                missing: lambda at: np.isnan(sum(column[at] for column in given)),
                say("quality.few-rows-to-price", by=chosen.by): None,
            },
            notes=notes,
            remedy=f"give other features, or {option('by', 'all')}",
        )
        return finish(scored, opened, chosen, customs)


def _columns(options: ProductFeatures) -> tuple[str, ...]:
    if bool(options.features) == bool(options.rating):
        raise UsageError(
            "give either features or a rating",
            remedy=f"give {option('features', ...)} (several columns), or {option('rating', ...)} (one)",
        )
    return (options.rating,) if options.rating else tuple(dict.fromkeys(options.features))


def _priced(rows: Arranged, cell: tuple[str, ...], options: ProductFeatures) -> tuple[Vector, list[Entry]]:
    """Return x (n,), the sum of features times their prices, and account entries on the prices."""
    import polars as pl

    names = [f"user_{c}" for c in _columns(options)]
    part = _parts(rows, options.by)
    prices, notes = _regress(_deviations(rows, part, cell, names), names, options)
    found = pl.DataFrame({"part": part}).join(prices, on="part", how="left", maintain_order="left")
    by_product = {n: found[f"b_{n}"].fill_null(np.nan).to_numpy() for n in names}

    def priced(at: slice) -> Vector:
        terms = [rows.carried[n][at] * rows.by_product(by_product[n], at) for n in names]
        return np.asarray(sum(terms[1:], terms[0]))

    return rows.filled(priced), notes


def _parts(rows: Arranged, by: str) -> Places:
    """Return the part of each product (H,); products with the same part share the prices of features."""
    if by == "all":
        return np.zeros(rows.products, dtype=np.int64)
    if by == "product":
        return np.arange(rows.products)
    chapter = rows.levels["h"]["product"].str.head(_CHAPTER)
    return chapter.rank("dense").cast(int).to_numpy()


def _deviations(rows: Arranged, part: Places, cell: tuple[str, ...], names: list[str]) -> pl.DataFrame:
    """Return, by part, the numbers of rows and cells, and cross-products of features and ln p net of cell means."""
    import polars as pl

    k, size = len(names) + 1, int(part.max()) + 1
    pairs = [(i, j) for i in range(k) for j in range(i, k)]
    columns = ["cells", *(f"g{i}_{j}" for i, j in pairs), *(f"raw{i}" for i in range(k)), "n"]

    def block(low: int, high: int) -> NDArray[Any]:
        at = rows.block(low, high)
        given = [*(rows.carried[n][at] for n in names), rows.ln_price(at)]
        whole = np.flatnonzero(~np.isnan(sum(given)))
        codes = [rows.letter("h", at) - np.int32(low), *(rows.letter(x, at) for x in cell if x != "h")]
        by_cell = Groups.of([x[whole] for x in codes], [high - low, *(rows.sizes[x] for x in cell if x != "h")])
        n = by_cell.counts()
        plain = [x[whole] for x in given]
        apart = [x - by_cell.sums(x) / n for x in plain]
        terms = [1 / n, *(apart[i] * apart[j] for i, j in pairs), *(x * x for x in plain), np.ones(len(n))]
        return np.array([np.bincount(codes[0][whole], x, high - low) for x in terms])

    # sums by product first, so that the budget, on which blocks depend, does not move last digits
    by_product = np.concatenate(rows.each(block), axis=1)
    totals = [np.bincount(part, x, size) for x in by_product]
    table = pl.DataFrame({"part": np.arange(size), **dict(zip(columns, totals, strict=True))})
    return table.with_columns(pl.col("n").cast(pl.Int64)).filter(pl.col("n") > 0)


def _regress(sums: pl.DataFrame, names: list[str], options: ProductFeatures) -> tuple[pl.DataFrame, list[Entry]]:
    """Return the prices b by part, which are missing for a part with too few rows, and account entries on them."""
    import polars as pl

    k = len(names)
    coefficients, fits, dropped = [], [], dict.fromkeys(names, 0)
    for part in sums.iter_rows(named=True):
        gram = np.array([[part[f"g{min(i, j)}_{max(i, j)}"] for j in range(k + 1)] for i in range(k + 1)])
        raw = np.array([part[f"raw{i}"] for i in range(k)])
        gone = np.diag(gram)[:k] <= ABSORBED * raw
        gram[:k][gone] = 0.0
        gram[:, :k][:, gone] = 0.0
        scale = np.sqrt(np.where(gone, 1.0, np.diag(gram)[:k]))
        inverse = generalised_inverse(gram[:k, :k] / np.outer(scale, scale))
        lost = np.diag(inverse) == 0
        b = inverse @ (gram[:k, k] / scale) / scale
        df = part["n"] - round(part["cells"]) - int((~lost).sum())
        if df < 1 or lost.all():
            continue
        for name, absent in zip(names, lost, strict=True):
            dropped[name] += int(absent)
        fits.append(float(b @ gram[:k, k]) / gram[k, k] if gram[k, k] > 0 else 0.0)
        coefficients.append((part["part"], *b.tolist()))
    prices = pl.DataFrame(
        coefficients, schema={"part": pl.Int64, **{f"b_{n}": pl.Float64 for n in names}}, orient="row"
    )
    return prices, _notes(prices, fits, dropped, options)


def _notes(prices: pl.DataFrame, fits: list[float], dropped: dict[str, int], options: ProductFeatures) -> list[Entry]:
    labels = {f"user_{c}": c for c in options.features}
    texts = [
        say("quality.feature-without-price", feature=labels[n], times=times, n=prices.height, effects=options.effects)
        for n, times in dropped.items()
        if times
    ]
    if prices.height:
        priced = [n for n in labels if dropped[n] < prices.height]
        shown = [f"{labels[n]} {float(np.median(prices[f'b_{n}'].to_numpy())):.6g}" for n in priced]
        texts.append(
            say(
                "quality.median-price-of-features" if prices.height > 1 else "quality.price-of-features",
                effects=options.effects,
                prices=listed(shown, "comma"),
                r2=f"{float(np.median(fits)):.4f}",
                n=prices.height,
                by=options.by,
            )
        )
    return [Entry(STEP, "customs", "note", text, 0) for text in texts]
