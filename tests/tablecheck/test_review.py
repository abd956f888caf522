"""Published tables checked from their own numbers: what a reading of the paper found must be found again."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from each import each
from library import shared
from public_numbers import PUBLIC
from rawcells.errors import FileMissing, Unreadable
from tablecheck import LITERATURE, Finding, Review, audit_table, read_printed, review
from tablecheck.literature.mediation import product_tests
from tablecheck.words import term_name

PRINTED = PUBLIC / "printed"


@pytest.fixture(scope="module")
def paper() -> Review:
    """The eleven tables as printed."""
    return review(read_printed([shared("paper/tables")]), checks=LITERATURE)


@pytest.fixture(scope="module")
def retyped() -> Review:
    """Nine of them, most with the rows on market only: enough for the checks that need no others."""
    return review(read_printed([PRINTED]), checks=LITERATURE)


def of(found: Review, check: str, table: str = "", where: str = "") -> list[Finding]:
    return [f for f in found.findings if f.check == check and f.table.startswith(table) and where in f.where]


def test_retyped_rows_are_those_of_the_tables(paper: Review, retyped: Review) -> None:
    """And what is found in them is what is found in the whole tables."""
    for path in PRINTED.glob("*.csv"):
        rows = shared(f"paper/tables/{path.name}").read_text(encoding="utf-8").splitlines()
        assert set(path.read_text(encoding="utf-8").splitlines()) <= set(rows), path.name
    kept = {(f.check, f.table, f.sentence) for f in retyped.findings}
    lost = [f for f in paper.findings if f.grade != "note" and (f.check, f.table, f.sentence) not in kept]
    assert {f.table for f in lost} <= {"table1", "table5"}


def test_stars_that_no_t_supports(paper: Review) -> None:
    """Audit B10 and C35: 0.0004* at t = 0.56 and 0.0008* at t = 1.15, and nothing else in eleven tables."""
    wrong = [f for f in paper.findings if f.grade == "contradiction"]
    assert [(f.check, f.table, f.where.split(",")[0][:2], round(f.numbers["p"], 2)) for f in wrong] == [
        ("stars", "table5", "c1", 0.58),
        ("stars", "table5", "c4", 0.25),
    ]
    assert [(f.table, f.where) for f in of(paper, "stars") if f.grade == "note"] == [("table11", "c2_West, market^2")]


def test_a_star_that_rounding_decides(retyped: Review) -> None:
    """Audit C57: West, market squared, t = -1.96."""
    assert [(f.table, f.where) for f in of(retyped, "stars") if f.grade == "note"] == [("table11", "c2_West, market^2")]


@each(
    ("table", "column", "point", "low", "high"),
    [  # audit B3: the whole table
        ("table4", "col1", 3.984, 3.947, 4.021),
        ("table4", "col2", 4.045, 4.011, 4.080),
        ("table6", "c3", 4.101, 4.068, 4.135),
        ("table7", "c3", 4.031, 3.996, 4.066),
        ("table8", "c1", -3.500, -4.07, -3.06),
        ("table8", "c2", 4.035, 4.003, 4.067),
        ("table9", "c1", 4.020, 3.990, 4.051),
        ("table9", "c2", 4.102, 4.060, 4.145),
        ("table10", "c1", 3.741, 3.727, 3.756),
        ("table10", "c2", 5.417, 4.96, 5.96),
        ("table11", "c1", 3.943, 3.911, 3.975),
        ("table11", "c2", 4.256, 4.244, 4.269),
        ("table11", "c3", 4.237, 4.218, 4.257),
    ],
)
def test_turning_points_with_what_rounding_allows(
    retyped: Review, table: str, column: str, point: float, low: float, high: float
) -> None:
    (found,) = [f for f in of(retyped, "turning point", table, column) if f.table == table]
    tolerance = 0.0061 if abs(low * 100 - round(low * 100)) < 1e-9 else 0.00051  # as many digits as the audit prints
    assert found.numbers["turning_point"] == pytest.approx(point, abs=0.00051)
    assert found.numbers["low"] == pytest.approx(low, abs=tolerance)
    assert found.numbers["high"] == pytest.approx(high, abs=tolerance)
    insignificant = {("table8", "c1"), ("table10", "c2"), ("table11", "c3")}
    assert ("not significant" in found.sentence) == ((table, column) in insignificant)


def test_the_median_is_past_the_turning_point(retyped: Review) -> None:
    (found,) = of(retyped, "turning point", "table4", "col2")
    assert found.grade == "doubt"
    assert found.numbers["slope_median"] == pytest.approx(-0.0030, abs=5e-5)
    (size,) = of(retyped, "effect size", "table4", "col2")
    assert (round(size.numbers["rise_sd"], 2), round(size.numbers["fall_sd"], 2)) == (0.05, 0.03)
    (factor,) = of(retyped, "fragility", "table4", "col2")
    assert factor.numbers["factor"] == pytest.approx(3.76, abs=0.01)


@each(
    ("table", "pair", "z1", "p1", "z2", "p2"),
    [  # audit B13
        ("table8", "", -1.48, 0.139, 1.32, 0.188),
        ("table9", "", 1.05, 0.292, -1.11, 0.266),
        ("table10", "", 4.82, 0.0, -5.20, 0.0),
        ("table11", "c1_East and c2", -1.36, 0.175, 1.25, 0.211),
        ("table11", "c1_East and c3", -0.49, 0.623, 0.45, 0.654),
        ("table11", "c2_West and c3", 0.52, 0.605, -0.50, 0.615),
    ],
)
def test_differences_between_groups(
    retyped: Review, table: str, pair: str, z1: float, p1: float, z2: float, p2: float
) -> None:
    linear, square = of(retyped, "group differences", table, pair)
    for found, z, p in ((linear, z1, p1), (square, z2, p2)):
        assert found.numbers["z"] == pytest.approx(z, abs=0.0051)
        assert found.numbers["p"] == pytest.approx(p, abs=0.00081)


def test_parts_add_up_and_fits_do_not(retyped: Review) -> None:
    """Audit B12."""
    assert [f.table for f in of(retyped, "sums of N")] == ["table8", "table9", "table10", "table11"]
    assert all(f.numbers["sum"] == f.numbers["total"] == 594_596 for f in of(retyped, "sums of N"))
    assert [(f.table, f.numbers["high"], f.numbers["low"]) for f in of(retyped, "fit by group")] == [
        ("table10", 0.372, 0.025)
    ]


def test_mediation(retyped: Review) -> None:
    """Audit B6 and B14: the sign of Table 6, and no mediation by R&D."""
    capital, form = of(retyped, "mediation", "table6")
    assert capital.numbers["sobel_z"] == pytest.approx(8.233, abs=5e-4)
    assert "market^2" in form.sentence
    research = of(retyped, "mediation", "table7")[0]
    assert research.grade == "note"
    assert (round(research.numbers["sobel_z"], 3), round(research.numbers["p"], 4)) == (-1.590, 0.1119)
    (identity,) = of(retyped, "mediation identity")
    assert identity.table == "table6"
    assert (round(identity.numbers["low"], 3), round(identity.numbers["high"], 3)) == pytest.approx(
        (-0.047, 0.010), abs=0.0011
    )
    (level,) = of(retyped, "implied level")
    assert (round(level.numbers["level"], 3), round(level.numbers["turned"], 3)) == (2.425, 2.165)


def test_lags_that_are_none(paper: Review) -> None:
    """Audit B10: six lagged outcomes, three columns with the benchmark's coefficients, no square."""
    found = of(paper, "lags", "table5")
    assert sum("the outcome is lagged" in f.sentence for f in found) == 6
    assert [f.where[:2] for f in found if "do not decay" in f.sentence] == ["c4", "c5", "c6"]
    assert any("no column has a squared term" in f.sentence for f in found)


