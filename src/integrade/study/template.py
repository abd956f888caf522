"""The study files that ``integrade new`` and ``integrade demo`` write, and the simulated raw data they run on."""

from __future__ import annotations

import os
from pathlib import Path

from integrade.errors import UsageError
from integrade.simulation import COLUMNS, Economy, simulate, write_raw
from integrade.study.json_schema import NAME, as_text

STUDY = """\
# A study: raw files -> market-integration index, export quality -> firm panel -> regressions -> report.
# Check it with `integrade check`, run it with `integrade run`. Paths are relative to this file.
title = "{title}"

# sound (default): inference where the treatment varies, CR3 and wild bootstrap. published: the paper's likely choices.
preset = "sound"
{truth}
[prices]                       # regional price indices, previous year = 100
files = ["raw/prices/*.xlsx"]  # files, folders or patterns; .csv .xls .xlsx .dta .parquet
regions = "english"            # how provinces are spelt from here on: as_is, english, chinese
# columns = {{ "省份" = "region" }}   # the file's column name = integrade's name
# where = 'commodity != "总指数"'     # leave rows out, in the file's own column names
# to_year = true                     # average monthly year-on-year indices into annual ones
# breaks = "keep"                    # the basket changes (2016): keep, common goods only, splice, or split (goods_list)

[customs]                      # one row per firm, product, destination, year (monthly rows are added up)
files = ["raw/customs/*.parquet"]  # or a table of a database: "trade.duckdb#customs", "postgresql://host/trade#customs"
# source = "baci"              # a public source whose headings and units are known: integrade list --sources
# countries = "iso3"           # countries as ISO codes; families = ["hs2007_hs2012.csv"]: HS revisions as families
# pad = {{ product = 6 }}       # only when the file lost the leading zeros of HS codes
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
[education]                    # shares of employed persons by schooling, h1..h9 in per cent
files = ["raw/education.csv"]
{education_columns}log = true                     # the paper takes the log of years of schooling

# [deflators]                  # prices by year and industry or region: accounts get real_ columns of the base year
# files = ["raw/deflators.csv"]
# base = 2004                  # output_price for gross_output, sales, value_added; input_price for intermediate_inputs

[integration]                  # options of relative_price: integrade list relative_price
# method = "head_ries"         # or another measure, its table as a section ([flows] with files): integrade list
transform = "log_inverse_sqrt"
se = "jackknife"               # how far each index value can be trusted: delete one good at a time

[quality]                      # options of demand_residual: integrade list demand_residual
sigma = 5                      # elasticity of substitution: a number, a file, ols, iv or feenstra. No default.
effects = "product+destination:year"
# standardise = "minmax_trim"  # preset sound; published: minmax

[controls]                     # options of firm_controls
fic = "asset_share"            # or sa_index, with currency_unit
fic_column = "receivables"

[winsor]
columns = ["roa", "rdebt", "fic", "invint"]
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
# hausman = "mundlak"          # or classical (as published), sigmamore, sigmaless, none

# The sections below are optional: leave one out and its tables are not made.

[lags]                         # Table 5: the treatment of earlier years, from the region's own series
lags = [1, 2, 3]
leads = [1]                    # later years beside them, as a placebo: the future cannot act on the present
# on = "both"                  # lag the outcome as well, as the published table seems to do (preset published does)

[mediation]                    # Tables 6 and 7: one mediator each, columns of the panel
mediators = ["human_capital", "rd"]
draws = 1000                   # whole regions are drawn; interval = "bca" or "monte_carlo" for other intervals

[[groups]]                     # Tables 8 on, one section each: the difference of groups is tested, not their stars
by = "ownership"               # a column of the panel
how = "ownership"              # state-owned or not; without how, each value of the column is a group
# state = ["state", "110"]     # the values that mean state-owned
permutations = 199             # enough for p = 0.005 and quick; 999 or more for a paper

[[groups]]
by = "industry"
how = "intensity"              # capital- or labour-intensive two-digit industries
capital = "fixed_assets"
labour = "employees"
permutations = 199

[[groups]]
by = "year"
how = "period"                 # cut in the middle; first_of_later = 2008 for another cut

[[groups]]
by = "region"
how = "area"                   # East, Central, West
permutations = 199

[robustness]                   # Table A6: the last column of Table 4 under one change at a time
# checks = ["balanced", "leave_out", "winsor", "effects", "weights", "placebo", "collapsed", "poisson"]

# What follows is what a referee doubts. Preset published leaves these sections out unless run = true stands in them.

[shape]                        # Table A7: is it an inverted U, and who is past its turning point, year by year?
ends = ["p5", "p95"]           # a second range of the U-test: percentiles of the sample, or values
# level = 0.95                 # of the Fieller and delta intervals, and of the curve's band
# two_lines = true             # Simonsohn's test: two slopes of opposite sign; knots = 10 of its spline
# cubic = true                 # is a cube needed beside the square?
# curve = 101                  # points of the fitted curve

[inference]                    # Table A8: second opinions on the headline, where 31 provinces carry the inference
randomisation = 999            # provinces change their paths of the index; 0 for none
# clusters = true              # effective number of clusters, and which one moves the coefficients most
# wild_weights = "auto"        # rademacher, webb or mammen; auto: webb with fewer than 10 clusters
# wild_null = "imposed"        # or free
# wild_ci = true               # 95 % sets by inverting the wild bootstrap test
# seed = 20240101

[noise]                        # Table A9: the index of few goods is noisy; what that does, and what can be done
simex = 100                    # draws of simulation-extrapolation; 0 for none. extrapolant = "linear" for another one
pipeline = 199                 # draws of goods and regions through index and regression; 0 for none
# resample = "both"            # what the pipeline draws: both, goods, clusters
# oriv = true                  # the index of half of the goods instrumented by the other half
# spreads = [0.2, 0.4]         # true s.d. of log dispersion between regions for which attenuation is simulated,
# samples = 40                 # with so many samples each; 0 for none
# seed = 20240101

[sensitivity]                  # Table A10: how strong would an omitted variable have to be?
at = ["p10", "p50", "p90"]     # where on the curve the slope is judged: p5, p10, p50, p90, p95
# oster = true                 # Oster's bound and delta; r_factor = 1.3 (or r_max = 1.0), delta = 1.0
# robustness_value = true      # Cinelli and Hazlett; q = 1.0 (share of the estimate to take away), alpha = 0.05
# benchmarks = ["scale"]       # confounders as strong as these controls (all of them where not given),
# strengths = [1, 2, 3]        # or so many times as strong

[[instruments]]                # Tables A11 on, one section each: every instrument is judged by weak-robust sets
builder = "split_goods"        # the index of half of the goods by that of the other half: answers noise alone
# seed = 20240101              # which goods are in which half; title = "..." names an instrument in the report
# quadratic = true             # x and x^2 by z and z^2; false: x alone by z
# estimators = ["2sls", "liml", "gmm"]
# control_function = true      # one first stage for x, its residual beside x and x^2
# sets = true                  # Anderson-Rubin sets; level = 0.95, at = ["p10", "p50", "p90"] for those of the slope

[[instruments]]
builder = "neighbour"          # the neighbours' integration, made without the pairs that touch the region
# pairs = "adjacent"           # or a file with two columns of region names; component = "index" for plain indices

# [[instruments]]
# builder = "lagged"           # the region's own index of earlier years
# lags = 2

# [[instruments]]
# builder = "terrain"          # a fixed trait of each region times a national series
# trait = "raw/relief.csv"     # region and the trait; trait_column = "relief" where the file has several numbers
# series = "raw/roads.csv"     # year and the series; series_column likewise

# [[instruments]]
# builder = "column"           # columns of the panel as they are, and the sentence to defend
# columns = ["z1", "z2"]
# exclusion = "z moves quality through market integration alone, because ..."

[row_level]                    # Table A12: the regression on customs rows, with effects of products and markets
effects = ["firm", "product", "destination^year"]
# weights = "equal"            # value, or share (every firm-year counts once)
# regime = "regime"            # column of the customs records: ordinary and processing trade apart
# rauch = "raw/rauch.csv"      # product (HS code of any length) and class: one regression a class
# vcov = "CR1"                 # CR3 takes longer with several large effects

[spillover]                    # Table A13: the neighbours' integration beside the region's own
neighbours = "adjacent"        # or a file with two columns of region names
# shared = "drop"              # the pair of prices that a region and its neighbour share; keep: leave it in
# square = true                # the neighbours' square too

# The benchmark again beside its own: Tables 4c (outcomes), 4d (indices) and 4e (parts of the sample).

[[outcomes]]                   # options over those of [quality], another method, or a column of the panel
name = "Unit value"
method = "unit_value"

# [[outcomes]]
# name = "Number of products"
# column = "n_products"

[[indices]]                    # options over those of [integration], another method, or a column of the panel
name = "Adjacent pairs"
pairs = "adjacent"

[[samples]]                    # which rows, in the names of the panel
name = "To 2008"
where = "year <= 2008"

[[samples]]
name = "From 2009"
where = "year >= 2009"

[[hypotheses]]                 # your own claim and the rule that decides it; what a rule may name: integrade list rules
name = "Own 1"
claim = "Integration beyond its median lowers quality by more than a tenth of a standard deviation."
rule = 'effect("p50 to p90") < -0.1 and u_test_p < 0.05'
# contradicted = 'effect("p50 to p90") > 0'

[curve]                        # `integrade curve`: every combination of these choices, tested together
# indices = [{{}}, {{ pairs = "adjacent" }}, {{ demean = "none" }}]   # versions of the index; {{}} is the study's own
# qualities = [{{}}, {{ sigma = 10 }}, {{ standardise = "zscore" }}]  # versions of quality
# effects = ["firm + year", "firm + industry^year"]
# samples = {{ early = "year <= 2007" }}   # label = condition; both halves of the years when not given
permutations = 500             # of the regions' paths; draws = 500 wild draws with the null imposed

[report]
formats = ["html", "docx", "pdf", "tex", "md"]
# language = "zh"              # of every word that integrade makes: en (default) or zh
# labels = {{ market = "Integration" }}   # what variables are called in tables and sentences
"""

