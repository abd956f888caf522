"""Figures of an earlier report are taken if nothing that decides them changed; then no figure is drawn."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import pytest

import report_example as example
from integrade.report import earlier, style
from integrade.report.earlier import NOTE, Earlier, earlier_in, key_of
from integrade.report.style import Drawing, drawing, dressed
from integrade.report.write import write_report


def _figure(title: str) -> Drawing:
    bars = alt.Chart(alt.InlineData(values=[{"x": "a", "y": 2}])).mark_bar()
    return drawing("bars", 1, dressed(bars.encode(x=alt.X("x:N"), y=alt.Y("y:Q")), title))


def test_a_second_report_takes_every_figure_and_draws_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = example.study()
    write_report(study, tmp_path / "first", ("md",), earlier=Earlier())
    monkeypatch.setattr(style, "_drawn", None)  # a call would fail
    write_report(study, tmp_path / "second", ("md",), earlier=earlier_in(tmp_path / "first"))
    first, second = (
        {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in (tmp_path / name).rglob("*")
            if file.is_file()
        }
        for name in ("first", "second")
    )
    assert Path(NOTE) in first
    assert sum(file.suffix == ".png" for file in first) > 3
    assert first == second


def test_a_report_without_an_earlier_one_notes_nothing(tmp_path: Path) -> None:
    write_report(example.study(), tmp_path, ("md",))
    assert not (tmp_path / NOTE).exists()


def test_the_key_changes_with_the_specification_and_with_what_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of(_figure("Bars"))
    assert key == key_of(_figure("Bars"))
    assert key != key_of(_figure("Bar"))
    earlier._program.cache_clear()
    monkeypatch.setattr(earlier, "version", lambda library: f"another {library}")
    try:
        assert key != key_of(_figure("Bars"))
    finally:
        earlier._program.cache_clear()


def test_a_figure_with_a_letter_of_the_machines_fonts_is_always_drawn() -> None:
    key = key_of(_figure("서울"))
    assert not key
    assert key_of(_figure("市场"))
    assert not Earlier(Path(), {"bars": key}).has("bars", key)
