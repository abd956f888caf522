"""Every term of the list that stands in a report is explained in it once, in the part that first uses it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

import situation_example
from integrade.report.document import Document, Points, Section, with_terms
from integrade.report.glossary import DEFINED, TERMS, used_in
from integrade.report.markdown import to_markdown_document
from integrade.study.printed import report_in
from integrade.subjects.shape.effect_size import effect_sizes
from plainwords.texts import in_language, say, speaking


@cache
def document(language: str) -> Document:
    study = situation_example.study()
    sized = replace(study, effects=effect_sizes(study.benchmark[-1].headline))
    found = report_in(language, sized)
    with speaking(language):
        return with_terms(found)


def texts(section: Section) -> str:
    return " ".join(t for b in section.blocks for t in (b.items if isinstance(b, Points) else (str(b),)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_term_of_a_report_is_explained_in_it_once(language: str) -> None:
    found = document(language)
    whole = to_markdown_document(found, {name: name for name in found.drawings()})
    with speaking(language):
        there = [t for t in TERMS if say(f"terms.{t}-word").casefold() in whole.casefold()]
        counts = {t: whole.count(str(say(f"terms.{t}"))) for t in there}
        noted = [t for t in there if t in DEFINED and say(f"terms.{t}-defined") in whole]
    assert counts == {t: 0 if t in noted else 1 for t in there}
    assert "bai" in noted  # its note below the table is not repeated
    assert {"cr3", "wild", "fieller", "u-test"} <= set(there)


def test_a_term_is_explained_where_it_is_first_used() -> None:
    found = document("en")
    first = ""  # no list of terms stands below an abstract
    later = [s for part in found.parts for s in part.sections if s.blocks and "Terms:" in texts(s)]
    for section in later:
        assert str(section.blocks[-1]).startswith("Terms:")
    before = first
    for part in found.parts:
        for section in part.sections:
            new = [t for t in TERMS if str(say(f"terms.{t}")) in texts(section)]
            assert not set(new) & set(used_in([before]))
            before += texts(section)


def test_a_word_of_another_language_is_found_by_the_language_of_the_report() -> None:
    said = say("brief.part-wild")
    with speaking("zh"):
        assert used_in([said]) == ["wild"]
        assert in_language(said, "zh") != said
    assert used_in([said], explained=["wild"]) == []
