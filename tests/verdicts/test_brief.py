"""The brief: one sentence, four numbers, a line for each verdict."""

from dataclasses import replace

import pytest

from integrade.verdicts import brief
from integrade.verdicts.bundle import Verdict
from integrade.verdicts.parts import Part
from plainwords.texts import say, speaking
from report_example import study


def _verdict(outcome, *parts, about="inverted_u"):
    return Verdict("H1", outcome, "", "A claim.", about=about, parts=parts)


def test_a_claim_that_stands_is_as_strong_as_its_weakest_condition():
    parts = (Part("", True, 0.01, "u_test"), Part("", True, 0.04, "wild"), Part("", True, -3.0, "square"))
    assert brief.deciding(_verdict("supported", *parts)) == "0.0400"


def test_a_claim_that_falls_is_decided_by_its_first_failing_test():
    parts = (Part("", False, None, "square"), Part("", False, 0.3, "u_test"), Part("", False, 0.9, "wild"))
    assert brief.deciding(_verdict("not supported", *parts)) == "0.3000"


def test_a_condition_without_a_p_value_has_none():
    assert brief.deciding(_verdict("not supported", Part("", False, 0.2, "square"))) == "–"


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
        ("supported", "inverted_u", "No check found an objection"),
        ("cannot be told", "inverted_u", "Inconclusive because of noise in the index"),
        ("not tested", "inverted_u", "The study has no test of it"),
        ("not supported", "inverted_u", "Not significant: U-test"),
    ],
)
def test_each_verdict_has_one_reason(outcome, about, reason, monkeypatch):
    monkeypatch.setattr(brief, "_objection", lambda _: "")
    verdict = _verdict(outcome, Part("", False, 0.5, "u_test"), about=about)
    (row,) = brief.rows(replace(study(), verdicts=(verdict,)))
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
    assert brief._share_past(results, moved) == pytest.approx(beyond)
    assert brief._share_past(results, moved) < column.u_test.share_past
    assert brief.cell_of_number(results, "share_past") is None
