"""The truth of a simulated economy beside estimates: moves along the curve, and nothing where it is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

import report_example as example
from each import each
from integrade.estimate.inverted_u import curve
from integrade.report.document import verdict_heading
from integrade.simulation.economy import simulate
from integrade.simulation.options import Economy
from integrade.subjects.truth.model import Truth
from integrade.subjects.truth.verdict import Terms, beside_truth, true_curve, true_terms
from integrade.verdicts.bundle import Verdict
from integrade.verdicts.collected import verdicts
from integrade.verdicts.named_rules import Finding, Rule, named_rules


def known(results, oracle: tuple[float, float] | None):
    pair = oracle or (None, None)
    own = (Truth("market", 2.0, pair[0], 1.0, None, None), Truth("market^2", -0.25, pair[1], -0.1, None, None))
    return replace(results, truth=own)


def test_a_move_is_the_difference_of_two_squares() -> None:
    economy, regression = Terms((2.0, -0.25), (1.0, -0.125)).move(2.0, 4.0)
    assert economy == pytest.approx(2 * 2 - 0.25 * 12)
    assert regression == pytest.approx(2 - 1.5)
    assert Terms((2.0, -0.25), None).move(2.0, 4.0)[1] is None


def test_the_true_curve_meets_the_fitted_one_at_its_reference() -> None:
    results = known(example.study(), (1.0, -0.125))
    points = curve(example.fit("CR3", {"region": 31}, 2.6), "market")
    drawn = true_curve(results, points)
    at = min(range(len(points)), key=lambda i: points[i].high - points[i].low)
    assert drawn[at] == pytest.approx((points[at].x, points[at].fit))
    assert drawn[-1][1] - drawn[0][1] == pytest.approx(
        (points[-1].x - points[0].x) - 0.125 * (points[-1].x ** 2 - points[0].x ** 2)
    )


def test_real_data_have_no_true_curve() -> None:
    results = replace(example.study(), truth=())
    points = curve(example.fit("CR3", {"region": 31}, 2.6), "market")
    assert true_terms(results) is None
    assert true_curve(results, points) == ()
    assert true_curve(known(results, None), points) == ()


@each(
    ("outcome", "truth", "said"),
    [
        ("supported", True, "the claim also holds"),
        ("supported", False, "a false positive: the claim does not hold"),
        ("not supported", True, "a false negative: the claim holds"),
        ("not supported", False, "the claim does not hold in the simulated economy either"),
        ("contradicted", True, "a wrong conclusion: the claim holds"),
        ("contradicted", False, "the claim does not hold in the simulated economy either"),
        ("not tested", True, ""),
        ("supported", None, ""),
    ],
)
def test_a_verdict_beside_the_truth(outcome: str, truth: bool | None, said: str) -> None:
    found = beside_truth(Verdict("H1", outcome, "", truth=truth))
    assert found.startswith(said) if said else found == ""


def test_the_claims_of_an_economy_follow_its_parameters() -> None:
    base = simulate(Economy(n_firms=60)).truth["claims"]
    assert base["inverted_u"]
    assert base["stronger:ownership"]
    assert not base["differs:period"]
    flat = simulate(Economy(n_firms=60, curvature=0.0)).truth["claims"]
    assert not any(flat.values())
    alike = simulate(Economy(n_firms=60, state_share=0.0)).truth["claims"]
    assert not alike["stronger:ownership"]
    assert alike["inverted_u"]


def test_a_verdict_is_put_beside_the_claim_that_it_is_about() -> None:
    results = replace(example.study(), claims={"inverted_u": False})
    rule = Rule("H1", "claim", lambda _: Finding("supported", "sentence"), about="inverted_u")
    other = Rule("Own", "claim", lambda _: Finding("supported", "sentence"))
    assert [v.truth for v in verdicts(results, (rule, other))] == [False, None]
    heading = verdict_heading(verdicts(results, (rule,))[0])
    assert "a false positive: the claim does not hold in the simulated economy" in heading


def test_every_named_hypothesis_has_its_claim_in_a_simulated_economy() -> None:
    claims = simulate(Economy(n_firms=60)).truth["claims"]
    assert {rule.about for rule in named_rules(example.study())} <= set(claims)
