"""The brief: one sentence, four numbers, a line for each verdict."""

from dataclasses import replace

import pytest

from integrade.integration.change import NationalChange
from integrade.verdicts import brief
from integrade.verdicts.bundle import Verdict
from integrade.verdicts.parts import Part
from plainwords.texts import say, speaking
from report_example import clear, study


def _verdict(outcome, *parts, about="inverted_u"):
    return Verdict("H1", outcome, "", "A claim.", about=about, parts=parts)


def test_a_claim_that_stands_is_as_strong_as_its_weakest_condition():
    parts = (Part("", True, 0.01, "u_test"), Part("", True, 0.04, "wild"), Part("", True, -3.0, "square"))
    assert brief.deciding(_verdict("supported", *parts)) == "p = 0.0400"


def test_a_claim_that_falls_is_decided_by_the_failing_test_with_the_largest_p():
    parts = (
        Part("", False, None, "square"),
        Part("", True, 0.95, "two_lines"),
        Part("", False, 0.3, "u_test"),
        Part("", False, 0.9, "wild"),
    )
    assert brief.deciding(_verdict("not supported", *parts)) == "p = 0.9000"


def test_a_rule_without_a_p_value_is_decided_by_its_conditions():
    parts = (Part("", True, -0.3, "effect_high"), Part("", True, None, "corrected"), Part("", None, None, "wild"))
    assert brief.deciding(_verdict("supported", *parts, about="own")) == "Rule in the study file"
    assert brief.deciding(_verdict("not supported", Part("", False, 0.2, "square"))) == "Sign of the square"
    assert brief.deciding(_verdict("not tested", Part("", None, None, "wild"))) == "–"


def test_every_finding_against_the_headline_has_a_short_form():
    long = [
        "against.curvature-lost",
        "against.placebo",
        "against.noise-net",
        "against.few-clusters",
        "against.exogeneity",
        "against.omitted",
    ]
    names = "term estimate error p share effects between tests clusters effective assuming heaviest value taken"
    values = dict.fromkeys(names.split(" "), "x")
    for key in long:
        for language in ("en", "zh"):
            with speaking(language):
                whole = say(key, **values)
                assert len(brief.shortened(whole)) < len(whole)


@pytest.mark.parametrize(
    ("outcome", "about", "reason"),
    [
        ("supported", "promotes:rd", "Assumes that no omitted factor drives both mediator and outcome"),
        ("supported", "inverted_u", "No check raises an objection"),
        ("cannot be told", "inverted_u", "Inconclusive because of noise in the index"),
        ("not tested", "inverted_u", "The study does not test this claim"),
        ("not supported", "inverted_u", "Not significant: U-test"),
    ],
)
def test_each_verdict_has_one_reason(outcome, about, reason, monkeypatch):
    monkeypatch.setattr(brief, "_objection", lambda _: "")
    monkeypatch.setattr(brief, "_not_located", lambda _: "")
    verdict = _verdict(outcome, Part("", False, 0.5, "u_test"), about=about)
    (row,) = brief.rows(brief.read(replace(study(), verdicts=(verdict,))))
    assert row.reason == reason


def test_the_share_beyond_is_that_of_the_reported_turning_point(monkeypatch):
    results = study()
    column = results.benchmark[-1]
    moved = replace(column.u_test, turning_point=4.4)
    fit = column.headline
    steeper = [
        replace(c, estimate=1.1 * c.estimate) if c.term == "market" else c for c in fit.coefficients
    ]  # the vertex lies a tenth higher
    monkeypatch.setattr(brief, "corrected_curve", lambda _: (replace(fit, coefficients=tuple(steeper)), moved))
    spread = next(s for s in fit.spreads if s.variable == "market")
    vertex = 1.1 * column.u_test.turning_point
    beyond = spread.counts[spread.values > vertex].sum() / spread.counts.sum()
    reading = brief.read(results)
    assert brief._share_past(reading, moved) == pytest.approx(beyond)
    assert brief._share_past(reading, moved) < column.u_test.share_past
    assert brief.cell_of_number(reading, "share_past") is None


def _turning(**changed):
    """A study whose inverted U is supported, with changes of its U-test."""
    results = study()
    column = clear(results.benchmark[-1])
    column = replace(column, u_test=replace(column.u_test, **changed))
    verdict = _verdict("supported", Part("", True, 0.04, "u_test"))
    return brief.read(replace(results, benchmark=(*results.benchmark[:-1], column), verdicts=(verdict,)))


