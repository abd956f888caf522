"""The parts of a rule: what each says, what they conclude together, and that every format of the report prints them."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx
import pytest

import report_example as example
from integrade.report.document import Points, compose, verdict_sheet
from integrade.report.html import render_html
from integrade.report.latex_document import to_latex_document
from integrade.report.markdown import to_markdown_document
from integrade.report.typst_source import to_typst
from integrade.report.word_document import document_to_word
from integrade.study.config import Study
from integrade.study.loaded import LoadedRun
from integrade.study.stored_results import results_from, results_json
from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.verdicts.collected import verdicts
from integrade.verdicts.named_rules import Finding, Rule
from integrade.verdicts.parts import Part, all_hold, below_level
from plainwords.texts import say, speaking

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_a_part_says_its_test_its_level_its_number_and_whether_it_holds() -> None:
    assert below_level("u", "the U-test", 0.0134).sentence == "the U-test: p = 0.0134, required below 5% (met)"
    assert below_level("u", "the U-test", 0.0634).sentence == "the U-test: p = 0.0634, required below 5% (not met)"
    assert below_level("u", "the U-test", None).sentence == "the U-test, p-value below 5%: not run (not tested)"
    assert below_level("u", "the U-test", 0.05).holds is False, "at the level is not below it"
    # 6 / 120 with 119 draws; 1 - .95 is .05000000000000004, and 3 * .05 / 3 may be .049999999999999996
    assert below_level("u", "the U-test", 6 / 120, 1 - 0.95).holds is False
    assert below_level("u", "the U-test", 0.049999999999999996).holds is False
    assert below_level("u", "the U-test", 0.0499999).holds is True


@pytest.mark.parametrize(
    ("held", "together"),
    [((True, True), True), ((True, None), None), ((True, None, False), False), ((None,), None), ((), True)],
)
def test_parts_hold_together_as_and_does_where_some_are_unknown(
    held: tuple[bool | None, ...], together: bool | None
) -> None:
    assert all_hold(Part("it", h) for h in held) is together


def judged() -> StudyResults:
    """A study with one rule of two parts."""
    parts = (below_level("u_test", "first test", 0.0121), Part("second condition", None, key="second"))
    rule = Rule(
        "H9",
        "There is an effect.",
        lambda _: Finding("not supported", "Numbers.", parts, "concave"),
        "supported where both tests reject",
        "effect",
    )
    study = example.study()
    return replace(study, verdicts=verdicts(study, [rule]))


def test_a_verdict_has_the_rule_the_parts_and_what_was_found() -> None:
    verdict = judged().verdicts[0]
    assert (verdict.found, verdict.rule, verdict.about) == ("concave", "supported where both tests reject", "effect")
    assert [(p.key, p.holds, p.value) for p in verdict.parts] == [("u_test", True, 0.0121), ("second", None, None)]


def as_markdown(results: StudyResults) -> str:
    document = compose(results)
    return to_markdown_document(document, {name: f"{name}.png" for name in document.drawings()})


def as_latex(results: StudyResults) -> str:
    document = compose(results)
    return to_latex_document(document, {name: f"{name}.pdf" for name in document.drawings()})


def as_typst(results: StudyResults) -> str:
    document = compose(results)
    return to_typst(document, {name: f"{name}.svg" for name in document.drawings()}, ())


def as_lines(results: StudyResults) -> str:
    return str(LoadedRun(Path("run"), Study.model_construct(), results))


@pytest.mark.parametrize("printed", [render_html, as_markdown, as_latex, as_typst])
def test_every_format_prints_the_parts_below_the_verdict_and_each_rule_once(
    printed: Callable[[StudyResults], str],
) -> None:
    text = " ".join(printed(judged()).replace("\\", "").split())  # without escapes and fixed spaces
    places = [
        text.index(words)
        for words in (
            "H9",
            "first test: p = 0.0121, required below 5% (met)",
            "second condition (not tested)",
            "H9: supported where both tests reject",
        )
    ]
    assert places == sorted(places)
    assert text.count("supported where both tests reject") == 1
    assert "ot supported: concave" in text


def test_hypotheses_of_one_rule_share_its_line() -> None:
    one = judged().verdicts[0]
    document = compose(replace(example.study(), verdicts=(one, replace(one, hypothesis="H10"))))
    rules = next(s for part in document.parts for s in part.sections if s.key == "rules")
    assert [p.items for p in rules.blocks if isinstance(p, Points)] == [("H9; H10: supported where both tests reject",)]


def test_a_verdict_in_the_terminal_has_its_rule() -> None:
    for printed in (as_lines(judged()), str(verdict_sheet(judged().verdicts[0]))):
        text = " ".join(printed.split())
        assert text.index("H9") < text.index("supported where both tests reject") < text.index("first test: p =")


def test_parts_are_stored_and_said_in_another_language() -> None:
    study = replace(example.study(), verdicts=(replace(Verdict("H1", "supported", "s"), parts=(_of_catalogue(),)),))
    read = results_from(results_json(study)).verdicts[0]
    assert read.parts[0].value == 0.0121
    assert read.parts[0].holds is True
    with speaking("zh"):
        from integrade.report.language import said_in

        assert (
            said_in("zh", compose(replace(study, verdicts=(read,)))).verdicts[0].parts[0].sentence.endswith("（满足）")
        )


def _of_catalogue() -> Part:
    return below_level("wild", say("verdicts.claim-difference", split="area"), 0.0121)


def test_word_prints_the_parts_below_the_verdict() -> None:
    document = compose(judged())
    pictures = {name: b64decode(PIXEL) for name in document.drawings()}
    said = [p.text for p in docx.Document(BytesIO(document_to_word(document, pictures))).paragraphs]
    at = said.index("Numbers.")
    assert said[at : at + 3] == [
        "Numbers.",
        "first test: p = 0.0121, required below 5% (met)",
        "second condition (not tested)",
    ]
