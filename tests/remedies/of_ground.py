"""Remedies of the ground floor, judge/, report/, published/, simulation/ and the command line's own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl

import integrade as ig
from integrade import plot
from integrade.engine import frames
from integrade.estimate.linear import Fit
from integrade.records.catalogue import find
from integrade.records.plugins import load_file, load_files
from integrade.records.question import Question
from integrade.records.schema import conform
from integrade.report.addresses import addressed, table_named
from integrade.report.addresses import find as find_place
from integrade.report.document import _check_once as check_once
from integrade.report.model_figures import _term
from integrade.report.printed import PrintedTable
from integrade.report.regression import regression_table
from integrade.report.rows import Row
from integrade.report.style import save_figure
from integrade.report.tables import _of as question_tables
from integrade.report.write import check_asked
from integrade.simulation.customs import simulate_customs
from integrade.simulation.dta import write_dta
from integrade.simulation.options import Economy
from integrade.simulation.production import simulate_production
from integrade.subjects import questions
from integrade.subjects.robustness.model import Variants
from integrade.verdicts.hypotheses import Known, check_rule
from integrade.verdicts.registered import Hypothesis, judged
from remedies.frame import Call, Cases, Follow, done, given, meant, ways
from remedies.tables import FOLDER, PANEL, PRICES, F, csv, text
from tablecheck import read_printed

CASES = Cases()
refused = CASES.refused
P, Q = PANEL, ig.questions


def only(says: str, **options: Any) -> Follow:
    """What a remedy says in prose, done by an option."""
    return done(says, lambda call: call.with_options(**options))


def by(says: str, *args: Any) -> Follow:
    """What a remedy says in prose, done by other arguments."""
    return done(says, lambda call: call.with_args(*args))


# options by name
refused("option unknown", "U101", ig.fit, P, F, vcv="iid", then=meant("vcv"))
refused(
    "option of a question unknown",
    "U101",
    Q.randomisation,
    P,
    F,
    "x",
    permutation=9,
    then=meant("permutation"),
    later="varies within",
)
refused("choice unknown", "U101", ig.fit, P, F, vcov="cr1", cluster="region", then=meant("cr1"))
refused(
    "value of another type", "U100", ig.fit, P, F, wild="many", cluster="region", then=only("a whole number", wild=9)
)
refused("option left out", "U100", ig.demand_residual, P, then=given(sigma=5), later="is missing from")
refused(
    "mapping for options",
    "U100",
    ig.fit,
    P,
    F,
    {"vcov": "iid"},
    then=done("all of a mapping with **", lambda _: Call(ig.fit, (P, F), {"vcov": "iid"})),
)
refused(
    "value for options",
    "U100",
    ig.fit,
    P,
    F,
    "region",
    then=lambda _, e: [Call(ig.fit, (P, F), dict(ways(e.remedy)[0].give)), Call(ig.fit, (P, F), {"options": Fit()})],
)


# records of measures and questions, in a file of one's own
MEASURE = '''
import integrade as ig


@ig.measure(family="integration", needs="prices", adds={"integration": "ln units"})
def own_gap(prices, *, times: float = 1.0):
    """Nothing at all.

    Parameters
    ----------
    times
        What it is multiplied with.
    """
    rows = prices.polars().select("region", "year").unique()
    return rows.with_columns(integration=times * rows["year"])
'''
QUESTION = '''
from dataclasses import dataclass

import integrade as ig
from integrade.study.sections import Strict


class Section(Strict):
    pass


@dataclass(frozen=True)
class Found:
    n: int


@ig.question("own_question", result=Found, place=990, options=Section)
def own_question(asked, section):
    """Count."""
    return Found(1)
'''
TWICE = PrintedTable("P1", "Means", ("", "Value"), (Row("text", ("Mean", "1")),))
RULE = '''
import integrade as ig


@ig.hypothesis("Large", "The sample is large.")
def large(results):
    """Large."""
    return "supported", "N = 9."
'''


def plugin(source: str) -> None:
    """A file of one's own, run and forgotten."""
    questions()
    load_file(Path(text(source, "mine.py")))
    load_files(())


