"""Remedies of study files and finished runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import polars as pl

from integrade.geography import PROVINCES
from integrade.study.reading import all_of, read_draft
from integrade.study.run import check_study
from remedies.frame import Call, Case, Cases, Follow, done, meant, open_value, ways
from remedies.tables import FOLDER
from studies import manifest

CASES = Cases()
refused = CASES.refused
ROOT = FOLDER / "study"
ROOT.mkdir()
NAMES = [p.english for p in PROVINCES[:6]]
YEARS = (2004, 2005, 2006)


def _raw() -> None:
    cells = [
        (r, y, g, 100.0 + (i * 3 + j * 5 + y * 7) % 11)
        for i, r in enumerate(NAMES)
        for y in YEARS
        for j, g in enumerate(("food", "fuel", "clothing", "housing"))
    ]
    pl.DataFrame(cells, schema=["region", "year", "commodity", "index"], orient="row").write_csv(ROOT / "prices.csv")
    rows = [
        (f"F{i}", p, d, y, 100.0 + 7 * i + y % 5, 5.0 + i % 3)
        for i in range(12)
        for p in ("030420", "610910")
        for d in ("JPN", "USA")
        for y in YEARS
    ]
    pl.DataFrame(rows, schema=["firm", "product", "destination", "year", "value", "quantity"], orient="row").write_csv(
        ROOT / "customs.csv"
    )
    firms = [
        (
            f"F{i}",
            y,
            NAMES[i % 6],
            f"{13 + i % 2}",
            "state" if i % 2 else "private",
            10.0 + i + y % 4,
            3.0 + i % 5,
            1.0 + i % 3,
        )
        for i in range(12)
        for y in YEARS
    ]
    pl.DataFrame(
        firms,
        schema=["firm", "year", "region", "industry", "ownership", "assets", "liabilities", "gross_output"],
        orient="row",
    ).write_csv(ROOT / "firms.csv")
    pl.DataFrame(
        [(r, y, 1.0 + i, "much") for i, r in enumerate(NAMES) for y in YEARS],
        schema=["region", "year", "rd", "note"],
        orient="row",
    ).write_csv(ROOT / "rd.csv")
    shares = {"h1": 10.0, "h2": 20.0, "h3": 30.0, "h4": 25.0, "h7": 15.0}
    pl.DataFrame([{"region": r, "year": y, **shares} for r in NAMES for y in YEARS]).write_csv(ROOT / "schooling.csv")
    pl.DataFrame({"year": YEARS, "output_price": 100.0, "input_price": 100.0}).write_csv(ROOT / "deflators.csv")
    pl.DataFrame({"code": ["13", "14"], "group": ["light", "heavy"]}).write_csv(ROOT / "groups.csv")
    (ROOT / "other").mkdir()


_raw()
BASE = """title = "t"

[prices]
files = ["prices.csv"]

[customs]
files = ["customs.csv"]

[firms]
files = ["firms.csv"]

[[covariates]]
files = ["rd.csv"]

[integration]

[quality]
sigma = 5

[regression]
outcome = "quality"
treatment = "market"
controls = ["scale", "rdebt"]
effects = ["firm", "year"]