def test_the_answer_names_the_index_its_range_and_what_a_larger_value_means():
    said = str(brief.answer(_turning()))
    assert "up to an index value of 4.045 (95% interval [" in said
    assert said.endswith(
        "The index (31 regions, 2004-2013) runs from 3.165 to 4.732 in the sample. "
        "A larger value means more integrated markets."
    )
    assert max(len(sentence.split()) for sentence in said.split(". ")) <= 25
    with speaking("zh"):
        assert "拐点为指数值 4.045" in str(brief.answer(_turning()))


def test_an_index_of_segmentation_grows_with_segmentation():
    reading = _turning()
    index = replace(reading.results.index, transform="none")
    said = str(brief.answer(brief.read(replace(reading.results, index=index))))
    assert said.endswith("A larger value means more segmented markets.")


def test_a_supported_curve_whose_turning_point_is_poorly_located_says_so():
    """The U-test is one-sided: it can reject although the two-sided Fieller interval leaves the data."""
    (row,) = brief.rows(_turning())
    assert "located" not in row.reason
    reading = _turning(fieller_low=2.5)
    (row,) = brief.rows(reading)
    assert (row.word, row.by) == ("Supported", "p = 0.0400")
    assert row.reason == "Turning point imprecise: its interval extends beyond the data"
    said = str(brief.answer(reading))
    assert "is imprecisely estimated: its 95% interval [2.500, " in said
    assert max(len(sentence.split()) for sentence in said.split(". ")) <= 25
    (row,) = brief.rows(_turning(fieller_kind="line"))
    assert row.reason == "Turning point imprecise: its interval is unbounded"


@pytest.mark.parametrize(
    ("measure", "change", "said"),
    [
        (
            "relative_price",
            NationalChange(0.55, 0.1, 0.324, 0.776, 10),
            "The change is 0.550 (95% interval 0.324 to 0.776, from",
        ),
        ("relative_price", None, "No confidence interval was computed for this change"),
        ("head_ries", None, "no confidence interval: this measure is not computed from goods"),
    ],
)
def test_the_change_of_an_index_has_its_interval_or_the_reason_why_not(measure, change, said):
    results = study()
    index = replace(results.index, measure=measure, change=change)
    text = str(brief.answer(brief.read(replace(results, benchmark=(), verdicts=(), index=index))))
    assert text.startswith("The national index of market integration (31 regions) rose from ")
    assert said in text
    assert ("Segmentation" in text) == (measure == "relative_price")
    assert max(len(sentence.split()) for sentence in text.split(". ")) <= 25


@pytest.mark.parametrize(("point", "crosses"), [(3.9, True), (4.7, False)])
def test_an_effect_that_crosses_the_turning_point_says_so(point, crosses, monkeypatch):
    reading = _turning(turning_point=point)
    monkeypatch.setattr(brief, "_move", lambda _: brief._Move("p25-p75", 3.8, 4.1, -0.1, -0.2, 0.1, ""))
    assert ("across the turning point" in str(brief.numbers(reading)[0].name)) is crosses


def test_an_objection_from_noise_says_whether_the_numbers_are_corrected_for_it(monkeypatch):
    reading = _turning()
    noise = replace(reading, findings=tuple(f for f in reading.findings if f.kind == "noise"))
    assert str(brief.labelled_objection(noise)).endswith("The main numbers are not corrected for this noise.")
    corrected = replace(noise, leads=object())
    monkeypatch.setattr(brief, "_turn", lambda _: None)
    assert str(brief.labelled_objection(corrected)).endswith("The change is corrected for this noise.")


def test_an_adjusted_p_value_and_a_rule_of_the_user_are_named():
    adjusted = replace(study(), group_family=("a", "b"))
    differs = _verdict("not supported", about="differs:period")
    assert str(brief._failing(Part("", False, 0.3, "equal"), differs, adjusted)).endswith("(Holm-adjusted)")
    assert "adjusted" not in str(brief._failing(Part("", False, 0.3, "equal"), differs, study()))
    assert "across groups" in str(brief._failing(Part("", False, 0.3, "wild"), differs, study()))
    assert "square" in str(brief._failing(Part("", False, 0.3, "wild"), _verdict("not supported"), study()))
    assert brief._failing(Part("", False, 0.3, "effect_high"), differs, study()) == "Its rule is not met"