def test_summaries(paper: Review) -> None:
    """Audit B1 and B2: the transform, the shared minimum, ranks that do not last."""
    first, second = of(paper, "transform")
    assert "log_inverse_sqrt" in first.sentence
    assert "3.291" in second.sentence
    (shared,) = of(paper, "descriptives")
    assert shared.where == "market and rd"
    (ranks,) = of(paper, "ranks")
    assert (round(ranks.numbers["spearman"], 2), round(ranks.numbers["p"], 2)) == (-0.06, 0.74)
    assert of(paper, "correlations") == []


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_terms_in_one_form() -> None:
    assert [term_name(t) for t in ("c. Market# c. Market", "L2.Market", "market_sq", "ROA")] == [
        "market^2",
        "L2.market",
        "market^2",
        "roa",
    ]


def test_a_table_with_standard_errors(tmp_path: Path) -> None:
    """b / SE decides the stars; a t that is not b / SE is a contradiction; a sign that is not b's another."""
    text = "variable,stat,(1),(2)\nx,b,0.50***,0.50\nx,se,(0.10),0.10\nx,t,5.00,7.00\nz,b,0.20**,0.30\nz,t,-2.2,0.5\n"
    found = review(read_printed([write(tmp_path / "t.csv", text + "N,,100,100\n")]), checks=LITERATURE).findings
    said = [(f.check, f.where) for f in found if f.grade == "contradiction"]
    assert said == [("signs", "(1), z"), ("tests", "(2), x")]