def named(path: Path) -> None:
    """A file of one's own by its name, run and forgotten."""
    load_file(path)
    load_files(())


def measured(source: str) -> Any:
    """What the measure of a file gives."""
    load_file(Path(text(source, "measured.py")))
    try:
        return find("integration", "own_gap")({"prices": PRICES})
    finally:
        load_files(())


def source(says: str, old: str, new: str) -> Follow:
    """What a remedy says in prose, done in the file."""
    return done(says, lambda call: call.with_args(call.args[0].replace(old, new)))


def wrong(text_of: str, old: str, new: str) -> str:
    """A file with a mistake."""
    assert old in text_of
    return text_of.replace(old, new)


refused(
    "family unknown",
    "U101",
    plugin,
    wrong(MEASURE, '"integration", needs', '"integraton", needs'),
    then=meant("integraton"),
)
refused(
    "table of a measure unknown",
    "U101",
    plugin,
    wrong(MEASURE, '"prices"', '"pries"').replace("(prices,", "(pries,"),
    then=lambda c, e: [
        c.with_args(c.args[0].replace("pries", one.args[0].split('needs="')[1].split('"')[0]))
        for one in meant("pries")(c, e)
    ],
)
refused(
    "table is not an argument",
    "U100",
    plugin,
    wrong(MEASURE, "(prices, *", "(rows, *"),
    then=lambda c, e: [c.with_args(c.args[0].replace("def own_gap(rows, ", e.remedy.replace("...)", "")))],
)
refused(
    "measure without a table",
    "U100",
    plugin,
    wrong(MEASURE, 'needs="prices"', "needs=()"),
    then=lambda c, e: [c.with_args(c.args[0].replace("needs=()", e.remedy.split(", the")[0]))],
)
refused(
    "option before the star",
    "U100",
    plugin,
    wrong(MEASURE, "prices, *, times: float = 1.0", "prices, times=1.0"),
    then=lambda c, e: [
        c.with_args(
            c.args[0].replace("def own_gap(prices, times=1.0)", e.remedy.split("star: ")[1].replace("...", "1.0"))
        )
    ],
)
refused(
    "measure of a taken name",
    "U100",
    plugin,
    wrong(MEASURE, "own_gap", "relative_price"),
    then=source("another name", "def relative_price", "def own_gap"),
)
refused(
    "plugin misspelt",
    "U104",
    named,
    Path(text(MEASURE, "theirs.py")).with_name("thers.py"),
    then=lambda c, e: [
        c.with_args(FOLDER / one.args[0]) for one in meant("thers.py")(Call(load_file, ("thers.py",)), e)
    ],
)
refused(
    "plugin is not Python",
    "U106",
    plugin,
    wrong(MEASURE, "1.0):", "1.0)"),
    then=source("correct that line", "1.0)\n", "1.0):\n"),
)
refused("plugin fails", "U106", plugin, MEASURE + "x = 1 / 0\n", then=source("correct the file", "1 / 0", "1 / 1"))
refused(
    "measure without its column",
    "D201",
    measured,
    wrong(MEASURE, "(integration=", "(gap="),
    then=lambda c, e: [
        *source("return it, or declare in the decorator", "(gap=", "(integration=")(c, e),
        c.with_args(c.args[0].replace('{"integration"', '{"gap"')),
    ],
)
refused(
    "measure with rows twice",
    "D204",
    measured,
    wrong(MEASURE, ".unique()", ""),
    then=source("one row for each", '"year")', '"year").unique()'),
)
refused(
    "question of a bad name",
    "U100",
    plugin,
    wrong(QUESTION, '"own_question"', '"Price gap"'),
    then=lambda c, e: [c.with_args(c.args[0].replace("Price gap", e.remedy.split('"')[1]))],
)
refused(
    "question of a taken name",
    "U100",
    plugin,
    wrong(QUESTION, '"own_question"', '"lags"'),
    then=source("another", '"lags"', '"own_question"'),
)
refused(
    "question of a reserved name",
    "U100",
    plugin,
    wrong(QUESTION, '"own_question"', '"prices"'),
    then=source("another", '"prices"', '"own_question"'),
)
refused(
    "question without a section",
    "U100",
    plugin,
    wrong(QUESTION, "(Strict)", ""),
    then=lambda c, e: [c.with_args(c.args[0].replace("class Section", f"class Section({e.remedy.split('.')[-1]})"))],
)
TABLED = wrong(QUESTION, "options=Section", "options=Section, tables=lambda results: ()")
refused(
    "question with tables of no place",
    "U100",
    plugin,
    TABLED,
    then=lambda c, e: [
        c.with_args(c.args[0].replace("options=Section", f"options=Section, {e.remedy.split(' as in ')[1]}"))
    ],
)
for mistake in ("table 1", "A6b"):
    refused(
        f"question with a table at {mistake}",
        "U100",
        plugin,
        wrong(TABLED, "options=Section", f'options=Section, places=("{mistake}",)'),
        then=lambda c, e, mistake=mistake: [c.with_args(c.args[0].replace(mistake, e.remedy.split('"')[1]))],
    )


