"""Remedies of integration/."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl

import integrade as ig
from integrade.sources.files.where import parse_where
from measure_tables import REGIONS, table
from remedies.frame import Call, Case, Cases, Follow, command, done, given, meant, ways
from remedies.tables import FOLDER, PRICES, csv, text

CASES = Cases()
(FOLDER / "integration").mkdir()
refused = CASES.refused
own, c = ig.integration, pl.col
index = ig.relative_price
LINK: dict[str, Any] = {"basis": "link"}
NAMES = sorted(PRICES["region"].unique())


def by(says: str, *args: Any, **changes: Any) -> Follow:
    """What a remedy says in prose, done by other arguments and options."""
    return done(says, lambda call: (call.with_args(*args) if args else call).with_options(**changes))


def only(says: str, *changes: Mapping[str, Any]) -> Follow:
    """What a remedy says in prose, done by options, one way after the other."""
    return done(says, lambda call: [call.with_options(**one) for one in changes])


def filtered(call: Call, error: Any) -> list[Call]:
    """Every filter that the remedy prints, over the rows of the first table."""
    found = [way.give["where"] for way in ways(error.remedy) if "where" in way.give]
    assert found, error.remedy
    return [call.with_args(kept(call.args[0], one), *call.args[1:]) for one in found]


def insisted(call: Call, error: Any) -> list[Call]:
    """The filters that the remedy prints, and one base insisted on."""
    bases = [way.give["basis"] for way in ways(error.remedy) if "basis" in way.give]
    assert bases == ["one_base"], error.remedy
    return [*filtered(call, error), call.with_options(basis=bases[0])]


def kept(rows: pl.DataFrame, condition: str) -> pl.DataFrame:
    """The rows that a filter keeps."""
    import narwhals as nw

    frame = nw.from_native(rows)
    return frame.filter(parse_where(condition, frame.schema)).to_native()


def named(name: str, frame: pl.DataFrame) -> str:
    """A file of a table in the folder of all cases."""
    return csv(frame, f"integration/{name}")


# what the numbers are
MONTHS = [(year, month) for year in range(2000, 2012) for month in range(1, 13)]
_DRAW = np.random.default_rng(4)
_LEVEL = np.exp(np.cumsum(_DRAW.normal(0.002, 0.006, (len(MONTHS), 6, 5)), axis=0))
YEAR_ON_YEAR = pl.DataFrame(
    [
        (f"R{i}", year, month, f"k{k}", 100 * _LEVEL[t, i, k] / _LEVEL[t - 12, i, k])
        for t, (year, month) in enumerate(MONTHS)
        if t >= 12
        for i in range(6)
        for k in range(5)
    ],
    schema=["region", "year", "month", "commodity", "index"],
    orient="row",
)
LEVELS = pl.DataFrame(
    [
        (f"R{i}", year, f"k{k}", (10 + 40 * k) * _LEVEL[12 * t, i, k])
        for t, year in enumerate(range(2000, 2012))
        for i in range(6)
        for k in range(5)
    ],
    schema=["region", "year", "commodity", "index"],
    orient="row",
)
REBASED = pl.DataFrame(
    [
        (f"R{i}", year, month, f"k{k}", 100 * _LEVEL[t, i, k] / _LEVEL[72 if year >= 2006 else 0, i, k])
        for t, (year, month) in enumerate(MONTHS)
        for i in range(6)
        for k in range(5)
    ],
    schema=["region", "year", "month", "commodity", "index"],
    orient="row",
)


def from_file(measured: Callable[..., Any]) -> Callable[..., Any]:
    """The measure of prices in a file, which may be averaged over years as they are read."""

    @wraps(measured)
    def of_file(path: str, *, to_year: bool = False, **options: Any) -> Any:
        return measured(ig.read_prices([path], to_year=to_year), **options)

    return of_file


MONTHLY = named("year_on_year.csv", YEAR_ON_YEAR)
refused("overlapping changes of a year", "D230", from_file(index), MONTHLY)
refused(
    "overlapping changes in series",
    "U100",
    from_file(own.half_life),
    MONTHLY,
    basis="year_on_year",
    then=only("to_year=True", {"to_year": True, "basis": "detect"}),
)
refused("basis contradicted", "D231", index, LEVELS, basis="link")
SHORT = PRICES.filter(c("year") < 2002)
refused(
    "basis not told",
    "D230",
    index,
    SHORT,
    then=lambda call, e: [call.with_options(**way.give) for way in ways(e.remedy)],
)
refused("several bases", "D230", index, REBASED, then=filtered)
refused("several bases that are one", "D231", index, REBASED, basis="fixed", then=insisted)

# options of the relative-price method
refused("dispersion over one good", "U100", index, PRICES, k_min=1, **LINK)
refused("jackknife of two goods", "U100", index, PRICES, k_min=2, se="jackknife", **LINK)
refused("imputation", "U100", index, PRICES, missing="impute", **LINK)
refused("ratio of indices", "U100", index, SHORT, form="level_ratio", **LINK)
refused("window of another dispersion", "U100", index, PRICES, window=3, **LINK)
KM = pl.DataFrame(
    [(a, b, 100.0 + 30 * i) for i, a in enumerate(NAMES) for b in NAMES[i + 1 :]],
    schema=["from", "to", "distance"],
    orient="row",
)
refused("distances without a use", "U100", index, PRICES, distances=KM, **LINK)
refused(
    "wages as links",
    "U100",
    index,
    LEVELS.with_columns(c("index") * 500).filter(c("year") < 2002),
    goods_group="labour",
    **LINK,
)


def unsolved(prices: Any, **options: Any) -> Any:
    """The index where the effects of pairs are not found."""
    with patch("scipy.sparse.linalg.cg", lambda _, right, **__: (right * 0, 1)):
        return index(prices, **options)


refused("effects of pairs not found", "D211", unsolved, PRICES, demean="two_way", **LINK)
refused("one period for two-way means", "D206", index, PRICES.filter(c("year") == 2003), demean="two_way", **LINK)
refused(
    "no adjacent years",
    "D206",
    index,
    LEVELS.filter(c("year").is_in([2000, 2002])),
    basis="fixed",
    then=by("give prices of a further year", LEVELS.filter(c("year") < 2003)),
)
refused(
    "index of three regions",
    "D206",
    index,
    PRICES.filter(c("region") < "R3"),
    then=by("in every period", PRICES),
    **LINK,
)
THIN = PRICES.filter((c("year") != 2003) | (c("region") == "R0"))
refused(
    "more draws than are computed",
    "U100",
    own.split_half,
    PRICES,
    draws=10**11,
    then=only("1000000 or fewer", {"draws": 9}),
    **LINK,
)
refused("thin period refused", "D206", index, THIN, thin="refuse", **LINK)
APART_GOODS = PRICES.with_columns(
    place=(c("commodity").str.slice(1).cast(pl.Int64) - c("region").str.slice(1).cast(pl.Int64)) % 6
)
SHARED = APART_GOODS.filter(c("place") < 2)
refused("pairs with too few goods", "D206", index, SHARED, **LINK)
refused(
    "pairs with too few goods for any k_min",
    "D206",
    index,
    APART_GOODS.filter(c("place") < 1),
    then=by("the same goods", PRICES),
    **LINK,
)
NO_WEIGHT = PRICES.select(c("region").unique(), weight=0.0)
refused(
    "partners without weights",
    "D206",
    index,
    PRICES,
    partner_weights=NO_WEIGHT,
    then=only("above zero", {"partner_weights": NO_WEIGHT.with_columns(weight=1.0)}),
    **LINK,
)
ALIKE = PRICES.with_columns(index=pl.lit(101.0))
STAGE = Call(
    command, ("integration", csv(ALIKE, "alike.csv"), "--basis", "link", "--out", str(FOLDER / "alike_out.csv"))
)
CASES.append(
    Case(
        "no value of a measure",
        "D209",
        STAGE,
        done("give rows", lambda call: call.spelt(csv(ALIKE, "alike.csv"), csv(PRICES, "unlike.csv"))),
    )
)

# pairs, distances, places
refused("pair with a name unknown", "U101", index, PRICES, pairs=[("R2", "R9"), ("R1", "R2")], then=meant("R9"), **LINK)
refused(
    "pair with itself",
    "U100",
    index,
    PRICES,
    pairs=[("R0", "R0")],
    then=only("two different", {"pairs": [("R0", "R1")]}),
    **LINK,
)
refused("no pair", "D206", index, PRICES, pairs=[], **LINK)
refused(
    "pairs of letters",
    "U100",
    index,
    PRICES,
    pairs=["AB"],
    then=only("('A', 'B')", {"pairs": [("R0", "R1"), ("R0", "R2")]}),
    **LINK,
)
refused("reach of no number", "U100", index, PRICES, pairs="within:x", distances=KM, **LINK)
refused("reach too short", "D206", index, PRICES, pairs="within:1", distances=KM, **LINK)
FAR = KM.with_columns(**{"from": "x" + c("from"), "to": "x" + c("to")})
refused(
    "nearest of other names",
    "D206",
    index,
    PRICES,
    pairs="nearest:2",
    distances=FAR,
    then=only("names", {"distances": KM}),
    **LINK,
)
refused(
    "distance of zero",
    "D203",
    index,
    PRICES,
    partner_weights="distance",
    distances=KM.with_columns(distance=pl.lit(0.0)),
    then=only("correct it", {"distances": KM}),
    **LINK,
)
refused("word for weights misspelt", "U104", index, PRICES, partner_weights="equl", then=meant("equl"), **LINK)
refused(
    "distances without distance",
    "D201",
    index,
    PRICES,
    pairs="nearest:2",
    distances=KM.rename({"distance": "distanc"}),
    then=only("distance", {"distances": KM}),
    **LINK,
)
refused(
    "distances of text",
    "D202",
    index,
    PRICES,
    pairs="nearest:2",
    distances=KM.with_columns(distance=pl.lit("far")),
    then=only("correct the cells", {"distances": KM}),
    **LINK,
)
refused(
    "distances below zero",
    "D203",
    index,
    PRICES,
    pairs="nearest:2",
    distances=KM.with_columns(-c("distance")),
    then=only("correct", {"distances": KM}),
    **LINK,
)
BARE = text("region\n" + "\n".join(NAMES) + "\n", "integration/bare.csv")
PLACED = text(
    "region,x,y,neighbours,area\n"
    + "".join(f"{r},{i},{i % 3},{NAMES[i - 1]},{'AB'[i % 2]}\n" for i, r in enumerate(NAMES)),
    "integration/placed.csv",
)
PLACES = {"geography": PLACED}
FILES = {
    "km.csv": KM,
    "borders.csv": KM.select("from", "to").head(9),
    "groups.csv": pl.DataFrame({"region": NAMES, "group": ["a", "b"] * 4}),
}


def files(call: Call, error: Any) -> list[Call]:
    """Every way in options that the remedy offers, with files of those names."""
    found = []
    for way in ways(error.remedy):
        give = {n: PLACED if v == "regions.csv" else named(v, FILES[v]) for n, v in way.give.items()}
        found.append(call.with_options(**give))
    return found


def files_or(**changes: Any) -> Follow:
    """The same, and what the remedy says of the file that was given."""
    return lambda call, error: [*files(call, error), call.with_options(**changes)]


refused("regions of no country", "U101", index, PRICES, pairs="nearest:2", then=files, **LINK)
refused(
    "places of no region", "U101", index, PRICES, pairs="nearest:2", geography=BARE, then=files_or(**PLACES), **LINK
)
refused(
    "borders of no region", "U101", index, PRICES, pairs="adjacent", geography=BARE, then=files_or(**PLACES), **LINK
)
refused("areas of no region", "U100", index, PRICES, level="group", geography=BARE, then=files, **LINK)
refused("region of another country", "U101", index, PRICES, pairs="nearest:2", geography="MY", then=files, **LINK)
MALAYSIA = ["Johor", "Kedah", "Kelantan", "Melaka", "Perak", "Perlis", "Sabah", "Pulau Pinag"]
SLIP = PRICES.with_columns(c("region").replace_strict(NAMES, MALAYSIA))


def respelt(call: Call, error: Any) -> list[Call]:
    """The spelling that the remedy says is to be written, in the data."""
    right, wrong = (word.strip('"') for word in re.findall(r'"[^"]*"', error.remedy)[:2])
    right = right.replace("...", "Pulau Pinang")
    return [call.with_args(call.args[0].with_columns(c("region").replace(wrong, right)))]


refused("region with a slip", "U101", index, SLIP, pairs="nearest:2", geography="MY", then=respelt, **LINK)
refused(
    "region with a slip in a country that is not named", "U101", index, SLIP, pairs="nearest:2", then=respelt, **LINK
)
PART = SLIP.with_columns(c("region").replace("Pulau Pinag", "Pulau Pinang Barat"))
refused("region that says more than a state", "U101", index, PART, pairs="nearest:2", then=respelt, **LINK)
SIDES = dict.fromkeys(NAMES[1:], "a") | {"R00": "b"}
refused(
    "group of a region misspelt",
    "U100",
    index,
    PRICES,
    level="group",
    groups=SIDES,
    then=only("give it a group", {"groups": dict.fromkeys(NAMES, "a")}),
    **LINK,
)

# weights
WEIGHTS = pl.DataFrame(
    [(r, y, 1.0 + i) for i, r in enumerate(NAMES) for y in range(2000, 2006)],
    schema=["region", "year", "weight"],
    orient="row",
)
GOODS = pl.DataFrame([(f"k{k}", 1.0 + k) for k in range(6)], schema=["commodity", "weight"], orient="row")


def weighted(name: str, whole: pl.DataFrame) -> Follow:
    """The table of weights completed, and the filters that are printed."""
    return lambda call, error: [call.with_options(**{name: whole}), *filtered(call, error)]


refused(
    "weights without a year",
    "D210",
    index,
    PRICES,
    partner_weights=WEIGHTS.filter(c("year") > 2000),
    then=weighted("partner_weights", WEIGHTS),
    **LINK,
)
refused(
    "weights without regions",
    "D210",
    index,
    PRICES,
    partner_weights=WEIGHTS.filter(c("region") > "R1"),
    then=weighted("partner_weights", WEIGHTS),
    **LINK,
)
refused(
    "weights without goods",
    "D210",
    index,
    PRICES,
    good_weights=GOODS.filter(c("commodity") > "k1"),
    then=weighted("good_weights", GOODS),
    **LINK,
)

# trust
THREE = PRICES.filter((c("year") != 2003) | (c("commodity") < "k3"))
refused("halves of three goods", "D206", own.split_half, THREE, thin="refuse", draws=9, **LINK)
refused(
    "halves of three goods everywhere",
    "D206",
    own.split_half,
    PRICES.filter(c("commodity") < "k3"),
    draws=9,
    then=by("four goods", PRICES),
    **LINK,
)
refused(
    "regions in a chain",
    "D209",
    own.pure_regions,
    PRICES,
    pairs=[("R0", "R1"), ("R2", "R3"), ("R4", "R5"), ("R6", "R7")],
    **LINK,
)

# series
LONG = table("prices")
refused(
    "series too short",
    "D206",
    own.half_life,
    PRICES.filter(c("year") < 2003),
    then=by("give more periods", LONG),
    **LINK,
)
refused("Nickell with lags", "U100", own.half_life, LONG, bias="nickell", lags=1)
refused("lags below zero", "U100", own.half_life, LONG, lags=-1)
refused("confidence of two", "U100", own.half_life, LONG, confidence=2.0)
FEW = LONG.filter((c("region") != REGIONS[0]) | c("commodity").is_in(["food", "fuel"]))
refused("region with two goods", "D206", own.half_life, FEW, by="region", thin="refuse")
refused(
    "regions with two goods", "D206", own.half_life, LONG.filter(c("commodity").is_in(["food", "fuel"])), by="region"
)
refused("root with negative lags", "U100", own.panel_unit_root, LONG, lags=-1)
refused("band over few changes", "U100", own.threshold_band, LONG, least=5)
refused("factor of one year", "U100", own.factor_share, PRICES, window=1, **LINK)
refused("factor over too many years", "U100", own.factor_share, PRICES, window=50, **LINK)
ROADS = pl.DataFrame(
    [(a, b, 100.0 + 13 * i + 7 * j) for i, a in enumerate(REGIONS) for j, b in enumerate(REGIONS[i + 1 :])],
    schema=["from", "to", "distance"],
    orient="row",
)
OVER = dict(zip(REGIONS, "aabbaabb", strict=True))
ACROSS: dict[str, Any] = {"distances": ROADS, "groups": OVER, "draws": 19}
refused("border of few draws", "U100", own.border_width, LONG, **ACROSS | {"draws": 3})
refused(
    "border without distances",
    "D210",
    own.border_width,
    LONG,
    **ACROSS | {"distances": FAR},
    then=only("the same way", {"distances": ROADS}),
)
SIDED = named("sides.csv", pl.DataFrame({"region": REGIONS, "side": list(OVER.values())}))
refused(
    "border with one side",
    "D209",
    own.border_width,
    LONG,
    **ACROSS | {"groups": dict.fromkeys(REGIONS, "a")},
    then=only("sides.csv", {"groups": SIDED}),
)
ONE_SIDED = LONG.filter((c("commodity") != "food") | c("region").is_in([r for r, side in OVER.items() if side == "a"]))
refused("good on one side refused", "D209", own.border_width, ONE_SIDED, thin="refuse", **ACROSS)

# cycles, surveys
GDP = table("gdp")
refused("correlation of two years", "U100", own.business_cycle, GDP, window=2)
refused("cycle of one year", "U100", own.business_cycle, GDP, filter="baxter_king", low=1)
refused("smoothing of zero", "U100", own.business_cycle, GDP, smoothing=0)
SURVEY = table("survey")
refused("scale without points", "U100", own.survey_score, SURVEY, lowest=5, highest=1)
refused("scores off the scale", "D203", own.survey_score, SURVEY, highest=3)
ITEMS = sorted(SURVEY["item"].unique())
refused(
    "weight of an item misspelt",
    "U101",
    own.survey_score,
    SURVEY,
    items={**dict.fromkeys(ITEMS[1:], 1.0), f"{ITEMS[0]}s": 1.0},
    then=meant(f"{ITEMS[0]}s"),
)
refused(
    "items without weights",
    "U100",
    own.survey_score,
    SURVEY,
    items=dict.fromkeys(ITEMS[2:], 1.0),
    then=lambda call, e: [*filtered(call, e), call.with_options(items=dict.fromkeys(ITEMS, 1.0))],
)

# production
OUTPUT = table("output")
refused(
    "output of one region",
    "D206",
    own.krugman,
    OUTPUT.filter(c("region") == REGIONS[0]),
    then=by("more regions", OUTPUT),
)


def renamed(new: str, *others: Mapping[str, Any]) -> Follow:
    """The column that the remedy says is to be mapped, and other options that it names."""

    def follow(call: Call, error: Any) -> list[Call]:
        assert f'"{new}"' in error.remedy
        assert all(one in [way.give for way in ways(error.remedy)] for one in others)
        return [
            call.with_args(call.args[0].rename({"own": new}), *call.args[1:]),
            *(call.with_options(**one) for one in others),
        ]

    return follow


VALUES = OUTPUT.rename({"value": "own"})
refused("output without value", "D201", own.krugman, VALUES, then=renamed("value", {"basis": "employment"}))
refused("shock of no column", "D201", own.regional_shock, VALUES, then=renamed("value", {"variable": "employment"}))
refused(
    "output without plants",
    "D201",
    own.ellison_glaeser,
    OUTPUT.rename({"plants": "own"}).drop("size_squared"),
    then=renamed("plants"),
)
refused(
    "squares too large",
    "D203",
    own.ellison_glaeser,
    OUTPUT.with_columns(size_squared=c("employment") ** 2 * 4),
    then=given(),
)
APART = OUTPUT.with_columns(
    value=pl.when(c("industry") < "30").then("value"), employment=pl.when(c("industry") > "30").then("employment")
)
refused("output and workers apart", "D206", own.theil, APART, then=by("both columns", OUTPUT))
refused(
    "growth of one region",
    "D206",
    own.regional_shock,
    OUTPUT.filter(c("region") == REGIONS[0]),
    then=by("several regions", OUTPUT),
)

# flows
FLOWS = table("flows")
BETWEEN, NEAR = FLOWS.filter(c("origin") != c("destination")), FLOWS.drop("distance")
AREAS = GDP.filter(c("year").is_between(2004, 2008))
refused(
    "flows of two regions",
    "D206",
    own.head_ries,
    FLOWS.filter(c("origin").is_in(REGIONS[:2]) & c("destination").is_in(REGIONS[:2])),
    then=by("more regions", FLOWS),
)
refused("flows without internal ones", "D209", own.head_ries, BETWEEN, then=by("origin = destination", FLOWS))
refused("elasticity of trade below one", "D203", own.head_ries, FLOWS, sigma=0.5)
refused("elasticity of flows below one", "D203", own.log_odds, FLOWS, sigma=0.5)


def distances(call: Call, error: Any) -> list[Call]:
    """A column distance, or places with areas, or the options that the remedy names."""
    offered = {name: value for way in ways(error.remedy) for name, value in way.give.items()}
    assert offered.pop("geography") is ...
    found = [call.with_options(**{name: value}) for name, value in offered.items()]
    return [call.with_args(FLOWS), call.with_options(geography="CN", gdp=AREAS), *found]


for measured in (own.log_odds, own.border_regression, own.gravity):
    refused(f"{measured.__name__}: no distances", "D201", measured, NEAR, then=distances)
INSIDE = FLOWS.with_columns(distance=pl.when(c("origin") != c("destination")).then("distance"))
refused(
    "no internal distances",
    "D201",
    own.log_odds,
    INSIDE,
    then=done("area of each region", lambda call: [call.with_args(FLOWS), call.with_options(gdp=AREAS)]),
)
refused(
    "years without internal flows",
    "D209",
    own.gravity,
    BETWEEN,
    distance="none",
    then=by("origin = destination", FLOWS),
)
refused("no table of GDP", "U100", own.log_odds, FLOWS, supply="gdp", then=given(gdp=AREAS))
refused(
    "no prices in the table",
    "D201",
    own.log_odds,
    FLOWS,
    AREAS.drop("price"),
    price=True,
    then=by("price", FLOWS, AREAS),
)
refused(
    "no flow above zero",
    "D206",
    own.log_odds,
    FLOWS.with_columns(value=pl.lit(0.0)),
    distance="none",
    then=by("flows above zero", FLOWS),
)
SMALL = FLOWS.filter((c("year") != 2006) | (c("origin").is_in(REGIONS[:2]) & c("destination").is_in(REGIONS[:2])))
refused("slopes of a thin year", "D206", own.border_regression, SMALL, thin="refuse")
refused("odds of a thin year", "D206", own.log_odds, SMALL, slopes="year", thin="refuse")
LEAST = SMALL.filter(c("year") == 2006)
refused(
    "pooled slopes of few flows",
    "D206",
    own.log_odds,
    LEAST.vstack(FLOWS.filter((c("year") == 2006) & (c("origin") == REGIONS[0]) & (c("destination") == REGIONS[2]))),
    then=by("more regions or years", FLOWS),
)
refused("pairs absorb one year", "U100", own.gravity, FLOWS.filter(c("year") == 2006), effects="three_way")
A, B, *OTHERS = REGIONS
BRIDGE = [
    (A, OTHERS[0]),
    (A, OTHERS[1]),
    (B, OTHERS[0]),
    (B, OTHERS[1]),
    (A, A),
    (OTHERS[2], A),
    (OTHERS[2], OTHERS[3]),
    (OTHERS[4], A),
    (OTHERS[4], OTHERS[3]),
]
ABSORBED = FLOWS.filter(pl.concat_list("origin", "destination").is_in([list(ends) for ends in BRIDGE])).with_columns(
    value=pl.max_horizontal("value", 1.0)
)
refused(
    "border absorbed",
    "D209",
    own.gravity,
    ABSORBED.filter(c("year") == 2006),
    distance="none",
    then=by("more regions", FLOWS),
)
refused(
    "border of a year absorbed",
    "D209",
    own.gravity,
    FLOWS.filter(c("year") != 2006).vstack(ABSORBED.filter(c("year") == 2006)),
    distance="none",
    thin="refuse",
)
refused(
    "few flows of gravity",
    "D206",
    own.gravity,
    FLOWS.filter(c("origin") == c("destination")).vstack(BETWEEN.head(1)),
    distance="none",
    then=by("more regions", FLOWS),
)

# measures compared
RANKS = pl.DataFrame(
    [(r, y, i + y % 3 + 0.1 * i * y) for i, r in enumerate(NAMES) for y in range(2000, 2006)],
    schema=["region", "year", "integration"],
    orient="row",
)
compare = own.compare_measures
refused(
    "compared measure unknown", "U101", compare, {"first": RANKS, "second": RANKS}, reverse=["frst"], then=meant("frst")
)
refused(
    "measure alone", "D206", compare, {"first": RANKS}, then=by("another measure", {"first": RANKS, "second": RANKS})
)
refused(
    "compared measure without its column",
    "D201",
    compare,
    {"first": RANKS, "second": RANKS.rename({"integration": "x"})},
    then=done('columns={"second"', lambda call: call.with_options(columns={"second": "x"})),
)
refused(
    "compared measure without regions",
    "D201",
    compare,
    {"first": RANKS, "second": RANKS.rename({"region": "own"})},
    then=by("region", {"first": RANKS, "second": RANKS}),
)
TWICE = RANKS.with_columns(kind=pl.lit("a")).vstack(RANKS.with_columns(kind=pl.lit("b")))
refused(
    "measure of pairs",
    "U100",
    compare,
    {"first": RANKS, "second": TWICE},
    then=by("level", {"first": RANKS, "second": RANKS}),
)
refused(
    "measures of other regions",
    "D210",
    compare,
    {"first": RANKS, "second": RANKS.with_columns(region="x" + c("region"))},
    then=by("the same way", {"first": RANKS, "second": RANKS}),
)

# what was refused without a remedy
refused(
    "cycles of one region",
    "D206",
    own.business_cycle,
    GDP.filter(c("region") == REGIONS[0]),
    then=by("more regions", GDP),
)
refused(
    "cycles of few years", "D206", own.business_cycle, GDP.filter(c("year") < 2000), filter="baxter_king", then=given()
)
refused("variance over few periods", "D206", index, PRICES, dispersion="over_time", window=9, then=given(), **LINK)
refused("window of a negative length", "U100", own.factor_share, PRICES, window=-1, **LINK)
refused("window of two periods", "U100", index, PRICES, dispersion="over_time", window=2, **LINK)
refused(
    "groups of one column",
    "U100",
    index,
    PRICES,
    level="group",
    groups=pl.DataFrame({"region": NAMES}),
    then=only("two columns of names", {"groups": FILES["groups.csv"]}),
    **LINK,
)
refused(
    "distances of three names",
    "U100",
    index,
    PRICES,
    pairs="nearest:2",
    distances=KM.with_columns(road=pl.lit("A1")),
    then=only("leave other columns out", {"distances": KM}),
    **LINK,
)
refused("component of two regions", "D206", own.pure_region, [1.0, 2.0], then=by("more regions", [1.0, 2.0, 1.5]))
SAME = PRICES.with_columns(index=100.0 + c("commodity").str.slice(1).cast(pl.Int64))
refused("index that does not vary", "D209", own.noise_share, SAME, then=by("prices differ", PRICES), **LINK)
refused("halves that do not vary", "D209", own.split_half, SAME, draws=3, then=by("prices differ", PRICES), **LINK)
refused(
    "weights of three names",
    "U100",
    index,
    PRICES,
    partner_weights=WEIGHTS.with_columns(a=pl.lit("x"), b=pl.lit("y")),
    then=only("leave other columns out", {"partner_weights": WEIGHTS}),
    **LINK,
)
refused(
    "weights twice",
    "D204",
    index,
    PRICES,
    partner_weights=pl.concat([WEIGHTS, WEIGHTS]),
    then=only("keep one row", {"partner_weights": WEIGHTS}),
    **LINK,
)
refused(
    "weights of items",
    "U100",
    index,
    PRICES,
    good_weights=GOODS.rename({"commodity": "item"}),
    then=only("'commodity'", {"good_weights": GOODS}),
    **LINK,
)
refused("series too short for a band", "D206", own.threshold_band, LONG.filter(c("year") < 1990), draws=0)

# neighbours that no country knows
HESSE = ["Darmstadt", "Gießen", "Kassel", "Tirol", "Salzburg", "Steiermark", "Kärnten", "Vorarlberg"]
OF_HESSE = PRICES.with_columns(c("region").replace_strict(NAMES, HESSE))
BORDERS = named("borders_of_hesse.csv", pl.DataFrame({"a": HESSE[:-1], "b": HESSE[1:]}))
NEIGHBOURS = text(
    "region,neighbours\n" + "".join(f"{r},{HESSE[i - 1]}\n" for i, r in enumerate(HESSE)), "integration/hesse.csv"
)


def borders(call: Call, error: Any) -> list[Call]:
    """A file of the regions, one of pairs, or the nearest."""
    assert [way.give["pairs"] for way in ways(error.remedy)] == ["borders.csv", "nearest:4"]
    assert "a file with their outlines" in error.remedy
    found = [call.with_options(geography=NEIGHBOURS), call.with_options(pairs=BORDERS)]
    return [*found, call.with_options(pairs="nearest:4")]


refused("neighbours not known", "U101", index, OF_HESSE, pairs="adjacent", geography="EU2", then=borders, **LINK)
refused(
    "neighbours of a region not known",
    "U101",
    lambda geography, name: ig.sources.read_geography(geography).neighbours(name),
    "EU2",
    HESSE[0],
    then=done("with a column of neighbours", lambda call: call.with_args(NEIGHBOURS, HESSE[0])),
)