TRUTH = """
# A simulated economy knows its truth; the report prints it beside the estimates. Leave this out with real data.
truth = "raw/truth"
"""


def _columns(table: str) -> str:
    """The ``columns`` line of a raw file: its headings and integrade's names."""
    pairs = ", ".join(f'"{old}" = "{new}"' for old, new in COLUMNS[table].items())
    return f"columns = {{ {pairs} }}\n" if pairs else ""


def write_demo(directory: Path, *, firms: int, seed: int) -> None:
    """Simulate an economy, write its raw files and a study that runs on them, with the truth beside."""
    _write(directory, Economy(n_firms=firms, seed=seed), "Market integration and export quality: a simulated economy")


def write_new(directory: Path) -> None:
    """A commented study.toml and a small simulated data set. Raises `UsageError` when a study is there already."""
    if (directory / "study.toml").exists():
        raise UsageError(f"{directory / 'study.toml'} exists", remedy="choose another folder; nothing was overwritten")
    _write(directory, Economy(n_firms=600, seed=20240102), "My study of market integration and export quality")


def _write(directory: Path, economy: Economy, title: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    write_raw(simulate(economy), directory / "raw")
    columns = {f"{table}_columns": _columns(table) for table in ("firms", "rd", "education")}
    text = STUDY.format(title=title, truth=TRUTH, **columns)
    for name, content in ((NAME, as_text()), ("study.toml", f"#:schema {NAME}\n{text}")):
        part = directory / f"{name}.part"
        part.write_text(content, encoding="utf-8")
        os.replace(part, directory / name)
