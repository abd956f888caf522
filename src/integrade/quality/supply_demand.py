"""Measure export quality from supply and demand: the price beyond the cost of inputs (METHODS 3.8)."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl

from integrade.engine.frames import Data, enter
from integrade.errors import UsageError, option
from integrade.quality.arranged import Arranged
from integrade.quality.firm_costs import Costs, cost_columns, costs_of
from integrade.quality.given_parameters import ESTIMATE, parameter_of
from integrade.quality.measured import ADDS, STEP, Reason, Scored, finish, given_of, open_customs
from integrade.quality.parameters import Estimator, QualityParameters, estimated, give
from integrade.quality.scale import Scale
from integrade.quality.segments import Vector
from integrade.quality.sigma import SMALLEST
from integrade.records.catalogue import SHARED, choose, measure
from plainwords.account import Entry
from plainwords.texts import say


@dataclass(frozen=True)
class SupplyDemand:
    """Options of export quality from unit values and costs (METHODS 3.8); parameters are given or estimated.

    Parameters
    ----------
    sigma
        Elasticity of substitution, above 1.05: a number, or a file, frame or mapping of (product, sigma) with product
        at any HS level; or estimate (`quality_parameters`), which needs costs. No default.
    theta
        Elasticity of quality to input per unit (the smaller, the less quality rises with input). A number, or a file,
        frame or mapping of (product, theta); or estimate (`quality_parameters`), which needs costs. No default.
    cost
        Input cost over productivity of the firm. columns: computed from input_cost and productivity; none: assumed
        equal for all exporters of a product. No default.
    alpha
        Taste for quality of the market: a number, or a file, frame or mapping of (product, alpha).
    firms
        A file or frame of (firm, year, input_cost, productivity) if customs has no such columns.
    input_cost
        The column with the price of the firm's inputs (wage, or an index of wage, rent and materials).
    productivity
        The column with the firm's productivity (TFP).
    logs
        Whether input_cost and productivity are both in logs.
    log_productivity
        Whether the column of productivity is in logs (for example ``ln_tfp`` of `tfp`), even if input_cost is not.
    cif
        A column of customs with the ratio of the price including freight and insurance to the price free on board
        (1.07).
    estimator
        Estimator of the price coefficient, if a parameter is estimated: soderbery, hliml or feenstra.
    scale
        Standardisation, level and weights: a `Scale`; its options may also be given by name.
    """

    sigma: Any
    theta: Any
    cost: Literal["columns", "none"]
    alpha: Any = 1.0
    firms: Any = None
    input_cost: str = "input_cost"
    productivity: str = "productivity"
    logs: bool = False
    log_productivity: bool = False
    cif: str | None = None
    estimator: Estimator = "soderbery"
    scale: Scale = field(default=Scale(), metadata=SHARED)


@measure(
    family="quality",
    needs=("customs",),
    key=("firm", "year"),
    adds=ADDS,
    options=SupplyDemand,
    cite="Feenstra and Romalis (2014); Yu and Zhang (2017)",
)
def supply_demand(customs: Data, options: SupplyDemand | None = None, **changes: Any) -> Data:
    """Measure export quality by firm and year from unit values, costs of firms and parameters of the model.

    Formula:
        ln z_fhmt = theta_h [ ln(kappa_h p_fhmt) - ln(w_ft / phi_ft) ],
        kappa_h = alpha theta (sigma - 1) / (1 + alpha theta (sigma - 1)), p = v / q free on board, w the price of
        inputs and phi the productivity of the firm; ln quality = ln z, then standardised and averaged as in
        `demand_residual`. The quality-adjusted price is ln p_cif - alpha ln z.
        Derivation: a firm that needs z^(1/theta)/phi units of input for one unit of quality z, sells to CES demand
        for z^alpha q and bears a specific trade cost T minimises (w z^(1/theta)/phi + T) / z^alpha, so its
        marginal cost is c = alpha theta (c + T); with the markup sigma/(sigma - 1) on c + T, c = kappa p, and
        z = (kappa p phi / w)^theta. The equation is recalled from Feenstra and Romalis (2014) and its firm version
        from Yu and Zhang (2017), not read again; the derivation above was redone and gives their kappa. If sigma or
        theta is ``estimate``, `quality_parameters` finds it by product from the second moments of prices, sales and
        costs. Not done here: estimating alpha, and the elimination of w / phi from countries' trade by free entry.

    Missing values:
        Bad rows are dropped and repeated rows summed as in `demand_residual`. Quality is missing for a product with no
        theta or alpha, with sigma at or below 1.05, theta or alpha not positive, or alpha theta not below 1. It is also
        missing for a firm-year without cost or productivity, or with a cost or productivity that is neither positive
        nor in logs. All are counted.

    Args:
        customs: any frame with (firm,) product, destination, year, value (money), quantity (, unit, variety, month,
            regime, region, industry, input_cost, productivity).
        options: a `SupplyDemand`; sigma, theta and cost have no default.
        **changes: options by name.

    Returns:
        One row per firm, year, sorted: quality (0..1), n_products, n_rows and value; other levels have their own
        key. With level='row' one row per customs key: value, quantity, ln_price, ln_quality (ln z), quality,
        ln_price_adjusted (ln p_cif - alpha ln z). The kind of frame that came in.

    Raises:
        UsageError: a parameter missing or out of range; an estimator's name for sigma; level='firm' without firm;
            ``estimate`` with cost='none'.
        MissingColumn: cost='columns' and no such column in customs or firms.
        NotIdentified: no row has parameters and cost; ``estimate`` without an admissible product.
        TooFew: ``estimate`` if no product has three firms with two differences over time each.
        UnknownName, NotANumber, CodesReadAsNumbers, FileMissing, EmptyTable: see `integrade.records.schema.conform`.

    Reference:
        Feenstra and Romalis (2014, QJE 129(2)); Yu and Zhang (2017), firm version. METHODS 3.8 (recalled).

    Example:
        >>> import polars as pl
        >>> customs = pl.DataFrame({
        ...     "firm": ["a", "b", "c"], "product": ["610910"] * 3, "destination": ["USA"] * 3, "year": [2004] * 3,
        ...     "value": [50.0, 80, 40], "quantity": [10.0, 20, 5], "wage": [1.0, 1.0, 3.0], "tfp": [1.0, 2.0, 1.0],
        ... })
        >>> supply_demand(
        ...     customs, sigma=5, theta=0.6, cost="columns", input_cost="wage", productivity="tfp", standardise="minmax"
        ... )["quality"].round(4).to_list()
        [0.5722, 1.0, 0.0]
    """
    chosen = choose(SupplyDemand, options, changes)
    names = enter(given_of(customs)).collect_schema().names()
    user, equal = [chosen.cif] if chosen.cif else [], chosen.cost == "none"
    costs = Costs(chosen.firms, chosen.input_cost, chosen.productivity, chosen.logs, chosen.log_productivity)
    user += [] if equal else cost_columns(names, costs)
    with ExitStack() as kept:
        opened = open_customs(customs, chosen.scale, kept, user=user, arrays=3)
        rows = opened.rows
        cost = rows.filled(lambda at: np.zeros(at.stop - at.start)) if equal else costs_of(rows, costs)
        table, notes = _parameters(rows, cost, chosen)
        theta, alpha, ln_kappa = (table[name].fill_null(np.nan).to_numpy() for name in ("theta", "alpha", "ln_kappa"))
        x = rows.filled(
            lambda at: rows.by_product(theta, at) * (rows.by_product(ln_kappa, at) + rows.ln_price(at) - cost[at])
        )

        def adjusted(at: slice) -> Vector:
            cif = np.log(rows.carried[f"user_{chosen.cif}"][at]) if chosen.cif else 0.0
            return np.asarray(rows.ln_price(at) + cif - rows.by_product(alpha, at) * x[at])

        shown = dict[str, Vector | pl.Series | None]()
        if chosen.scale.level == "row":
            shown = {"ln_quality": x, "quality": None, "ln_price_adjusted": rows.filled(adjusted)}
        reasons: dict[str, Reason | None] = {
            say("quality.no-parameters-of-product"): rows.where(np.isnan(theta)),
            say("quality.no-cost"): None,
        }
        assumptions = [say("quality.assumed")]
        if _estimates(chosen):
            assumptions.append(say("quality.parameters-estimated"))
        elif equal:
            assumptions.append(say("quality.assumed-no-cost"))
        notes += [Entry(STEP, "customs", "note", text, 0) for text in assumptions]
        scored = Scored(
            x,
            reasons,
            shown=shown,
            notes=notes,
            remedy=f"give parameters and costs of these products and firms, or {option('cost', 'none')}",
        )
        return finish(scored, opened, chosen, customs)


def _parameters(rows: Arranged, cost: Vector, options: SupplyDemand) -> tuple[pl.DataFrame, list[Entry]]:
    """Return theta, alpha and ln kappa by product, all missing if one of them cannot be used."""
    products = rows.levels["h"]["product"]
    if _estimates(options):
        how = QualityParameters(options.sigma, options.theta, options.alpha, options.estimator, replicates=0)
        estimates, entries = estimated(rows, cost, how)
        table = products.to_frame().join(estimates, on="product", how="left", maintain_order="left")
        table = table.select("sigma", "theta", "alpha")
    else:
        columns, entries = dict[str, pl.Series](), list[Entry]()
        for name in ("sigma", "theta", "alpha"):
            columns[name], more = parameter_of(name, getattr(options, name), products)
            entries += more
        table = pl.DataFrame(columns)
    both = pl.col("alpha") * pl.col("theta")
    good = (pl.col("sigma") > SMALLEST) & (pl.col("theta") > 0) & (pl.col("alpha") > 0) & (both < 1)
    scaled_both = both * (pl.col("sigma") - 1)
    table = table.with_columns(good=good.fill_null(False), ln_kappa=(scaled_both / (1 + scaled_both)).log())
    refused = table.filter(~pl.col("good")).height
    reason = say("quality.no-parameters", products=refused)
    notes = [Entry(STEP, "parameters", "note", reason, refused)] if refused else []
    kept_columns = [pl.when("good").then(name).alias(name) for name in ("theta", "alpha", "ln_kappa")]
    return table.select(kept_columns), [*entries, *notes]


def _estimates(options: SupplyDemand) -> bool:
    """Return whether sigma or theta is estimated.

    Raises `UsageError` if one is to be estimated and costs are taken as equal.
    """
    wanted = [n for n in ("sigma", "theta") if isinstance(v := getattr(options, n), str) and v == ESTIMATE]
    if wanted and options.cost == "none":
        raise UsageError(
            f"{' and '.join(wanted)} cannot be estimated if costs are assumed equal: theta is identified by "
            "cost differences between firms. At the same price, low-cost firms sell more because their goods are "
            "better",
            remedy=f"give the costs of firms, {option('cost', 'columns')}, or {give()}",
        )
    return bool(wanted)
