"""Bad input: a coded message, the right exit code, nothing half-written. Every message is a reviewed snapshot.

After a deliberate change of wording: INTEGRADE_UPDATE=1 pytest tests/cli/test_messages.py, then read the diff.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from each import each
from integrade.cli import run

SNAPSHOTS = Path(__file__).parents[1] / "messages"


def prices() -> pl.DataFrame:
    regions, goods = ["Anhui", "Fujian", "Gansu", "Hebei", "Hunan"], ["food", "clothing", "fuel", "housing"]
    return pl.DataFrame(
        [
            {"region": r, "year": 2004 + t, "commodity": g, "index": 100.0 + (i * 3 + j * 5 + t * 7) % 11}
            for i, r in enumerate(regions)
            for j, g in enumerate(goods)
            for t in range(2)
        ]
    )


def customs() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"firm": f"F{i}", "product": p, "destination": d, "year": 2004, "value": 100.0 + 7 * i, "quantity": 5.0 + i}
            for i in range(4)
            for p in ("030420", "610910")
            for d in ("JPN", "USA")
        ]
    )


def firms() -> pl.DataFrame:
    return pl.DataFrame({"firm": ["F1", "F2"], "year": [2004, 2004], "assets": [10.0, 20.0]})


def panel() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "firm": f"F{i}",
                "year": 2004 + t,
                "region": f"R{i % 4}",
                "quality": (i * 7 + t * 3) % 5 / 5,
                "market": (i % 4) + 0.3 * t * (i % 3),
                "born": 1990 + i,
                "scale": (i * t) % 7,
            }
            for i in range(12)
            for t in range(4)
        ]
    )


def register() -> pl.DataFrame:
    """Firms with a name and a telephone, and what a reviewer wrote about them."""
    return pl.DataFrame(
        {
            "firm": ["F1", "F2"],
            "year": [2004, 2004],
            "name": ["华大电子有限公司", "东方纺织厂"],
            "phone": ["26001234", "26005678"],
            "customs_firm": ["F1", "F2"],
            "decision": ["yes", "perhaps"],
        }
    )


MATCH = ("match", "FILE", "FILE", "--out", "OUT.csv", "--quiet")


@dataclass(frozen=True)
class Case:
    """One bad input: what to write, what to call (with FILE and OUT filled in), and the exit code."""

    name: str
    write: Callable[[Path], Path]
    call: tuple[str, ...]
    code: int


def csv(frame: pl.DataFrame) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        frame.write_csv(folder / "input.csv")
        return folder / "input.csv"

    return write


def parquet(frame: pl.DataFrame, keep: float = 1.0) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "input.parquet"
        frame.write_parquet(path)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
        return path

    return write


def text(content: str, name: str = "input.csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(content, encoding="utf-8")
        return folder / name

    return write


def survey() -> pl.DataFrame:
    return pl.DataFrame(
        {"respondent": ["a", "b", "c"], "region": ["X"] * 3, "year": [2004] * 3, "item": ["q"] * 3, "score": [4, 7, 2]}
    )


def flows() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "origin": f"R{i}",
                "destination": f"R{j}",
                "year": 2007,
                "value": 10.0 + (7 * i + 3 * j) % 5,
                "distance": 100.0 + 50 * abs(i - j),
            }
            for i in range(4)
            for j in range(4)
        ]
    )


def output() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"region": r, "industry": k, "year": 2004, "employment": 10.0 + 3 * i}
            for i, r in enumerate(["Anhui", "Fujian"])
            for k in ("C13", "C14")
        ]
    )


def database(folder: Path) -> Path:
    with duckdb.connect(str(folder / "input.duckdb")) as connection:
        connection.execute("create table customs as select 'F1' as firm, 2004 as year")
        connection.execute("create table firms as select 'F1' as firm, 2004 as year")
    return folder / "input.duckdb"


INDEX = ("integration", "FILE", "--out", "OUT.csv", "--quiet")
LINK = (*INDEX, "--basis", "link")  # tables too small to tell
QUALITY = ("quality", "FILE", "--out", "OUT.csv", "--quiet", "--sigma", "5")
FIT = ("fit", "FILE")
STUDY = """title = "t"
[prices]
files = ["p.csv"]
[customs]
files = ["c.csv"]
[firms]
files = ["f.csv"]
"""

CASES = [
    Case("missing_column", csv(prices().drop("index")), INDEX, 1),
    Case("misspelt_column", csv(prices().rename({"index": "indx"})), INDEX, 1),
    Case("misspelt_mapping", csv(prices()), (*INDEX, "--column", "region=regoin"), 2),
    Case(
        "text_in_number",
        csv(
            prices()
            .cast({"index": pl.String})
            .with_columns(index=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit("n/k")).otherwise("index"))
        ),
        INDEX,
        1,
    ),
    Case(
        "non_positive_index",
        csv(prices().with_columns(index=pl.when(pl.int_range(pl.len()) == 5).then(0.0).otherwise("index"))),
        INDEX,
        1,
    ),
    Case("duplicate_keys", csv(pl.concat([prices(), prices().head(1)])), INDEX, 1),
    Case("empty_file", text(""), INDEX, 1),
    Case("no_rows", csv(prices().clear()), INDEX, 1),
    Case("one_region", csv(prices().filter(pl.col("region") == "Anhui")), LINK, 1),
    Case("no_such_file", lambda folder: folder / "inptu.csv", INDEX, 2),
    Case(
        "codes_with_decimals",
        parquet(customs().with_columns(product=pl.lit(8471.3))),
        (*QUALITY, "--pad", "product=6"),
        1,
    ),
    Case(
        "ambiguous_decimals",
        text("region;year;commodity;index\nAnhui;2004;food;1,012\nFujian;2004;food;1,034\n"),
        INDEX,
        1,
    ),
    Case(
        "ambiguous_dates",
        text("region,date,commodity,index\nAnhui,01/02/2010,food,101\nAnhui,01/03/2010,food,102\n"),
        INDEX,
        1,
    ),
    Case(
        "years_beside_months",
        text("region,year,commodity,index\nAnhui,2010,food,101\nAnhui,2010M01,food,102\n"),
        INDEX,
        1,
    ),
    Case(
        "both_decimal_marks",
        text("region;year;commodity;index\nAnhui;2004;food;101,2\nFujian;2004;food;103.4\n"),
        INDEX,
        1,
    ),
    Case(
        "against_the_decimal_mark",
        text("region;year;commodity;index\nAnhui;2004;food;101.2\n"),
        (*INDEX, "--decimal", ","),
        1,
    ),
    Case("codes_read_as_numbers", parquet(customs().cast({"product": pl.Int64})), QUALITY, 1),
    Case("all_quantities_zero", csv(customs().with_columns(quantity=pl.lit(0.0))), QUALITY, 1),
    Case("truncated_parquet", parquet(customs(), keep=0.6), QUALITY, 1),
    Case(
        "theta_missing",
        csv(customs()),
        ("quality", "FILE", "--out", "OUT.csv", "--method", "supply_demand", "--sigma", "5"),
        2,
    ),
    Case(
        "cost_columns_missing",
        csv(customs()),
        (
            "quality",
            "FILE",
            "--out",
            "OUT.csv",
            "--quiet",
            "--method",
            "supply_demand",
            "--sigma",
            "5",
            "--theta",
            "0.6",
            "--cost",
            "columns",
        ),
        1,
    ),
    Case(
        "features_missing",
        csv(customs()),
        ("quality", "FILE", "--out", "OUT.csv", "--quiet", "--method", "product_features"),
        2,
    ),
    Case(
        "rating_not_in_customs",
        csv(customs()),
        ("quality", "FILE", "--out", "OUT.csv", "--quiet", "--method", "product_features", "--rating", "valu"),
        1,
    ),
    Case(
        "within_without_year",
        csv(customs()),
        ("quality", "FILE", "--out", "OUT.csv", "--quiet", "--method", "unit_value", "--within", "product"),
        2,
    ),
    Case(
        "industry_level_without_groups",
        csv(customs()),
        ("quality", "FILE", "--out", "OUT.csv", "--quiet", "--method", "unit_value", "--level", "industry"),
        2,
    ),
    Case(
        "outside_not_a_share",
        csv(customs()),
        (
            "quality",
            "FILE",
            "--out",
            "OUT.csv",
            "--quiet",
            "--method",
            "nested_logit",
            "--industry",
            "0",
            "--outside",
            "70",
        ),
        2,
    ),
    Case(
        "nest_not_identified",
        csv(customs()),
        (
            "quality",
            "FILE",
            "--out",
            "OUT.csv",
            "--quiet",
            "--method",
            "nested_logit",
            "--industry",
            "4",
            "--outside",
            "0.7",
        ),
        1,
    ),
    Case("decompose_without_value", csv(panel()), ("decompose", "FILE", "--out", "OUT.csv", "--quiet"), 1),
    Case("sigma_missing", csv(customs()), ("quality", "FILE", "--out", "OUT.csv"), 2),
    Case("sigma_below_one", csv(customs()), (*QUALITY[:-1], "0.9"), 2),
    Case(
        "firm_level_without_firms",
        csv(customs().drop("firm").unique(["product", "destination"])),
        (*QUALITY, "--level", "firm"),
        2,
    ),
    Case("unknown_option", csv(prices()), (*INDEX, "--demaen", "none"), 2),
    Case("unknown_choice", csv(prices()), (*INDEX, "--demean", "paris"), 2),
    Case("unknown_command", csv(prices()), ("integraton", "FILE"), 2),
    Case("unknown_format", csv(prices()), ("integration", "FILE", "--out", "OUT.doc", "--quiet"), 2),
    Case("bad_filter", csv(prices()), (*INDEX, "--where", "year >> 2004"), 2),
    Case("filter_unknown_column", csv(prices()), (*INDEX, "--where", "yaer > 2004"), 2),
    Case(
        "unknown_toml_key",
        text(STUDY + "[quality]\nsigma = 5\n[integraton]\nddof = 1\n", "study.toml"),
        ("check", "FILE"),
        2,
    ),
    Case(
        "unquoted_code_in_toml",
        text(STUDY + "[quality]\nsigma = 5\nproduct = 0101\n", "study.toml"),
        ("check", "FILE"),
        2,
    ),
    Case("unknown_column_in_formula", csv(panel()), (*FIT, "quality ~ markt + scale | firm + year"), 2),
    Case("formula_that_does_not_parse", csv(panel()), (*FIT, "quality ~ market + | firm"), 2),
    Case(
        "absorbed_where_the_test_needs_it",
        csv(panel()),
        (*FIT, "quality ~ born + born^2 | firm + year", "--u-test", "born"),
        1,
    ),
    Case("score_outside_the_scale", csv(survey()), (*INDEX, "--method", "survey_score"), 1),
    Case("series_too_short", csv(prices()), (*LINK, "--method", "threshold_band"), 1),
    Case("measure_without_its_column", csv(panel()), ("compare", "FILE", "b=FILE"), 1),
    Case("unknown_method", csv(prices()), (*INDEX, "--method", "krugmann"), 2),
    Case("table_beside_unknown", csv(flows()), (*INDEX, "--method", "gravity", "--with", "gpd=FILE"), 2),
    Case("table_beside_malformed", csv(flows()), (*INDEX, "--method", "gravity", "--with", "FILE"), 2),
    Case("table_beside_missing", csv(flows()), (*INDEX, "--method", "border_regression", "--mass", "gdp"), 2),
    Case("no_distances", csv(flows().drop("distance")), (*INDEX, "--method", "gravity"), 1),
    Case(
        "no_internal_flows",
        csv(flows().filter(pl.col("origin") != pl.col("destination"))),
        (*INDEX, "--method", "head_ries"),
        1,
    ),
    Case("too_few_flows", csv(flows().filter(pl.col("origin") == "R0")), (*INDEX, "--method", "border_regression"), 1),
    Case("output_without_plants", csv(output()), (*INDEX, "--method", "ellison_glaeser"), 1),
    Case(
        "study_measure_without_its_table",
        text(STUDY + '[quality]\nsigma = 5\n[integration]\nmethod = "gravity"\n', "study.toml"),
        ("check", "FILE"),
        2,
    ),
    Case("imputed_prices", csv(prices()), (*INDEX, "--missing", "impute"), 2),
    Case("window_without_time", csv(prices()), (*INDEX, "--window", "3"), 2),
    Case("no_region_near", csv(prices()), (*LINK, "--pairs", "within:10"), 1),
    Case("not_a_distance", csv(prices()), (*LINK, "--pairs", "within:near"), 2),
    Case(
        "distances_unknown",
        csv(prices().with_columns(region=pl.lit("County ") + pl.col("region"))),
        (*LINK, "--pairs", "nearest:2"),
        2,
    ),
    Case("weights_file_missing", csv(prices()), (*INDEX, "--partner-weights", "distanse"), 2),
    Case("weights_without_their_column", csv(prices()), (*LINK, "--partner-weights", "FILE"), 1),
    Case(
        "wages_as_indices",
        csv(prices().with_columns(index=pl.col("index") * 300)),
        (*LINK, "--goods-group", "labour"),
        2,
    ),
    Case("source_unknown", csv(customs()), (*QUALITY, "--source", "bacci"), 2),
    Case("source_of_another_table", csv(prices()), (*INDEX, "--source", "baci"), 2),
    Case("source_wrong_layout", csv(customs()), (*QUALITY, "--source", "baci"), 1),
    Case("source_not_named", text("t,i,j,k,v,q\n2020,4,36,71120,0.7,0.3\n"), QUALITY, 1),
    Case("database_without_that_table", database, ("quality", "FILE#custom", *QUALITY[2:]), 2),
    Case("database_of_several_tables", database, QUALITY, 2),
    Case("unknown_kind_of_address", csv(customs()), ("quality", "mysql://localhost/trade#customs", *QUALITY[2:]), 2),
    Case(
        "password_in_a_study",
        text(
            STUDY.replace("c.csv", "postgresql://me:secret@localhost/trade#customs") + "[quality]\nsigma = 5\n",
            "study.toml",
        ),
        ("check", "FILE"),
        2,
    ),
    Case("families_without_editions", csv(customs()), (*QUALITY, "--families", "FILE"), 1),
    Case(
        "rules_that_cannot_be_read",
        text(
            STUDY
            + "[quality]\nsigma = 5\n"
            + "".join(
                f'[[hypotheses]]\nname = "H{i}"\nclaim = "c"\nrule = "{rule}"\n'
                for i, rule in enumerate(("b(scal) > 0", "u_test < 0.05", "b(scale) >"), start=6)
            ),
            "study.toml",
        ),
        ("check", "FILE"),
        2,
    ),
    Case(
        "versions_that_cannot_be_made",
        text(
            STUDY + '[quality]\nsigma = 5\n[[outcomes]]\nname = "a"\n[[outcomes]]\nname = "a"\ncolumn = "roa"\n'
            '[[indices]]\nname = "near"\npair = "adjacent"\n',
            "study.toml",
        ),
        ("check", "FILE"),
        2,
    ),
    Case("match_without_names", csv(panel()), MATCH, 1),
    Case("match_unknown_step", csv(register()), (*MATCH, "--steps", "nameyear"), 2),
    Case("match_too_little_to_learn", csv(register()), (*MATCH, "--similar"), 2),
    Case("match_decision_unclear", csv(register()), (*MATCH, "--reviewed", "FILE"), 2),
    Case("match_reviewed_without_decision", csv(register().drop("decision")), (*MATCH, "--reviewed", "FILE"), 1),
    Case(
        "identify_unknown_rule",
        csv(register()),
        ("identify", "FILE", "--out", "OUT.csv", "--rules", "phone_country"),
        2,
    ),
    Case(
        "study_matching_without_exporters",
        text(STUDY + "[quality]\nsigma = 5\n[matching]\nsimilar = true\n", "study.toml"),
        ("check", "FILE"),
        2,
    ),
    Case(
        "study_links_beside_exporters",
        text(
            STUDY + '[quality]\nsigma = 5\n[links]\nfiles = ["l.csv"]\n[exporters]\nfiles = ["e.csv"]\n', "study.toml"
        ),
        ("check", "FILE"),
        2,
    ),
    Case(
        "study_matching_option",
        text(
            STUDY + '[quality]\nsigma = 5\n[exporters]\nfiles = ["e.csv"]\n[matching]\nsimilar = { treshold = 9 }\n',
            "study.toml",
        ),
        ("check", "FILE"),
        2,
    ),
    Case("report_before_a_run", text(STUDY + "[quality]\nsigma = 5\n", "study.toml"), ("report", "FILE"), 2),
    Case(
        "report_unknown_format",
        text(STUDY + "[quality]\nsigma = 5\n", "study.toml"),
        ("report", "FILE", "--format", "html,doc"),
        2,
    ),
    Case(
        "report_unknown_language",
        text(STUDY + "[quality]\nsigma = 5\n", "study.toml"),
        ("report", "FILE", "--language", "cn"),
        2,
    ),
    Case(
        "study_unknown_format",
        text(STUDY + '[quality]\nsigma = 5\n[report]\nformats = ["word"]\n', "study.toml"),
        ("check", "FILE"),
        2,
    ),
    Case(
        "constant_outcome", csv(panel().with_columns(quality=pl.lit(0.5))), (*FIT, "quality ~ market | firm + year"), 1
    ),
    Case(
        "outcome_within_effects",
        csv(panel().with_columns(quality=pl.col("born"))),
        (*FIT, "quality ~ market | firm + year"),
        1,
    ),
    Case(
        "nothing_left",
        csv(panel().with_columns(market=pl.lit(None, dtype=pl.Float64))),
        (*FIT, "quality ~ market | firm"),
        1,
    ),
    Case("unknown_rule_set", csv(firms()), ("clean", "FILE", "--rules", "cai_lui", "--out", "OUT.csv"), 2),
    Case(
        "rules_without_their_columns",
        csv(firms()),
        ("clean", "FILE", "--rules", "brandt", "--out", "OUT.csv", "--quiet"),
        1,
    ),
    Case(
        "rules_leave_nothing",
        csv(firms().with_columns(assets=pl.lit(-1.0))),
        ("clean", "FILE", "--rules", "cai_liu", "--out", "OUT.csv", "--quiet"),
        1,
    ),
    Case("unknown_customs_rule", csv(customs()), (*QUALITY, "--rules", "intermediary"), 2),
    Case("customs_rule_without_its_column", csv(customs()), (*QUALITY, "--rules", "exports"), 1),
    Case(
        "no_good_in_every_year",
        csv(prices().with_columns(commodity=pl.col("commodity") + pl.col("year").cast(pl.String))),
        (*INDEX, "--breaks", "common"),
        1,
    ),
    Case("years_across", text("地区,2009年,2008年\n北京,101,102\n天津,102,103\n河北,103,104\n"), INDEX, 1),
]


@each("case", CASES, ids=lambda case: case.name)
def test_message(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    file = case.write(folder)
    call = [part.replace("FILE", str(file)).replace("OUT", str(out / "result")) for part in case.call]
    code = run(call)
    said = capsys.readouterr().err.replace(str(folder), "IN").replace(str(out), "OUT")
    snapshot = SNAPSHOTS / f"{case.name}.txt"
    if os.environ.get("INTEGRADE_UPDATE") == "1":
        snapshot.write_text(said, encoding="utf-8")
    assert "Traceback" not in said
    assert code == case.code, said
    assert said == snapshot.read_text(encoding="utf-8")
    assert list(out.iterdir()) == [], "nothing half-written"
    assert len(list(folder.iterdir())) <= 1


def test_absorbed_regressor_is_named_and_the_rest_estimated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = csv(panel())(tmp_path)
    assert run(["fit", str(file), "quality ~ market + born | firm + year"]) == 0
    heard = capsys.readouterr()
    assert "born" in heard.err
    assert "absorbed" in heard.err
    assert "market" in heard.out
