"""docs/questions.md is what the records of the questions say; the functions that it names exist."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import integrade
from each import each
from integrade.records.question import Question
from integrade.subjects import questions

DOCS = Path(__file__).parents[2] / "docs"


def build(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS))
    spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_records_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (DOCS / "questions.md").read_text(encoding="utf-8") == build(monkeypatch).questions(), "make docs"


@each("one", questions(), ids=lambda q: q.name)
def test_its_functions_exist(one: Question) -> None:
    for name in one.functions:
        assert name in dir(integrade) or name in dir(integrade.questions), name
