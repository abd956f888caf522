"""That the curve turns is said only where H1 finds an inverted U, or a U: in every sentence, table and figure."""

from __future__ import annotations

from dataclasses import replace

import report_example as example
from integrade.report.contents import all_figures
from integrade.report.regression import regression_table
from integrade.report.tables import ranking_table
from integrade.subjects.shape.past import PastShare
from integrade.subjects.shape.tables import past_table
from integrade.subjects.shape.two_lines import CubicTest, ShapeStudy
from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established
from integrade.subjects.situation.tables import series_table
from integrade.verdicts import brief, doubts, headline
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.named_rules import inverted_u
from integrade.verdicts.opening import turning_said
from plainwords.texts import speaking


def saturating() -> StudyResults:
    """The example: concave, and from p5 to p95 no fall is found (U-test p = 0.08)."""
    return example.study()


def turning() -> StudyResults:
    """The same with a clear fall."""
    study = example.study()
    return replace(study, benchmark=(*study.benchmark[:-1], example.clear(study.benchmark[-1])))


def said(study: StudyResults) -> str:
    return " ".join([inverted_u(study).sentence, *turning_said(study), *headline.shape(study)])


def test_nothing_falls_where_no_fall_is_established() -> None:
    assert not turn_established(curve_of_benchmark(saturating()))
    text = said(saturating())
    assert "We cannot establish that export quality has a turning point" in text
    for claim in (
        "rises with market integration up to",
        "inverted U that",
        "lower export quality",
        "lie beyond",
        "lie beyond the turning point",
    ):
        assert claim not in text
    assert "share_past" not in {n.key for n in brief.numbers(brief.read(saturating()))}
    with speaking("zh"):
        assert "不能认定出口产品质量随市场一体化变化存在拐点" in said(saturating())


def test_an_established_turn_is_said_as_before() -> None:
    assert turn_established(curve_of_benchmark(turning()))
    text = said(turning())
    assert "not established" not in text
    assert "cannot establish" not in text
    for claim in (
        "rises with market integration up to",
        "an inverted U with its turning point",
        "is associated with lower export quality",
        "lie beyond",
        "lie beyond the turning point",
    ):
        assert claim in text
    assert "share_past" in {n.key for n in brief.numbers(brief.read(turning()))}


def test_a_clear_u_is_a_turn_and_an_unclear_one_is_not() -> None:
    curve = curve_of_benchmark(turning())
    assert curve is not None
    slopes = tuple((name, x, -slope, error) for name, x, slope, error in curve.test.slopes)
    upright = replace(curve, test=replace(curve.test, shape="U", p_value=0.01, slopes=slopes), lines=None)
    assert turn_established(upright)
    assert not turn_established(replace(upright, test=replace(upright.test, p_value=0.2)))
    assert not turn_established(None)


def test_the_table_says_the_sign_of_the_square_and_the_figure_names_the_parabola() -> None:
    table = regression_table({c.label: c for c in saturating().benchmark})
    row = next(r for r in table.rows if r.key == "shape")
    assert row.cells[0] == "Sign of the square"
    assert set(row.cells[1:]) <= {"negative", ""}
    assert "inverted U" not in str(table.rows)
    grey, orange = (str(all_figures(s)["curve"].to_dict()) for s in (saturating(), turning()))
    assert "Parabola turns at 4.045" in grey
    assert "lie beyond" not in grey
    assert "Turning point 4.045" in orange


def italian(study: StudyResults) -> StudyResults:
    ranking = tuple(replace(r, region=f"Regione {i}") for i, r in enumerate(study.index.ranking))
    return replace(study, index=replace(study.index, ranking=ranking))


def test_regions_are_called_so_in_every_study_and_provinces_in_the_papers_table_alone() -> None:
    study = turning()
    test = study.benchmark[-1].u_test
    assert test is not None
    years = tuple(
        PastShare(year, 90, 0.2, 30, 0.2, 31, share) for year, share in (("all", 0.1), ("1", 0.0), ("2", 0.5))
    )
    shape = ShapeStudy("market", test, test, ("p5", "p95"), 0.95, past=years)
    for one, heading in ((study, "Province"), (italian(study), "Region")):
        found = replace(one, shape=shape)
        assert "of regions" in " ".join(doubts.shape(found))
        assert past_table(shape, established=True).columns[5] == "Regions"
        assert ranking_table(found.index, order="first").columns[0] == heading


def test_shares_past_say_where_the_turn_is_not_established() -> None:
    study = saturating()
    test = study.benchmark[-1].u_test
    assert test is not None
    years = (PastShare("all", 90, 0.2, 30, 0.2, 31, 0.1), PastShare("1", 90, 0.2, 30, 0.2, 31, 0.1))
    shape = ShapeStudy("market", test, test, ("p5", "p95"), 0.95, past=years)
    assert "Past the turning point" not in " ".join(doubts.shape(replace(study, shape=shape)))
    assert "do not establish" in past_table(shape, established=False).notes[-1]


def test_two_tests_of_a_cube_that_disagree_are_both_told() -> None:
    study = saturating()
    test, fit = study.benchmark[-1].u_test, study.benchmark[-1].headline
    assert test is not None

    def text(p: float, wild: float | None) -> str:
        cube = CubicTest("market", 0.1, 0.1, 1.0, p, wild, fit)
        shape = ShapeStudy("market", test, test, ("p5", "p95"), 0.95, cubic=cube)
        return " ".join(doubts.shape(replace(study, shape=shape)))

    for p, wild in ((0.2351, 0.001), (0.001, 0.2351)):
        assert f"t test p = {p:.4f}, wild cluster bootstrap p = {wild:.4f}" in text(p, wild)
    assert "A cubic term is not significant (p = 0.2351)" in text(0.2351, 0.3)
    assert "is significant" in text(0.001, None)


def test_a_series_of_the_nation_alone_names_no_groups() -> None:
    index = example.study().index
    one = index.trend[0].series
    alone = replace(index, trend=tuple(p for p in index.trend if p.series == one))
    assert "groups" not in series_table(alone).title
