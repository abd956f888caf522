"""Measure export quality as the market share that price and nest do not explain in a nested logit (METHODS 3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import polars as pl

from integrade.engine.frames import Data, enter, tell_of_need
from integrade.errors import MissingColumn, option
from integrade.quality.arranged import Arranged
from integrade.quality.measured import ADDS, STEP, Reason, Scored, finish, given_of, open_customs
from integrade.quality.nested_shares import BUILT_IN, Industries, industries, regressors, shares
from integrade.quality.scale import Scale
from integrade.quality.segments import runs
from integrade.records.catalogue import SHARED, choose, measure
from integrade.regress.effects import Factor, Vector, connected_components, factorise, keep_rows, without_singletons
from integrade.regress.iv import Errors, two_stage
from integrade.regress.ols import cross_products, independent
from integrade.regress.partial import absorber, demean
from integrade.regress.strength import diagnose
from plainwords.account import Entry
from plainwords.texts import say

FEW, POSITIVE, NEST, UNKNOWN = (
    "quality.nest-few",
    "quality.nest-alpha",
    "quality.nest-coefficient",
    "quality.nest-unknown",
)
FITTED = ("alpha", "sigma", "gamma", "refused")
FITTING = 40, 16  # bytes a row of the largest industry while it is estimated, and more for each column; measured
GONE = 1e-9  # a column is rounding if the effects reduce its norm to less than this share; a convention
# instruments with a smaller first-stage F are called weak (METHODS 3.3)
WEAK = 10.0


@dataclass(frozen=True)
class NestedLogit:
    """Options of export quality from market shares (METHODS 3.7).

    Parameters
    ----------
    outside
        Share of the market (quantity) that is not in these records, mainly domestic goods: a number, or a file or frame
        by industry, destination or year (or several of these). Its column is outside_share, import_penetration (outside
        = 1 - import_penetration) or domestic_sales (in the currency of the records; outside = sales / (sales + value in
        the records)). No default.
    industry
        Industries in which the coefficients are estimated: a number of leading digits of the product code (0: all
        products together), or a file, frame or mapping of (product, industry). Rows of different units are never in one
        industry, and an industry needs several products in its markets. No default.
    instruments
        Instruments for price and nest share: columns of customs, or other_price (mean price of the firm's product in
        other destinations of the year), n_varieties (ln number of varieties of the product in the market), n_products
        (ln number of products of the firm in the market). Give at least two, or only "ols" to estimate without
        instruments.
    size
        A column of customs that measures the exporter's size (population, or GDP of its region). Its log controls for
        hidden varieties. The effect of a size that does not vary within a variety over the years stays in quality.
    price
        Price (value per unit): level, as in the paper, or log.
    effects
        lambda2, the effects in addition to variety effects: destination:year or year.
    scale
        Standardisation, level and weights: a `Scale`; its options may also be given by name.
    """

    outside: Any
    industry: Any
    instruments: tuple[str, ...] = BUILT_IN
    size: str | None = None
    price: Literal["level", "log"] = "level"
    effects: Literal["destination:year", "year"] = "destination:year"
    scale: Scale = field(default=Scale(), metadata=SHARED)


@measure(
    family="quality",
    needs=("customs",),
    key=("firm", "year"),
    adds={**ADDS, "quality": "0..1 for minmax and rank, else mean utility"},
    options=NestedLogit,
    cite="Khandelwal (2010); Berry (1994)",
)
def nested_logit(customs: Data, options: NestedLogit | None = None, **changes: Any) -> Data:
    """Measure export quality by firm and year from a nested logit of market shares, estimated by industry.

    Formula:
        ln s_jmt - ln s_0mt = lambda1_j + lambda2_mt + alpha p_jmt + sigma ln ns_jmt (+ gamma ln size_j) + lambda3_jmt
        by two-stage least squares in each industry (x unit), for varieties j (firm and product, in a destination);
        s = q / MKT, MKT = sum q / (1 - s_0), ns = share of j in product h in the market. Quality =
        lambda1 + lambda2 + lambda3 = ln s - ln s_0 - alpha p - sigma ln ns (- gamma ln size), with the actual price and
        share, in units of mean utility; level='ladder': the largest less the smallest quality of a product,
        destination, year. Markets are destinations: the records are the inside goods, so s_0 holds domestic and third
        countries' goods. other_price, the instrument made here, replaces the unit transport costs and oil-distance of
        the paper, which are user columns; it is valid only if shocks to demand are independent across destinations.

    Missing values:
        Bad rows are dropped and repeated rows summed as in `demand_residual`. A row without one of the instruments or
        size is not in the estimation, but has quality (unless size is missing). Quality is missing for an industry with
        alpha at or above 0, sigma outside (0, 1), too few rows or unidentified coefficients. It is also missing for
        rows without outside share or industry. All are counted, with their share of value.

    Args:
        customs: any frame with (firm,) product, destination, year, value (money), quantity (, unit, variety, month,
            regime) and the columns named as instruments or size.
        options: a `NestedLogit`; outside has no default.
        **changes: options by name, such as ``outside=0.7``.

    Returns:
        One row per firm, year, sorted: quality (0..1), n_products, n_rows and value; other levels have their own
        key. With level='row' one row per customs key: value, quantity, ln_price, ln_quality (mean utility), quality,
        alpha, nest (sigma of the industry). The kind of frame that came in.

    Raises:
        UsageError: an impossible outside share. MissingColumn: a column of outside, industry, instruments or size.
        NotIdentified: every industry is refused.
        UnknownName, NotANumber, CodesReadAsNumbers, FileMissing, EmptyTable: see `integrade.records.schema.conform`.

    Reference:
        Khandelwal (2010, REStud 77(4)), his estimating equation and quality (recalled); Berry (1994, RAND 25(2)).
        METHODS 3.7.

    Example:
        >>> from integrade.simulation import simulate_customs
        >>> customs = simulate_customs(3000, n_products=20, n_destinations=9, n_years=4)
        >>> nested_logit(customs, outside=0.6, industry=0, price="log").columns
        ['firm', 'year', 'quality', 'n_products', 'n_rows', 'value']
    """
    chosen = choose(NestedLogit, options, changes)
    instruments = () if chosen.instruments == ("ols",) else chosen.instruments
    names = enter(given_of(customs)).collect_schema().names()
    user = [n for n in instruments if n not in BUILT_IN] + ([chosen.size] if chosen.size else [])
    if len(instruments) == 1:
        raise MissingColumn(
            "one instrument for price and nest share: at least two are needed",
            remedy=f"give two, or {option('instruments', ('ols',))} for none",
        )
    if "n_products" in instruments and not {"firm", "variety"} & set(names):
        raise MissingColumn(
            "instrument n_products counts products by firm, and customs has none",
            remedy=f"leave it out, or give {option('instruments', ('ols',))}",
        )
    with ExitStack() as kept:
        opened = open_customs(customs, chosen.scale, kept, user=user, arrays=5 + len(instruments))
        rows = opened.rows
        grouping = industries(rows, chosen.industry)
        markets, notes = shares(rows, grouping, chosen.outside)
        columns = regressors(rows, markets, chosen.price, instruments, chosen.size)
        fits = estimate(rows, grouping, columns, chosen.effects, len(instruments))
        of_industry = _by_industry(fits, grouping)
        alpha, sigma, gamma, refused = (of_industry[name][grouping.codes] for name in FITTED)

        def unexplained(at: slice) -> Vector:
            explained = rows.by_product(alpha, at) * columns["p"][at] + rows.by_product(sigma, at) * columns["nest"][at]
            if chosen.size:
                explained += rows.by_product(np.where(np.isnan(gamma), 0.0, gamma), at) * columns["size"][at]
            return np.asarray(columns["share"][at] - explained)

        x = rows.filled(unexplained)
        reasons: dict[str, Reason | None] = {say(UNKNOWN): lambda at: np.isnan(columns["share"][at])}
        for code, reason in enumerate((FEW, POSITIVE, NEST), start=1):
            reasons[say(reason)] = rows.where(refused == code)
        reasons[say("quality.nest-rest")] = None
        by_product = {name: pl.Series(values).fill_nan(None) for name, values in (("alpha", alpha), ("nest", sigma))}
        scored = Scored(
            x,
            reasons=reasons,
            shown={"ln_quality": x, "quality": None, **by_product},
            notes=[*notes, *_notes(fits, grouping, chosen)],
            remedy=f"try coarser industries, other instruments, or {option('price', 'log')}",
        )
        return finish(scored, opened, chosen, customs)


def _samples(
    rows: Arranged, grouping: Industries, columns: Mapping[str, Vector], effects: str
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield each industry e with its rows that have all columns, sorted by key, and the cell of the effects."""
    order = np.argsort(grouping.codes, kind="stable")
    starts = runs(grouping.codes[order])
    for first, last in pairwise(starts.tolist()):
        products = order[first:last]
        if grouping.codes[products[0]] < 0:
            continue
        at = np.concatenate([np.arange(rows.starts[h], rows.starts[h + 1]) for h in products])
        at = at[~np.isnan(sum(column[at] for column in columns.values()))]
        codes = {letter: rows.letter(letter, at) for letter in rows.letters}
        cell = rows.market[at] if effects == "destination:year" else codes["t"]
        numbers = {name: column[at] for name, column in columns.items()}
        sample = pl.DataFrame({**codes, "cell": cell.astype(np.int64), **numbers}).sort(rows.letters)
        if sample.height:
            yield int(grouping.codes[products[0]]), sample