def stars(tmp_path: Path, rows: str, stars: str = "**", t: str = "-2.83") -> list[tuple[str, str]]:
    text = f"variable,stat,(1) y\nw,b,1.5***\nw,t,50\nv,b,1.4***\nv,t,40\nx,b,-0.5434{stars}\nx,t,{t}\n"
    text += f"Observations,,600\n{rows}"
    text += "*** p<0.01, ** p<0.05, * p<0.1\n"
    found = review(read_printed([write(tmp_path / "t.csv", text)]), checks=LITERATURE).findings
    return [(f.grade, f.sentence) for f in found if f.check == "stars"]


def test_stars_follow_the_degrees_of_freedom_that_are_printed(tmp_path: Path) -> None:
    """t = 2.83: p = 0.016 with 11 degrees of freedom, 0.005 by the normal, which some programs take with clusters."""
    for rows in ("df of t,,11\n", "Clusters,,region 12\ndf of t,,11\n", 'Clusters,,"region 12, year 40"\n'):
        assert stars(tmp_path, rows) == [], rows
        assert stars(tmp_path, rows, "***") == [], rows
    ((grade, said),) = stars(tmp_path, "df of t,,590\n")
    assert grade == "contradiction"
    assert "p = 0.005; ** needs |t| of at least 1.96 and at most 2.58" in said
    ((grade, _),) = stars(tmp_path, "df of t,,11\n", "*")
    assert grade == "contradiction"


def test_stars_accuse_only_where_every_distribution_does(tmp_path: Path) -> None:
    """Neither degrees of freedom nor clusters are printed: few clusters may take a star away."""
    assert stars(tmp_path, "") == []
    assert stars(tmp_path, "Clusters,,none\ndf of t,,\n") == [], "cells that are not numbers are as none"
    assert stars(tmp_path, "Clusters,,12\n", "*")[0][0] == "contradiction"
    assert stars(tmp_path, "", "***", "-1.20")[0][0] == "contradiction"
    assert stars(tmp_path, "", "", "-9.00")[0][0] == "contradiction"


def test_wrong_ranks_and_impossible_spreads(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "place,seg_2004,rank_2004\nA,0.3,1\nB,0.2,3\nC,0.1,2\n")
    spreads = "variable,N,minimum,maximum,median,std_dev\n"
    spreads += "x,100,0.0,1.0,1.5,0.2\ny,100,0.0,1.0,0.5,0.9\nz,100,5,1,2,1\n"
    write(tmp_path / "b.csv", spreads)
    write(tmp_path / "c.csv", "variable,stat,(1)\nx,b,1\nN,,100\n")
    write(tmp_path / "d.csv", "variable,c1,c2\nx,1.000,\ny,0.050***,1.000\n")
    found = review(read_printed([tmp_path]), checks=LITERATURE).findings
    assert [(f.table, f.where) for f in found if f.grade == "contradiction"] == [
        ("a", "rank_2004"),
        ("b", "x"),
        ("b", "y"),
        ("b", "z"),
        ("d", "y and x"),
    ]


