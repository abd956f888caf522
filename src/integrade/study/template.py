"""Write the study files of ``integrade new`` and ``integrade demo``, and the simulated raw data that they use."""

from __future__ import annotations

import re
from pathlib import Path

from integrade.errors import UsageError
from integrade.records.presets import Preset, of_the_paper
from integrade.simulation import COLUMNS, Economy, simulate, write_raw
from integrade.study.json_schema import NAME, write_study
from integrade.subjects import questions

STUDY = """\
# A study: raw files -> market-integration index, export quality -> firm panel -> regressions -> report.
# Check it with `integrade check`, run it with `integrade run`. Paths are relative to this file.
title = "{title}"

# sound (default): inference where the treatment varies, CR3 and wild bootstrap. published: the paper's likely choices
# and the layout of its tables. complete: the same, and what the paper announces and does not print.
# This line is all that changes: keys of quality, winsor and regression hold under every preset, {{ sound = 5 }} under
# one, {{ sound = 5, published = "iv" }} as it says (and published holds under complete).
preset = "{preset}"
{truth}
[prices]                       # regional price indices, previous year = 100
files = ["raw/prices/*.xlsx"]  # files, folders or patterns; .csv .xls .xlsx .dta .parquet
regions = "english"            # how provinces are spelt from here on: as_is, english, chinese
# columns = {{ "省份" = "region" }}   # the file's column name = integrade's name
# where = 'commodity != "总指数"'     # leave rows out, in the file's own column names
# to_year = true                     # average months into years
# basis = "link"                     # what the index column holds, where it is not told: link, fixed, level ...
# breaks = "keep"                    # the basket changes (2016): keep, common goods only, splice, or split (goods_list)

[customs]                      # one row per firm, product, destination, year (monthly rows are added up)
files = ["raw/customs/*.parquet"]  # or a table of a database: "trade.duckdb#customs", "postgresql://host/trade#customs"
# source = "baci"              # a public source whose headings and units are known: integrade list --sources
# countries = "iso3"           # countries as ISO codes; families = ["hs2007_hs2012.csv"]: HS revisions as families
# pad = {{ product = 6 }}       # only when the file lost the leading zeros of HS codes
# dates = "dmy"                 # 01/02/2010 is 1 February: only where no date of its column tells
# decimal = ","                 # 1,234 is 1.234: only where no number of its column tells the decimal mark
# rules = ["usual"]            # or exports, not_home, chapters, ordinary, processing, intermediaries, main_unit, trim

[firms]                        # firm accounts, one row per firm and year
files = ["raw/firms.dta"]
# rules = ["cai_liu", "feenstra_li_yu"]   # also brandt, nie_jiang_yang; every rule is a counted line of the account
{firms_columns}
# Where customs and accounts number firms differently, one of the two ways, and in any case perhaps [identity]:
# [exporters]                  # names, postcodes, telephones of the customs firms (or the customs records themselves)
# files = ["raw/exporters.csv"]
# [matching]                   # exact steps: name, postcode and telephone, telephone and contact; none needs a choice
# similar = true               # what is left by similar names (needs splink); {{ threshold = 7 }} for another threshold
# reviewed = "review.xlsx"     # a sheet of `integrade match --review-sheet`, filled in with yes or no
# [links]                      # or links that were made elsewhere: customs_firm, firm, year
# files = ["raw/links.csv"]
# [identity]                   # follow firms over time where their codes change, repeat or change hands
# id_alone = "drop"            # a code alone does not make two records one firm

[[covariates]]                 # any table by region (or industry) and year; repeat the section for more
files = ["raw/rd.csv"]
{rd_columns}
# [[ratios]]                   # a column of sums by industry and year: research over output, both from yearbooks
# name = "rd_intensity"        # numerator and denominator: columns of [[covariates]], [output] or [firms]
# numerator = "rd"             # output.value where two tables have a column of that name
# denominator = "output"       # digits = 2: two-digit industries, which meet the firms' four-digit codes
[education]                    # shares of employed persons by schooling, h1..h9 in per cent
files = ["raw/education.csv"]
{education_columns}log = true                     # the paper takes the log of years of schooling

# [deflators]                  # prices by year and industry or region: accounts get real_ columns of the base year
# files = ["raw/deflators.csv"]
# base = 2004                  # output_price for gross_output, sales, value_added; input_price for intermediate_inputs

# [tfp]                        # total factor productivity, the column ln_tfp of the panel, to be named among controls:
# method = "acf"               # or gnr, lp, op, wooldridge, fe, ols, solow, index;
#                              # docs/productivity.md says when each fails; by = "industry", digits = 2: a
#                              # production function for each two-digit industry

[integration]                  # options of relative_price: integrade list relative_price
# method = "head_ries"         # or another measure, its table as a section ([flows] with files): integrade list
transform = "log_inverse_sqrt"
se = "jackknife"               # how far each index value can be trusted: delete one good at a time

[quality]                      # options of demand_residual: integrade list demand_residual
sigma = {{ sound = 5 }}          # elasticity of substitution: a number, a file, ols, iv or feenstra. No default.
effects = {{ sound = "product+destination:year" }}   # published: product:destination:year, sigma "ols": equation (3)
# standardise = "minmax_trim"  # published: minmax

[controls]                     # options of firm_controls: integrade list firm_controls
fic = "asset_share"            # or sa_index, abs_sa, ln_abs_sa: the Hadlock-Pierce index, its size, the log of its size
# roa_lag = 1                  # return on assets of the year before
fic_column = "receivables"

[winsor]
columns = {{ sound = ["roa", "rdebt", "fic", "invint"] }}   # published: the outcome
cuts = [1, 99]
# by = "year"                  # percentiles within the groups of a column; trim = true: missing instead of clipped

[regression]
outcome = "quality"
treatment = "market"           # enters with its square
controls = ["scale", "age", "roa", "rdebt", "fic"]
effects = ["firm", "year"]
# What follows is what preset sound does; published: no cluster, vcov "iid", wild 0, ssc "xtreg", singletons kept.
# cluster = "region"           # the level at which the treatment varies
# vcov = "CR3"                 # cluster jackknife, with t(clusters - 1)
# wild = 9999                  # wild cluster bootstrap draws, 0 for none
# hausman = "mundlak"          # or stata (as published), classical, sigmamore, sigmaless, none

# The sections below are optional: leave one out and its tables are not made.

{questions}
[[hypotheses]]                 # your own claim and the rule that decides it; what a rule may name: integrade list rules
name = "H8"
claim = "Integration beyond its median lowers quality by more than a tenth of a standard deviation."
rule = 'effect_high("p50 to p90") < -0.1'       # "by more than": the whole 95% interval lies beyond
# contradicted = 'effect_low("p50 to p90") > -0.1'

[curve]                        # `integrade curve`: every combination of these choices, tested together
# indices = [{{}}, {{ pairs = "adjacent" }}, {{ demean = "none" }}]   # versions of the index; {{}} is the study's own
# qualities = [{{}}, {{ sigma = 10 }}, {{ standardise = "zscore" }}]  # versions of quality
# effects = ["firm + year", "firm + industry^year"]
# samples = {{ early = "year <= 2007" }}   # label = condition; both halves of the years when not given
permutations = 500             # of the regions' paths; draws = 500 wild draws with the null imposed

[report]
formats = ["html", "docx", "pdf", "tex", "md"]
# language = "zh"              # of every word that integrade makes: en (default) or zh
# layout = "full"              # regression tables of Word, PDF, LaTeX: paper (default, as a journal prints) or full
industries = "GB/T 4754-2002"  # whose two-digit codes are printed by their names; or -2011, -2017; leave out: codes
# labels = {{ market = "Integration" }}   # what variables are called in tables and sentences

# [tables]: of all printed tables; of one: [tables.4]. statistic: below coefficients se (default), t, p or interval
"""

