"""Export quality as the residual of demand: what sells more than its price explains (METHODS 3.2a)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from integrade.account import Account, Entry
from integrade.errors import NotIdentified, UsageError
from integrade.frames import Frame, collect, enter, give_back, held, materialise, place
from integrade.measure import choose, measure
from integrade.quality.aggregate import by_firm, standardise
from integrade.quality.coding import LETTER, Coded, code_keys, joint, split, sum_repeated, with_text
from integrade.quality.effects import Cells, Side, parse_effects, two_way
from integrade.quality.options import DemandResidual
from integrade.quality.sigma import LARGE, SMALLEST, look_up, read_sigma_option
from integrade.schema import TABLES, conform

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "quality", "quality"
Terms = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Elasticity:
    """Sigma: one number, or by product (``table`` has h, sigma, source, refused)."""

    number: float | None
    table: pl.DataFrame | None


@measure(
    family="quality",
    needs=("customs",),
    key=("firm", "year"),
    adds={
        "quality": "0..1 for minmax and rank, else log points",
        "n_products": "products (HS code x unit)",
        "n_rows": "customs rows",
        "value": "USD",
    },
    options=DemandResidual,
    cite="Khandelwal, Schott and Wei (2013); Fan, Li and Yeaple (2015)",
)
def demand_residual(customs: Any, options: DemandResidual | None = None, **changes: Any) -> Any:
    """Export quality by firm and year from the residuals of demand, with an imposed elasticity.

    Formula:
        ln q_fhmt + sigma_h ln p_fhmt = phi_h + phi_mt + eps_fhmt, p = v / q, one regression over all rows;
        ln lambda = eps / (sigma_h - 1); r = ln lambda between the 1st and 99th percentiles of product h over all years
        (linear interpolation between order statistics), clipped to 0..1; TQ_ft = sum v r / sum v over the rows of the
        firm-year. Products h are HS codes x units. Other effects, scales and weights: `DemandResidual`.
        An error u in ln q is an error of -u in ln p: with sigma imposed it enters ln lambda one for one.

    Missing values:
        Rows without product, destination, year, firm, or a positive value and quantity are dropped and counted. Rows
        with the same firm, product, destination, year (, unit, variety, regime) are summed. Quality is missing for a
        row of leverage 1 (the only one of its cell, or a bridge of the product x destination-year graph: nothing is
        known about it), for a product whose sigma is at or below 1.05, and for a product whose residuals are all
        equal. The mean of a firm-year is over its rows with quality; firm-years without any have a row with quality
        missing. All are counted in the account, with the share of value they hold.

    Args:
        customs: any frame with (firm,) product, destination, year, value (USD), quantity (, unit, variety, month,
            regime); months are summed into years.
        options: a `DemandResidual`; single options may be given or changed by name. sigma has no default.
        **changes: options by name, as ``sigma=5``.

    Returns:
        One row per firm, year, sorted: quality (0..1), n_products, n_rows and value (USD) of all its rows. With
        level='row' one row per customs key: value, quantity, ln_price (log USD per unit), residual (eps, log points),
        ln_quality (ln lambda, log points), quality, sigma. The kind of frame that came in.

    Raises:
        UsageError: sigma missing or at or below 1.05; level='firm' without a column firm; effects that are not one or
            two terms.
        UnknownName: an option, choice or effect that does not exist.
        NotIdentified: every row has leverage 1 or a refused sigma.
        NoConvergence: the effects could not be solved.
        MissingColumn, NotANumber, CodesReadAsNumbers, EmptyTable, FileMissing: see `integrade.schema.conform` and
            `integrade.quality.sigma`.

    Reference:
        Khandelwal, Schott and Wei (2013, AER 103(6)); Fan, Li and Yeaple (2015, REStat 97(5)), section 5.1.2.
        METHODS 3.2a, 3.3.

    Example:
        >>> import polars as pl
        >>> customs = pl.DataFrame({
        ...     "firm": ["a", "b", "c"] * 2, "product": ["610910"] * 6,
        ...     "destination": ["USA"] * 3 + ["JPN"] * 3,
        ...     "year": [2004] * 6, "value": [50.0, 80, 40, 44, 70, 30], "quantity": [10.0, 20, 5, 8, 20, 3],
        ... })
        >>> demand_residual(customs, sigma=5, standardise="minmax")["quality"].round(4).to_list()
        [0.3707, 0.1163, 0.9077]
    """
    chosen = choose(DemandResidual, options, changes)
    terms = [tuple(LETTER[name] for name in term) for term in parse_effects(chosen.effects)]
    sigma = read_sigma_option(chosen.sigma)
    _require_firm(customs, chosen)
    door = conform(customs, "customs")
    with ExitStack() as kept:
        coded, merged = sum_repeated(code_keys(door.frame, kept), kept)
        elasticity, notes = _elasticity(sigma, coded)
        rows = standardise(kept.enter_context(held(_residuals(coded, terms, elasticity, chosen))), chosen)
        counts = _count(rows)
        wide = _by_row(rows, coded) if chosen.level == "row" else _by_firm(rows, coded, chosen)
        result = materialise(wide, home=door.frame)
    account = door.account + _merged(coded, merged) + notes + _missing(counts, chosen)
    account += _closing(collect(result.select(n=nw.len(), lost=_is_missing("quality"))).row(0), chosen)
    return give_back(result, customs, name=TABLE, account=account)


def _require_firm(customs: Any, options: DemandResidual) -> None:
    names = enter(customs).collect_schema().names()
    if options.level == "firm" and "firm" not in names:
        raise UsageError(
            "level='firm' needs a column 'firm', and the customs table has none",
            remedy="map it with --column firm=OLD (Python: columns={OLD: 'firm'}), or ask for --level row",
        )


def _elasticity(sigma: float | pl.DataFrame, coded: Coded) -> tuple[Elasticity, list[Entry]]:
    """Sigma of every product, and where it comes from by number of rows."""
    import polars as pl

    if isinstance(sigma, float):
        large = [f"sigma {sigma:g} is above {LARGE:g}: quality hardly varies"] if sigma > LARGE else []
        return Elasticity(sigma, None), [Entry(STEP, "customs", "note", text, 0) for text in large]
    products = coded.levels["h"]["product"]
    table = look_up(products, sigma).with_columns(h=pl.int_range(pl.len(), dtype=pl.Int64))
    rows = table.join(collect(coded.frame.group_by("h").agg(n=nw.len())), on="h")
    by_source = (
        rows.group_by("source").agg(pl.col("n").sum(), pl.col("product").n_unique().alias("codes")).sort("source")
    )
    entries = [
        Entry(STEP, "sigma", "note", f"sigma from {source}: {n:,} rows, {codes:,} products", n)
        for source, n, codes in by_source.iter_rows()
    ]
    flat = rows.filter(pl.col("sigma") > LARGE)
    if flat.height:
        text = f"sigma above {LARGE:g}, quality hardly varies: {flat['n'].sum():,} rows, {flat.height:,} products"
        entries.append(Entry(STEP, "sigma", "note", text, int(flat["n"].sum()), flat["product"][0]))
    return Elasticity(None, table.select("h", "sigma")), entries


def _residuals(coded: Coded, terms: Terms, elasticity: Elasticity, options: DemandResidual) -> Frame:
    """Rows with sigma, residual and x (ln quality)."""
    if len(terms) == 1:
        rows, fitted = _within(_with_sigma(coded.frame, elasticity), coded, terms[0])
    else:
        rows, fitted = _crossed(coded, terms, elasticity)
    rows = rows.with_columns(residual=fitted).with_columns(x=nw.col("residual") / (nw.col("sigma") - 1))
    if options.level == "row":
        return rows.select(*coded.letters, "v", "q", "sigma", "residual", "x")
    return rows.select("f", "t", "h", "v", "sigma", "x")


def _with_sigma(rows: Frame, elasticity: Elasticity) -> Frame:
    """Add sigma and y = ln q + sigma ln p = sigma ln v - (sigma - 1) ln q."""
    if elasticity.table is None:
        rows = rows.with_columns(sigma=nw.lit(elasticity.number, dtype=nw.Float64))
    else:
        rows = rows.join(place(elasticity.table, rows), on="h", how="left")
    return rows.with_columns(y=nw.col("sigma") * nw.col("v").log() - (nw.col("sigma") - 1) * nw.col("q").log())


def _within(rows: Frame, coded: Coded, term: tuple[str, ...]) -> tuple[Frame, nw.Expr]:
    """One effect: deviations from the means of its cells."""
    rows = rows.with_columns(cell=nw.when(~nw.col("y").is_null()).then(joint(coded, term)))
    mean, n = nw.col("y").mean().over("cell"), nw.col("y").count().over("cell")
    return rows, nw.when(n > 1).then(nw.col("y") - mean)


def _crossed(coded: Coded, terms: Terms, elasticity: Elasticity) -> tuple[Frame, nw.Expr]:
    """Two effects, solved by cells and joined back."""
    rows = _with_sigma(coded.frame, elasticity)
    for name, term, side in zip("ab", terms, two_way(_cells(coded, terms, elasticity)), strict=True):
        rows = rows.with_columns(joint(coded, term).alias(name))
        rows = rows.join(place(_levels(side, name), rows), on=name, how="left")
    same = nw.col("in_a") == nw.col("in_b")
    return rows, nw.when(same).then(nw.col("y") - nw.col("effect_a") - nw.col("effect_b"))


def _levels(side: Side, name: str) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame({name: side.level, f"effect_{name}": side.effect, f"in_{name}": side.component})


def _cells(coded: Coded, terms: Terms, elasticity: Elasticity) -> Cells:
    """Rows and sums of y by pair of levels. Sums of ln v and ln q suffice: sigma is constant within a product."""
    import numpy as np
    import polars as pl

    varies = elasticity.table is not None
    letters = tuple(x for x in ("h", "m", "t") if any(x in term for term in terms) or (varies and x == "h"))
    sums = coded.frame.select(k=joint(coded, letters), ln_v=nw.col("v").log(), ln_q=nw.col("q").log())
    cells = collect(sums.group_by("k").agg(nw.col("ln_v", "ln_q").sum(), n=nw.len())).sort("k")
    parts = split(coded, letters, cells["k"].to_numpy())
    codes = {f"k{i}": _joined(coded, term, parts) for i, term in enumerate(terms)}
    sigma: Any = pl.lit(elasticity.number)
    if elasticity.table is not None:
        codes["sigma"] = elasticity.table["sigma"].to_numpy()[parts["h"]]
        sigma = pl.col("sigma")
    cells = cells.with_columns(pl.Series(name, values) for name, values in codes.items())
    cells = cells.with_columns(y=sigma * pl.col("ln_v") - (sigma - 1) * pl.col("ln_q")).filter(pl.col("y").is_not_nan())
    if not all(any(x in term for term in terms) for x in letters):
        cells = cells.group_by("k0", "k1").agg(pl.col("n", "y").sum()).sort("k0", "k1")
    counts = cells["n"].to_numpy().astype(np.int64)
    return Cells(cells["k0"].to_numpy(), cells["k1"].to_numpy(), counts, cells["y"].to_numpy())


def _joined(coded: Coded, term: tuple[str, ...], parts: Mapping[str, Any]) -> Any:
    code = parts[term[0]]
    for letter in term[1:]:
        code = code * coded.sizes[letter] + parts[letter]
    return code


def _by_row(rows: Frame, coded: Coded) -> Frame:
    texts = {name for found in coded.levels.values() for name in found.columns} | {"year"}
    named = with_text(rows, coded, coded.letters).sort(*(letter for letter in "fhgmtc" if letter in coded.letters))
    return named.select(
        *[name for name in TABLES["customs"].key if name in texts],
        value=nw.col("v"),
        quantity=nw.col("q"),
        ln_price=nw.col("v").log() - nw.col("q").log(),
        residual=nw.col("residual"),
        ln_quality=nw.col("x"),
        quality=nw.col("r"),
        sigma=nw.col("sigma"),
    )


def _by_firm(rows: Frame, coded: Coded, options: DemandResidual) -> Frame:
    named = with_text(by_firm(rows, coded, options), coded, ("f", "t")).sort("f", "t")
    return named.select("firm", "year", "quality", "n_products", "n_rows", "value")


def _is_missing(name: str) -> nw.Expr:
    return nw.col(name).is_null().cast(nw.Int64).sum()


@dataclass(frozen=True)
class _Counts:
    """Rows, rows without sigma, ln quality and quality, clipped rows; value of all rows and of those with quality."""

    n: int
    no_sigma: int
    no_x: int
    no_r: int
    clipped: int
    value: float
    valued: float


def _count(rows: Frame) -> _Counts:
    """Raises `NotIdentified` when no row has a residual."""
    valued = nw.when(~nw.col("r").is_null()).then(nw.col("v")).otherwise(nw.lit(0.0)).sum()
    found = collect(rows.select(
        n=nw.len(), no_sigma=_is_missing("sigma"), no_x=_is_missing("x"), no_r=_is_missing("r"),
        clipped=nw.col("clipped").sum(), value=nw.col("v").sum(), valued=valued,
    )).row(0, named=True)  # fmt: skip
    whole = {name: int(found[name]) for name in ("n", "no_sigma", "no_x", "no_r", "clipped")}
    counts = _Counts(**whole, value=found["value"], valued=found["valued"])
    if counts.no_x == counts.n:
        raise NotIdentified(
            f"no row has a residual: {counts.no_sigma:,} rows have a sigma at or below {SMALLEST}, "
            f"{counts.no_x - counts.no_sigma:,} are alone in their effects",
            remedy="use coarser effects, such as product+year, or another sigma",
        )
    return counts


def _merged(coded: Coded, merged: int) -> list[Entry]:
    if not merged:
        return []
    names = {"f": "firm", "h": "product", "g": "variety", "m": "destination", "c": "regime", "t": "year"}
    key = ", ".join(names[letter] for letter in coded.letters)
    return [Entry(STEP, "customs", "merged", f"summed into another row with the same {key}", merged)]


def _missing(counts: _Counts, options: DemandResidual) -> list[Entry]:
    reasons = {
        f"sigma at or below {SMALLEST}": counts.no_sigma,
        f"leverage 1, {options.effects} fits the row exactly": counts.no_x - counts.no_sigma,
        f"all residuals of its {options.pool.replace('_', '-')} are equal": counts.no_r - counts.no_x,
    }
    kind: Any = "dropped" if options.level == "firm" else "note"
    entries = [
        Entry(STEP, "customs", kind, f"quality missing: {reason}" + (f", {n:,} rows" if kind == "note" else ""), n)
        for reason, n in reasons.items()
        if n
    ]
    if counts.clipped:
        reason = f"beyond the 1st or 99th percentile of its {options.pool.replace('_', '-')}"
        entries.append(Entry(STEP, "customs", "clipped", reason, counts.clipped))
    if counts.no_r:
        lost = 1 - counts.valued / counts.value
        entries.append(Entry(STEP, "customs", "note", f"rows without quality hold {lost:.2%} of value", counts.no_r))
    return entries


def _closing(result: tuple[int, int], options: DemandResidual) -> Account:
    rows, lost = result
    given = {f.name: getattr(options, f.name) for f in dataclasses.fields(options)}
    if not isinstance(given["sigma"], int | float | str):
        given["sigma"] = "by product"
    settings = ", ".join(f"{name}={value}" for name, value in given.items())
    entries = [Entry(STEP, TABLE, "note", f"settings: {settings}", 0)]
    if lost and options.level == "firm":
        entries.append(Entry(STEP, TABLE, "note", f"quality missing: {lost:,} firm-years have no row with it", lost))
    return Account((*entries, Entry(STEP, TABLE, "out", "rows", rows)))