def tables_of(numbers: tuple[str, ...], places: tuple[str, ...]) -> Any:
    """The tables of a question of one's own, at these numbers."""
    row = Row("text", ("Mean", "1"))
    made = [PrintedTable(number, f"Number {i}", ("", "Value"), (row,)) for i, number in enumerate(numbers)]
    return question_tables(Question("own", lambda *_: None, None, 990, tables=lambda _: made, places=places), None)


refused(
    "table at a place that is not declared",
    "U100",
    tables_of,
    ("P1", "P2"),
    ("P1",),
    then=lambda c, e: [c.with_args(c.args[0], (*c.args[1], e.remedy.split('"')[1]))],
)
refused(
    "two tables at one place",
    "U100",
    tables_of,
    ("P1", "P1"),
    ("P1",),
    then=done("another number, and add it to the places", lambda call: call.with_args(("P1", "P2"), ("P1", "P2"))),
)
refused(
    "a table in two sections",
    "U100",
    check_once,
    [("One", (TWICE,)), ("Two", (TWICE,))],
    then=done("in only one section", lambda call: call.with_args([("One", (TWICE,)), ("Two", ())])),
)
refused(
    "hypothesis of a taken name",
    "U100",
    plugin,
    wrong(RULE, '"Large"', '"H1"'),
    then=source("another name", '"H1"', '"Large"'),
)


def judgement(found: Any) -> Any:
    """The judgement of a hypothesis that returns this."""
    return judged(Hypothesis("Large", "The sample is large.", lambda _: found), SimpleNamespace())  # type: ignore[arg-type]


refused(
    "hypothesis without a sentence",
    "U106",
    judgement,
    "yes",
    then=lambda c, e: [c.with_args(tuple(e.remedy.split('"')[1::2]))],
)
refused("measure unknown", "U101", find, "integration", "krugmann", then=meant("krugmann"))

# engines and tables
refused("no table", "U100", ig.fit, [1, 2], F, then=by("give a pandas, Polars", P, F))


def budget(size: str) -> int:
    """The memory budget under an environment."""
    with patch.dict(os.environ, {"INTEGRADE_MEMORY": size}):
        return frames.memory_budget()


TWELVE = done("INTEGRADE_MEMORY=12GB", lambda c: c.with_args("12GB"))
refused("memory of no size", "U100", budget, "much", then=TWELVE)
refused("memory of nothing", "U100", budget, "0M", then=TWELVE)

# canonical tables
LONG = PRICES.filter(pl.col("year") < 2003)


def prices(frame: Any, **options: Any) -> Any:
    """The door of prices."""
    return ig.relative_price(frame, basis="link", **options)


refused(
    "column missing",
    "D201",
    prices,
    LONG.rename({"index": "indx"}),
    then=done(
        'columns={"OLD": "index"}', lambda c: c.with_args(LONG.rename({"index": "indx"}).rename({"indx": "index"}))
    ),
)
CODES = pl.DataFrame(
    {
        "firm": ["a", "b"],
        "product": [101, 102],
        "destination": ["USA", "JPN"],
        "year": 2004,
        "value": 1.0,
        "quantity": 1.0,
    }
)