REFEREE = """\
# The sections below answer doubts of a referee. Preset published leaves out each one that has no run = true.
"""


def question_sections(*, of_china: bool = True) -> str:
    """Return the example sections of every question; sections on a referee's doubts come last, after a remark.

    Sections of questions that a new study does not ask are comments; their options are comments within them, so that
    an option alone, without its section, stays one.
    """
    listed = [q for q in questions() if q.example]
    first = next(q for q in listed if q.published.get("run") is False)
    texts = {q.name: q.example if q.offered else re.sub(r"(?m)^(?=.)", "# ", q.example) for q in listed}
    text = "\n".join(f"{REFEREE}\n{texts[q.name]}" if q is first else texts[q.name] for q in listed)
    return text if of_china else "\n\n".join(_marked(block) for block in text.split("\n\n"))


def _marked(block: str) -> str:
    """Return a section; it is commented out if its groups exist only in Chinese data."""
    if not re.search(r'(?m)^how = "(ownership|area)"', block):
        return block
    lines = [line if line.startswith("#") else f"# {line}" if line else "" for line in block.split("\n")]
    return "\n".join(["# For data of China, or other data with these groups:", *lines])


RATIO = 'mediators = ["human_capital", "rd"]'
SPENDING = (
    'mediators = ["human_capital", "log(rd_spending)"]   # spending in logs, as printed; the text has a ratio: "rd"'
)
"""The mediators of the example: research as a share of output, and as the paper's tables have it."""
RD = 'labels = { "ln(rd_spending)" = "RD" }   # as the paper calls it'
OTHER_LABELS = '# labels = { market = "Integration" }'