[report]
formats = ["md"]
"""


def check(text: str) -> None:
    """What `integrade check` finds in a study file."""
    (ROOT / "study.toml").write_text(text, encoding="utf-8")
    problems, _ = check_study(ROOT)
    if problems:
        raise all_of(problems)


def read(text: str) -> None:
    """What is found in the text of a study file alone."""
    (ROOT / "study.toml").write_text(text, encoding="utf-8")
    problems = read_draft(ROOT).problems
    if problems:
        raise all_of(problems)


def put(text: str, section: str, key: str, value: str) -> str:
    """The study file with a key of a section set."""
    head = re.search(rf"(?m)^\[\[?{section}\]\]?$", text) if section else re.match("", text)
    if head is None:
        return f"{text}\n[{section}]\n{key} = {value}\n"
    end = re.compile(r"(?m)^\[").search(text, head.end())
    stop = end.start() if end else len(text)
    block = re.sub(rf"(?m)^{key} = .*\n", "", text[head.end() : stop])
    return (
        f"{text[: head.end()]}\n{key} = {value}{block if block.startswith(chr(10)) else chr(10) + block}{text[stop:]}"
    )


def without(text: str, section: str, key: str = "") -> str:
    """The study file without a section, or without a key of it."""
    head = re.search(rf"(?m)^\[\[?{section}\]\]?$", text)
    assert head, section
    end = re.compile(r"(?m)^\[").search(text, head.end())
    stop = end.start() if end else len(text)
    if not key:
        return text[: head.start()] + text[stop:]
    return text[: head.start()] + re.sub(rf"(?m)^{key} = .*\n", "", text[head.start() : stop]) + text[stop:]


def toml(value: Any) -> str:
    """A value as a study file has it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def keys(section: str, **fill: Any) -> Follow:
    """Every way in keys that the remedy offers, put into a section, that which it names or this one."""

    def follow(call: Call, error: Any) -> list[Call]:
        found = []
        for piece in re.split(r"(?:, or |; )", error.remedy):
            for way in ways(piece):
                where = re.search(r"in \[(\w+)\]", piece)
                text = call.args[0]
                for name in way.leave:
                    text = without(text, section, name)
                for name, value in way.give.items():
                    text = put(
                        text, where[1] if where else section, name, toml(fill[name] if open_value(value) else value)
                    )
                found.append(call.with_args(text))
        assert found, error.remedy
        return found

    return follow


def edit(says: str, *changes: Callable[[str], str]) -> Follow:
    """What a remedy says in prose, done in the study file, one way after the other."""
    return done(says, lambda call: [call.with_args(change(call.args[0])) for change in changes])


def added(call: Call, error: Any) -> list[Call]:
    """The study file with the section that the remedy tells to add."""
    named = re.search(r"add \[(\w+)\]", error.remedy)
    assert named, error.remedy
    return [call.with_args(f'{call.args[0]}\n[{named[1]}]\nfiles = ["rd.csv"]\n')]


def quoted(remedy: str) -> str:
    """The first text in quotes of a remedy, with its quotes."""
    return re.findall(r'"[^"]*"', remedy)[0]


def case(
    name: str, code: str, function: Callable[..., Any], text: str, then: Follow, *, later: str = "", about: str = ""
) -> None:
    """One more case of a study file."""
    CASES.append(Case(f"study: {name}", code, Call(function, (text,)), then, later, about))


def swap(old: str, new: str) -> Callable[[str], str]:
    """A change of the study file."""
    return lambda text: text.replace(old, new)