def customs(frame: pl.DataFrame, **options: Any) -> Any:
    """Customs records of a file."""
    path = FOLDER / "codes.parquet"
    frame.write_parquet(path)
    return ig.read_customs(str(path), **options)


refused(
    "codes as numbers",
    "D207",
    customs,
    CODES,
    then=lambda c, e: [c.with_options(**ways(e.remedy)[0].give), c.with_args(CODES.cast({"product": pl.String}))],
)
refused(
    "codes with decimals",
    "D207",
    customs,
    CODES.with_columns(product=8471.3),
    pad={"product": 6},
    then=done("store the full codes", lambda c: c.with_args(CODES.cast({"product": pl.String}))),
)
INDUSTRIES = pl.DataFrame({"firm": ["F1", "F2"], "year": 2004, "region": "Anhui", "industry": [6, 13]})
refused(
    "length of no column",
    "D201",
    conform,
    INDUSTRIES,
    "panel",
    pad={"industri": 2},
    then=lambda c, e: [c.with_options(pad={"industry": 2})] if "industry" in e.remedy else [],
)
refused("table empty", "D205", prices, LONG.clear(), then=by("check the file", LONG))
refused(
    "no usable row",
    "D205",
    prices,
    LONG.with_columns(index=pl.lit(None, dtype=pl.Float64)),
    then=by("see the reasons above", LONG),
)
JUNK = LONG.cast({"index": pl.String}).with_columns(
    index=pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("n/k")).otherwise("index")
)


def file_of_prices(frame: pl.DataFrame, **options: Any) -> Any:
    """Prices of a file."""
    return ig.read_prices(csv(frame, "junk.csv"), **options)


refused(
    "text in numbers",
    "D202",
    file_of_prices,
    JUNK,
    then=lambda c, e: [c.with_args(LONG), *_filtered(c, e, 'index != "n/k"')],
)
NOUGHT = LONG.with_columns(index=pl.when(pl.int_range(pl.len()) == 3).then(0.0).otherwise("index"))
refused(
    "index of nought",
    "D203",
    file_of_prices,
    NOUGHT,
    then=lambda c, e: [c.with_args(LONG), *_filtered(c, e, "index > 0")],
)
KINDS = pl.concat([LONG.with_columns(note=pl.lit(kind)) for kind in ("first", "again")])
HALVES = pl.concat([LONG.with_columns(half=pl.col("region") + at) for at in (" North", " South")])
refused("kinds of rows", "D204", file_of_prices, KINDS)
refused("halves of regions", "D204", file_of_prices, HALVES)


def _once_each(call: Call, error: Any) -> list[Call]:
    assert "keep one row per key" in error.remedy
    return [call.with_args(LONG)]


refused("key twice", "D204", file_of_prices, pl.concat([LONG, LONG.head(1)]))
MONTHLY = LONG.join(pl.DataFrame({"mc": ["styczeń", "luty", "marzec"]}), how="cross")
NOVEMBER = LONG.with_columns(month=pl.lit("listopad"))
refused(
    "month of two languages",
    "D214",
    file_of_prices,
    NOVEMBER,
    then=done("write the months as 1 to 12", lambda c: c.with_args(LONG.with_columns(month=11))),
)
refused("months under another heading", "D204", file_of_prices, MONTHLY)
OTHER = pl.col("index") + 0.5
refused("key with two values", "D204", file_of_prices, pl.concat([LONG, LONG.head(2).with_columns(OTHER)]))
MANY = pl.concat([LONG, LONG.head(9).with_columns(OTHER)])
refused("many keys with two values", "D204", file_of_prices, MANY, then=_once_each)


def _filtered(call: Call, error: Any, condition: str) -> list[Call]:
    assert "leave the rows out with where" in error.remedy or "leave the others out with where" in error.remedy
    return [call.with_options(where=condition)]


