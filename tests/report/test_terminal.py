"""The first page in the terminal: at most ten lines, the size first, wrong verdicts named, in the study's language."""

from __future__ import annotations

from dataclasses import replace

import report_example as example
from integrade.report.terminal import LINES, first_lines
from integrade.verdicts.bundle import Verdict
from plainwords.texts import speaking

VERDICTS = (
    Verdict("H1", "supported", "", "It turns.", truth=False),
    Verdict("H2", "not supported", "", "It acts.", truth=True),
    Verdict("Difference", "supported", "", "It differs by period."),
    Verdict("Difference", "not supported", "", "It differs by area."),
)


def lines(**changes: object) -> list[str]:
    return first_lines(replace(example.study(), **changes))


def test_the_size_comes_first_and_ten_lines_are_enough() -> None:
    said = lines(verdicts=VERDICTS)
    assert said[0].startswith("Moving Market from its 25th percentile")
    assert len(said) <= LINES
    assert any(line.startswith("The fitted parabola has its turning point") for line in said)
    assert any(line.startswith(("Against it", "None of the tests")) for line in said)


def test_hypotheses_stand_by_what_is_concluded_and_two_of_one_name_are_told_apart() -> None:
    line = next(one for one in lines(verdicts=VERDICTS) if one.startswith("Supported"))
    assert line == (
        "Supported: H1; Difference: It differs by period. Not supported: H2; Difference: It differs by area."
    )


def test_a_wrong_verdict_is_said() -> None:
    assert lines(verdicts=VERDICTS)[-1] == "Refuted by the simulated economy: H1: It turns."
    assert not any("Refuted" in line for line in lines(verdicts=VERDICTS[1:]))


def test_without_a_regression_the_index_is_told_and_no_effect() -> None:
    said = lines(benchmark=())
    assert said[0].startswith("This study measures how integrated")
    assert not any("Moving Market" in one or "Supported" in one for one in said)


def test_in_chinese() -> None:
    with speaking("zh"):
        said = lines(verdicts=VERDICTS)
    assert "百分位" in said[0]
    assert any(one.startswith("不利证据") for one in said)
