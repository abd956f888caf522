"""Preset complete: the paper's study, and the questions that the paper announces and prints nothing about."""

from __future__ import annotations

import re
import runpy
import tomllib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from integrade.cli import run
from integrade.errors import UnknownName
from integrade.records.presets import of_the_paper
from integrade.study.config import study_model, with_preset
from integrade.study.propose import propose
from integrade.study.template_parts import write_kind
from integrade.subjects import questions
from integrade.subjects.versions import question as of_versions

RAW: dict[str, Any] = {"prices": {"files": ["p.csv"]}, "customs": {"files": ["c.csv"]}}
ANNOUNCED = [q for q in questions() if q.complete is not None]


def test_it_is_a_preset_of_the_paper() -> None:
    assert [of_the_paper(preset) for preset in ("sound", "published", "complete")] == [False, True, True]


def test_it_has_the_defaults_of_published() -> None:
    complete, published = (with_preset({**RAW, "preset": preset}) for preset in ("complete", "published"))
    assert {name: complete[name] for name in published if name != "preset"} == {
        name: published[name] for name in published if name != "preset"
    }


def test_announced_questions_are_asked_without_a_section() -> None:
    for preset, added in (("sound", False), ("published", False), ("complete", True)):
        study = study_model().model_validate({"title": "t", **with_preset({**RAW, "preset": preset})})
        for name in ("outcomes", "indices", "instruments", "quality_change", "families"):
            assert (study.section(name) not in (None, ())) is added, (preset, name)


def test_a_section_of_the_file_is_kept_and_runs() -> None:
    own = [{"builder": "lagged", "lags": 3}]
    complete = with_preset({**RAW, "preset": "complete", "instruments": own})
    assert complete["instruments"] == own
    assert with_preset({**RAW, "preset": "published", "instruments": own})["instruments"][0]["run"] is False


def test_what_the_data_do_not_allow_is_not_added() -> None:
    for raw in ({"panel": {"files": ["p.csv"]}}, {**RAW, "quality": {"method": "unit_value"}}):
        complete = with_preset({**raw, "preset": "complete"})
        assert "outcomes" not in complete
        assert ("instruments" in complete) is ("prices" in raw)


@pytest.mark.parametrize(
    ("sigma", "chosen"),
    [({"sound": 5, "published": 4}, 4), ({"published": 4, "complete": 3}, 3), ({"sound": 5}, "ols")],
)
def test_a_value_for_published_holds_unless_complete_has_its_own(sigma: dict[str, Any], chosen: Any) -> None:
    assert with_preset({**RAW, "preset": "complete", "quality": {"sigma": sigma}})["quality"]["sigma"] == chosen


def test_names_of_versions_are_in_the_language_of_the_report() -> None:
    names = {
        language: with_preset({**RAW, "preset": "complete", "report": {"language": language}})["outcomes"][0]["name"]
        for language in ("en", "zh")
    }
    assert names == {"en": "Unit value", "zh": "单位价值"}


def test_new_writes_it(tmp_path: Path) -> None:
    assert run(["new", str(tmp_path / "s"), "--preset", "complete"]) == 0
    complete = tomllib.loads((tmp_path / "s" / "study.toml").read_text(encoding="utf-8"))
    write_kind(tmp_path / "p", "study", "published")
    published = tomllib.loads((tmp_path / "p" / "study.toml").read_text(encoding="utf-8"))
    assert complete == {**published, "preset": "complete"}


def test_new_from_a_folder_writes_the_sections_of_the_paper(tmp_path: Path) -> None:
    write_kind(tmp_path / "s", "study", "published")
    texts = {}
    for preset in ("published", "complete"):
        propose(tmp_path / "s" / "raw", tmp_path / preset, preset=preset)  # type: ignore[arg-type]
        texts[preset] = (tmp_path / preset / "study.toml").read_text(encoding="utf-8")
    assert texts["complete"] == texts["published"].replace('preset = "published"', 'preset = "complete"')


def test_a_panel_has_it(tmp_path: Path) -> None:
    write_kind(tmp_path / "s", "panel", "complete")
    study = tomllib.loads((tmp_path / "s" / "study.toml").read_text(encoding="utf-8"))
    assert study["preset"] == "complete"
    assert len(study["groups"]) >= 1


def test_no_section_is_announced_in_the_same_words() -> None:
    sentences = [q.announced for q in questions() if q.announced]
    assert len(set(sentences)) == len(sentences) >= 2


def test_adjacent_pairs_without_borders_are_left_out_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another unknown name is still an error."""

    def unknown(*_: Any) -> Any:
        raise UnknownName("no borders")

    monkeypatch.setattr(of_versions, "_other", unknown)
    study = study_model().model_validate({"title": "t", **with_preset({**RAW, "preset": "complete"})})
    indices = study.section("indices")
    base = of_versions.Base(study, Path(), Path(), "auto", pl.DataFrame(), None)  # type: ignore[arg-type]
    only = study.model_copy(update={"outcomes": (), "indices": indices[:1]})
    with monkeypatch.context() as m:
        m.setattr(of_versions, "own_panel", lambda *_: nullcontext())
        m.setattr(of_versions, "_adjusted", lambda found, _: found)
        found, left = of_versions.versions(base._replace(study=only))
        assert found == ()
        assert "Adjacent pairs" in left[0]
        assert "no borders" in left[0]
        with pytest.raises(UnknownName):
            of_versions.versions(base._replace(study=only.model_copy(update={"indices": indices[1:]})))


@pytest.mark.full
def test_a_whole_study_of_chinese_files_has_every_announced_section(tmp_path: Path) -> None:
    """From raw files with the headings of the yearbooks to the report, without a section written by hand."""
    docs = Path(__file__).parents[2] / "docs"
    runpy.run_path(str(docs / "first_hour.py"))["write_chinese"](tmp_path / "files")
    assert run(["new", str(tmp_path / "s"), "--from", str(tmp_path / "files"), "--preset", "complete"]) == 0
    written = tomllib.loads((tmp_path / "s" / "study.toml").read_text(encoding="utf-8"))
    assert not {"outcomes", "indices", "instruments"} & set(written)
    assert run(["run", str(tmp_path / "s")]) == 0
    (report,) = (tmp_path / "s" / "runs").glob("*/report/report.md")
    text = report.read_text(encoding="utf-8")
    announced = re.findall(r"The original paper (?:announces|lists)[^.]*prints? [^.]*\.", text)
    assert len(announced) == len(set(announced)) == len({q.announced for q in questions() if q.announced})
    tables = re.findall(r"^(?:\*\*)?Table ([A-Z]?\d+[a-z]?)\.", text, re.MULTILINE)
    assert {str(n) for n in range(1, 12)} <= set(tables)