# rules of hypotheses of one's own
KNOWN = Known(terms=("market", "market^2"), splits=("area",), versions=("other",))
refused("result unknown", "U101", check_rule, "u_tst_p < 0.05", KNOWN, then=meant("u_tst_p"))
refused("term of a rule unknown", "U101", check_rule, "b(markt) < 0", KNOWN, then=meant("markt"))
refused(
    "rule without a comparison",
    "U102",
    check_rule,
    "u_test_p",
    KNOWN,
    then=by("compares numbers and names of results", "u_test_p < 0.05", KNOWN),
)
for rule in ('b(market) < 0 in "area: East"', '0 < b(market) < 1 in "other" and u_test_p < 0.05'):
    refused(
        f"version behind a comparison: {rule}",
        "U102",
        check_rule,
        rule,
        KNOWN,
        then=lambda c, e: [c.with_args(e.remedy.removeprefix("write "), KNOWN)],
    )

# tables and figures
FIT = ig.fit(P, "y ~ x + z | firm + year", cluster="region")
TABLE = addressed(regression_table({"(1)": FIT, "(2)": ig.fit(P, F)}, number="4"))


def place(rest: str) -> Any:
    """A number of the table."""
    return find_place(TABLE, rest)


def ends(old: str, remedy: str) -> str:
    """What a remedy tells to ask for, without the name of the table."""
    return remedy.rpartition("table4.")[2] or old