def _by_industry(fits: pl.DataFrame, grouping: Industries) -> dict[str, Vector]:
    """Return each fitted number by industry e, and NaN in a last place, for rows without an industry."""
    out = {name: np.full(grouping.levels.height + 1, np.nan) for name in FITTED}
    for name, values in out.items():
        values[fits["e"].to_numpy()] = fits[name].cast(float).fill_null(np.nan).to_numpy()
    return out


def estimate(
    rows: Arranged, grouping: Industries, columns: Mapping[str, Vector], effects: str, n_instruments: int
) -> pl.DataFrame:
    """Return a table with one row per industry ``e``: alpha, sigma, gamma, refused, number of rows, first-stage F.

    ``refused`` is 0, or 1 (too few rows), 2 (alpha at or above 0) or 3 (sigma outside (0, 1)). If an industry is
    refused, alpha, sigma and gamma are missing.
    """
    schema = {
        "e": pl.Int64,
        "alpha": pl.Float64,
        "sigma": pl.Float64,
        "gamma": pl.Float64,
        "refused": pl.Int64,
        "n": pl.Int64,
        "f": pl.Float64,
    }
    known = grouping.codes >= 0
    n = int(np.bincount(grouping.codes[known], np.diff(rows.starts)[known]).max(initial=0))
    tell_of_need(say("quality.rows-of-an-industry", n=n), n * (FITTING[0] + FITTING[1] * len(columns)))
    series, fits = [letter for letter in rows.letters if letter != "t"], []
    for e, sample in _samples(rows, grouping, columns, effects):
        variety = factorise("variety", sample.select(pl.struct(series).rank("dense")).to_series().cast(pl.Int64))
        market = factorise("market", sample["cell"])
        fits.append((e, *_fit(sample.select(*columns).to_numpy(), [variety, market], n_instruments)))
    return pl.DataFrame(fits, schema=schema, orient="row")


