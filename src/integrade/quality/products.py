"""Find the sigma of every product and its source: imposed, looked up, or estimated with a fallback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.errors import UsageError, option
from integrade.quality import shi
from integrade.quality.arranged import Arranged
from integrade.quality.elasticity import Elasticities, estimate
from integrade.quality.home_market import Home, read_home
from integrade.quality.measured import Opened, given_of, open_customs
from integrade.quality.options import DemandResidual
from integrade.quality.parts import Parts
from integrade.quality.segments import Vector
from integrade.quality.sigma import IMPOSED, LARGE, SMALLEST, Given, look_up, read_sigma_option
from integrade.records.catalogue import choose, keywords
from plainwords.account import Entry
from plainwords.texts import Said, say

if TYPE_CHECKING:
    import polars as pl

STEP = "quality"
REFUSED = "refused, "
WITHIN = ("ols", "iv")  # methods that estimate product by product
SATURATED, ADDITIVE = "product:destination:year", "product+destination:year"


@dataclass(frozen=True)
class Elasticity:
    """Sigma: one number for all products, or a table with one sigma per product.

    ``table`` has h, sigma (missing if refused), source, and phi if there is a ``home`` with GDP.
    """

    number: float | None
    table: pl.DataFrame | None = None
    home: Home | None = None
    notes: Sequence[Entry] = ()

    @property
    def refused(self) -> list[Said]:
        """The reasons why products have no sigma, with their rows."""
        reasons = [note.reason for note in self.notes if isinstance(note.reason, Said)]
        return [reason for reason in reasons if reason.key == "quality.sigma-refused"]

    def by_product(self, name: str, products: int) -> Vector:
        """Return sigma (or phi) of every product (H,); it is missing for a product whose sigma is refused."""
        if self.table is None:
            return np.full(products, self.number, dtype=np.float64)
        return self.table.sort("h")[name].fill_null(np.nan).to_numpy(writable=True)

    @property
    def sources(self) -> pl.Series | None:
        """The source of each product's sigma; None if sigma is one number."""
        return None if self.table is None else self.table.sort("h")["source"]


def find_elasticity(given: Given, opened: Opened, rows: Arranged | Parts, options: DemandResidual) -> Elasticity:
    """Return sigma by product after fallback and cap, with account entries on its sources."""
    home, notes = read_home(options, rows)
    if isinstance(given.value, float) and (home is None or home.gdp is None) and options.sigma_cap is None:
        text = say("quality.sigma-large", sigma=f"{given.value:g}", large=f"{LARGE:g}")
        large = [Entry(STEP, "customs", "note", text, 0)] if given.value > LARGE else []
        return Elasticity(given.value, notes=[*notes, *large])
    table, more = _by_product(given, opened, rows, home, options)
    phi = "phi" in table.columns
    return Elasticity(
        None,
        table.select("h", "sigma", "source", *(["phi"] if phi else [])),
        home if phi else None,
        [*given.notes, *notes, *more],
    )


def _by_product(
    given: Given, opened: Opened, rows: Arranged | Parts, home: Home | None, options: DemandResidual
) -> tuple[pl.DataFrame, list[Entry]]:
    """Find sigma and its source for every product; also return notes."""
    import polars as pl

    fallback = None if options.fallback_sigma is None else read_sigma_option(options.fallback_sigma, "fallback_sigma")
    base = rows.levels["h"].with_columns(h=pl.int_range(pl.len(), dtype=pl.Int64))
    how = given.value if isinstance(given.value, str) else ""
    if how in WITHIN or (home is not None and home.gdp is not None):
        estimates = shi.estimate(rows, "iv" if how == "iv" else "ols", home, options.no_instrument)
        base = base.join(estimates, on="h", how="left", maintain_order="left")
    else:
        base = base.join(rows.rows_by_product(), on="h", how="left", maintain_order="left")
    table, notes = _first(base, given, opened, options)
    notes = [*notes, *_by_source(table.filter(pl.col("source").str.starts_with(REFUSED)))]
    if fallback is not None:
        table, notes = _fall_back(table, fallback), [*fallback.notes, *notes]
    if options.sigma_cap is not None:
        if not options.sigma_cap > SMALLEST:
            raise UsageError(
                f"sigma_cap={options.sigma_cap:g} is not above {SMALLEST}",
                remedy=f"give one, such as {option('sigma_cap', 20)}",
            )
        high = pl.col("sigma") > options.sigma_cap
        table = table.with_columns(sigma=pl.when(high).then(options.sigma_cap).otherwise("sigma"), capped=high)
    if home is not None and home.gdp is not None:
        table = table.with_columns(shi.phi(table))
    usable = table.filter(~pl.col("source").str.starts_with(REFUSED))
    return table, [*notes, *_by_source(usable), *_large_sigma_notes(table, options)]