refused("table unknown", "U101", lambda name: table_named([TABLE], name), "tabel4", then=meant("tabel4"))
refused("column of a table unknown", "U101", place, "3.x", then=by("known: 1, 2", "1.x"))
refused("row of a table unknown", "U101", place, "1.xx", then=meant("xx"))
refused("quantity unknown", "U101", place, "1.x.sd", then=meant("sd"))
refused("cell is blank", "U101", place, "2.z", then=lambda c, e: [c.with_args(f"{e.remedy.rpartition(' ')[2]}.z")])
refused("no coefficient", "U101", place, "1.n.se", then=lambda c, e: [c.with_args(ends(c.args[0], e.remedy))])
refused(
    "format of a table unknown",
    "U100",
    TABLE.save,
    FOLDER / "t.doc",
    then=lambda c, e: [
        c.with_args(FOLDER / f"t{one.args[0]}") for one in meant(".doc")(Call(TABLE.save, (".doc",)), e)
    ],
)
refused("statistic unknown", "U101", regression_table, {"(1)": FIT}, stats=("nobs",), then=meant("nobs"))
refused("layout unknown", "U101", regression_table, {"(1)": FIT}, layout="papr", then=meant("papr"))
refused("table without columns", "U100", regression_table, {}, then=by("a heading and a fit", {"(1)": FIT}))
CHART = plot.coefficients(FIT, ["x"])
refused(
    "format of a figure unknown",
    "U100",
    save_figure,
    CHART,
    FOLDER / "f.gif",
    then=lambda c, e: [
        c.with_args(CHART, FOLDER / f"f{one.strip()}") for one in e.remedy.removeprefix("known: ").split(",")
    ],
)
refused("term of a figure unknown", "U101", plot.coefficients, FIT, ["xx"], then=meant("xx"))
refused(
    "no coefficient to draw",
    "D205",
    plot.coefficients,
    FIT,
    [],
    then=done("name terms of the fits, or leave terms out", lambda c: [c.with_args(FIT, ["x"]), c.with_args(FIT)]),
)
refused("estimate of a figure unknown", "U101", _term, FIT, "xx", then=meant("xx"))
refused("format of a report unknown", "U101", check_asked, ("htm",), "en", then=meant("htm"))
refused("language of a report unknown", "U101", check_asked, ("html",), "cn", then=by("known: en, zh", ("html",), "zh"))
CURVE = Q.specification_curve(
    P,
    treatment="m",
    outcomes=("y",),
    controls=("x",),
    effects=("firm + year",),
    permutations=0,
    draws=0,
    cluster="region",
)
refused("target unknown", "U101", plot.specifications, CURVE, "slope_p1", then=meant("slope_p1"))
refused("order of coefficients unknown", "U101", plot.coefficients, FIT, order="szie", then=meant("szie"))
GROUPS = Q.compare_groups(
    P, "y ~ m + m^2 | firm + year", "kind", treatment="m", permutations=0, cluster="region", vcov="CR1"
)
refused("term of groups unknown", "U101", plot.groups, GROUPS, target="mm", then=meant("mm"))
refused(
    "steepness of groups apart", "D205", plot.groups, replace(GROUPS, strengths=()), target="steepness", then=given()
)
refused("slopes of groups apart", "D205", plot.groups, replace(GROUPS, middle=(2.0, 1.0)), then=given())
CHANGES = ig.robustness(
    P, "y ~ m + m^2 | firm + year", "m", checks=("leave_out",), leave_out=("region",), cluster="region", vcov="CR1"
)
refused("quantity of a forest unknown", "U101", plot.robustness, CHANGES, "m", "p51", then=meant("p51"))
refused("forest of nothing", "D205", plot.robustness, Variants(()), "m", then=by("at least one check", CHANGES, "m"))
refused(
    "forest without an estimate",
    "D205",
    plot.robustness,
    Variants((replace(CHANGES[0], b1=None, turning_point=None),)),
    "m",
    then=by("see the notes of the result", CHANGES, "m"),
)
refused("left out of no column", "U101", plot.leave_one_out, CHANGES, "m", "regions", then=meant("regions"))
refused(
    "left out nothing",
    "U101",
    plot.leave_one_out,
    Variants(CHANGES.variants[:1]),
    "m",
    "region",
    then=lambda c, e: [
        c.with_args(
            ig.robustness(P, F, "x", checks=("leave_out",), cluster="region", **ways(e.remedy)[0].give), "x", "region"
        )
    ],
)
refused(
    "left out and not estimated",
    "D205",
    plot.leave_one_out,
    Variants((CHANGES[0], replace(CHANGES[1], each=()))),
    "m",
    "region",
    then=by("leave out the levels of another", CHANGES, "m", "region"),
)
refused("distribution of no column", "U103", plot.distributions, P, "yy", then=meant("yy"))
refused(
    "distribution of text", "D202", plot.distributions, P.cast({"w": pl.String}), "w", then=by("convert it", P, "w")
)
refused(
    "distribution of nothing",
    "D205",
    plot.distributions,
    P.with_columns(y=pl.lit(None, pl.Float64)),
    "y",
    then=by("fill it", P, "y"),
)
refused("distribution of single rows", "D205", plot.distributions, P, "y", "firm", then=by("leave `by` out", P, "y"))
WEAK = Q.weak_iv(P, "y ~ w | firm + year | x ~ z", draws=0)
refused("set of no target", "U101", plot.anderson_rubin, WEAK, "xx", then=meant("xx"))
refused(
    "set without its statistic",
    "D205",
    plot.anderson_rubin,
    replace(WEAK, sets=(replace(WEAK.sets[0], behind=None),)),
    then=by("ask ig.questions.weak_iv again", WEAK),
)
LAGS = ig.lag_table(P, "y ~ m | firm + year", variable="m", lags=(1,), leads=(), include_square=False, cluster="region")
refused("lags at a level of percent", "U100", plot.lags, LAGS, level=95, then=given())
refused("lags with too few draws", "U100", plot.lags, LAGS, draws=10, then=given())
refused("lags one by one", "D205", plot.lags, replace(LAGS, distributed=None), then=by("give lag_table lags", LAGS))
refused(
    "lags without their terms", "D205", plot.lags, replace(LAGS, variable="x"), then=by("remove the fixed effect", LAGS)
)

# printed tables
PRINTED = "variable,stat,(1)\nmarket,b,0.5***\nmarket,t,3.2\nN,n,900\n"


