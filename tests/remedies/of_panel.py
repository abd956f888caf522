"""Remedies of panel/."""

from __future__ import annotations

from typing import Any

import polars as pl

import integrade as ig
from integrade.panel import assemble, deflate, firm_controls, human_capital, ownership_classes, real_capital
from integrade.panel.identity import firm_identity
from integrade.panel.link_quality import link_quality
from integrade.panel.matching import match_firms
from integrade.panel.outliers import winsorise
from integrade.panel.productivity import tfp
from integrade.panel.ratios import ratio
from integrade.panel.review_links import decisions
from integrade.simulation import simulate_production
from remedies.frame import Call, Case, Cases, Follow, done, given, meant, ways
from remedies.tables import PANEL

CASES = Cases()
refused = CASES.refused
FIRMS = pl.DataFrame(
    {
        "firm": ["a", "a", "b", "b"],
        "year": [2004, 2005, 2004, 2005],
        "region": ["East", "East", "West", "West"],
        "industry": ["13", "13", "14", "14"],
        "assets": [1.0, 2.0, 3.0, 4.0],
        "receivables": [0.1, 0.2, 0.3, 0.4],
        "founded": [1990, 1990, 1991, 1991],
    }
)
INDEX = pl.DataFrame(
    {"region": ["East", "West"] * 2, "year": [2004] * 2 + [2005] * 2, "integration": [4.0, 4.1, 4.2, 4.3]}
)
QUALITY = pl.DataFrame({"firm": list("aabb"), "year": [2004, 2005] * 2, "quality": [0.1, 0.2, 0.3, 0.4]})


def by(says: str, *args: Any) -> Follow:
    """What a remedy says in prose, done by other arguments."""
    return done(says, lambda call: call.with_args(*args))


def only(says: str, *changes: dict[str, Any]) -> Follow:
    """What a remedy says in prose, done by options, one way after the other."""
    return done(says, lambda call: [call.with_options(**one) for one in changes])


# assemble
refused(
    "quality of other firms",
    "D210",
    assemble,
    FIRMS,
    quality=QUALITY.with_columns(firm=pl.lit("x") + pl.col("firm")),
    then=only("the same way", {"quality": QUALITY}),
)
refused(
    "quality of other years",
    "D210",
    assemble,
    FIRMS,
    quality=QUALITY.with_columns(year=pl.col("year") + 50),
    then=only("of the years of the firms", {"quality": QUALITY}),
)
refused(
    "no firm-year left",
    "D210",
    assemble,
    FIRMS,
    quality=QUALITY.filter((pl.col("firm") == "a") == (pl.col("year") == 2004)).with_columns(
        year=4009 - pl.col("year")
    ),
    integration=INDEX.filter((pl.col("region") == "East") == (pl.col("year") == 2004)),
    then=only("of the same firm-years", {"integration": INDEX}),
    about="no firm-year",
)
refused(
    "links without quality",
    "U100",
    assemble,
    FIRMS,
    links=pl.DataFrame({"customs_firm": ["a"], "firm": ["a"], "year": [2004]}),
    then=given(quality=QUALITY),
)
MONTHLY = INDEX.with_columns(month=pl.lit(1))
refused(
    "index of months", "U100", assemble, FIRMS, integration=MONTHLY, then=only("to_year=True", {"integration": INDEX})
)
refused(
    "firms without a region",
    "D201",
    assemble,
    FIRMS.drop("region").rename({"industry": "region_old"}),
    integration=INDEX,
    then=by('columns={"OLD": "region"}', FIRMS),
)
refused(
    "column in two tables",
    "U100",
    assemble,
    FIRMS,
    covariates=INDEX.select("region", "year", assets=pl.lit(1.0)),
    then=lambda c, e: (
        [
            c.with_options(covariates=INDEX.select("region", "year", other=pl.lit(1.0))),
            c.with_args(FIRMS.drop("assets")),
        ]
        if "rename or leave out 'assets'" in e.remedy
        else []
    ),
)
PROVINCES = FIRMS.with_columns(region=pl.col("region").replace({"East": "北京", "West": "天津"}))
TWICE = pl.DataFrame({"region": ["北京", "北京市", "天津"], "year": [2004, 2004, 2004], "integration": [1.0, 2.0, 3.0]})
refused(
    "province in two spellings",
    "D204",
    assemble,
    PROVINCES,
    integration=TWICE,
    then=only("one row per key", {"integration": TWICE.filter(pl.col("region") != "北京市")}),
)