def is_own(given: Given) -> bool:
    """Return whether the sigma of a product can be found from its own rows."""
    return not isinstance(given.value, str) or given.value in WITHIN


def _first(
    table: pl.DataFrame, given: Given, opened: Opened, options: DemandResidual
) -> tuple[pl.DataFrame, list[Entry]]:
    """Add sigma (before any fallback) and its source to ``table``, which has the rows and estimates of products."""
    import polars as pl

    how = given.value if isinstance(given.value, str) else ""
    if how in WITHIN:
        good = pl.col("refused").is_null()
        table = table.with_columns(
            sigma=pl.when(good).then("sigma_hat"),
            source=pl.when(good).then(pl.lit(how)).otherwise(pl.lit(REFUSED) + pl.col("refused")),
        )
        return table, _of_method(table, how, options)
    if how:
        return _feenstra(table, opened.rows, how)
    if isinstance(given.value, float):
        return table.with_columns(sigma=pl.lit(given.value), source=pl.lit(IMPOSED)), []
    assert isinstance(given.value, pl.DataFrame)
    sigmas = look_up(table["product"], given.value)
    low = pl.when("refused").then(pl.lit(f"{REFUSED}low-sigma: ") + pl.col("source"))
    sigmas = sigmas.select("sigma", source=low.otherwise("source"))
    return table.with_columns(sigmas["sigma"], sigmas["source"]), []


def _feenstra(table: pl.DataFrame, rows: Arranged, how: str) -> tuple[pl.DataFrame, list[Entry]]:
    import polars as pl

    options = Elasticities(method=how, replicates=0)  # type: ignore[arg-type]
    estimates, notes = estimate(rows, options)
    table = table.join(
        estimates.select("product", sigma_hat="sigma", refused=pl.col("fallback").str.replace_all(" ", "-")),
        on="product",
        how="left",
        maintain_order="left",
    )
    good = (pl.col("sigma_hat") > SMALLEST).fill_null(False)
    low = pl.col("sigma_hat").is_not_null()
    why = pl.when(low).then(pl.lit("low-estimate")).otherwise("refused")
    table = table.with_columns(
        sigma=pl.when(good).then("sigma_hat"), source=pl.when(good).then(pl.lit(how)).otherwise(pl.lit(REFUSED) + why)
    )
    return table, notes


def _fall_back(table: pl.DataFrame, fallback: Given) -> pl.DataFrame:
    """Give products without sigma the sigma of ``fallback``, if it has one for them."""
    import polars as pl

    if isinstance(fallback.value, float):
        sigmas = pl.DataFrame({"other": [fallback.value] * table.height, "from": [IMPOSED] * table.height})
    else:
        assert isinstance(fallback.value, pl.DataFrame)
        sigmas = look_up(table["product"], fallback.value).select(other="sigma", **{"from": "source"})
    table = table.with_columns(sigmas["other"], sigmas["from"])
    use = pl.col("sigma").is_null() & pl.col("other").is_not_null()
    return table.with_columns(
        sigma=pl.when(use).then("other").otherwise("sigma"),
        source=pl.when(use).then(pl.lit("fallback, ") + pl.col("from")).otherwise("source"),
    ).drop("other", "from")


def _by_source(table: pl.DataFrame) -> list[Entry]:
    import polars as pl

    by = table.group_by("source").agg(pl.col("n_rows").sum(), pl.col("product").n_unique().alias("codes"))
    entries = []
    for source, n, codes in by.sort("source").iter_rows():
        if source.startswith(REFUSED):
            # the code of the reason; after a colon, the code of the given table by which the product was looked up
            code, _, hit = source.removeprefix(REFUSED).partition(": ")
            key, values = WHY[code]
            why = say(key, **values, **({"hit": hit} if hit else {}))
            text = say("quality.sigma-refused", why=why, n=int(n), products=int(codes))
        else:
            text = say("quality.sigma-from", source=source, n=int(n), products=int(codes))
        entries.append(Entry(STEP, "sigma", "note", text, int(n)))
    return entries


WHY: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "few-rows": ("quality.few-rows-for-sigma", {}),
    "flat-price": ("quality.flat-price", {}),
    "weak-first-stage": ("quality.weak-first-stage", {"f": f"{shi.LEAST_F:g}"}),
    "low-estimate": ("quality.low-estimate", {"least": f"{SMALLEST:g}"}),
    "low-sigma": ("quality.low-sigma", {"least": f"{SMALLEST:g}"}),
    "inadmissible": ("quality.inadmissible-estimate", {}),
    "too-few-varieties": ("quality.few-varieties-for-sigma", {}),
}
"""Code of a reason for refusing a sigma, as written in ``source`` -> message id of its sentence, and the values in it.
"""