# the text of a study file
case("key of a section unknown", "U101", read, put(BASE, "winsor", "cts", "[1, 99]"), meant("cts"))
case("section unknown", "U101", read, BASE + "\n[shpe]\n", meant("shpe"))
case(
    "section twice",
    "U102",
    read,
    BASE + "\n[report]\n",
    edit("put its keys under one heading", lambda text: text.removesuffix("\n[report]\n")),
)
case(
    "code without quotes",
    "U102",
    read,
    put(BASE, "customs", "where", "0101"),
    lambda c, e: [c.with_args(put(BASE, "customs", "where", f"'product == {quoted(e.remedy)}'"))],
)
case(
    "section with two brackets",
    "U100",
    read,
    BASE + "\n[[lags]]\n",
    lambda c, e: [c.with_args(BASE + f"\n{e.remedy.split(',')[0].removeprefix('write ')}\n")],
)
case(
    "section with one bracket",
    "U100",
    read,
    BASE.replace("[[covariates]]", "[covariates]"),
    lambda c, e: [c.with_args(c.args[0].replace("[covariates]", e.remedy.split(",")[0].removeprefix("write ")))],
)
case("choice of a key unknown", "U100", read, put(BASE, "regression", "ssc", '"fixst"'), meant("fixst"))
case(
    "key that must be given",
    "U100",
    read,
    BASE + "\n[mediation]\n",
    edit("", lambda text: put(text, "mediation", "mediators", '["rd"]')),
    about="mediators",
)
case("quality without sigma", "U100", read, without(BASE, "quality"), keys("quality", sigma=5), about="sigma")
case("option of a measure unknown", "U101", read, put(BASE, "integration", "demaen", '"none"'), meant("demaen"))
case("choice of a measure unknown", "U101", read, put(BASE, "integration", "demean", '"nonee"'), meant("nonee"))
case(
    "file that is yes",
    "U100",
    read,
    put(BASE, "integration", "pairs", "true"),
    lambda c, e: [
        c.with_args(put(BASE, "integration", "pairs", '"adjacent"')),
        c.with_args(put(BASE, "integration", "pairs", e.remedy.split("example ")[1])),
    ],
)
case(
    "level of quality",
    "U100",
    read,
    put(BASE, "quality", "level", '"row"'),
    edit("leave level out", lambda text: without(text, "quality", "level")),
)
case(
    "version of nothing",
    "U100",
    read,
    BASE + '\n[[outcomes]]\nname = "a"\n',
    lambda c, e: (
        [c.with_args(c.args[0] + 'column = "n_products"\n'), c.with_args(c.args[0] + 'method = "unit_value"\n')]
        if "options of [quality] such as method" in e.remedy
        else []
    ),
)
case(
    "basis said twice",
    "U100",
    read,
    put(put(BASE, "prices", "basis", '"link"'), "integration", "basis", '"fixed"'),
    edit("leave basis out here", lambda text: without(text, "integration", "basis")),
)
LINKS = '\n[links]\nfiles = ["rd.csv"]\n'
case(
    "links beside exporters",
    "U100",
    read,
    BASE + LINKS + '\n[exporters]\nfiles = ["customs.csv"]\n',
    edit("leave out [links]", lambda text: without(text, "links"), lambda text: without(text, "exporters")),
)
case(
    "nobody to match",
    "U100",
    read,
    BASE + "\n[matching]\n",
    edit("add [exporters] with files = [...]", lambda text: text + '\n[exporters]\nfiles = ["customs.csv"]\n'),
)
case(
    "no table of data",
    "U100",
    read,
    'title = "t"\n',
    edit("a study has [prices] (an index)", lambda text: text + '\n[prices]\nfiles = ["prices.csv"]\n'),
)
INDEX = 'title = "t"\n\n[prices]\nfiles = ["prices.csv"]\n'
case(
    "quality without customs",
    "U100",
    read,
    INDEX + "\n[quality]\nsigma = 5\n",
    edit(
        "add [customs] with files = [...] and [quality] with sigma, or leave [quality] out",
        lambda text: text + '\n[customs]\nfiles = ["customs.csv"]\n',
        lambda text: without(text, "quality"),
    ),
)
case(
    "regression without accounts",
    "U100",
    read,
    INDEX + "\n[lags]\n",
    edit("or leave [lags] out", lambda text: without(text, "lags"), lambda _: BASE + "\n[lags]\n"),
)
case(
    "cuts of percentiles",
    "U100",
    read,
    put(BASE, "winsor", "cuts", "[99, 1]"),
    lambda c, e: [c.with_args(put(BASE, "winsor", "cuts", re.search(r"\[.*?\]", e.remedy)[0]))],
)  # type: ignore[index]
case(
    "end of a range",
    "U100",
    read,
    put(BASE, "shape", "ends", '["low", "p95"]'),
    lambda c, e: [
        c.with_args(put(BASE, "shape", "ends", f"[{end}, 5.5]" if end != '"p5"' else '["p5", "p95"]'))
        for end in e.remedy.removeprefix("write ").split(", or ")
    ],
)
case(
    "range empty",
    "U100",
    read,
    put(BASE, "shape", "ends", '["p95", "p5"]'),
    edit("the lower end first", lambda text: put(text, "shape", "ends", '["p5", "p95"]')),
)
case(
    "place of no percentile",
    "U100",
    check,
    put(put(BASE, "mediation", "mediators", '["rd"]'), "mediation", "at", '["middle"]'),
    lambda c, e: [
        c.with_args(put(c.args[0], "mediation", "at", f"[{one}]")) for one in re.findall(r'"[^"]*"', e.remedy)
    ],
)
case(
    "one bin",
    "U100",
    check,
    put(BASE, "shape", "bins", "1"),
    lambda c, e: [c.with_args(put(BASE, "shape", "bins", n)) for n in re.findall(r"\d+", e.remedy)],
)

