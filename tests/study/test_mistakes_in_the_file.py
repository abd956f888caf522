"""Mistakes in study.toml that pydantic and the TOML reader would tell in their own words; sections that do not run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from integrade.errors import BadFormula
from integrade.study.reading import load, read_draft
from integrade.study.rooms import asks, build_steps
from integrade.subjects import questions


@pytest.fixture
def template(new_study: Path) -> str:
    return (new_study / "study.toml").read_text(encoding="utf-8")


def told(text: str, root: Path) -> list[tuple[str, str, str]]:
    """Every problem of a study file: what, example, remedy."""
    (root / "study.toml").write_text(text, encoding="utf-8")
    return [(p.what, p.example, p.remedy) for p in read_draft(root).problems]


@pytest.mark.parametrize(
    ("old", "new", "what", "remedy"),
    [
        ("[lags]", "[[lags]]", "[lags] may appear only once", "write [lags], not [[lags]]"),
        (
            "[regression]",
            "[[regression]]",
            "[regression] may appear only once",
            "write [regression], not [[regression]]",
        ),
        ("[[covariates]]", "[covariates]", "[covariates] is a list of sections", "write [[covariates]]"),
    ],
)
def test_one_bracket_or_two(old: str, new: str, what: str, remedy: str, template: str, tmp_path: Path) -> None:
    ((said, _, help_),) = told(template.replace(old, new), tmp_path)
    assert said.startswith("study.toml:")
    assert what in said
    assert remedy in help_


def test_a_value_that_lacks_in_a_list_shows_the_whole_list(template: str, tmp_path: Path) -> None:
    ((what, example, _),) = told(template.replace('ends = ["p5", "p95"]', 'ends = ["p5"]'), tmp_path)
    assert "[shape] ends: value 2 of the list is missing" in what
    assert re.fullmatch(r"ends = \[.+, .+\]", example)


@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        ("\n[spillover]\n", "[spillover] appears twice: put its keys under one heading"),
        ('\n[covariates]\nfiles = ["a.csv"]\n', "write [[covariates]] above each"),
        ("\n[report]\nformats = []\nformats = []\n", "appears twice"),
    ],
)
def test_what_stands_twice_is_told_as_that(more: str, remedy: str, template: str, tmp_path: Path) -> None:
    with pytest.raises(BadFormula, match="not valid TOML") as refused:
        told(template + more, tmp_path)
    assert remedy in refused.value.remedy
    assert "quotes" not in refused.value.remedy


def without(template: str, name: str) -> str:
    """The study file without a section."""
    return re.sub(rf"(?ms)^\[\[?{name}\]\]?.*?(?=^\[|\Z)", "", template)


OFF = [q.name for q in questions() if "run" in getattr(q.options, "model_fields", ())]


@pytest.mark.parametrize("name", OFF)
def test_a_section_that_does_not_run_needs_no_key(name: str, template: str, tmp_path: Path) -> None:
    bare = without(template, name)
    assert told(f"{bare}\n[{name}]\nrun = false\n", tmp_path) == []
    study = load(tmp_path)
    assert not study.section(name)
    assert not asks(study, next(q for q in questions() if q.name == name))
    again = type(study).model_validate(study.model_dump(mode="json"))  # as the manifest of a run has it
    assert not again.section(name)
    ((what, _, remedy),) = told(f"{bare}\n[{name}]\nrun = false\nrum = 3\n", tmp_path)
    assert f"[{name}]: unknown key 'rum'" in what
    assert "did you mean 'run'?" in remedy


def test_a_section_that_runs_needs_its_keys(template: str, tmp_path: Path) -> None:
    for run in ("", "run = true\n"):
        ((what, _, _),) = told(f"{without(template, 'mediation')}\n[mediation]\n{run}", tmp_path)
        assert "key 'mediators' is missing" in what
    assert any("key 'name' is missing" in w for w, _, _ in told(template + "\n[[outcomes]]\nrun = false\n", tmp_path))


def test_a_section_that_does_not_run_is_in_the_key_of_no_step_that_runs(
    new_study: Path, template: str, tmp_path: Path
) -> None:
    """Nor is it asked beside others of its name that run."""

    def parameters(text: str) -> dict[str, Any]:
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        return {n: step.parameters for n, step in build_steps(load(tmp_path), new_study, "polars").items()}

    off = '\n[[groups]]\nrun = false\n\n[[groups]]\nby = "year"\nhow = "period"\ntitle = "Off"\nrun = false\n'
    before, after = parameters(template), parameters(template + off)
    assert [name for name in before if before[name] != after[name]] == ["models"]
    assert len(load(tmp_path).section("groups")) == template.count("\n[[groups]]")
    plain = without(template, "inference")
    off = plain + "\n[inference]\nrun = false\nseed = 5\n"
    assert parameters(plain)["benchmark"] == parameters(off)["benchmark"]