def _large_sigma_notes(table: pl.DataFrame, options: DemandResidual) -> list[Entry]:
    import polars as pl

    flat = table.filter(pl.col("sigma") > LARGE if options.sigma_cap is None else pl.col("capped"))
    if not flat.height:
        return []
    n = int(flat["n_rows"].sum())
    if options.sigma_cap is not None:
        text = say("quality.sigma-brought-down", cap=f"{options.sigma_cap:g}", n=n, products=flat.height)
    else:
        text = say("quality.sigma-above", large=f"{LARGE:g}", n=n, products=flat.height)
    return [Entry(STEP, "sigma", "note", text, n, flat["product"][0])]


def _of_method(table: pl.DataFrame, how: str, options: DemandResidual) -> list[Entry]:
    """Return notes on the limits of an estimate by product, and on the rows without an instrument."""
    if how == "ols":
        return [Entry(STEP, "sigma", "note", say("quality.division-bias"), 0)]
    lone, rows, used = (int(table[name].sum()) for name in ("lone", "n_rows", "n_used"))
    fate = say(f"quality.without-{options.no_instrument}")
    text = say("quality.no-price-elsewhere", lone=lone, n=rows, fate=fate, used=used)
    entries = [Entry(STEP, "customs", "note", text, lone)]
    return [*entries, Entry(STEP, "sigma", "note", say("quality.independent-errors"), 0)]


@keywords(DemandResidual)
def estimated_sigma(customs: Data, options: DemandResidual | None = None, **changes: Any) -> Data:
    """Return the sigma of every product that `demand_residual` uses under the same options, with its source.

    Formula:
        By product (HS code x unit): ln q = chi_destination,year - sigma ln p (+ phi ln GDP of the firm's region) + eps.
        ols; iv: ln p is instrumented by the mean ln p of the same firm, product and year over other destinations.
        An estimate is refused when it is at or below 1.05, its first-stage F (homoskedastic) is below 10, or it does
        not exist. Sigma is then taken from fallback_sigma, if given, and else missing.

    Missing values:
        See `demand_residual`. The option no_instrument decides about rows without an instrument. All are counted in the
        account.

    Args:
        customs: any frame that `demand_residual` accepts.
        options: a `DemandResidual`; single options may be given or changed by name. sigma has no default.
        **changes: options by name, such as ``sigma="iv"``.

    Returns:
        One row per product (, unit), sorted: sigma, source, n_rows. ``source`` is ols, iv, feenstra ..., imposed, the
        source code found in a given table, or fallback. If sigma is refused, it is ``refused,`` and the code of the
        reason: few-rows, flat-price, weak-first-stage, low-estimate, inadmissible, too-few-varieties, or low-sigma with
        the code found in a table. If sigma is estimated, also sigma_hat (before tests and fallback). By ols or iv, also
        se (homoskedastic), first_stage_f, n_used (rows used to estimate it). phi if there is GDP.

    Raises:
        UsageError: iv without firms; an option that needs another. Also the errors of `demand_residual`.

    Reference:
        Shi and Shao (2014), after Khandelwal (2010) and Hausman (1996). METHODS 3.2b, 3.3.

    Example:
        >>> from integrade.simulation.customs import simulate_customs
        >>> found = estimated_sigma(simulate_customs(20_000, seed=1, n_products=2), sigma="iv")
        >>> found.columns
        ['product', 'unit', 'sigma', 'source', 'sigma_hat', 'se', 'first_stage_f', 'n_rows', 'n_used']
    """
    chosen = choose(DemandResidual, options, changes)
    given = read_sigma_option(chosen.sigma)
    with ExitStack() as kept:
        opened = open_customs(customs, chosen.scale, kept)
        rows = opened.rows_for(in_parts=chosen.firm_region is None and chosen.gdp is None and is_own(given))
        home, notes = read_home(chosen, rows)
        table, more = _by_product(given, opened, rows, home, chosen)
    wanted = ["product", "unit", "sigma", "source", "sigma_hat", "se", "first_stage_f", "n_rows", "n_used", "phi"]
    shown = table.select([name for name in wanted if name in table.columns])
    if isinstance(given.value, str) and given.value not in WITHIN:
        shown = shown.drop([n for n in ("se", "first_stage_f", "n_used") if n in shown.columns])
    entries = [*given.notes, *notes, *more, Entry(STEP, "sigma", "out", say("account.rows"), shown.height)]
    frame = place(shown, opened.home)
    account = opened.account + entries
    return cast("Data", give_back(frame, given_of(customs), name="sigma", account=account))