# a study file and its tables
case("file misspelt", "U104", check, BASE.replace("prices.csv", "prces.csv"), meant("prces.csv"))
case(
    "column of the panel unknown",
    "U103",
    check,
    put(BASE, "regression", "controls", '["scal", "rdebt"]'),
    meant("scal"),
    about="scal",
)
case(
    "control is text",
    "U100",
    check,
    put(BASE, "regression", "controls", '["scale", "ownership"]'),
    edit("a column of numbers", lambda text: put(text, "regression", "controls", '["scale"]')),
)
case("cluster unknown", "U103", check, put(BASE, "regression", "cluster", '"regoin"'), meant("regoin"), about="regoin")
SCHOOLED = put(BASE, "regression", "controls", '["scale", "human_capital"]')
case(
    "human capital without schooling",
    "U103",
    check,
    SCHOOLED,
    edit("add [education]", lambda text: text + '\n[education]\nfiles = ["schooling.csv"]\n'),
)
case(
    "human capital from covariates",
    "U103",
    check,
    SCHOOLED + '\n[[covariates]]\nfiles = ["schooling.csv"]\n',
    edit(
        "rename that section to [education]",
        swap('[[covariates]]\nfiles = ["schooling.csv"]', '[education]\nfiles = ["schooling.csv"]'),
    ),
)
GROUPS = '\n[[groups]]\nby = "industry"\n'
case(
    "list of groups without its file",
    "U100",
    check,
    BASE + GROUPS + 'how = "list"\n',
    keys("groups", file="groups.csv"),
)
case("list of groups misspelt", "U104", check, BASE + GROUPS + 'how = "list"\nfile = "grups.csv"\n', meant("grups.csv"))
case("groups without a column", "U103", check, BASE + '\n[[groups]]\nby = "industri"\n', meant("industri"))
case(
    "cut of groups beyond the years",
    "U100",
    check,
    BASE + '\n[[groups]]\nby = "year"\nhow = "period"\nfirst_of_later = 1990\n',
    lambda c, e: [c.with_args(c.args[0].replace("1990", year)) for year in re.findall(r"\d{4}", e.remedy)],
)
case(
    "groups of one title",
    "U100",
    check,
    BASE + '\n[[groups]]\nby = "ownership"\n' * 2,
    edit('give one of them title = "..."', lambda text: text + 'title = "again"\n'),
    about="are called",
)
case(
    "curve without a square",
    "U100",
    check,
    put(BASE, "regression", "square", "false") + "\n[shape]\n",
    edit("leave [shape] out", lambda text: text.replace("\n[shape]\n", "")),
)
case("check unknown", "U101", check, put(BASE, "robustness", "checks", '["balancd"]'), meant("balancd"))
case(
    "group of controls malformed",
    "U102",
    check,
    put(BASE, "robustness", "gelbach", '["size scale"]'),
    lambda c, e: [
        c.with_args(c.args[0].replace("size scale", re.findall('"([^"]*)"', e.remedy)[0].replace("age", "rdebt")))
    ],
)
case("control of a group unknown", "U101", check, put(BASE, "robustness", "gelbach", '["size = scal"]'), meant("scal"))
case(
    "control in two groups",
    "U100",
    check,
    put(BASE, "robustness", "gelbach", '["a = scale", "b = scale"]'),
    edit("belongs to one group", swap('"b = scale"', '"b = rdebt"')),
)
case(
    "mediator in the equation",
    "U100",
    check,
    put(BASE, "mediation", "mediators", '["scale"]'),
    edit(
        "leave it out of one of them",
        swap('mediators = ["scale"]', 'mediators = ["rd"]'),
        swap('controls = ["scale", "rdebt"]', 'controls = ["rdebt"]'),
    ),
)
case(
    "mediation of two clusters",
    "U100",
    check,
    put(
        put(put(BASE, "regression", "cluster", '"region + year"'), "regression", "vcov", '"CR1"'),
        "mediation",
        "mediators",
        '["rd"]',
    ).replace("[regression]", "[regression]\nwild = 0"),
    keys("mediation"),
    about="draws whole clusters",
)
case(
    "sample of nothing",
    "U100",
    check,
    BASE + '\n[[samples]]\nname = "a"\n',
    lambda c, e: (
        [
            c.with_args(c.args[0] + 'where = "year <= 2005"\n'),
            c.with_args(c.args[0] + f'without_regions = ["{NAMES[0]}"]\n'),
        ]
        if 'where = "year <= 2007", or without_regions' in e.remedy
        else []
    ),
)
case(
    "curve of two clusters",
    "U100",
    check,
    put(put(BASE, "regression", "cluster", '"region + year"'), "regression", "vcov", '"CR1"').replace(
        "[regression]", "[regression]\nwild = 0"
    )
    + "\n[curve]\n",
    lambda c, e: [keys("regression")(c, e)[0], c.with_args(without(c.args[0], "curve"))],
)
case(
    "two many regions left out",
    "U100",
    check,
    put(BASE, "", "without_regions", json.dumps(NAMES[1:])),
    edit("leave fewer regions out", lambda text: text.replace(json.dumps(NAMES[1:]), json.dumps(NAMES[1:2]))),
    about="regions would be left",
)
case(
    "cut within itself",
    "U100",
    check,
    put(put(BASE, "winsor", "columns", '["scale"]'), "winsor", "by", '"scale"'),
    edit("leave by out", lambda text: without(text, "winsor", "by")),
)
DEFLATORS = '\n[deflators]\nfiles = ["deflators.csv"]\n'
pl.read_csv(ROOT / "firms.csv").drop("gross_output").write_csv(ROOT / "bare.csv")
case(
    "nothing to deflate",
    "U100",
    check,
    BASE.replace('files = ["firms.csv"]', 'files = ["bare.csv"]') + DEFLATORS,
    edit("name columns of [firms] in output = [...]", lambda text: put(text, "deflators", "output", '["liabilities"]')),
    about="the accounts have none of",
)
case(
    "deflator without its column",
    "U100",
    check,
    put(put(BASE + DEFLATORS, "deflators", "output", '["gross_output"]'), "deflators", "output_price", '"price"'),
    keys("deflators", output_price="output_price"),
)
RATIO = '\n[[ratios]]\nname = "a"\nnumerator = "gross_output"\ndenominator = "assets"\nby = ["industry", "year"]\n'
case(
    "part of a ratio unknown",
    "U103",
    check,
    BASE + RATIO.replace('"gross_output"', '"gross_outpt"'),
    meant("gross_outpt"),
)
case(
    "part of a ratio is text",
    "U100",
    check,
    BASE + RATIO.replace('"gross_output"', '"ownership"'),
    edit("another column", swap('numerator = "ownership"', 'numerator = "gross_output"')),
)
case(
    "part of a ratio without its key",
    "U103",
    check,
    BASE + RATIO.replace('"gross_output"', '"rd"'),
    edit("known:", swap('numerator = "rd"', 'numerator = "gross_output"')),
)
pl.read_csv(ROOT / "rd.csv").rename({"rd": "assets"}).write_csv(ROOT / "again.csv")
case(
    "column in two tables",
    "U100",
    check,
    BASE.replace("rd.csv", "again.csv"),
    edit(
        "rename or leave out one of them",
        swap('files = ["again.csv"]', 'files = ["again.csv"]\ncolumns = { "assets" = "rd" }'),
    ),
    about="is in both",
)
case(
    "alias of no region",
    "U101",
    check,
    BASE + '\n[geography]\ncountry = "china"\naliases = { "Capital" = "Bejing" }\n',
    meant("Bejing"),
)
case(
    "other firms in customs",
    "D210",
    check,
    BASE.replace('files = ["firms.csv"]', 'files = ["others.csv"]'),
    edit("write each firm the same way", swap("others.csv", "firms.csv")),
    about="no firm of",
)
pl.read_csv(ROOT / "firms.csv").with_columns(firm=pl.lit("x") + pl.col("firm")).write_csv(ROOT / "others.csv")
case(
    "other years in customs",
    "D210",
    check,
    BASE.replace('files = ["firms.csv"]', 'files = ["later.csv"]'),
    edit("give", swap("later.csv", "firms.csv")),
    about="no year in common",
)
pl.read_csv(ROOT / "firms.csv").with_columns(year=pl.col("year") + 50).write_csv(ROOT / "later.csv")
case(
    "other regions in prices",
    "D210",
    check,
    BASE.replace('files = ["firms.csv"]', 'files = ["places.csv"]'),
    edit("write each region the same way", swap("places.csv", "firms.csv")),
    about="no region of",
)
pl.read_csv(ROOT / "firms.csv").with_columns(region=pl.lit("Area ") + pl.col("region").str.slice(0, 1)).write_csv(
    ROOT / "places.csv"
)


