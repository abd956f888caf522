"""Remedies of study files whose parts, versions, plugins or raw columns do not go together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from integrade.records.plugins import load_files
from integrade.study.reading import read_draft
from remedies.frame import Call, Case, Cases, Follow, command, done
from remedies.of_study import BASE, INDEX, NAMES, ROOT, YEARS, check, edit, keys, put, quoted, read, swap, without
from remedies.tables import FOLDER, PANEL

CASES = Cases()


def told(
    name: str, code: str, text: str, then: Follow, *, function: Any = check, later: str = "", about: str = ""
) -> None:
    """One more case of a study file."""
    CASES.append(Case(f"parts: {name}", code, Call(function, (text,)), then, later, about))


PANEL.write_csv(ROOT / "own.csv")
OWN = """title = "t"

[panel]
files = ["own.csv"]

[regression]
formula = "y ~ m + m^2 + x | firm + year"
"""
pl.read_csv(ROOT / "firms.csv").drop("industry").with_columns(branch=pl.lit("13")).write_csv(ROOT / "branches.csv")
pl.DataFrame({"industry": ["13", "13", "13"], "year": YEARS, "power": [1.0, 2.0, 3.0]}).write_csv(ROOT / "power.csv")
pl.read_csv(ROOT / "customs.csv").drop("firm").group_by("product", "destination", "year").sum().write_csv(
    ROOT / "cells.csv"
)
_DRAW = np.random.default_rng(6)
pl.concat(
    [
        prices.with_columns(month=pl.lit(m), index=100 * np.exp(_DRAW.normal(0.002, 0.01, prices.height)))
        for prices in (pl.read_csv(ROOT / "prices.csv"),)
        for m in range(1, 13)
    ]
).write_csv(ROOT / "monthly.csv")
FORMULA = re.sub(r"(?s)outcome = .*?effects = .*?\n", 'formula = "quality ~ market + scale | firm + year"\n', BASE)


def both(call: Call, error: Any) -> list[Call]:
    """The formula alone, and the keys alone."""
    assert "either the formula or the keys" in error.remedy
    return [call.with_args(FORMULA), call.with_args(BASE)]


told(
    "formula beside keys", "U100", put(BASE, "regression", "formula", '"quality ~ market | firm"'), both, function=read
)
INSTRUMENTED = FORMULA.replace("market + scale | firm + year", "scale | firm + year | market ~ rd")
told(
    "formula with instruments",
    "U100",
    INSTRUMENTED,
    edit("[[instruments]]", lambda _: FORMULA + '\n[[instruments]]\nbuilder = "column"\ncolumns = ["rd"]\n'),
    function=read,
)
told(
    "rows without firms",
    "U103",
    put(BASE.replace("customs.csv", "cells.csv"), "row_level", "run", "true"),
    edit("known:", swap("cells.csv", "customs.csv")),
    about="customs",
)
told(
    "accounts without what joins",
    "U100",
    BASE.replace("firms.csv", "branches.csv") + '\n[[covariates]]\nfiles = ["power.csv"]\n',
    lambda c, e: [
        c.with_args(
            put(c.args[0], "firms", "columns", re.findall(r"\{.*\}", e.remedy)[0].replace("its name there", "branch"))
        )
    ],
    about="joined",
)
told(
    "lags of a panel without regions",
    "U103",
    put(put(OWN.replace("own.csv", "bare_panel.csv"), "regression", "cluster", '"kind"'), "lags", "run", "true"),
    edit("known:", swap("bare_panel.csv", "own.csv")),
    about="region",
)
PANEL.drop("region").write_csv(ROOT / "bare_panel.csv")
told(
    "Hausman of three clusters",
    "U100",
    put(put(BASE, "regression", "cluster", '"region + year + industry"'), "regression", "vcov", '"CR1"')
    .replace("[regression]", "[regression]\nwild = 0")
    .replace("[regression]", '[regression]\nhausman = "mundlak"'),
    keys("regression"),
    about="Hausman",
)
told(
    "monthly prices",
    "U100",
    BASE.replace("prices.csv", "monthly.csv"),
    lambda c, e: [c.with_args(put(c.args[0], "prices", *re.findall(r"(\w+) = (\w+)", e.remedy)[0]))],
    about="monthly",
)
told(
    "plugin of text",
    "U100",
    'plugins = ["mine.txt"]\n' + BASE,
    lambda c, e: [c.with_args(c.args[0].replace('plugins = ["mine.txt"]', e.remedy))],
    about=".py",
)
for name in ("mine.py", "mine.txt"):
    (ROOT / name).write_text("", encoding="utf-8")
RATIO = '\n[[ratios]]\nname = "a"\nnumerator = "rd"\ndenominator = "assets"\nby = ["region", "year"]\n'
pl.read_csv(ROOT / "firms.csv").with_columns(rd=1.0).write_csv(ROOT / "spenders.csv")
told(
    "column of several tables",
    "U100",
    BASE.replace("firms.csv", "spenders.csv") + RATIO,
    lambda c, e: [c.with_args(c.args[0].replace('numerator = "rd"', f"numerator = {quoted(e.remedy)}"))],
    later="is in both",
    about="several tables",
)

# versions and measures
for section, options in (("outcomes", 'column = "n_products"'), ("samples", 'where = "year > 2004"')):
    one = f'\n[[{section}]]\nname = "a"\n{options}\n'
    told(
        f"{section} of one name",
        "U100",
        BASE + one + one,
        edit("give one another name", lambda text: text[::-1].replace('"a"'[::-1], '"b"'[::-1], 1)[::-1]),
        about="are called",
    )
told(
    "index of output without output",
    "U100",
    put(INDEX + '\n[report]\nformats = ["md"]\n', "integration", "method", '"krugman"'),
    edit("add [output] with files = [...]", lambda text: text + '\n[output]\nfiles = ["output.csv"]\n'),
    about="output",
)
pl.DataFrame(
    [(r, y, k, 1.0 + i + j) for i, r in enumerate(NAMES) for y in YEARS for j, k in enumerate(("13", "14"))],
    schema=["region", "year", "industry", "value"],
    orient="row",
).write_csv(ROOT / "output.csv")


def of_regions(call: Call, error: Any) -> list[Call]:
    """One of the measures that the remedy names."""
    assert "relative_price" in error.remedy.partition("one of ")[2].split(", ")
    return [call.with_args(call.args[0].replace("half_life", "relative_price"))]


told("index by good", "U100", put(INDEX, "integration", "method", '"half_life"'), of_regions, about="half_life")


# parts
told(
    "prices beside a finished panel",
    "U100",
    OWN + '\n[prices]\nfiles = ["prices.csv"]\n',
    edit(
        "leave [prices] out, or give [firms] in place of [panel]", lambda text: without(text, "prices"), lambda _: BASE
    ),
    about="does not belong",
)
told(
    "version of a measure of a finished panel",
    "U100",
    OWN + '\n[[outcomes]]\nname = "a"\nmethod = "unit_value"\n',
    edit('column = "..."', swap('method = "unit_value"', 'column = "z"')),
    about="computes no index",
)
NO_CUSTOMS = without(without(BASE, "customs"), "quality")
told(
    "accounts without customs",
    "U100",
    NO_CUSTOMS,
    edit(
        "[customs] with files = [...] and [quality] with sigma, or name another column in [regression]",
        lambda _: BASE,
        swap('outcome = "quality"', 'outcome = "gross_output"'),
    ),
    about="is measured",
)
told(
    "groups of one value",
    "U100",
    BASE.replace("firms.csv", "alike.csv") + '\n[[groups]]\nby = "ownership"\n',
    edit(
        "name a column with two values or more, or choose with how = ... how to form groups",
        swap('by = "ownership"', 'by = "industry"'),
        swap('by = "ownership"', 'by = "year"\nhow = "period"\nfirst_of_later = 2005'),
    ),
    about="no groups",
)
pl.read_csv(ROOT / "firms.csv").with_columns(ownership=pl.lit("private")).write_csv(ROOT / "alike.csv")

# plugins
OWN_GAP = '''
import integrade as ig


@ig.measure(family="integration", needs="prices", key=("region", "year"), adds={"integration": "ln units"})
def own_gap(prices, *, times: float = 1.0):
    """A gap.

    Parameters
    ----------
    times
        What it is multiplied with.
    """
    return prices.polars().group_by("region", "year").agg(integration=times)
'''
(ROOT / "own_gap.py").write_text(OWN_GAP, encoding="utf-8")
(ROOT / "own_width.py").write_text(
    OWN_GAP.replace('"integration": "ln', '"width": "ln').replace("own_gap", "own_width"), encoding="utf-8"
)


def with_plugins(text: str, *flags: str) -> None:
    """`integrade check` of a study with plugins."""
    (ROOT / "study.toml").write_text(text, encoding="utf-8")
    try:
        command("check", str(ROOT), *flags)
    finally:
        load_files(())


GAP = 'plugins = ["own_gap.py"]\n' + put(INDEX, "integration", "method", '"own_gap"')
told(
    "measure of a plugin that is not loaded",
    "U101",
    GAP,
    done("run with --plugins", lambda c: c.with_args(*c.args, "--plugins")),
    function=with_plugins,
    about="own_gap",
)
CASES.append(
    Case(
        "parts: measure of a plugin without an index",
        "U100",
        Call(with_plugins, (GAP.replace("own_gap", "own_width"), "--plugins")),
        done("declare it in adds and key of @measure, and return it", lambda c: c.with_args(GAP, "--plugins")),
    )
)


def nowhere(folder: str, *first: str) -> None:
    """A study file in a folder, perhaps after a command."""
    if first:
        command(*(word.replace("DIR", folder) for word in first))
    problems = read_draft(Path(folder)).problems
    assert not problems


CASES.append(
    Case(
        "parts: no study file",
        "U104",
        Call(nowhere, (str(FOLDER / "no_study"),)),
        lambda c, e: [c.with_args(*c.args, *e.remedy.removeprefix("integrade ").partition(" writes")[0].split())],
    )
)

told("sigma of one", "U100", put(BASE, "quality", "sigma", "1"), keys("quality"))
pl.read_csv(ROOT / "firms.csv").with_columns(region=pl.col("region").replace("Beijing", "Beijjing")).write_csv(
    ROOT / "slips.csv"
)


def aliased(call: Call, error: Any) -> list[Call]:
    """Each alias that the remedy names, in the study file."""
    lines = re.findall(r"\[geography\] (\w+) = (\{.*?\})", error.remedy)
    assert len(lines) == 2
    return [call.with_args(put(call.args[0], "geography", key, value)) for key, value in lines]


told("region with a slip in two tables", "D220", BASE.replace("firms.csv", "slips.csv"), aliased, about="nearest")
