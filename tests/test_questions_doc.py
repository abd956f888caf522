"""docs/questions.md names only what exists, and leaves out no flag of `fit` that asks a question."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import integrade
from integrade.cli import run
from integrade.study.json_schema import json_schema

TEXT = (Path(__file__).parents[1] / "docs" / "questions.md").read_text(encoding="utf-8")
ROWS = [line.strip("| \n").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")][1:]
NAMES = re.compile(r"`([^`]+)`")
PLUMBING = {
    "out",
    "column",
    "where",
    "encoding",
    "pad",
    "engine",
    "quiet",
    "json",
    "seed",
    "weights",
    "singletons",
    "prices",
    "movers-nested",
    "treatment",
    "source",
    "sources",
    "families",
    "countries",
    "edition",
    "labels",
    "decimal",
}
"""Flags that say where rows come from and where results go, or settle details of a flag that is in the table."""


def known(key: str) -> bool:
    """Whether a key of the study file is in its schema."""
    schema = json_schema()
    section, _, name = key.partition(".")
    text = str(schema["properties"].get(section, ""))
    if not text or not name:
        return bool(text)
    kinds = re.findall(r"#/\$defs/(\w+)", text)
    return any(name in schema["$defs"][kind]["properties"] for kind in kinds)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_name_exists(row: list[str]) -> None:
    _, functions, _, keys = row
    for name in NAMES.findall(functions):
        assert name in integrade.__all__, name
    for key in NAMES.findall(keys):
        assert known(key), key


def test_flags_are_those_of_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit", "--help"]) == 0
    shown = set(re.findall(r"│ \*? *--([a-z][a-z0-9-]*)", capsys.readouterr().out))
    listed = {flag.removeprefix("--") for row in ROWS for flag in NAMES.findall(row[2])}
    assert listed - {"fit"} <= shown
    assert {f for f in shown if not f.startswith("no-")} - PLUMBING <= listed