TRUTH = """
# True values of the simulated economy; the report prints them next to the estimates. Leave this out with real data.
truth = "raw/truth"
"""


def write_demo(directory: Path, *, firms: int, seed: int, preset: Preset = "sound") -> None:
    """Simulate an economy; write its raw files, its true values, and a study that runs on the files."""
    title = "Market integration and export quality: a simulated economy"
    write_economy(directory, Economy(n_firms=firms, seed=seed), title, preset=preset)


def write_new(directory: Path, *, of_china: bool = True, preset: Preset = "sound") -> None:
    """Write a commented study.toml and a small simulated data set. Raises `UsageError` if there is a study already.

    Without ``of_china``, groups that only Chinese data have (state-owned firms, East, Central and West) are commented
    out. No hypothesis about them is then tested unless requested.
    """
    if (directory / "study.toml").exists():
        raise UsageError(f"{directory / 'study.toml'} exists", remedy="choose another folder; nothing was overwritten")
    title = "Market integration and export quality: simulated data to be replaced"
    write_economy(directory, Economy(n_firms=600, seed=20240102), title, of_china=of_china, preset=preset)


def write_economy(
    directory: Path, economy: Economy, title: str, *, of_china: bool = True, preset: Preset = "sound"
) -> None:
    """Write the raw files of a simulated economy and the study that runs on them."""
    simulated = simulate(economy)
    directory.mkdir(parents=True, exist_ok=True)
    write_raw(simulated, directory / "raw")
    columns = {}  # lines that map the headings of a raw file to integrade's names; empty if they are the same
    for table in ("firms", "rd", "education"):
        pairs = ", ".join(f'"{old}" = "{new}"' for old, new in COLUMNS[table].items())
        columns[f"{table}_columns"] = f"columns = {{ {pairs} }}\n" if pairs else ""
    text = STUDY.format(
        title=title, preset=preset, truth=TRUTH, questions=question_sections(of_china=of_china), **columns
    )
    if of_the_paper(preset):
        text = text.replace(RATIO, SPENDING).replace(OTHER_LABELS, f"{RD}\n{OTHER_LABELS}")
    write_study(directory, f"#:schema {NAME}\n{text}")