# runs
def shown(*words: str) -> Any:
    """A command about a finished run."""
    from remedies.frame import command

    return command(*words)


RUN = FOLDER / "ran"
(RUN / "runs" / "one" / "tables").mkdir(parents=True)
(RUN / "study.toml").write_text(BASE, encoding="utf-8")
(RUN / "runs" / "latest").write_text("one", encoding="utf-8")
(RUN / "runs" / "one" / "manifest.json").write_text(manifest(), encoding="utf-8")
pl.DataFrame({"region": ["a"], "year": [2004], "integration": [1.0]}).write_parquet(
    RUN / "runs" / "one" / "tables" / "integration.parquet"
)
cmd = CASES.command
cmd("table of a run misspelt", "U101", "show", "integraton", str(RUN), then=meant("integraton"))
cmd(
    "study before the table",
    "U100",
    "show",
    str(RUN),
    "integration",
    then=lambda c, e: [c.with_args(*e.remedy.split()[1:])],
)
cmd("study alone to show", "U100", "show", str(RUN), then=lambda c, e: [c.with_args(*e.remedy.split()[1:])])
cmd(
    "study before what is explained",
    "U100",
    "explain",
    str(RUN),
    "table4.2.market",
    then=lambda c, e: [c.with_args(*e.remedy.split()[1:])],
    later="has no results",
)
NEVER = FOLDER / "never"
NEVER.mkdir()
(NEVER / "study.toml").write_text(BASE, encoding="utf-8")


