"""Endings of `check`, `run` and `report`: one line when all is well, problems first, colours only on a terminal."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from each import each
from integrade.cli import run, say
from integrade.cli.ending import print_check, print_verdicts
from integrade.errors import UnknownColumn
from integrade.study.template_parts import write_kind
from plainwords.account import Account, Entry, over_columns
from plainwords.texts import say as message
from plainwords.texts import speaking


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@each(
    "environment,stream,coloured",
    [
        ({}, Terminal(), True),
        ({}, io.StringIO(), False),
        ({"NO_COLOR": "1"}, Terminal(), False),
        ({"TERM": "dumb"}, Terminal(), False),
        ({"FORCE_COLOR": "1"}, io.StringIO(), True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, Terminal(), False),
    ],
)
def test_colours_need_a_terminal_that_does_not_refuse_them(
    environment: dict[str, str], stream: io.StringIO, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert say.has_colour(stream) == coloured


def test_errors_and_warnings_wrap_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = UnknownColumn("no column 'x'", remedy="did you mean " + ", ".join(f"'column {i}'" for i in range(12)))
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    shown = {}
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        say.error(problem)
        say.warning("the index covers " + "2012 " * 30)
        shown[type(stream)] = stream.getvalue().splitlines()
    assert shown[io.StringIO][:2] == str(problem).splitlines()
    assert len(shown[io.StringIO]) == 3
    assert all(len(line) <= 60 for line in shown[Terminal])
    assert shown[Terminal][1].startswith("  remedy: did you mean")
    assert shown[Terminal][2].startswith("          'column")
    assert "\x1b" not in "".join(shown[Terminal])


def scaled(column: str, times: str = "1,000", kind: str = "note", table: str = "firms") -> Entry:
    unit = {"unit": "thousand CNY", "single": "CNY", "times": times}
    return Entry("read", table, kind, message("money.scaled", column=column, **unit), 0)  # type: ignore[arg-type]


def test_notes_that_differ_in_a_column_alone_are_one() -> None:
    one, other = over_columns([scaled("assets"), scaled("output", "10"), scaled("liabilities"), scaled("inventory")])
    assert str(one.reason).startswith("assets: in thousand CNY")
    assert str(one.reason).endswith("(likewise liabilities and inventory)")
    assert other == scaled("output", "10")
    apart = [
        scaled("assets"),
        scaled("debt", kind="warning"),
        scaled("debt", table="other"),
        Entry("", "", "in", "x", 3),
    ]
    assert over_columns(apart) == tuple(apart)
    assert over_columns([scaled("assets"), scaled("assets")]) == (scaled("assets"),)


@pytest.fixture(scope="module")
def of_prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("prices") / "study"
    write_kind(root, "index")
    return root


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()


def test_check_is_one_line_when_all_is_well(of_prices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(of_prices)]) == 0
    (line,) = lines(capsys)
    assert line.startswith("no problem found (-v shows ")
    assert run(["check", str(of_prices), "-v"]) == 0
    told = lines(capsys)
    assert told[-1] == "no problem found"
    assert len(told) > 2


def test_check_prints_problems_first_and_counts_the_rest(of_prices: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (of_prices / "study.toml").read_text(encoding="utf-8")
    bad = of_prices.with_name("bad.toml")
    bad.write_text(
        text.replace('title = "', 'titel = "x"\ntitle = "', 1).replace("raw/", "study/raw/"), encoding="utf-8"
    )
    assert run(["check", str(bad)]) == 2
    told = lines(capsys)
    assert told[0].startswith("U101 bad.toml")
    assert told[-1].startswith("1 problem found")
    assert run(["check", str(bad), "-v"]) == 2
    assert lines(capsys)[0] == told[0]


def test_warnings_of_check_are_shown_up_to_five(capsys: pytest.CaptureFixture[str]) -> None:
    warnings = [Entry("read", f"t{i}", "warning", f"it is wide {i} " * 20, 0) for i in range(7)]
    assert print_check([], Account(tuple(warnings)), verbose=False) == 0
    told = lines(capsys)
    assert len(told) <= 12
    assert [line.split()[1] for line in told if line.startswith("warning")] == [f"t{i}:" for i in range(5)]
    assert told[-2:] == ["2 more warnings", "no problem found; 7 warnings above"]
    with speaking("zh"):
        print_check([], Account((scaled("assets", kind="warning"),)), verbose=False)
    told = lines(capsys)
    assert told[0].startswith("警告")
    assert told[-1] == "未发现问题；以上有 1 条警告"


def test_verdicts_are_shown_with_p_claim_and_objection(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    row = {"hypothesis": "H1", "outcome": "supported", "verdict": "Supported", "decided_by": "p = 0.0002"}
    objection = "59% of the variation of the index is noise"
    print_verdicts([row | {"claim": "Integration has an inverted-U effect on quality.", "objection": objection}])
    assert capsys.readouterr().out.splitlines() == [
        "H1  Supported  p = 0.0002  Integration has an inverted-U",
        "                           effect on quality.",
        "                             59% of the variation of the",
        "                             index is noise",
    ]
    print_verdicts([])
    assert capsys.readouterr().out == "The study tests no hypothesis.\n"
