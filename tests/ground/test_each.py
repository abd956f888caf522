"""A test of many cases runs all of them, and names every one that fails."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from each import each, each_pair, pairs


def told(test: Any, **fixtures: Any) -> str:
    with pytest.raises(pytest.fail.Exception) as failed:
        test(**fixtures)
    return str(failed.value)


def test_every_case_that_fails_is_named_with_its_place() -> None:
    seen = []

    @each("n, limit", [(n, 3) for n in range(12)], ids=[f"case {n}" for n in range(12)])
    def small(n: int, limit: int) -> None:
        seen.append(n)
        assert n < limit, f"{n} is not small"

    text = told(small)
    assert seen == list(range(12))
    assert text.startswith("9 of 12 cases fail:")
    assert all(f"[case {n}]" in text and f"{n} is not small" in text for n in range(3, 12))
    assert "[case 2]" not in text
    assert "test_each.py:" in text


def test_errors_and_failures_count_as_assertions_do() -> None:
    @each("what", [ValueError("bad value"), "a word"])
    def raises(what: Any) -> None:
        if isinstance(what, Exception):
            raise what
        pytest.fail(f"no exception: {what}")

    text = told(raises)
    assert "ValueError: bad value" in text
    assert "[a word]" in text
    assert "no exception: a word" in text


def test_all_cases_that_hold_pass_and_none_at_all_is_a_failure() -> None:
    @each("n", [1, pytest.param(2, id="two")])
    def positive(n: int) -> None:
        assert n > 0

    @each("n", list)
    def nothing(n: int) -> None: ...

    positive()
    with pytest.raises(AssertionError, match="nothing has no case"):
        nothing()


def test_a_case_that_is_skipped_is_not_lost() -> None:
    @each("n", [1, 2])
    def one(n: int) -> None:
        if n == 2:
            pytest.skip("needs a third hand")

    with pytest.raises(pytest.skip.Exception, match="1 of 2 cases: needs a third hand"):
        one()


def test_cases_of_two_lists_are_all_met() -> None:
    met = set()

    @each("a", "xy")
    @each("b", lambda: [1, 2])
    def both(a: str, b: int) -> None:
        met.add((a, b))
        assert (a, b) != ("y", 2)

    text = told(both)
    assert met == {("x", 1), ("x", 2), ("y", 1), ("y", 2)}
    assert text.index("[y]") < text.index("[2]")


def test_a_case_cannot_be_marked_and_names_are_those_of_the_test() -> None:
    with pytest.raises(AssertionError, match="cannot be marked"):
        each("n", [pytest.param(1, marks=pytest.mark.slow)])
    with pytest.raises(AssertionError, match="takes no m"):

        @each("m", [1])
        def other(n: int) -> None: ...


def test_cases_share_no_folder_no_patch_and_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @each("word", ["one", "two"])
    def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], word: str) -> None:
        import os

        assert not list(tmp_path.iterdir())
        assert "INTEGRADE_OF_A_CASE" not in os.environ
        (tmp_path / "file").touch()
        monkeypatch.setenv("INTEGRADE_OF_A_CASE", word)
        print(word)
        if word == "two":
            assert capsys.readouterr().out == "two\n"

    alone(tmp_path=tmp_path, monkeypatch=monkeypatch, capsys=capsys)


def test_one_case_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []

    @each("word", ["half", "whole"])
    def words(word: str) -> None:
        ran.append(word)

    monkeypatch.setenv("INTEGRADE_CASE", "hal")
    words()
    assert ran == ["half"]
    monkeypatch.setenv("INTEGRADE_CASE", "third")
    with pytest.raises(pytest.skip.Exception, match="third"):
        words()


def test_in_pairs_every_value_meets_every_value_of_the_other_lists() -> None:
    lists = ("abcdefghijklm", range(4), [None, 0.5, "x"], (False, True))
    found = pairs(*lists)
    for i, j in itertools.combinations(range(len(lists)), 2):
        assert {(case[i], case[j]) for case in found} == set(itertools.product(lists[i], lists[j]))
    assert len(found) <= 60, "13 times 4 cases are needed for the two longest alone"
    assert sorted(pairs("ab", "cd")) == [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]


def test_cases_in_pairs_have_their_names() -> None:
    met = set()

    @each_pair(("a", "xyz"), (("b", "c"), [(1, 2), (3, 4)]), ("d", (True, False)))
    def three(a: str, b: int, c: int, d: bool) -> None:
        met.add((a, b, d))
        assert (c, d) != (4, True)

    text = told(three)
    assert {(a, b) for a, b, _ in met} == set(itertools.product("xyz", (1, 3)))
    assert {(a, d) for a, _, d in met} == set(itertools.product("xyz", (True, False)))
    assert len(met) < 12
    assert "-3-4-True]" in text