text(PRINTED, "table1.csv")
refused("printed table misspelt", "U104", read_printed, [str(FOLDER / "tabel1.csv")], then=meant("tabel1.csv"))
# simulated economies
refused("economy too small", "U100", Economy, n_firms=3)
refused("share of the state", "U100", Economy, state_share=2.0)
refused("bounds of sigma", "U100", Economy, sigma_low=0.5)
refused("shares of labour and capital", "U100", simulate_production, labour=0.9, capital=0.4, n_firms=20, n_years=3)
refused(
    "rows without a place",
    "U100",
    simulate_customs,
    1000,
    n_products=2,
    n_destinations=2,
    n_years=2,
    then=only("more products, destinations or years", n_products=60, n_destinations=60),
)


def dta(frame: pl.DataFrame) -> Any:
    """A file of Stata."""
    return write_dta(frame, FOLDER / "made.dta")


refused(
    "name of a Stata variable",
    "D200",
    dta,
    pl.DataFrame({"a b": [1]}),
    then=by("rename it", pl.DataFrame({"a_b": [1]})),
)
refused(
    "number too large for Stata",
    "D200",
    dta,
    pl.DataFrame({"a": [2**40]}),
    then=by("cast the column to float", pl.DataFrame({"a": [2.0**40]})),
)
refused(
    "type that Stata lacks",
    "D200",
    dta,
    pl.DataFrame({"a": [True]}),
    then=by("cast it first", pl.DataFrame({"a": [1]})),
)
refused(
    "text too long for Stata",
    "D200",
    dta,
    pl.DataFrame({"a": ["a" * 300]}),
    then=by("shorten it", pl.DataFrame({"a": ["a"]})),
)
INDEX = ig.relative_price(PRICES)