def _no_region(text: str) -> str:
    return put(text, "panel", "columns", '{ "company" = "firm", "state" = "region" }')


PANEL_FILE = ROOT / "panel.csv"
pl.DataFrame(
    [(f"F{i}", y, NAMES[i % 6], float(i * y % 7), float((i + y) % 5)) for i in range(12) for y in YEARS],
    schema=["company", "year", "state", "y", "x"],
    orient="row",
).write_csv(PANEL_FILE)
READY = """title = "t"

[panel]
files = ["panel.csv"]
columns = { "company" = "firm" }

[regression]
formula = "y ~ x | firm + year"
cluster = "firm"

[inference]
"""
refused(
    "randomisation without regions",
    "U103",
    check,
    READY,
    then=done(
        'randomisation = 0, or map the column with columns = { "OLD" = "region" } in [panel]',
        lambda call: [call.with_args(f"{call.args[0]}randomisation = 0\n"), call.with_args(_no_region(call.args[0]))],
    ),
    about="change their paths",
)
IDENTITY = put(f'{BASE}\n[identity]\n[[firms.beside]]\nfiles = ["firms.csv"]\n', "", "preset", '"sound"')
refused(
    "accounts beside followed firms",
    "U100",
    check,
    IDENTITY,
    then=edit("leave [identity] out", lambda text: without(text, "identity")),
    about="followed over time",
)
