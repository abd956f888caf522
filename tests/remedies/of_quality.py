"""Remedies of quality/."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import polars as pl

import integrade as ig
from integrade.quality import elasticities, nested_logit, product_features, quality_change, supply_demand, unit_value
from integrade.quality.parameters import quality_parameters
from integrade.simulation import Economy, simulate
from integrade.study.asked import Asked
from integrade.subjects.quality_change.question import ChangeSection, change_of_quality
from remedies.frame import Call, Cases, Follow, done, given, meant, ways
from remedies.tables import csv

CASES = Cases()
refused = CASES.refused
CUSTOMS = (
    simulate(Economy(n_firms=30, n_years=5, n_products=4, n_destinations=4))
    .customs.drop_nulls(["value", "quantity"])
    .filter(pl.col("quantity") > 0)
    .with_columns(power=pl.int_range(pl.len()) % 7 + 1.0, industry=pl.lit("13"))
)
CELLS = (
    CUSTOMS.group_by("product", "destination", "year")
    .agg(pl.col("value", "quantity").sum())
    .sort("product", "destination", "year")
)
measure = ig.demand_residual


def by(says: str, *args: Any) -> Follow:
    """What a remedy says in prose, done by other arguments."""
    return done(says, lambda call: call.with_args(*args))


def only(says: str, *changes: dict[str, Any]) -> Follow:
    """What a remedy says in prose, done by options, one way after the other."""
    return done(says, lambda call: [call.with_options(**one) for one in changes])


# levels, effects and what is standardised
refused(
    "quality of firms without firms",
    "U100",
    measure,
    CELLS,
    sigma=5,
    level="firm",
    then=lambda c, e: [c.with_options(level=ways(e.remedy)[-1].give["level"]), c.with_args(CUSTOMS)],
)
refused(
    "quality of industries without groups",
    "U100",
    measure,
    CUSTOMS.drop("industry"),
    sigma=5,
    level="industry",
    then=given(groups=pl.DataFrame({"product": CUSTOMS["product"].unique().sort(), "industry": ["a", "b"] * 2})),
)
refused("effect unknown", "U101", measure, CUSTOMS, sigma=5, effects="prodct+year", then=meant("prodct"))
refused("three effects", "U100", measure, CUSTOMS, sigma=5, effects="product+destination+year")
ALONE = CUSTOMS.unique(["product", "destination", "year"], keep="first").unique(
    ["product", "year"], keep="first", maintain_order=True
)
refused(
    "every row fitted",
    "D209",
    measure,
    ALONE,
    sigma=5,
    effects="product:destination:year",
    then=lambda c, e: given()(c, e),
)
refused("no sigma estimated", "D209", measure, CUSTOMS.head(40), sigma="ols", then=given())


def unsolved(customs: Any, **options: Any) -> Any:
    """The measure where one solver does not reach its tolerance with two large effects."""
    if options.get("effects") == "product+year":
        return measure(customs, **options)
    with patch("integrade.quality.effects._EXACT", -1.0):
        return measure(customs, **options)


refused("effects of quality not solved", "D211", unsolved, CUSTOMS, sigma=5)
refused("within of two terms", "U100", unit_value, CUSTOMS, within="product")
refused(
    "alone in a cell",
    "D209",
    unit_value,
    CUSTOMS.unique(["product", "destination", "year"], keep="first", maintain_order=True),
    within="product:destination:year",
)
GROUPS = pl.DataFrame({"product": CUSTOMS["product"].unique().sort(), "industry": ["a", "b"] * 2})
refused(
    "groups twice",
    "D204",
    measure,
    CUSTOMS,
    sigma=5,
    level="industry",
    groups=pl.concat([GROUPS, GROUPS.with_columns(industry=pl.lit("c"))]),
    then=only("one row per key", {"groups": GROUPS}),
)
FIRMS = CUSTOMS.select("firm").unique().sort("firm").with_columns(industry=pl.lit("a"), region=pl.lit("East"))
refused(
    "groups by firm without firms",
    "U100",
    measure,
    CELLS,
    sigma=5,
    level="industry",
    groups=FIRMS,
    then=only("by product", {"groups": GROUPS}),
)
refused(
    "groups without their column",
    "D201",
    measure,
    CUSTOMS,
    sigma=5,
    level="industry",
    groups=GROUPS.rename({"industry": "industri"}),
    then=only("did you mean 'industri'", {"groups": GROUPS}),
)
refused(
    "groups of numbers",
    "D207",
    measure,
    CUSTOMS,
    sigma=5,
    level="industry",
    groups=GROUPS.with_columns(product=pl.Series([1, 2, 3, 4])),
    then=only("as text", {"groups": GROUPS}),
)
NAMED = csv(GROUPS, "groups.csv")
refused(
    "groups misspelt",
    "U104",
    measure,
    CUSTOMS,
    sigma=5,
    level="industry",
    groups=NAMED.replace("groups.csv", "grups.csv"),
    then=meant("grups.csv"),
)

# sigma
refused("sigma below one", "U100", measure, CUSTOMS, sigma=0.9, then=only("such as 5", {"sigma": 5}))
refused(
    "sigma is not a number",
    "U100",
    measure,
    CUSTOMS,
    sigma=None,
    then=lambda c, e: (
        [c.with_options(sigma=5), c.with_options(sigma=TABLE)]
        if "a number, or a table of product and sigma" in e.remedy
        else []
    ),
)
TABLE = pl.DataFrame({"product": CUSTOMS["product"].unique().sort(), "sigma": [3.0, 4.0, 5.0, 6.0]})
refused(
    "infinite sigma in a table",
    "D203",
    measure,
    CUSTOMS,
    sigma=TABLE.with_columns(sigma=pl.Series([float("inf"), 4.0, 5.0, 6.0])),
    then=only("leave those rows out", {"sigma": TABLE.tail(3)}),
)
refused(
    "sigma without its column",
    "D201",
    measure,
    CUSTOMS,
    sigma=TABLE.rename({"sigma": "sigm"}),
    then=only("name its columns product and sigma", {"sigma": TABLE}),
)
refused(
    "sigma of numbers",
    "D207",
    measure,
    CUSTOMS,
    sigma=TABLE.with_columns(product=pl.Series([1, 2, 3, 4])),
    then=only("as text", {"sigma": TABLE}),
)
refused(
    "sigma of codes as numbers",
    "D207",
    measure,
    CUSTOMS,
    sigma={101: 5.0},
    then=only("as text", {"sigma": dict(TABLE.rows())}),
)
FILED = csv(TABLE, "sigma.csv")
refused(
    "sigma misspelt", "U104", measure, CUSTOMS, sigma=FILED.replace("sigma.csv", "sgma.csv"), then=meant("sgma.csv")
)
refused(
    "sigma of text",
    "D202",
    measure,
    CUSTOMS,
    sigma=TABLE.with_columns(sigma=pl.lit("many")),
    then=only("correct the cells", {"sigma": TABLE}),
)
refused(
    "sigma empty",
    "D205",
    measure,
    CUSTOMS,
    sigma=TABLE.clear(),
    then=only("a table of product and sigma", {"sigma": TABLE}),
)
refused(
    "fallback below one",
    "U100",
    measure,
    CUSTOMS,
    sigma="ols",
    fallback_sigma=0.5,
    then=only("such as 5", {"fallback_sigma": 5}),
)
refused("cap below one", "U100", measure, CUSTOMS, sigma="ols", sigma_cap=1.0)
refused(
    "instrument without firms",
    "U100",
    measure,
    CELLS,
    sigma="iv",
    level="row",
    then=lambda c, e: [c.with_options(sigma=ways(e.remedy)[-1].give["sigma"]), c.with_args(CUSTOMS)],
)
REGIONS = FIRMS.select(
    "firm", region=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("East")).otherwise(pl.lit("West"))
)
refused(
    "instrument of regions without them",
    "U100",
    measure,
    CUSTOMS,
    sigma="iv",
    no_instrument="region",
    then=given(firm_region=REGIONS),
)
refused(
    "region without firms",
    "U100",
    measure,
    CELLS,
    sigma="ols",
    level="row",
    firm_region=REGIONS,
    then=given(),
    later="sigma rejected",
)
refused(
    "regions of other firms",
    "D210",
    measure,
    CUSTOMS,
    sigma="ols",
    firm_region=REGIONS.with_columns(firm=pl.lit("x") + pl.col("firm")),
    then=only("must name the firms of customs", {"firm_region": REGIONS}),
)
GDP = pl.DataFrame(
    [(r, y, 5.0 + y % 7) for r in ("East", "West") for y in CUSTOMS["year"].unique().sort()],
    schema=["region", "year", "gdp"],
    orient="row",
)
OF: dict[str, Any] = {"sigma": "ols", "firm_region": REGIONS}
refused(
    "gdp of nought",
    "D203",
    measure,
    CUSTOMS,
    **OF,
    gdp=GDP.with_columns(gdp=0.0),
    then=only("correct or leave out the rows", {"gdp": GDP}),
)
refused(
    "gdp twice", "D204", measure, CUSTOMS, **OF, gdp=pl.concat([GDP, GDP]), then=only("one row per key", {"gdp": GDP})
)
refused(
    "gdp is text",
    "D202",
    measure,
    CUSTOMS,
    **OF,
    gdp=GDP.with_columns(gdp=pl.lit("much")),
    then=only("correct the cells", {"gdp": GDP}),
)

# supply and demand
WAGES = (
    CUSTOMS.select("firm", "year")
    .unique()
    .sort("firm", "year")
    .with_columns(wage=1.0 + pl.int_range(pl.len()) % 5, tfp=1.0 + pl.int_range(pl.len()) % 3)
)
COSTS: dict[str, Any] = {"input_cost": "wage", "productivity": "tfp"}
BOTH: dict[str, Any] = {"sigma": 5, "theta": 0.6, "cost": "columns"}
refused(
    "no costs of firms",
    "D201",
    supply_demand,
    CUSTOMS,
    **BOTH,
    **COSTS,
    then=lambda c, e: [
        c.with_options(firms=WAGES),
        c.with_args(CUSTOMS.join(WAGES, on=["firm", "year"])),
        c.with_options(cost=ways(e.remedy)[-1].give["cost"]),
    ],
)
refused(
    "costs of firms without firms",
    "U100",
    supply_demand,
    CELLS,
    **BOTH,
    **COSTS,
    firms=WAGES,
    level="row",
    then=by('columns={"OLD": "firm"}', CUSTOMS),
)
refused(
    "costs of a firm twice",
    "U100",
    supply_demand,
    CUSTOMS,
    **BOTH,
    **COSTS,
    firms=pl.concat([WAGES, WAGES]),
    then=only("one row per key", {"firms": WAGES}),
)
refused(
    "costs of other firms",
    "D209",
    supply_demand,
    CUSTOMS,
    **BOTH,
    **COSTS,
    firms=WAGES.with_columns(firm=pl.lit("x") + pl.col("firm")),
    then=lambda c, e: [c.with_options(firms=WAGES), c.with_options(cost=ways(e.remedy)[-1].give["cost"])],
)
EQUAL: dict[str, Any] = {"cost": "none"}
refused(
    "sigma of an estimator",
    "U100",
    supply_demand,
    CUSTOMS,
    sigma="ols",
    theta=0.6,
    **EQUAL,
    then=lambda c, e: [
        c.with_options(**ways(e.remedy)[0].give),
        c.with_options(sigma=TABLE),
        c.with_options(sigma="estimate", cost="columns", firms=WAGES, **COSTS),
    ],
)
refused("theta is not a number", "U100", supply_demand, CUSTOMS, sigma=5, theta=None, **EQUAL)
refused("theta of nought", "U100", supply_demand, CUSTOMS, sigma=5, theta=0.0, **EQUAL)
refused(
    "estimated with equal costs",
    "U100",
    supply_demand,
    CUSTOMS,
    sigma="estimate",
    theta="estimate",
    **EQUAL,
    then=lambda c, e: [
        c.with_options(firms=WAGES, **COSTS, **ways(e.remedy)[0].give),
        c.with_options(**ways(e.remedy)[1].give),
    ],
)
refused(
    "parameters without firms",
    "U100",
    quality_parameters,
    CELLS.with_columns(wage=1.0, tfp=2.0),
    **COSTS,
    replicates=0,
    then=lambda _, e: [Call(supply_demand, (CELLS,), {"level": "row", "cost": "none", **ways(e.remedy)[0].give})],
)
refused(
    "nothing to estimate", "U100", quality_parameters, CUSTOMS, firms=WAGES, **COSTS, sigma=5, theta=0.6, replicates=0
)
refused("negative replicates of parameters", "U100", quality_parameters, CUSTOMS, firms=WAGES, **COSTS, replicates=-1)
refused(
    "few firms for parameters",
    "D206",
    quality_parameters,
    CUSTOMS.filter(pl.col("firm").is_in(CUSTOMS["firm"].unique().sort()[:2].to_list())),
    firms=WAGES,
    **COSTS,
    replicates=0,
    then=by("more years, firms or destinations", CUSTOMS),
)
refused(
    "no parameters of sales that rise in prices",
    "D209",
    quality_parameters,
    CUSTOMS.filter(pl.col("product") == pl.col("product").min()).with_columns(value=pl.col("quantity") ** 3),
    firms=WAGES,
    **COSTS,
    replicates=0,
    then=lambda _, e: [Call(supply_demand, (CUSTOMS,), {"level": "row", "cost": "none", **ways(e.remedy)[0].give})],
)

# elasticities of substitution
refused("negative digits", "U100", elasticities, CUSTOMS, digits=-1, replicates=0)
refused(
    "destinations twice", "U100", elasticities, CUSTOMS, by="product_destination", variety="destination", replicates=0
)
refused(
    "variety without its column",
    "U100",
    elasticities,
    CELLS,
    variety="firm",
    replicates=0,
    then=lambda c, e: [c.with_options(variety=ways(e.remedy)[-1].give["variety"]), c.with_args(CUSTOMS)],
)
refused("few varieties", "D206", elasticities, CUSTOMS.head(30), replicates=0, then=by("longer series", CUSTOMS))

# features and nests
refused(
    "neither features nor a rating",
    "U100",
    product_features,
    CUSTOMS,
    then=lambda c, e: (
        [c.with_options(features=("power",)), c.with_options(rating="power")]
        if [list(w.give) for w in ways(e.remedy)] == [["features"], ["rating"]]
        else []
    ),
)
refused("rating misspelt", "D201", product_features, CUSTOMS, rating="powr", then=meant("powr"))
LOGIT: dict[str, Any] = {"outside": 0.6, "industry": 0, "price": "log"}
refused("one instrument", "D201", nested_logit, CUSTOMS, **LOGIT, instruments=("other_price",))
refused(
    "instrument that counts products",
    "D201",
    nested_logit,
    CELLS,
    **LOGIT,
    level="row",
    instruments=("other_price", "n_products"),
    then=lambda c, e: [c.with_options(**ways(e.remedy)[-1].give)],
    later="too few rows or products",
)
refused(
    "outside no share", "U100", nested_logit, CUSTOMS, **{**LOGIT, "outside": 70}, later="nest coefficient not between"
)
INDUSTRY = GROUPS.with_columns(industry=pl.lit("a"))
refused(
    "industries of a product",
    "D204",
    nested_logit,
    CUSTOMS,
    **{**LOGIT, "industry": pl.concat([INDUSTRY, GROUPS])},
    then=only("one row per product", {"industry": INDUSTRY}),
    later="nest coefficient not between",
)
OUTSIDE = pl.DataFrame({"year": CUSTOMS["year"].unique().sort(), "outside_share": 0.6})
refused(
    "outside without its column",
    "D201",
    nested_logit,
    CUSTOMS,
    **{**LOGIT, "outside": OUTSIDE.rename({"outside_share": "share"})},
    then=only("give one of them with industry, destination or year", {"outside": OUTSIDE}),
    later="nest coefficient not between",
)
refused(
    "outside without a key",
    "D201",
    nested_logit,
    CUSTOMS,
    **{**LOGIT, "outside": OUTSIDE.drop("year")},
    then=only(
        "add the columns by which the outside share differs, or give one number", {"outside": OUTSIDE}, {"outside": 0.6}
    ),
    later="nest coefficient not between",
)
refused(
    "outside twice",
    "D204",
    nested_logit,
    CUSTOMS,
    **{**LOGIT, "outside": pl.concat([OUTSIDE, OUTSIDE])},
    then=only("one row each", {"outside": OUTSIDE}),
    later="nest coefficient not between",
)
refused(
    "every industry refused",
    "D209",
    nested_logit,
    CUSTOMS,
    outside=0.6,
    industry=6,
    then=only("coarser industries", {"industry": 0, "price": "log"}),
    later="nest coefficient not between",
)

# changes of quality
ROWS = measure(CUSTOMS, sigma=5)
refused("change without value", "D201", quality_change, ROWS.drop("value"), then=by("or by firm", ROWS))
refused(
    "change without units",
    "U100",
    quality_change,
    ROWS.drop("firm"),
    then=lambda c, e: [c.with_args(ROWS).with_options(**ways(e.remedy)[0].give)],
)
refused("span of nought", "U100", quality_change, ROWS, span=0)
refused("span too long", "D205", quality_change, ROWS, span=40)
refused(
    "change of nothing",
    "D205",
    quality_change,
    ROWS.with_columns(value=0.0),
    then=by("rows with quality and value", ROWS),
)


def asked_change(rows: pl.DataFrame, units: Any) -> Any:
    """The question of a study on the changes of mean quality."""
    asked = Asked(None, pl.DataFrame(), "", rows=rows)  # type: ignore[arg-type]
    return change_of_quality(asked, ChangeSection(units=units))


refused(
    "question of change without units",
    "D201",
    asked_change,
    CUSTOMS.drop("firm").with_columns(quality=pl.col("value").log()),
    ("firm",),
    then=lambda c, e: [c.with_args(c.args[0], ways(e.remedy)[0].give["units"])],
)
