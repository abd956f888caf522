"""One version: of the package, of its citation and of the newest release in the changelog."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import integrade
from integrade.cli import COMMANDS

ROOT = Path(__file__).parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_one_version_everywhere() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert integrade.__version__ == version
    assert re.findall(r"^version: (\S+)$", text("CITATION.cff"), re.MULTILINE) == [version]
    assert f'{{% set version = "{version}" %}}' in text("recipe/meta.yaml")


def test_the_changelog_is_by_release_newest_first() -> None:
    heads = re.findall(r"^## (.*)$", text("CHANGELOG.md"), re.MULTILINE)
    heads = heads[heads[0] == "Unreleased" :]  # what stands above the newest release, while there is something
    releases = [re.fullmatch(r"(\d+)\.(\d+)\.(\d+) \((\d{4}-\d\d-\d\d|unreleased)\)", head) for head in heads]
    assert all(releases)
    numbers = [tuple(map(int, found.groups()[:3])) for found in releases if found]
    assert numbers == sorted(numbers, reverse=True)
    assert heads[0].startswith(f"{integrade.__version__} ")
    dated = re.findall(r"^date-released: \"(.*)\"$", text("CITATION.cff"), re.MULTILINE)
    assert dated[0] in heads[0] or "unreleased" in heads[0]


OF_CONDA = {"duckdb": "python-duckdb", "typst": "typst-py"}
"""Packages that conda-forge calls otherwise."""


def test_the_recipe_needs_what_the_package_needs() -> None:
    wanted = tomllib.loads(text("pyproject.toml"))["project"]["dependencies"]
    needed = [re.split(r"(?=>=)", one) for one in wanted]
    run = text("recipe/meta.yaml").partition("\n  run:\n")[2].partition("\n\n")[0]
    listed = [line.removeprefix("    - ") for line in run.splitlines()]
    assert listed[1:] == [f"{OF_CONDA.get(name, name)} {version}" for name, version in needed]
    assert listed[0] == "python " + tomllib.loads(text("pyproject.toml"))["project"]["requires-python"]


def test_the_recipe_is_one_that_conda_reads() -> None:
    """What a conda build would do first: render the template, read it, find the licence and the entry point."""
    yaml, jinja2 = pytest.importorskip("yaml"), pytest.importorskip("jinja2")
    made = yaml.safe_load(
        jinja2.Template(text("recipe/meta.yaml"), undefined=jinja2.StrictUndefined).render(PYTHON="python")
    )
    assert set(made) == {"package", "source", "build", "requirements", "test", "about"}
    assert (made["package"]["name"], made["build"]["noarch"]) == ("integrade", "python")
    assert (ROOT / "recipe" / made["source"]["path"] / made["about"]["license_file"]).is_file()
    scripts = tomllib.loads(text("pyproject.toml"))["project"]["scripts"]
    assert made["build"]["entry_points"] == [f"{name} = {target}" for name, target in scripts.items()]
    wanted = [*made["requirements"]["host"], *made["requirements"]["run"]]
    assert all(re.fullmatch(r"[a-z0-9._-]+( >=[\d.]+)?", one) for one in wanted)
    for line in made["test"]["commands"]:
        program, command, *_ = line.split()
        assert program == "integrade"
        assert command.startswith("--") or command in COMMANDS