def test_product_tests_are_those_of_the_textbook() -> None:
    """Sobel 1982 by hand: a = .5 (.1), b = .4 (.2): z = .2 / sqrt(.16 * .01 + .25 * .04)."""
    ab, sobel, aroian, _ = product_tests(0.5, 0.1, 0.4, 0.2)
    assert (ab, sobel) == (pytest.approx(0.2), pytest.approx(0.2 / (0.16 * 0.01 + 0.25 * 0.04) ** 0.5))
    assert aroian == pytest.approx(0.2 / (0.16 * 0.01 + 0.25 * 0.04 + 0.01 * 0.04) ** 0.5)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"t1\.csv"):
        read_printed([write(tmp_path / "t1.csv", "a,b\n1,2\n").with_name("t.csv")])
    with pytest.raises(Unreadable, match="no table that can be checked"):
        read_printed([tmp_path / "t1.csv"])


def test_a_misprinted_number_is_a_doubt_about_the_reading_and_lowers_what_is_claimed(tmp_path: Path) -> None:
    rows = "variable,stat,(1)\nw,b,0.04***\nw,t,0.56\nz,b,1.5***\nz,t,50\nx,b,O.5\nx,t,4.1\nN,,1000\n"
    found = review(read_printed([write(tmp_path / "t.csv", rows)]), checks=LITERATURE)
    (doubts,) = found.doubts.values()
    assert "'O.5'" in doubts[0]
    assert [f.grade for f in found.findings if f.check == "stars"] == ["doubt"]


def test_cells_beyond_the_headings_are_a_doubt_and_endless_cells_are_refused(tmp_path: Path) -> None:
    """Whatever other readers have set as the longest cell of csv."""
    usual = csv.field_size_limit(1 << 24)
    file = write(tmp_path / "typed.csv", "variable,stat,m1\n\nx,b,1.2***,3\nx,t,4.5\n")
    (table,) = read_printed([file])
    assert any("no heading" in d for d in table.doubts)
    write(file, f"variable,stat,m1\n\nx,b,1\nx,b,{'y' * 200_000}\n")
    with pytest.raises(Unreadable):
        read_printed([file])
    csv.field_size_limit(usual)


def contradictions(tmp_path: Path, text: str) -> list[str]:
    found = review(read_printed([write(tmp_path / "t.csv", text)]), checks=LITERATURE).findings
    return [f.check for f in found if f.grade == "contradiction"]


def test_a_total_effect_is_the_sum_of_its_parts(tmp_path: Path) -> None:
    rows = "variable,stat,(1) y\nTotal effect,b,{}\nTotal effect,se,0.01\nDirect effect,b,0.30\nDirect effect,se,0.01\n"
    rows += "Indirect effect,b,0.12\nIndirect effect,se,0.01\n"
    assert contradictions(tmp_path, rows.format("0.42")) == []
    assert contradictions(tmp_path, rows.format("0.43")) == [], "0.304 + 0.124 prints as 0.43 too"
    assert contradictions(tmp_path, rows.format("0.45")) == ["effects"]


def test_an_average_is_not_below_what_its_years_sum_to(tmp_path: Path) -> None:
    rows = "place,avg_2004_2007,rank_avg,seg_2004,rank_2004\nA,{},1,0.80,1\nB,0.15,2,0.20,2\nC,0.10,3,0.10,3\n"
    assert contradictions(tmp_path, rows.format("0.20")) == []
    assert contradictions(tmp_path, rows.format("0.18")) == ["averages"]


def test_a_wald_statistic_is_not_below_the_largest_t_squared(tmp_path: Path) -> None:
    rows = "variable,stat,(1) y\nx,b,0.50\nx,t,5.00\nz,b,0.10\nz,t,1.00\nN,,200\nWald chi2,,{}\n"
    assert [f.check for f in review(read_printed([write(tmp_path / "t.csv", rows.format("24.0"))])).findings] == ["F"]
    assert review(read_printed([write(tmp_path / "t.csv", rows.format("26.0"))])).findings == ()