Fitted = tuple[float | None, float | None, float | None, int, int, float | None]
NOTHING: Fitted = (None, None, None, 1, 0, None)


def _fit(matrix: Vector, effects: list[Factor], n_instruments: int) -> Fitted:
    """Regress share on price, nest share (and size), net of variety and market effects.

    The estimator is 2SLS, or OLS if there are no instruments.
    """
    keep = without_singletons(effects, len(matrix))
    if not keep.any():
        return NOTHING
    matrix, effects = np.ascontiguousarray(matrix[keep]), [keep_rows(f, keep) for f in effects]
    before = np.sqrt((matrix**2).sum(axis=0))
    absorbed = sum(f.levels for f in effects) - connected_components(*effects)
    net = demean(absorber(effects), matrix.copy())
    n, k = net.shape
    regressors = np.arange(1, k - n_instruments)
    instruments = np.arange(k - n_instruments, k)
    used, _ = independent(net[:, regressors], cross_products(net[:, regressors]), floors=GONE * before[regressors])
    controls = regressors[[j for j in used if j > 1]]  # size, unless the effects take it
    exogenous = net[:, controls]
    good = np.concatenate([controls, instruments]) if n_instruments else regressors[:2]
    usable, _ = independent(net[:, good], cross_products(net[:, good]), floors=GONE * before[good])
    z = net[:, [good[j] for j in usable if good[j] not in regressors]] if n_instruments else net[:, regressors[:2]]
    df = n - absorbed - len(used)
    regressed = np.array([0, 2])  # share is nest plus an effect of the market where each market has one product
    apart, _ = independent(net[:, regressed], cross_products(net[:, regressed]), floors=GONE * before[regressed])
    if len(apart) < len(regressed) or not {0, 1} <= set(used) or z.shape[1] < 2 or df < 1:
        return NOTHING
    x, y = net[:, regressors[:2]], net[:, 0]
    fit = two_stage(x, exogenous, z, y)
    b = fit.solution.coefficients
    strength = None
    if n_instruments and df > z.shape[1]:
        errors = Errors("robust", (), None, absorbed + exogenous.shape[1])
        strength = diagnose(x, exogenous, z, y, residuals=fit.solution.residuals, errors=errors).kp_f
    refused = 2 if b[0] >= 0 else 3 if not 0 < b[1] < 1 else 0
    if refused:
        return None, None, None, refused, n, strength
    return float(b[0]), float(b[1]), float(b[2]) if len(b) > 2 else None, 0, n, strength


def _notes(fits: pl.DataFrame, grouping: Industries, options: NestedLogit) -> list[Entry]:
    good = fits.filter(pl.col("refused") == 0)
    counts = {"good": good.height, "all": grouping.levels.height, "n": int(good["n"].sum())}
    texts = [say("quality.coefficients", **counts)]
    if good.height:
        alpha, nest = (f"{float(np.median(good[name].to_numpy())):.4g}" for name in ("alpha", "sigma"))
        texts = [say("quality.coefficients-with-medians", alpha=alpha, nest=nest, **counts)]
    for i, reason in enumerate((FEW, POSITIVE, NEST), start=1):
        n = fits.filter(pl.col("refused") == i).height
        if n:
            texts.append(say("quality.industries-refused", n=n, why=say(reason)))
    if options.instruments == ("ols",):
        texts.append(say("quality.exogenous-price"))
    absorbed = good["gamma"].null_count() if options.size else 0
    if absorbed:
        texts.append(say("quality.size-absorbed", n=int(absorbed), all=good.height))
    weak = good.filter(pl.col("f") < WEAK).height
    if weak:
        texts.append(say("quality.weak-instruments", weak=f"{WEAK:g}", n=weak, all=good.height))
    return [Entry(STEP, "customs", "note", text, 0) for text in texts]