# the command line's own
FILE = csv(P, "panel.csv")
cmd = CASES.command
cmd(
    "two questions of many regressions",
    "U100",
    "fit",
    FILE,
    "c(y, z) ~ x | firm",
    "--u-test",
    "x",
    then=done(
        "leave those flags out",
        lambda c: [
            c.with_args("fit", FILE, "c(y, z) ~ x | firm"),
            c.with_args("fit", FILE, "y ~ x + x^2 | firm", "--u-test", "x"),
        ],
    ),
)
cmd(
    "audit of tables and a study",
    "U100",
    "audit",
    str(FOLDER),
    "--table",
    text(PRINTED, "table2.csv"),
    then=done("leave out the study and --only", lambda c: c.with_args("audit", *c.args[2:])),
)
KRUGMAN = csv(INDEX, "krugman.csv")
(FOLDER / "other").mkdir(exist_ok=True)
AGAIN = csv(INDEX.with_columns(integration=-pl.col("integration")), "other/krugman.csv")
cmd(
    "two measures of one name",
    "U100",
    "compare",
    KRUGMAN,
    AGAIN,
    then=lambda c, e: [c.with_args("compare", KRUGMAN, e.remedy.split(": ")[1])],
)
cmd(
    "format of a comparison unknown",
    "U100",
    "compare",
    KRUGMAN,
    f"b={AGAIN}",
    "--out",
    str(FOLDER / "c.doc"),
    then=lambda c, e: [
        c.with_args(*c.args[:-1], str(FOLDER / f"c{kind}")) for kind in e.remedy.removeprefix("known: ").split(", ")
    ],
)
cmd(
    "column of a measure malformed",
    "U100",
    "compare",
    f"krugman={csv(INDEX.rename({'integration': 'index'}), 'k.csv')}",
    f"b={AGAIN}",
    "--use",
    "krugman",
    then=done("--use krugman=index", lambda c: c.with_args(*c.args[:-1], "krugman=index")),
)
cmd(
    "length malformed",
    "U100",
    "quality",
    csv(CODES, "codes.csv"),
    "--out",
    str(FOLDER / "q.csv"),
    "--sigma",
    "5",
    "--pad",
    "product",
    then=lambda c, e: [c.with_args(*c.args[:-1], e.remedy.rpartition(" ")[2])],
    later="no row has a quality",
)
cmd("measure to list unknown", "U101", "list", "krugmann", then=meant("krugmann"))
cmd("source to list unknown", "U101", "list", "--sources", "bacci", then=meant("bacci"))
IV = "y ~ w | firm + year | m ~ {}"
cmd(
    "builder unknown",
    "U100",
    "fit",
    FILE,
    IV.format("m_l1"),
    "--treatment",
    "m",
    "--instrument",
    "lags:1",
    then=meant("lags"),
)
cmd(
    "lag malformed",
    "U100",
    "fit",
    FILE,
    IV.format("m_l2"),
    "--treatment",
    "m",
    "--instrument",
    "lag:x",
    then=lambda c, e: [c.with_args(*c.args[:-1], e.remedy.rpartition(" ")[2])],
)
cmd(
    "treatment unknown",
    "U103",
    "fit",
    FILE,
    "y ~ w | firm + year | m ~ mm_l1",
    "--treatment",
    "mm",
    "--instrument",
    "lag:1",
    then=done(
        "did you mean 'm'",
        lambda c: c.with_args("fit", FILE, IV.format("m_l1"), "--treatment", "m", "--instrument", "lag:1"),
    ),
)
TRAITS = csv(pl.DataFrame({"region": [f"R{i}" for i in range(8)], "relief": np.arange(8.0)}), "traits.csv")
ROADS = csv(pl.DataFrame({"year": list(range(2000, 2006)), "roads": [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]}), "roads.csv")
cmd(
    "terrain malformed",
    "U100",
    "fit",
    FILE,
    IV.format("relief_x_roads"),
    "--treatment",
    "m",
    "--instrument",
    f"terrain:{TRAITS}",
    then=done("give two files", lambda c: c.with_args(*c.args[:-1], f"terrain:{TRAITS},{ROADS}")),
)
SHARES = csv(pl.DataFrame({"region": [f"R{i}" for i in range(8)], "port": np.linspace(0.1, 1, 8)}), "ports.csv")
cmd(
    "exposure malformed",
    "U100",
    "fit",
    FILE,
    IV.format("shift_share"),
    "--treatment",
    "m",
    "--instrument",
    "exposure:",
    then=done("give a file by region", lambda c: c.with_args(*c.args[:-1], f"exposure:{SHARES}")),
)
FLOWS = csv(
    pl.DataFrame(
        [
            (f"R{i}", f"R{j}", 2004, 5.0 + (7 * i + 3 * j) % 5, 100.0 + 50 * abs(i - j))
            for i in range(5)
            for j in range(5)
        ],
        schema=["origin", "destination", "year", "value", "distance"],
        orient="row",
    ),
    "flows.csv",
)
GDP = csv(
    pl.DataFrame(
        {"region": [f"R{i}" for i in range(5)], "year": 2004, "gdp": [5.0, 3.0, 8.0, 2.0, 6.0], "real_gdp": 1.0}
    ),
    "gdp.csv",
)
BORDER = ("integration", FLOWS, "--out", str(FOLDER / "b.csv"), "--method", "border_regression", "--mass", "gdp")
cmd(
    "table beside malformed",
    "U100",
    *BORDER,
    "--with",
    GDP,
    then=lambda c, e: [c.with_args(*BORDER, "--with", ways(e.remedy)[0].give["with"].replace("FILE", GDP))],
)
cmd("table beside unknown", "U100", *BORDER, "--with", f"gpd={GDP}", then=meant("gpd"))
cmd(
    "column of a table that is not given",
    "U100",
    *BORDER,
    "--column",
    "gdp.gdp=output",
    then=lambda c, e: [c.with_args(*BORDER, "--with", ways(e.remedy)[0].give["with"].replace("FILE", GDP))],
)
cmd(
    "option without default",
    "U100",
    "quality",
    csv(CODES, "codes.csv"),
    "--out",
    str(FOLDER / "q.csv"),
    then=done("5", lambda c: c.with_args(*c.args, "--sigma", "5")),
    later="no row has a quality",
)
CLASH = MEASURE.replace("times", "where")
cmd(
    "option that is a flag",
    "U100",
    "integration",
    csv(PRICES, "prices.csv"),
    "--out",
    str(FOLDER / "o.csv"),
    "--method",
    "own_gap",
    "--plugin",
    text(CLASH, "clash.py"),
    then=done("rename it in the definition", lambda c: c.with_args(*c.args[:-1], text(MEASURE, "clash.py"))),
)
