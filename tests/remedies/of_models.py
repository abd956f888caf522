"""Remedies of models/ beside fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl

import integrade as ig
import twin_economy as economy
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.ready import ready
from integrade.integration.options import RelativePrice
from integrade.subjects.groups.splits import industry_intensity
from integrade.subjects.lags.model import lag_table
from integrade.subjects.lags.shifts import add_lags
from integrade.subjects.noise.corrected import estimator
from integrade.subjects.noise.index_draws import reweighted, yearly
from integrade.subjects.noise.simex import _path
from integrade.subjects.robustness.leave_out import leave_one_out
from integrade.subjects.row_level.model import row_level
from integrade.subjects.shape.past import shares_past
from integrade.subjects.shape.two_lines import _flat
from integrade.subjects.situation.trends import extremes
from remedies.frame import Call, Cases, Follow, done, given, meant, ways, written
from remedies.of_fit import formula, quoted, rows
from remedies.tables import PANEL, PRICES, F, csv, text

CASES = Cases()
refused = CASES.refused
P, Q = PANEL, ig.questions
CURVED = "y ~ m + m^2 + x | firm + year"
IV = "y ~ w | firm + year | x ~ z"


def only(says: str, **options: Any) -> Follow:
    """What a remedy says in prose, done by an option."""
    return done(says, lambda call: call.with_options(**options))


# a panel made ready
refused(
    "a ready panel has the column",
    "U100",
    ready(PANEL).plus,
    {"x": PANEL["x"]},
    then=done("give another name", lambda call: call.with_args({"another": PANEL["x"]})),
)
refused(
    "a ready panel gets a short column",
    "U100",
    ready(PANEL).plus,
    {"short": PANEL["x"][1:].to_list()},
    then=done("missing ones as None", lambda call: call.with_args({"short": [None, *PANEL["x"][1:].to_list()]})),
)

# groups
SPLIT = {"ownership": "kind", "state": ("state",), "codes": "industry", "capital": "w", "labour": "x"}


def group(how: str, panel: Any, **options: Any) -> Any:
    """A column of groups."""
    return Q.group_column(panel, how, **options)


refused("split unknown", "U100", group, "ownershp", P, ownership="kind", state=("state",), then=meant("ownershp"))
refused("split column unknown", "U103", group, "ownership", P, ownership="knd", state=("state",), then=meant("knd"))
refused(
    "split of one owner",
    "D205",
    group,
    "ownership",
    P,
    ownership="kind",
    state=("public",),
    then=lambda c, e: given()(c.with_options(state=...), e) and [c.with_options(state=("state",))],
)
refused(
    "split of no province",
    "D205",
    group,
    "area",
    P,
    then=done(
        "two columns, region and group, as a list",
        lambda _: Call(
            group,
            ("list", P),
            {
                "codes": "region",
                "groups": csv(
                    pl.DataFrame({"region": [f"R{i}" for i in range(8)], "group": ["a", "b"] * 4}), "areas.csv"
                ),
            },
        ),
    ),
)
refused("split of one period", "D205", group, "period", P, first_of_later=1990, then=given(first_of_later=2003))
LIST = {"13": "light", "14": "heavy", "15": "heavy"}
refused(
    "list of other codes",
    "D205",
    group,
    "list",
    P,
    codes="industry",
    groups={"A1": "light", "A2": "heavy"},
    then=only("as in the data", groups=LIST),
)
refused(
    "list not given",
    "U100",
    group,
    "list",
    P,
    codes="industry",
    groups=None,
    then=only("a file of two columns, code and group", groups=text("code,group\n13,a\n14,b\n", "list.csv")),
)
refused(
    "list of one code twice",
    "D204",
    group,
    "list",
    P,
    codes="industry",
    groups=pl.DataFrame({"code": ["13", "13"], "group": ["a", "b"]}),
    then=only("one group per code", groups=LIST),
)
refused(
    "list of one group",
    "D205",
    group,
    "list",
    P,
    codes="industry",
    groups={"13": "a", "14": "a"},
    then=only("two groups or more", groups=LIST),
)
refused(
    "list of many columns",
    "D201",
    group,
    "list",
    P,
    codes="industry",
    groups=pl.DataFrame({"sic": ["13", "14"], "grp": ["a", "b"], "n": [1, 2]}),
    then=done(
        "call them code and group",
        lambda c: [
            c.with_options(groups=pl.DataFrame({"sic": ["13", "14"], "grp": ["a", "b"]})),
            c.with_options(groups=pl.DataFrame({"code": ["13", "14"], "group": ["a", "b"], "n": [1, 2]})),
        ],
    ),
)
refused(
    "list of numbers",
    "D207",
    group,
    "list",
    P,
    codes="industry",
    groups=pl.DataFrame({"code": [13, 14], "group": ["a", "b"]}),
    then=only("as text", groups=LIST),
)
refused(
    "list without headings",
    "D201",
    group,
    "list",
    P,
    codes="industry",
    groups=text("13,light\n14,heavy\n15,heavy\n", "bare.csv"),
    then=written(
        lambda call, head: call.with_options(groups=text(f"{head}\n13,light\n14,heavy\n15,heavy\n", "headed.csv"))
    ),
)
refused(
    "list misspelt",
    "U104",
    group,
    "list",
    P,
    codes="industry",
    groups=text("", "listed.csv").replace("listed", "listd"),
    then=lambda call, error: [
        c.with_options(groups=text("code,group\n13,a\n14,b\n", "listed.csv")) for c in meant("listd.csv")(call, error)
    ],
)
SHORTENED = P.with_columns(pl.col("industry").cast(pl.Int64) - 5)
"""Industries as numbers of one and two digits: leading zeros may be lost."""
refused(
    "industries as numbers",
    "D207",
    group,
    "list",
    SHORTENED,
    codes="industry",
    groups=LIST,
    then=done("as text", lambda c: c.with_args("list", P)),
)
refused(
    "intensity of numbers",
    "D207",
    industry_intensity,
    SHORTENED,
    "w",
    "w",
    "industry",
    then=rows("as text", P),
    later="group",
)
refused(
    "intensity of one industry",
    "D205",
    industry_intensity,
    P.filter(industry="13"),
    "w",
    "m",
    "industry",
    then=rows("two or more industries", P),
)
GROUPS: dict[str, Any] = {"treatment": "x", "cluster": "region", "permutations": 9}
refused(
    "groups of no regressor",
    "U100",
    Q.compare_groups,
    P,
    F,
    "kind",
    **{**GROUPS, "treatment": "z"},
    then=given(treatment="x"),
)
refused(
    "too many groups",
    "U100",
    Q.compare_groups,
    P,
    F,
    "firm",
    **GROUPS,
    then=done("see group_column", lambda c: c.with_args(Q.group_column(P, "period"), F, "period")),
)
THIN = P.with_columns(kind=pl.when(pl.col("firm") == "F05").then(pl.lit("odd")).otherwise("kind"))
refused(
    "group of one firm",
    "D206",
    Q.compare_groups,
    P.with_columns(kind=pl.when(pl.col("region") == "R5").then(pl.lit("odd")).otherwise("kind")),
    F,
    "kind",
    **GROUPS,
    then=done("two values", lambda c: c.with_options(cluster="firm", vcov="CR1")),
)

# inference
refused("report of two clusters", "U100", Q.cluster_report, P, F, cluster="region + year")
refused(
    "report with instruments",
    "U100",
    Q.cluster_report,
    P,
    IV,
    cluster="region",
    then=formula("leave the instruments out", "y ~ x + w | firm + year"),
)
refused(
    "report of one cluster",
    "D206",
    Q.cluster_report,
    P.with_columns(one=pl.lit("a")),
    F,
    cluster="one",
    then=only("two values", cluster="region"),
)
FAMILY: dict[str, Any] = {"cluster": "region", "wild": 19}
refused("family without clusters", "U100", Q.romano_wolf_family, P, F, wild=19)
refused(
    "family with instruments",
    "U100",
    Q.romano_wolf_family,
    P,
    IV,
    **FAMILY,
    then=formula("leave the instruments out", "y ~ x + w | firm + year"),
)
refused(
    "family of an absorbed term",
    "D209",
    Q.romano_wolf_family,
    P,
    "y ~ x + m | firm + region^year",
    ("x", "m"),
    **FAMILY,
    then=done(
        "leave it out of the family, or remove the effect or regressor that absorbs it",
        lambda c: [c.with_args(P, c.args[1], ("x",)), c.with_args(P, "y ~ x + m | firm", ("x", "m"))],
    ),
)
refused("family of an unknown term", "U101", Q.romano_wolf_family, P, F, ("xx",), **FAMILY, then=meant("xx"))
refused("CR2 with instruments", "U100", ig.fit, P, IV, vcov="CR2", cluster="region")
refused("satterthwaite with instruments", "U100", ig.fit, P, IV, df="satterthwaite", vcov="CR3", cluster="region")
refused(
    "joint null of an unknown term",
    "U101",
    ig.fit,
    P,
    "y ~ x + z | firm",
    wild=9,
    cluster="region",
    wild_joint="x+zz",
    then=meant("zz"),
)
refused(
    "joint null of an absorbed term",
    "D209",
    ig.fit,
    P,
    "y ~ x + m | firm + region^year",
    wild=9,
    cluster="region",
    wild_joint="x+m",
    then=done(
        "leave it out of wild_joint, or remove the effect or regressor that absorbs it",
        lambda c: [c.with_options(wild_joint="x"), c.with_args(P, "y ~ x + m | firm")],
    ),
)
refused(
    "draws of another shape",
    "U100",
    Q.romano_wolf,
    [1.0, 2.0],
    np.zeros((9, 3)),
    then=done("one row per draw and one column per statistic", lambda c: c.with_args([1.0, 2.0], np.zeros((9, 2)))),
)
refused(
    "statistic missing",
    "U100",
    Q.romano_wolf,
    [1.0, float("nan")],
    np.zeros((9, 2)),
    then=done("leave the test out", lambda c: c.with_args([1.0], np.zeros((9, 1)))),
)
refused(
    "p missing", "U100", Q.holm, [0.1, float("nan")], then=done("leave missing ones out", lambda c: c.with_args([0.1]))
)
RANDOM: dict[str, Any] = {"permutations": 19}
refused("covariance not permuted", "U100", Q.randomisation, P, "y ~ m | firm + year", "m", vcov="CR2", **RANDOM)
refused("no permutation", "U100", Q.randomisation, P, "y ~ m | firm + year", "m", permutations=0)
refused(
    "treatment of firms permuted",
    "U100",
    Q.randomisation,
    P,
    F,
    "x",
    **RANDOM,
    then=done("by region and year", lambda c: c.with_args(P, "y ~ m | firm + year", "m")),
)
PATCHY = P.filter(pl.col("year") - 2000 != pl.col("region").str.slice(1).cast(pl.Int64).clip(0, 5)).filter(
    ~pl.col("region").is_in(["R6", "R7"])
)
refused(
    "no path to exchange",
    "D206",
    Q.randomisation,
    PATCHY,
    "y ~ m | firm + year",
    "m",
    **RANDOM,
    then=rows("years in which several regions have it", P),
)

# instruments
INDEX = ig.relative_price(PRICES, se="jackknife")
Z = Q.lagged_index(INDEX, 1)
refused(
    "instrument of a panel without year",
    "U103",
    Q.join_instrument,
    P.rename({"year": "yaer"}),
    Z,
    then=rows("did you mean 'yaer'", P),
)
refused(
    "neighbours of few regions",
    "D206",
    Q.neighbour_instrument,
    PRICES.filter(pl.col("region") < "R4"),
    [("R0", "R1"), ("R1", "R2")],
    then=rows("more regions", PRICES),
)
refused(
    "halves of few goods",
    "D206",
    Q.split_goods,
    PRICES.filter(pl.col("commodity").is_in(["k0", "k1", "k2"])),
    then=rows("more goods", PRICES),
)
refused("lag of no year", "U100", Q.lagged_index, INDEX, 0, then=done("1 or more", lambda c: c.with_args(INDEX, 1)))
refused("lag of an unknown column", "U103", Q.lagged_index, INDEX, 1, "integraton", then=meant("integraton"))
refused("index twice", "D204", Q.lagged_index, pl.concat([INDEX, INDEX.head(1)]), 1, then=rows("keep one", INDEX))
TRAIT = pl.DataFrame({"region": [f"R{i}" for i in range(8)], "relief": np.arange(8.0), "coast": np.arange(8.0)})
ROADS = pl.DataFrame({"year": list(range(2000, 2006)), "roads": np.arange(6.0)})
refused(
    "trait not clear",
    "U100",
    Q.terrain_instrument,
    TRAIT,
    ROADS,
    then=done(
        "only one column of numbers, or name it (of=... for the trait",
        lambda c: [c.with_args(TRAIT.drop("coast"), ROADS), c.with_options(of="relief")],
    ),
)
refused(
    "trait is text",
    "D202",
    Q.terrain_instrument,
    TRAIT.cast({"relief": pl.String}),
    ROADS,
    of="relief",
    then=rows("convert the column", TRAIT),
)
CF = "y ~ w | firm + year | x + x^2 ~ z + z2"
refused("control function without clusters", "U100", Q.control_function, P, CF)
refused(
    "control function of two variables",
    "U100",
    Q.control_function,
    P,
    "y ~ 1 | firm + year | x + w ~ z + z2",
    cluster="region",
    then=written(quoted),
)
BINARY = P.with_columns(x=(pl.col("x") > 0).cast(pl.Float64))
refused(
    "control function of two values",
    "D209",
    Q.control_function,
    BINARY,
    CF,
    cluster="region",
    then=rows("square of a binary regressor", P),
)
EXACT = P.with_columns(z=2 * pl.col("x"), z2=pl.col("x") + 1)
refused(
    "control function of exact instruments",
    "D209",
    Q.control_function,
    EXACT,
    CF,
    cluster="region",
    then=rows("give other instruments", P),
)
refused(
    "control function without an instrument",
    "D209",
    Q.control_function,
    P,
    "y ~ w | firm + region^year | x + x^2 ~ m + m^2",
    cluster="region",
    then=formula("vary within the effects", CF),
)
TWO = P.with_columns(
    two=pl.when(pl.col("region") == "R5").then(1).otherwise(2),
    x=pl.when(pl.col("region") == "R5").then(0.0).otherwise("x"),
)
refused(
    "control function of two clusters",
    "D206",
    Q.control_function,
    TWO,
    CF,
    cluster="two",
    then=only("other clusters", cluster="region"),
)
SHARES = pl.DataFrame(
    {"region": [f"R{i}" for i in range(8)], "port": np.linspace(0.1, 1, 8), "river": np.linspace(1, 0.1, 8)}
)
refused(
    "exposure not clear",
    "U100",
    Q.shift_share_instrument,
    INDEX,
    SHARES,
    then=done(
        "name the exposure: of=..., or give only one column of numbers",
        lambda c: [c.with_options(of="port"), c.with_args(INDEX, SHARES.drop("river"))],
    ),
)
refused(
    "exposure is text",
    "D202",
    Q.shift_share_instrument,
    INDEX,
    SHARES.cast({"port": pl.String}),
    of="port",
    then=done("convert the column", lambda c: c.with_args(INDEX, SHARES)),
)
BY = SHARES.drop("river").join(SHARES.select(source="region"), how="cross").filter(pl.col("region") != pl.col("source"))
refused(
    "share negative",
    "U100",
    Q.shift_share_instrument,
    INDEX,
    BY.with_columns(port=-pl.col("port")),
    then=done("zero or more", lambda c: c.with_args(INDEX, BY)),
)
refused("exposure column unknown", "U103", Q.shift_share_instrument, INDEX, SHARES, of="prt", then=meant("prt"))
refused(
    "exposure twice",
    "D204",
    Q.shift_share_instrument,
    INDEX,
    pl.concat([SHARES, SHARES.head(1)]),
    of="port",
    then=done("keep one", lambda c: c.with_args(INDEX, SHARES)),
)
SHIFTS = Q.shift_share_instrument(INDEX, BY)
WITH = Q.join_instrument(P, SHIFTS.instrument)
SHIFTED = "y ~ w | firm + year | x ~ shift_share"
refused(
    "shift-share of another instrument",
    "U100",
    Q.shift_share_errors,
    WITH,
    IV,
    SHIFTS,
    cluster="region",
    then=written(quoted),
)
refused(
    "shift-share of another column",
    "U100",
    Q.shift_share_errors,
    WITH.with_columns(shift_share=pl.col("z")),
    SHIFTED,
    SHIFTS,
    cluster="region",
    then=rows("join this instrument's column", WITH),
)
refused(
    "one group of shocks",
    "D206",
    Q.shift_share_errors,
    WITH.filter(year=2003),
    "y ~ w | 0 | x ~ shift_share",
    SHIFTS,
    shocks="year",
    then=given(),
)
refused("weak without instruments", "U100", Q.weak_iv, P, F, cluster="region", then=written(quoted))
refused(
    "place of no percentile",
    "U100",
    Q.weak_iv,
    P,
    "y ~ w | firm + year | x + x^2 ~ z + z^2",
    cluster="region",
    at=("middle",),
    wild=0,
)

# error of the index
INDEXED = P.drop("m").join(INDEX.select("region", "year", m="integration"), on=["region", "year"])
TREATED = "y ~ m | firm + year"
refused(
    "few regions simulated",
    "D206",
    Q.expected_attenuation,
    3,
    3,
    draws=2,
    then=lambda c, e: [c.with_args(*ways(e.remedy)[0].give.values())],
)
refused("no year simulated", "U100", Q.expected_attenuation, 5, 5, n_years=0, draws=1, spread=0.0)
PLAIN = RelativePrice()
refused(
    "dispersion over time drawn",
    "U100",
    yearly,
    PRICES,
    replace(PLAIN, dispersion="over_time", window=3),
    then=lambda c, e: [c.with_args(PRICES, RelativePrice(**ways(e.remedy)[0].give))],
)
MONTHS = PRICES.with_columns(month=pl.lit(1))
refused("months drawn", "U100", yearly, MONTHS, PLAIN, then=rows("read them with to_year=True", PRICES))
refused(
    "goods of a joint dispersion drawn",
    "U100",
    lambda prices, options: reweighted(yearly(prices, options), np.ones((6, 2))),
    PRICES,
    replace(PLAIN, dispersion="joint"),
    then=lambda c, e: [c.with_args(PRICES, replace(PLAIN, **ways(e.remedy)[0].give))],
)
HALVES = Q.join_instrument(P, Q.split_goods(PRICES))
ORIV: dict[str, Any] = {"variable": "m", "cluster": "region"}
refused("halves without clusters", "U100", Q.oriv, HALVES, TREATED, **{**ORIV, "cluster": None})
refused(
    "halves of no regressor", "U101", Q.oriv, HALVES, TREATED, **{**ORIV, "variable": "mm"}, then=given(variable="m")
)
refused(
    "halves beside instruments",
    "U100",
    Q.oriv,
    HALVES,
    "y ~ m | firm + year | x ~ z",
    **ORIV,
    then=formula("leave the instruments out", TREATED),
)
refused(
    "halves of a product",
    "U100",
    Q.oriv,
    HALVES,
    "y ~ m + m:x | firm + year",
    **ORIV,
    then=formula("leave that term out", TREATED),
)
CORRECTED: dict[str, Any] = {"treatment": "m", "cluster": "region", "splits": 3}
PRICED = (PRICES, INDEXED, TREATED)
refused(
    "halves of three goods for every question",
    "D206",
    Q.halves_of,
    PRICES.filter(pl.col("commodity").is_in(["k0", "k1", "k2"])),
    then=rows("more goods", PRICES),
)
refused(
    "a good of no prices in a family",
    "U101",
    Q.halves_of,
    PRICES,
    families={"food": ["k9", "k1"]},
    then=done("k0", lambda c: [c.with_options(families={"food": ["k0", "k1"]})]),
)
refused(
    "one family of nearly all goods",
    "D206",
    Q.halves_of,
    PRICES,
    families={"food": PRICES["commodity"].unique().sort().to_list()[:-1]},
    then=done("smaller families", lambda c: [c.with_options(families={"food": ["k0", "k1"]})]),
)
refused("correction without clusters", "U100", Q.corrected, *PRICED, **{**CORRECTED, "cluster": None})
refused(
    "correction of no regressor",
    "U101",
    Q.corrected,
    *PRICED,
    **{**CORRECTED, "treatment": "mm"},
    then=given(treatment="m"),
)
for name, equation_of, says in (
    ("correction beside instruments", "y ~ 1 | firm + year | m ~ z", "leave the instruments out"),
    ("correction of a logarithm", "y ~ ln(m) | firm + year", "leave the logarithm out"),
    ("correction absorbed", "y ~ m + x | firm + region^year", "remove the fixed effect"),
):
    kept = done(says, lambda call: call.with_args(*PRICED))
    code = "D209" if "absorbed" in name else "U100"
    refused(name, code, Q.corrected, PRICES, INDEXED, equation_of, **CORRECTED, then=kept)
refused(
    "correction of another index",
    "U100",
    Q.corrected,
    PRICES,
    P,
    TREATED,
    **CORRECTED,
    then=done("the options the panel's index was made with", lambda call: call.with_args(*PRICED)),
)
refused(
    "correction with prices of fewer years",
    "D210",
    Q.corrected,
    PRICES.filter(pl.col("year") > 2001),
    INDEXED,
    TREATED,
    **CORRECTED,
    then=done("the table the panel was made from", lambda call: call.with_args(*PRICED)),
)
GAP = PRICES.filter(pl.col("commodity").is_in(["k0", "k1", "k2", "k3"])).filter(
    ~((pl.col("region") == "R0") & (pl.col("commodity") == "k3"))
)
THIN = ig.relative_price(GAP).select("region", "year", m="integration")
refused(
    "correction without a half in some region",
    "D209",
    Q.corrected,
    GAP,
    P.drop("m").join(THIN, on=["region", "year"]),
    TREATED,
    **CORRECTED,
    then=done("more goods", lambda call: call.with_args(*PRICED)),
)


def without_noise(design: Any) -> Any:
    """The regression of an economy, corrected as a question corrects its own."""
    how = Fit(cluster="region")
    return estimator(economy.halves(design), "market")(economy.drawn(design).panel, economy.FORMULA, how)


refused(
    "halves that agree too little",
    "D209",
    without_noise,
    economy.NOISY,
    then=done("more goods", lambda call: call.with_args(economy.CLEAR)),
)
SIMEX: dict[str, Any] = {"treatment": "m", "cluster": "region", "draws": 4}
SAMPLE = (INDEX, INDEXED, TREATED)


def swapped(says: str, *args: Any) -> Follow:
    """What a remedy says in prose, done by other arguments."""
    return done(says, lambda call: call.with_args(*args))


def equation(text: str) -> tuple[Any, ...]:
    """The arguments of simex with another formula."""
    return (INDEX, INDEXED, text)


refused("simex of no level", "U100", Q.simex, *SAMPLE, **{**SIMEX, "levels": ()})
refused("simex without clusters", "U100", Q.simex, *SAMPLE, **{**SIMEX, "cluster": None})
refused(
    "simex of goods without prices",
    "U100",
    Q.simex,
    *SAMPLE,
    errors="goods",
    **SIMEX,
    then=swapped("the prices in place of the index", PRICES, INDEXED, TREATED),
)
refused(
    "simex of an index without errors",
    "U100",
    Q.simex,
    INDEX.drop("se_integration"),
    INDEXED,
    TREATED,
    **SIMEX,
    then=swapped("relative_price(prices, se='jackknife')", *SAMPLE),
)
refused(
    "simex of an index twice",
    "U100",
    Q.simex,
    pl.concat([INDEX, INDEX]),
    INDEXED,
    TREATED,
    **SIMEX,
    then=swapped("one row per region and year", *SAMPLE),
)
refused(
    "simex of another index",
    "U100",
    Q.simex,
    INDEX,
    P,
    TREATED,
    **SIMEX,
    then=swapped("the options the panel's index was made with", *SAMPLE),
)
refused(
    "simex of a shorter index",
    "D210",
    Q.simex,
    INDEX.filter(pl.col("year") > 2001),
    INDEXED,
    TREATED,
    **SIMEX,
    then=swapped("the table the panel was made from", *SAMPLE),
)
refused(
    "simex of a firm's variable",
    "U100",
    Q.simex,
    INDEX,
    P,
    F,
    **{**SIMEX, "treatment": "x"},
    then=done("by region and year", lambda c: c.with_args(*SAMPLE).with_options(treatment="m")),
)
refused(
    "simex without a year",
    "U103",
    Q.simex,
    INDEX,
    INDEXED.rename({"year": "yaer"}),
    "y ~ m | firm",
    **SIMEX,
    then=swapped("known:", *SAMPLE),
)
refused(
    "simex with instruments",
    "U100",
    Q.simex,
    *equation("y ~ x | firm | m ~ z"),
    **SIMEX,
    then=swapped("leave the instruments out", *SAMPLE),
)
refused("simex of no regressor", "U101", Q.simex, *equation(F), **SIMEX, then=swapped("known: x", *SAMPLE))
refused(
    "simex of a product",
    "U100",
    Q.simex,
    *equation("y ~ m + m:x | firm"),
    **SIMEX,
    then=swapped("leave products and logarithms", *SAMPLE),
)
refused(
    "simex absorbed",
    "D209",
    Q.simex,
    *equation("y ~ m + x | firm + region^year"),
    **SIMEX,
    then=swapped("remove the fixed effect", *SAMPLE),
)
ONCE = INDEXED.with_columns(only=pl.when(pl.col("region") == "R5").then("z").otherwise(0.0))
refused(
    "simex identified by one region",
    "D209",
    Q.simex,
    INDEX,
    ONCE,
    "y ~ m + only | firm + year",
    **SIMEX,
    then=lambda c, e: [*given()(c, e), c.with_args(INDEX, ONCE, TREATED)],
)

# mediation
MEDIATE: dict[str, Any] = {"treatment": "m", "cluster": "region", "draws": 19}
refused(
    "no mediator",
    "U100",
    Q.mediate,
    P,
    CURVED,
    (),
    **MEDIATE,
    then=done("give a column", lambda c: c.with_args(P, CURVED, "z")),
)
refused(
    "mediator in the equation",
    "U100",
    Q.mediate,
    P,
    CURVED,
    "x",
    **MEDIATE,
    then=formula("leave it out of the formula", "y ~ m + m^2 | firm + year"),
)
refused(
    "mediation of no regressor",
    "U101",
    Q.mediate,
    P,
    CURVED,
    "z",
    **{**MEDIATE, "treatment": "mm"},
    then=given(treatment="m"),
)
refused(
    "mediation of a product",
    "U100",
    Q.mediate,
    P,
    "y ~ m + m:x | firm",
    "z",
    **MEDIATE,
    then=formula("leave that term out", "y ~ m | firm"),
)
refused(
    "mediation with instruments",
    "U100",
    Q.mediate,
    P,
    "y ~ m | firm | x ~ z",
    "z2",
    **MEDIATE,
    then=formula("leave the instruments out", "y ~ m + x | firm"),
)
COLL = P.with_columns(k=2 * pl.col("x"))
refused(
    "mediator collinear",
    "D209",
    Q.mediate,
    COLL,
    "y ~ m + x | firm + year",
    "k",
    **MEDIATE,
    then=done(
        "remove the fixed effect that absorbs it, or choose another mediator",
        lambda c: [c.with_args(COLL, "y ~ m | firm + year", "k"), c.with_args(COLL, c.args[1], "z")],
    ),
)
refused("mediation without clusters", "U100", Q.mediate, P, CURVED, "z", **{**MEDIATE, "cluster": None})
refused(
    "mediation at no place",
    "U100",
    Q.mediate,
    P,
    CURVED,
    "z",
    at=(),
    **MEDIATE,
    then=written(lambda c, place: c.with_options(at=place)),
)
refused(
    "mediation at an unknown place",
    "U100",
    Q.mediate,
    P,
    CURVED,
    "z",
    at=("p200",),
    **MEDIATE,
    then=written(lambda c, place: c.with_options(at=place)),
)

# omitted variables
BASE = "y ~ m + x + w | firm + year"
refused("control unknown", "U101", Q.gelbach, P, BASE, ["size = xx"], then=meant("xx"))
refused(
    "control in two groups",
    "U100",
    Q.gelbach,
    P,
    BASE,
    ["x", "x + w"],
    then=done("belongs to one group", lambda c: c.with_args(P, BASE, ["x", "w"])),
)
refused(
    "no group of controls",
    "U100",
    Q.gelbach,
    P.rename({"x": "scale", "w": "age"}),
    "y ~ m + scale + age | firm",
    [],
    then=written(lambda c, g: c.with_args(*c.args[:2], [g])),
)
refused(
    "no base",
    "U100",
    Q.gelbach,
    P,
    "y ~ x + w | firm",
    ["x + w"],
    then=done("group fewer controls", lambda c: c.with_args(P, c.args[1], ["w"])),
)
refused("term not in the base", "U101", Q.gelbach, P, BASE, ["x"], terms=("mm",), then=meant("mm"))
refused(
    "decomposition with instruments",
    "U100",
    Q.gelbach,
    P,
    IV,
    ["w"],
    then=formula("leave the instruments out", "y ~ x + w | firm"),
)
refused(
    "term of the base dropped",
    "D209",
    Q.gelbach,
    P,
    "y ~ m + x + w | firm + region^year",
    ["x"],
    terms=("m",),
    then=done(
        "leave it out of terms, or remove the effect or regressor that absorbs it",
        lambda c: [c.with_options(terms=("w",)), c.with_args(P, BASE, ["x"])],
    ),
)
refused(
    "omitted with instruments",
    "U100",
    Q.oster,
    P,
    IV,
    "x",
    then=formula("the least-squares formula", "y ~ x + w | firm + year"),
)
refused("omitted of no regressor", "U101", Q.oster, P, BASE, "mm", then=meant("mm"))
refused(
    "omitted of a dropped one",
    "D209",
    Q.oster,
    P,
    "y ~ m + x | firm + region^year",
    "m",
    then=done(
        "remove the fixed effect that absorbs it, or name another",
        lambda c: [c.with_args(P, BASE, "m"), c.with_args(P, "y ~ m + x + w | firm + region^year", "x")],
    ),
)
refused(
    "slope of no square",
    "U100",
    Q.oster,
    P,
    BASE,
    "m",
    at="p50",
    then=lambda c, e: [*given()(c, e), c.with_args(P, BASE.replace("~ m", "~ m + m^2"), "m")],
)
refused("keep of no regressor", "U101", Q.oster, P, BASE, "m", keep=("xx",), then=meant("xx"))
refused(
    "no control to add",
    "U100",
    Q.oster,
    P,
    "y ~ m + x | firm",
    "m",
    keep=("x",),
    then=done(
        "add controls to the formula, or shorten keep", lambda c: [c.with_args(P, BASE, "m"), c.with_options(keep=())]
    ),
)
refused("R2 at most too small", "U100", Q.oster, P, BASE, "m", r_max=0.0)
refused(
    "benchmark is the treatment",
    "U100",
    Q.omitted_confounder,
    P,
    BASE,
    "m",
    benchmarks=("m",),
    then=lambda c, e: [c.with_options(benchmarks=(e.remedy.removeprefix("name controls: ").split(", ")[0],))],
)

# samples
ROBUST: dict[str, Any] = {"cluster": "region", "checks": ("winsor",)}
refused("check unknown", "U100", Q.robustness, P, CURVED, "m", **{**ROBUST, "checks": ("winsr",)}, then=meant("winsr"))
refused("robustness of no regressor", "U101", Q.robustness, P, CURVED, "mm", **ROBUST, then=meant("mm"))
refused(
    "robustness of a dropped one",
    "D209",
    Q.robustness,
    P,
    "y ~ m + x | firm + region^year",
    "m",
    **ROBUST,
    then=formula("remove the fixed effect", CURVED),
)
CUSTOMS = P.select(
    "firm", "year", quality=pl.col("y"), value=pl.lit(1.0), product=pl.lit("0101"), destination=pl.lit("USA")
)
LOCAL = P.select("firm", "year", "region", "m", "x")
ROWS = "quality ~ m + x | firm + year"
ROWED: dict[str, Any] = {"cluster": "region"}
refused(
    "rows without a key",
    "U103",
    row_level,
    CUSTOMS.rename({"year": "yaer"}),
    LOCAL,
    ROWS,
    **ROWED,
    then=rows("did you mean 'yaer'", CUSTOMS),
)
refused("rows without a column", "U103", row_level, CUSTOMS, LOCAL, ROWS.replace("x", "xx"), **ROWED, then=meant("xx"))
refused(
    "panel repeats a firm",
    "D204",
    row_level,
    CUSTOMS,
    pl.concat([LOCAL, LOCAL.head(1)]),
    ROWS,
    **ROWED,
    then=done("one row per key", lambda c: c.with_args(CUSTOMS, LOCAL, ROWS)),
)
refused(
    "rows of other firms",
    "D210",
    row_level,
    CUSTOMS.with_columns(firm=pl.lit("x") + pl.col("firm")),
    LOCAL,
    ROWS,
    **ROWED,
    then=rows("write each firm in the same way", CUSTOMS),
)
RAUCH = {"0101": "differentiated"}
refused(
    "classes without a product",
    "D201",
    row_level,
    CUSTOMS,
    LOCAL,
    ROWS,
    rauch=pl.DataFrame({"code": ["0101"], "name": ["differentiated"]}),
    **ROWED,
    then=only(
        "call its columns product and class", rauch=pl.DataFrame({"product": ["0101"], "class": ["differentiated"]})
    ),
)
refused(
    "classes of numbers",
    "D207",
    row_level,
    CUSTOMS,
    LOCAL,
    ROWS,
    rauch={101: "differentiated"},
    **ROWED,
    then=only("store text", rauch=RAUCH),
)
refused(
    "classes twice",
    "D204",
    row_level,
    CUSTOMS,
    LOCAL,
    ROWS,
    rauch=pl.DataFrame({"product": ["0101", "0101"], "class": ["a", "b"]}),
    **ROWED,
    then=only("keep one", rauch=RAUCH),
)
refused(
    "classes without products in the rows",
    "D201",
    row_level,
    CUSTOMS.drop("product"),
    LOCAL,
    ROWS,
    rauch=RAUCH,
    **ROWED,
    then=done(
        "give rows with product, or leave rauch out", lambda c: [c.with_args(CUSTOMS, LOCAL, ROWS), c.without("rauch")]
    ),
)
REGIONAL = P.select(
    "region", "year", quality=pl.col("y"), value=pl.lit(1.0), product=pl.lit("0101"), destination=pl.lit("USA")
)
PLACES = P.group_by("region", "year").agg(pl.col("m", "z").mean()).sort("region", "year")
refused(
    "shares without firms", "U100", row_level, REGIONAL, PLACES, "quality ~ m | region + year", weights="share", **ROWED
)
refused(
    "two kinds of weights",
    "U100",
    row_level,
    CUSTOMS,
    LOCAL.with_columns(w=pl.lit(1.0)),
    ROWS,
    options=ig.options.RowLevel(weights="value", fit=Fit(weights="w", cluster="region")),
    then=done(
        "leave those of the fit out, or give weights='equal'",
        lambda c: [
            c.with_options(options=ig.options.RowLevel(weights="value", fit=Fit(cluster="region"))),
            c.with_options(options=ig.options.RowLevel(weights="equal", fit=Fit(weights="w", cluster="region"))),
        ],
    ),
)
VARYING = CUSTOMS.with_columns(k=pl.int_range(pl.len()).cast(pl.Float64) % 7)
BOTH = pl.concat([VARYING, VARYING.with_columns(k=pl.col("k") + 1, product=pl.lit("0102"))])
refused(
    "regressor of rows",
    "U100",
    row_level,
    BOTH,
    LOCAL,
    "quality ~ m + k | firm + year",
    **ROWED,
    then=only("firm_year", firm_year="quality ~ m | firm + year"),
)
NEAR = [("R0", "R1"), ("R1", "R2"), ("R2", "R3"), ("R3", "R4"), ("R4", "R5"), ("R5", "R6"), ("R6", "R7")]
SPILL: dict[str, Any] = {"neighbours": NEAR}
refused("spillover of both", "U100", Q.spillover, prices=PRICES, index=INDEX, **SPILL)
refused("spillover of neither", "U100", Q.spillover, **SPILL, then=given(prices=PRICES, index=INDEX))
refused("spillover of months", "U100", Q.spillover, prices=MONTHS, **SPILL, then=only("to_year=True", prices=PRICES))
refused(
    "spillover of an unknown column",
    "U103",
    Q.add_spillover,
    INDEXED.rename({"region": "regoin"}),
    prices=PRICES,
    **SPILL,
    then=rows("did you mean 'regoin'", INDEXED),
)
refused(
    "spillover of other regions",
    "D210",
    Q.add_spillover,
    INDEXED.with_columns(region=pl.lit("x") + pl.col("region")),
    prices=PRICES,
    **SPILL,
    then=rows("the same way", INDEXED),
)
refused(
    "correlation of few",
    "D206",
    Q.mechanical_correlation,
    PRICES.filter(pl.col("year") == 2000),
    neighbours=[("R0", "R1")],
    method=RelativePrice(basis="link"),
    then=rows("three are needed", PRICES),
)
ONE = P.with_columns(one=pl.lit("a"))


def left_out(panel: Any, column: str) -> Any:
    """A regression without each level of a column."""
    design = prepare(panel, "y ~ x | firm", also=(column,))
    return leave_one_out(design, estimate(design), column, ["x"])


refused(
    "one level to leave out",
    "D206",
    left_out,
    ONE,
    "one",
    then=done("another column", lambda c: c.with_args(ONE, "region")),
)

# shape
FIT = ig.fit(P, CURVED, cluster="region")


def u(fit: Any, variable: str = "m", **options: Any) -> Any:
    """The U-test."""
    return ig.u_test(fit, variable, **options)


refused("level of the U-test", "U100", u, FIT, level=2.0)
refused("size for the level of the U-test", "U100", u, FIT, level=0.05)
refused("alpha of the U-test", "U100", u, FIT, alpha=0.05)
refused("range empty", "U100", u, FIT, low=5.0, high=4.0, then=only("low < high", low=4.0, high=5.0))
refused("end of no percentile", "U100", u, FIT, low="low")
refused("U-test of no regressor", "U101", u, FIT, "mm", then=meant("mm"))
refused(
    "U-test without a square",
    "U101",
    u,
    ig.fit(P, "y ~ m | firm"),
    then=lambda c, e: [c.with_args(ig.fit(P, f"y ~ {e.remedy.removeprefix('write ')} | firm"))],
)
refused(
    "U-test of an absorbed one",
    "D209",
    u,
    ig.fit(P, "y ~ x + m + m^2 | region^year"),
    then=done("remove the fixed effect", lambda c: c.with_args(FIT)),
)
TEST = ig.u_test(FIT, "m")
refused(
    "past of an unknown column",
    "U103",
    shares_past,
    P.rename({"region": "regoin"}),
    TEST,
    then=rows("did you mean 'regoin'", P),
)
LINES: dict[str, Any] = {"variable": "m", "cluster": "region"}
refused("level of two lines", "U101", Q.two_lines, P, CURVED, **LINES, level=0.95)
refused("size of two lines", "U100", Q.two_lines, P, CURVED, **LINES, alpha=0.95)
refused("lines of no knots", "U100", Q.two_lines, P, CURVED, **LINES, knots=2)
refused(
    "lines of no regressor", "U100", Q.two_lines, P, CURVED, **{**LINES, "variable": "mm"}, then=given(variable="m")
)
refused(
    "lines with a product",
    "U100",
    Q.two_lines,
    P,
    "y ~ m + m:x | firm",
    **LINES,
    then=formula("leave that term out", "y ~ m | firm"),
)
refused(
    "lines with instruments",
    "U100",
    Q.two_lines,
    P,
    "y ~ m | firm | x ~ z",
    **LINES,
    then=formula("leave the instruments out", "y ~ m + x | firm"),
)
STEPS = P.with_columns(m=pl.col("year") % 4)
refused(
    "lines of few values",
    "D206",
    Q.two_lines,
    STEPS,
    "y ~ m | firm",
    **LINES,
    then=done("use the U-test", lambda _: Call(u, (ig.fit(STEPS, "y ~ m + m^2 | firm"),))),
)

# time
LAGS: dict[str, Any] = {"variable": "m", "cluster": "region", "lags": (1,), "leads": ()}
refused(
    "lags of an instrumented one",
    "U100",
    lag_table,
    P,
    "y ~ x | firm | m ~ z",
    **LAGS,
    then=done(
        "add_lags and fit them with their instruments",
        lambda _: Call(
            ig.fit,
            (add_lags(add_lags(P, "m", (1,)), "z", (1,), lives_on=("firm", "year")), "y ~ x | firm | m_l1 ~ z_l1"),
        ),
    ),
)
refused(
    "lags of no regressor", "U100", lag_table, P, F, **LAGS, then=given(variable="x"), later="not constant within them"
)
refused("lag of nought", "U100", lag_table, P, CURVED, **{**LAGS, "lags": (0,)}, then=only("1 or more", lags=(1,)))
refused(
    "lag of nought added", "U100", add_lags, P, "m", (0,), then=done("1 or more", lambda c: c.with_args(P, "m", (1,)))
)
refused("lag added of an unknown column", "U103", add_lags, P, "mm", (1,), then=meant("mm"))
refused("lag over years of text", "D202", add_lags, P.cast({"year": pl.String}), "m", (1,), then=rows("as a number", P))
refused("lag of text", "D202", add_lags, P.cast({"m": pl.String}), "m", (1,), then=rows("convert the column", P))
refused("lag of a firm's column", "U100", add_lags, P, "x", (1,))
SERIES = P.group_by("region", "year").agg(pl.col("m").mean()).sort("region", "year")
refused(
    "series twice",
    "D204",
    add_lags,
    P,
    "m",
    (1,),
    series=pl.concat([SERIES, SERIES]),
    then=only("one row per key", series=SERIES),
)
refused(
    "series of other regions",
    "D210",
    add_lags,
    P,
    "m",
    (1,),
    series=SERIES.with_columns(region=pl.lit("x") + pl.col("region")),
    then=only("the same way", series=SERIES),
)

# descriptive statistics
YEARS, VALUES = list(range(1990, 2010)), [*np.linspace(0, 1, 10), *np.linspace(3, 4, 10)]
BREAK: dict[str, Any] = {"draws": 19}
refused("confidence as a text", "U100", Q.break_date, YEARS, VALUES, level="0.95", **BREAK)
refused("break of no model", "U100", Q.break_date, YEARS, VALUES, model="jump", trim=0.7, **BREAK)
refused(
    "break of other lengths",
    "U100",
    Q.break_date,
    YEARS[1:],
    VALUES,
    **BREAK,
    then=done("one value for each year", lambda c: c.with_args(YEARS, VALUES)),
)
refused(
    "break with a gap",
    "D202",
    Q.break_date,
    [*YEARS[:-1], 2020],
    VALUES,
    **BREAK,
    then=done("every year once, in order", lambda c: c.with_args(YEARS, VALUES)),
)
refused(
    "break of few years",
    "D206",
    Q.break_date,
    YEARS[:5],
    VALUES[:5],
    **BREAK,
    then=done("more years", lambda c: c.with_args(YEARS, VALUES)),
)
refused(
    "break of a constant",
    "D209",
    Q.break_date,
    YEARS,
    [1.0] * 20,
    **BREAK,
    then=done("another series", lambda c: c.with_args(YEARS, VALUES)),
)
refused(
    "break without dates",
    "D206",
    Q.break_date,
    YEARS[:6],
    VALUES[:6],
    **BREAK,
    model="trend",
    trim=0.45,
    then=done("more years, or a smaller trim", lambda c: c.with_args(YEARS, VALUES).with_options(trim=0.15)),
)
refused(
    "correlation of a constant",
    "D209",
    Q.correlate,
    P.with_columns(z=pl.lit(1.0)),
    ["y", "x", "z"],
    then=done("leave it out", lambda c: c.with_args(P, ["y", "x"])),
)
refused("correlation of two rows", "D206", Q.correlate, P.head(2), ["y", "x"], then=rows("more rows", P))
refused("described column unknown", "U103", Q.describe, P, ["xx"], then=meant("xx"))
refused(
    "described text",
    "D202",
    Q.describe,
    P,
    ["kind", "x"],
    then=done("leave it out or convert it", lambda c: c.with_args(P, ["x"])),
)
refused(
    "described without values",
    "D205",
    Q.describe,
    P.with_columns(z=pl.lit(None, dtype=pl.Float64)),
    ["x", "z"],
    then=done("leave it out, or fill it", lambda c: [c.with_args(P, ["x"]), c.with_args(P, ["x", "z"])]),
)
refused("trend of an unknown column", "U103", Q.group_trends, P, "yy", then=meant("yy"))
refused(
    "trend without values",
    "D205",
    Q.group_trends,
    P.with_columns(y=pl.lit(None, dtype=pl.Float64)),
    "y",
    then=done("fill it, or name another outcome", lambda c: [c.with_args(P, "y"), c.with_args(P, "x")]),
)
refused(
    "trend of text",
    "D202",
    Q.group_trends,
    P,
    "kind",
    then=done("convert it, or name another outcome", lambda c: c.with_args(P, "y")),
)


# what too few regions, goods or levels identify
UNEVEN = P.with_columns(
    y=pl.when(pl.int_range(pl.len()) == 0).then(None).otherwise("y"),
    m=pl.when(pl.int_range(pl.len()) == 0).then(99.0).otherwise("m"),
)
refused(
    "permuted treatment of firms",
    "U100",
    Q.randomisation,
    UNEVEN,
    "y ~ m | firm + year",
    "m",
    **RANDOM,
    then=rows("a treatment by region and year", P),
)
OWN = P.with_columns(**{f"own{i}": pl.when(pl.col("region") == f"R{i}").then("z").otherwise(0.0) for i in range(8)})
refused(
    "permutation identified by one region",
    "D209",
    Q.randomisation,
    OWN,
    "y ~ m + own3 | firm + year",
    "m",
    vcov="CR3",
    cluster="region",
    **RANDOM,
)
PIPELINE: dict[str, Any] = {"treatment": "m", "cluster": "region", "draws": 3}
refused(
    "pipeline of own variables",
    "D206",
    Q.pipeline_bootstrap,
    PRICES,
    OWN.drop("m").join(INDEX.select("region", "year", m="integration"), on=["region", "year"]),
    "y ~ m + " + " + ".join(f"own{i}" for i in range(7)) + " | firm",
    **PIPELINE,
    then=done("more clusters", lambda c: c.with_options(cluster="firm", resample="goods")),
)


def added_error(formula: str) -> Any:
    """The path of estimates, which more than one regressor loses."""

    def lost(moments: Any, sample: Any, drawn: Any) -> Any:
        found = _path(moments, sample, drawn)
        return found if len(sample.design.kept) == 1 else found * np.nan

    with patch("integrade.subjects.noise.simex._path", lost):
        return Q.simex(INDEX, INDEXED, formula, **SIMEX)


refused(
    "simex not identified with error",
    "D209",
    added_error,
    "y ~ m + x | firm + year",
    then=done("fewer regressors", lambda c: c.with_args(TREATED)),
)
THINNED = PRICES.filter((pl.col("region") != "R3") | (pl.col("year") != 2003) | pl.col("commodity").is_in(["k0", "k1"]))
TWO_GOODS = RelativePrice(k_min=2)


def goods_of(prices: Any) -> Any:
    """Errors of goods of the index of these prices."""
    made = ig.relative_price(prices, TWO_GOODS).select("region", "year", m="integration")
    panel = P.drop("m").join(made, on=["region", "year"])
    return Q.simex(prices, panel, TREATED, errors="goods", index=TWO_GOODS, **SIMEX)


refused("simex of two goods", "D209", goods_of, THINNED, then=rows("give more goods", PRICES))
HALVED = P.with_columns(half=pl.when(pl.col("firm") < "F12").then(pl.lit("a")).otherwise(pl.lit("b")))
HALVED = HALVED.with_columns(
    first=pl.when(pl.col("half") == "a").then("x").otherwise(0.0),
    second=pl.when(pl.col("half") == "b").then("x").otherwise(0.0),
)


def left_out_of(formula: str, column: str) -> Any:
    """A regression without each level of a column."""
    design = prepare(HALVED, formula, also=(column,))
    found = estimate(design)
    return leave_one_out(design, found, column, [found.coefficients[0].term])


refused(
    "no level to leave out",
    "D206",
    left_out_of,
    "y ~ first + second | firm",
    "half",
    then=done(
        "another column, or use fewer regressors",
        lambda c: [c.with_args(c.args[0], "region"), c.with_args("y ~ x | firm", "half")],
    ),
)
refused(
    "firm-years without a column",
    "U103",
    row_level,
    CUSTOMS,
    LOCAL,
    ROWS,
    firm_year="quality ~ nowhere | firm + year",
    **ROWED,
    then=only('firm_year="quality ~ ... | firm + year"', firm_year="quality ~ m | firm + year"),
)
ENDS = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
refused(
    "lines without a middle",
    "D206",
    _flat,
    ENDS,
    ENDS,
    ENDS,
    "inverted U",
    then=done("use the U-test", lambda _: Call(u, (FIT,))),
)


# what was refused without a remedy
refused(
    "several fits of a number",
    "U100",
    ig.fit_many,
    P,
    3,
    then=lambda c, e: [c.with_args(P, ["y ~ m | firm", "x ~ m | firm"])] if "fit_many(panel, [" in e.remedy else [],
)
CROSS = P.with_columns(binary=(pl.col("firm") < "F12").cast(pl.Float64))
refused(
    "cubic of a constant",
    "D209",
    Q.cubic_test,
    CROSS,
    "y ~ binary | year",
    variable="binary",
    then=done(
        "leave out the effects or regressors that absorb it",
        lambda c: c.with_args(P, "y ~ m | firm").with_options(variable="m"),
    ),
)
refused(
    "exposure to an index of two regions",
    "D206",
    Q.shift_share_instrument,
    INDEX.filter(pl.col("region") < "R2"),
    BY,
    then=rows("the index of more regions", INDEX),
)
refused(
    "extremes of no value",
    "D205",
    extremes,
    INDEX.with_columns(segmentation=None, integration=None),
    then=rows("an index with values", INDEX),
)