def test_only_a_coefficient_that_a_sentence_names_is_compared_with_what_it_quotes(tmp_path: Path) -> None:
    table = write(tmp_path / "table1.csv", "variable,stat,(1) y\nmarket,b,0.0534***\nmarket,t,7.45\nN,,1000\n")
    for sentence, found in (
        ("In Table 1 the coefficient of market is 0.0543.", ["claims"]),
        ("In Table 1 the coefficient of market is 0.0534.", []),
        ("Table 1 shows market; the mean of quality is 0.0543.", []),
        ("In Table 1 the coefficient of trade is 0.0543.", []),
    ):
        said = audit_table(table, text=write(tmp_path / "paper.txt", sentence), checks=LITERATURE).findings
        assert [f.check for f in said if f.grade == "doubt"] == found, sentence


def test_two_brackets_that_can_only_hold_the_same_are_read(tmp_path: Path) -> None:
    rows = "<table><tr><td></td><td>(1)</td></tr><tr><td>x</td><td>1.00</td></tr><tr><td></td><td>(-2.5)</td></tr>"
    rows += "<tr><td></td><td>[-3.5]</td></tr></table>"
    assert audit_table(write(tmp_path / "t.html", rows)).findings is not None


def test_a_sparse_column_of_words_does_not_make_labels_of_the_numbers_before_it(tmp_path: Path) -> None:
    rows = "<table><tr><td></td><td>(1) y</td><td></td><td>(2) y</td></tr>"
    rows += "<tr><td>x</td><td>1.00</td><td></td><td>1.20</td></tr>"
    rows += "<tr><td></td><td>(0.50)</td><td></td><td>(0.40)</td></tr>"
    rows += "<tr><td>Kind</td><td></td><td>words</td><td></td></tr></table>"
    (table,) = read_printed(write(tmp_path / "t.html", rows))
    assert [[b.value for e in c.estimates.values() if (b := e.b)] for c in table.columns] == [[1.0], [1.2]]


def test_what_else_a_reading_of_the_paper_found_is_found_with_its_text() -> None:
    """Audit C19, C24 to C28, C31, C38, C59, B12 and B14; and nothing of Table 11 rests on the whole sample's median."""
    found = audit_table(shared("paper/tables"), text=shared("paper/paper.txt"), checks=LITERATURE).findings
    said = {(f.check, f.table): f.sentence for f in found}
    for check, table, words in (
        ("definitions", "table2", "cuts quality at 5%"),
        ("coverage", "table4", "fic has the coefficient 0.0202*** and a correlation of -0.019***"),
        ("definitions", "table2", "roa by the year before"),
        ("coverage", "table2", "in no regression of these tables: invint"),
        ("coverage", "table3", "leaves out humancapital, rd, invint"),
        ("coverage", "table3", "squares that stand in the regressions are not in the matrix"),
        ("coverage", "table2", "no mean is printed"),
        ("coverage", "table4", "Hausman prints 0.0000 without the statistic"),
        ("claims", "table7", "takes a hypothesis as verified"),
        ("mediator adds", "table6", "R2 is 0.26 with and without humancapital"),
        ("mediator adds", "table7", "R2 is 0.26 with and without rd"),
        ("definitions", "table2", "counts 4596"),
        ("parts", "table10", "age is 0.0016*** in one part and 0.0170*** in the other"),
        ("first path", "table6", "|t| = 130"),
        ("first path", "table7", "|t| = 84"),
        ("mediation", "table7", "has no market^2"),
    ):
        assert any(f.check == check and f.table == table and words in f.sentence for f in found), (words, said)
    assert not [f for f in found if f.table == "table11" and "median" in f.sentence and f.grade != "note"]


@pytest.mark.parametrize(
    ("sentence", "doubted"),
    [
        ("Hypothesis 3 is supported: integration raises quality through RD.", True),
        ("Hypothesis 3 is supported if RD rises with integration and raises quality.", False),
    ],
)
def test_a_rule_that_says_when_a_hypothesis_would_hold_is_no_claim(
    sentence: str, doubted: bool, tmp_path: Path
) -> None:
    text = write(tmp_path / "paper.txt", sentence)
    found = audit_table(shared("paper/tables"), text=text, checks=LITERATURE).findings
    assert any("takes a hypothesis as verified" in f.sentence for f in found) == doubted