# controls
refused("unit of assets", "U100", firm_controls, FIRMS, fic="sa_index")
refused(
    "column of the constraint unknown", "D201", firm_controls, FIRMS, fic_column="receivable", then=meant("receivable")
)
refused(
    "column of the constraint is text",
    "D202",
    firm_controls,
    FIRMS.with_columns(note=pl.lit("n")),
    fic_column="note",
    then=lambda c, e: (
        [c.with_options(fic_column="receivables"), c.with_args(FIRMS.with_columns(note=pl.lit(1.0)))]
        if "convert it to numbers, or name another" in e.remedy
        else []
    ),
)
SCHOOL = pl.DataFrame(
    {"region": ["East"], "year": [2004], **{f"h{i}": [100.0 if i == 3 else 0.0] for i in range(1, 10)}}
)
refused(
    "schooling lacks a share",
    "D201",
    human_capital,
    SCHOOL.rename({"h4": "senior"}),
    then=by("map the columns to h1", SCHOOL),
)
refused(
    "schooling is text",
    "D202",
    human_capital,
    SCHOOL.with_columns(h1=pl.lit("none")),
    then=by("correct the cells", SCHOOL),
)
refused(
    "schooling does not sum", "D203", human_capital, SCHOOL.with_columns(h3=pl.lit(60.0)), then=by("sum to 100", SCHOOL)
)
refused(
    "no ownership", "D201", ownership_classes, FIRMS, then=by("map one", FIRMS.with_columns(ownership=pl.lit("110")))
)

# prices and capital
PRICED = FIRMS.with_columns(output=pl.lit(10.0), intermediate_inputs=pl.lit(5.0), capital_at_cost=pl.lit(3.0))
PRICES = pl.DataFrame(
    {
        "year": [2004, 2005],
        "output_price": [100.0, 110.0],
        "input_price": [100.0, 105.0],
        "capital_price": [100.0, 104.0],
    }
)
DEFLATE: dict[str, Any] = {"output": ("output",), "inputs": ()}
refused(
    "accounts deflated are text",
    "D202",
    deflate,
    PRICED.cast({"output": pl.String}),
    PRICES,
    **DEFLATE,
    then=by("convert it to numbers", PRICED, PRICES),
)
refused("nothing to deflate", "D201", deflate, PRICED, PRICES, output=("outpt",), inputs=(), then=meant("outpt"))
refused(
    "deflator unknown",
    "D201",
    deflate,
    PRICED,
    PRICES,
    **DEFLATE,
    output_price="output_prise",
    then=meant("output_prise"),
)
refused(
    "deflator is text",
    "D202",
    deflate,
    PRICED,
    PRICES.cast({"output_price": pl.String}),
    **DEFLATE,
    then=by("convert it to numbers", PRICED, PRICES),
)
AREAS = PRICES.join(pl.DataFrame({"region": ["East", "West"]}), how="cross")
refused(
    "deflators by a region that firms lack",
    "D201",
    deflate,
    PRICED.drop("region"),
    AREAS,
    **DEFLATE,
    then=lambda c, e: (
        [c.with_args(PRICED, AREAS), c.with_args(PRICED.drop("region"), PRICES)]
        if "or leave it out of the deflators" in e.remedy
        else []
    ),
)
refused(
    "deflator of nought",
    "D203",
    deflate,
    PRICED,
    PRICES.with_columns(output_price=0.0),
    **DEFLATE,
    then=by("correct the prices", PRICED, PRICES),
)
refused(
    "deflators without a price",
    "D210",
    deflate,
    PRICED,
    PRICES.with_columns(output_price=pl.lit(None, pl.Float64)),
    **DEFLATE,
    then=by("fill in the prices", PRICED, PRICES),
)
refused("base without a price", "D210", deflate, PRICED, PRICES, base=1990, **DEFLATE)
refused("depreciation no share", "U100", real_capital, PRICED, PRICES, depreciation=9.0)
refused(
    "no capital at cost",
    "D201",
    real_capital,
    PRICED.rename({"capital_at_cost": "capital_at_costs"}),
    PRICES,
    then=by("did you mean 'capital_at_costs'", PRICED, PRICES),
)

# cuts
refused("cuts descending", "U100", winsorise, PANEL, ["x"], cuts=(99, 1))
refused("column to cut unknown", "U103", winsorise, PANEL, ["xx"], then=meant("xx"))
refused(
    "column to cut is text",
    "D202",
    winsorise,
    PANEL,
    ["x", "kind"],
    then=by("leave it out or convert it", PANEL, ["x"]),
)
refused(
    "cut within itself",
    "U100",
    winsorise,
    PANEL,
    ["x"],
    by=("x", "year"),
    then=only("take it out of by=", {"by": ("year",)}),
)

