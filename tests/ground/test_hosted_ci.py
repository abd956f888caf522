"""The workflow of hosted CI and the pre-commit settings: read as YAML, they call what exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
yaml = pytest.importorskip("yaml")


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    return read


def steps(workflow: dict[Any, Any]) -> list[str]:
    return [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]


def test_every_python_is_checked_and_the_newest_weekly(workflow: dict[Any, Any]) -> None:
    assert workflow["jobs"]["check"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    lowest = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert lowest == ">=3.11"
    when = workflow[True]  # YAML 1.1 reads the key `on` as true
    (weekly,) = when["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", weekly["cron"])
    assert "schedule" in workflow["jobs"]["newest"]["if"]


def test_what_is_called_exists(workflow: dict[Any, Any]) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in steps(workflow):
        assert all(name in targets for name in re.findall(r"\bmake ([a-z]+)", line)), line
        assert all((ROOT / name).is_file() for name in re.findall(r"(?<![\w/])(\.ci/[\w.]+)", line)), line
    assert any(".ci/package" in line for line in steps(workflow))


def test_hooks_call_programs_of_the_environment_and_files_that_exist() -> None:
    read = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in read["repos"] for hook in repo["hooks"]]
    assert {"ruff", "ruff-format", "mypy", "pages", "manual"} == {hook["id"] for hook in hooks}
    for hook in hooks:
        program, *words = hook["entry"].split()
        assert program.startswith(".venv/bin/")
        assert all((ROOT / word).exists() for word in words if word.endswith(".py")), hook["entry"]
