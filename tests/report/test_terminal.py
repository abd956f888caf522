"""The end of a run: the answer first, verdicts by outcome, wrong verdicts named, in the study's language."""

from __future__ import annotations

from dataclasses import replace

import report_example as example
from integrade.report.terminal import details, ending
from integrade.verdicts.bundle import Verdict
from integrade.wording.ending import MOST, Part, laid_out
from plainwords.texts import speaking

VERDICTS = (
    Verdict("H1", "supported", "", "It turns.", truth=False),
    Verdict("H2", "not supported", "", "It acts.", truth=True),
    Verdict("H3", "not supported", "", "It acts twice.", truth=False),
    Verdict("H4", "not tested", "", "It is not asked.", truth=True),
    Verdict("Difference", "supported", "", "It differs by period."),
    Verdict("Difference", "not supported", "", "It differs by area."),
)


def said(**changes: object) -> dict[str, list[str]]:
    """The texts at the end of a run, by label."""
    by = dict[str, list[str]]()
    for part in ending(replace(example.study(), **changes)):
        by.setdefault(str(part.label), []).append(str(part.text))
    return by


def test_the_answer_comes_first_and_twelve_lines_are_enough() -> None:
    parts = ending(replace(example.study(), verdicts=VERDICTS))
    assert [str(part.label) for part in parts] == ["Answer", *["Verdicts"] * 3, "Truth", "Strongest objection"]
    assert "Market" in parts[0].text or "market" in parts[0].text
    for columns in (40, 80, 120):
        assert len(laid_out([*parts, Part("path", "Report"), Part("done in 3 s")], columns)) <= MOST


def test_hypotheses_are_listed_by_outcome_and_two_of_one_name_are_distinguished() -> None:
    assert said(verdicts=VERDICTS)["Verdicts"] == [
        "Supported\tH1; Difference: It differs by period",
        "Not supported\tH2; H3; Difference: It differs by area",
        "Not tested\tH4",
    ]
    assert said(verdicts=VERDICTS[:4])["Verdicts"][1] == "Not supported\tH2  H3"


def test_verdicts_are_compared_with_the_simulated_economy() -> None:
    assert said(verdicts=VERDICTS)["Truth"] == [
        "1 of 3 verdicts agree with the simulated economy. Wrong in the simulated economy: H1. "
        "True in the simulated economy, but not found: H2."
    ]
    assert said(verdicts=VERDICTS[2:3])["Truth"] == ["1 of 1 verdicts agree with the simulated economy."]
    assert "Truth" not in said(verdicts=VERDICTS[4:])


def test_details_have_the_sentences_of_the_first_page_and_the_claims() -> None:
    parts = details(replace(example.study(), verdicts=VERDICTS))
    texts = {str(part.label): str(part.text) for part in parts}
    assert texts["Effect"].startswith("An increase in market integration from its 25th to its 75th percentile")
    assert texts["Turning point"].startswith("The fitted parabola has its turning point")
    assert "Against it" in texts
    assert Part("H2\tIt acts.", "Claims") in parts


def test_without_a_regression_the_index_is_reported_and_no_effect() -> None:
    by = said(benchmark=(), verdicts=())
    assert "arket integration" in by["Answer"][0]
    assert "Verdicts" not in by
    first = details(replace(example.study(), benchmark=(), verdicts=()))[0]
    assert first.text.startswith("This study measures how integrated")


def test_in_chinese() -> None:
    with speaking("zh"):
        by = said(verdicts=VERDICTS)
    assert list(by) == ["结论", "检验结果", "真实情况", "主要质疑"]
    assert "H1" in by["真实情况"][0]