# links
LINKS = pl.DataFrame({"customs_firm": ["a", "b"], "firm": ["A", "B"], "year": [2004, 2004]})
refused(
    "linked to two firms",
    "D210",
    link_quality,
    QUALITY,
    pl.concat([LINKS, LINKS.head(1).with_columns(firm=pl.lit("B"))]),
    then=by("leave one link", QUALITY, LINKS),
)
refused(
    "links of other firms",
    "D210",
    link_quality,
    QUALITY,
    LINKS.with_columns(customs_firm=pl.lit("x") + pl.col("customs_firm")),
    then=by("as in the customs records", QUALITY, LINKS),
)
REVIEW = pl.DataFrame({"customs_firm": ["a", "b"], "firm": ["A", "B"], "decision": ["yes", ""]})
refused(
    "review without decisions",
    "D201",
    decisions,
    REVIEW.drop("decision"),
    then=by("customs_firm, firm and decision", REVIEW),
)
refused(
    "decision unclear",
    "U101",
    decisions,
    REVIEW.with_columns(decision=pl.lit("perhaps")),
    then=lambda c, e: (
        [c.with_args(REVIEW.with_columns(decision=pl.lit(w))) for w in ("yes", "no", "")]
        if "write yes or no, or leave it empty" in e.remedy
        else []
    ),
)
refused(
    "decided both ways",
    "U101",
    decisions,
    pl.concat([REVIEW, REVIEW.with_columns(decision=pl.lit("no"))]),
    then=by("one decision for each pair", REVIEW),
)
NAMED = pl.DataFrame(
    {
        "firm": ["1", "2"],
        "year": [2004, 2004],
        "name": ["华大电子有限公司", "东方纺织厂"],
        "phone": ["26001234", "26005678"],
    }
)
EXPORTERS = NAMED.with_columns(firm=pl.lit("C") + pl.col("firm"))
refused(
    "firms without a name",
    "D201",
    match_firms,
    NAMED.select("firm", "year"),
    EXPORTERS,
    then=by('columns={"OLD": "name"}', NAMED, EXPORTERS),
)
refused("step of matching unknown", "U101", match_firms, NAMED, EXPORTERS, steps=("nam",), then=meant("nam"))
refused(
    "similar names without others",
    "U100",
    match_firms,
    NAMED.drop("phone"),
    EXPORTERS.drop("phone"),
    similar=True,
    then=given(),
)
refused("similar names without links", "U100", match_firms, NAMED, EXPORTERS, similar=True, then=given())
refused("rule of identity unknown", "U101", firm_identity, NAMED, rules=("phone_contry",), then=meant("phone_contry"))

# ratios
INDUSTRIES = pl.DataFrame(
    {"industry": ["13", "14"] * 2, "year": [2004, 2004, 2005, 2005], "rd": [1.0, 2.0, 3.0, 4.0], "output": [10.0] * 4}
)
RATIO: dict[str, Any] = {"numerator": "rd", "denominator": "output"}
CASES.append(Case("the ratio has no name", "U100", Call(ratio, (INDUSTRIES,), {**RATIO, "name": ""}), given()))
refused(
    "digits without industries",
    "U100",
    ratio,
    INDUSTRIES.with_columns(region=pl.lit("East")),
    by=("region", "year"),
    digits=2,
    **RATIO,
    then=lambda c, e: [c.with_options(**ways(e.remedy)[0].give, by=("industry", "year")), c.without("digits")],
)
refused("sums without a year", "U100", ratio, INDUSTRIES.with_columns(region=pl.lit("East")), by=("industry",), **RATIO)
refused(
    "ratio of other industries",
    "D210",
    ratio,
    [
        ig.results.Table("a", INDUSTRIES.drop("output")),
        ig.results.Table("b", INDUSTRIES.drop("rd").with_columns(industry=pl.lit("9") + pl.col("industry"))),
    ],
    **RATIO,
    digits=2,
    then=by("the same way in both tables", INDUSTRIES),
)
refused("part of a ratio unknown", "U103", ratio, INDUSTRIES, numerator="rdd", denominator="output", then=meant("rdd"))
refused(
    "part of a ratio in two tables",
    "U100",
    ratio,
    [ig.results.Table("a", INDUSTRIES), ig.results.Table("b", INDUSTRIES)],
    **RATIO,
    then=lambda c, e: [c.with_options(numerator=e.remedy.rpartition(" ")[2])],
    later="column 'output' is in several tables",
)
refused(
    "ratio without a key",
    "D201",
    ratio,
    INDUSTRIES.rename({"industry": "sic"}),
    **RATIO,
    then=by('columns={"OLD": "industry"}', INDUSTRIES),
)
refused(
    "part of a ratio is text",
    "D202",
    ratio,
    INDUSTRIES.cast({"rd": pl.String}),
    **RATIO,
    then=by("convert it to numbers", INDUSTRIES),
)
refused(
    "years of a ratio are text",
    "D202",
    ratio,
    INDUSTRIES.cast({"year": pl.String}),
    **RATIO,
    then=by("whole numbers", INDUSTRIES),
)
MIXED = pl.DataFrame({"industry": ["131", "14", "152", "16"], "year": [2004] * 4, "rd": 1.0, "output": 2.0})
refused("codes of no length", "U100", ratio, MIXED, **RATIO)
NESTED = pl.DataFrame({"industry": ["13", "131", "132"], "year": [2004] * 3, "rd": 1.0, "output": 2.0})
refused(
    "industries together with",
    "D204",
    ratio,
    NESTED,
    digits=2,
    **RATIO,
    then=lambda c, e: [c.with_args(NESTED.filter(pl.col("industry") != e.remedy.split('"')[1]))],
)

# productivity
ACCOUNTS = simulate_production(n_firms=40, n_years=5, seed=3).accounts
LABOUR = next(c for c in ("employees", "employment", "labour") if c in ACCOUNTS.columns)
CAPITAL = next(c for c in ("real_capital", "capital") if c in ACCOUNTS.columns)
BARE: dict[str, Any] = {"replicates": 0, "method": "ols"}
refused("acf of gross output", "U100", tfp, ACCOUNTS, form="gross_output", replicates=0, method="acf")
refused("gnr of value added", "U100", tfp, ACCOUNTS, form="value_added", replicates=0, method="gnr")
refused("noise of least squares", "U100", tfp, ACCOUNTS, noise="remove", **BARE)
refused("depreciation of productivity", "U100", tfp, ACCOUNTS, depreciation=2.0, **BARE)
refused("degree of nought", "U100", tfp, ACCOUNTS, degree=0, **BARE)
refused("degree of twelve", "U100", tfp, ACCOUNTS, degree=12, **BARE)
refused("labour not found", "D201", tfp, ACCOUNTS.rename({LABOUR: "heads"}), **BARE, then=given(labour="heads"))
refused(
    "labour unknown",
    "D201",
    tfp,
    ACCOUNTS,
    labour="emploees",
    **BARE,
    then=lambda c, e: [c.with_options(labour=LABOUR)] if LABOUR in e.remedy else [],
)
refused(
    "labour is text",
    "D202",
    tfp,
    ACCOUNTS.with_columns(heads=pl.col(LABOUR)).cast({LABOUR: pl.String}),
    labour=LABOUR,
    **BARE,
    then=given(labour="heads"),
)
refused("few rows of productivity", "D206", tfp, ACCOUNTS.head(30), **BARE, then=by("more firms and years", ACCOUNTS))
refused(
    "few rows of each industry",
    "D206",
    tfp,
    ACCOUNTS.with_columns(industry=pl.col("firm")),
    by="industry",
    digits=3,
    **BARE,
    then=given(),
)
CASES.pop()
FLAT = ACCOUNTS.with_columns(heads=pl.col(LABOUR), **{LABOUR: pl.lit(10.0)})
STILL = ACCOUNTS.with_columns(stock=pl.col(CAPITAL), bought=pl.col("intermediate_inputs"))
STILL = STILL.with_columns(pl.col(CAPITAL).mean().over("firm"))
STILL = STILL.with_columns(intermediate_inputs=2 * pl.col(CAPITAL))
refused(
    "capital that does not change and materials that follow it",
    "D209",
    tfp,
    STILL,
    method="wooldridge",
    replicates=0,
    then=given(materials="bought", capital="stock"),
)
for method in ("ols", "fe", "acf"):
    refused(f"constant labour, {method}", "D209", tfp, FLAT, method=method, replicates=0, then=given(labour="heads"))
SAME = ACCOUNTS.with_columns(heads=pl.col(LABOUR), **{LABOUR: 2 * pl.col(CAPITAL)})
refused(
    "labour that follows capital",
    "D209",
    tfp,
    SAME,
    **BARE,
    then=lambda c, e: [given(labour="heads", capital="heads")(c, e)[0]],
)
refused(
    "one year with effects of firms",
    "D209",
    tfp,
    simulate_production(n_firms=60, n_years=1, seed=3).accounts,
    method="fe",
    replicates=0,
    then=by("more years of the firms", ACCOUNTS),
)
LONG = simulate_production(n_firms=2, n_years=70, seed=3).accounts
refused("one firm", "D206", tfp, LONG.filter(pl.col("firm") == LONG["firm"][0]), **BARE, then=by("more firms", LONG))
