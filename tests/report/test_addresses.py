"""Tables in both languages: the same addresses, captions of the language, columns of a note by the study's labels."""

from __future__ import annotations

import pytest

import report_example as example
from integrade.report.printed import PrintedTable, capital_of, sentence
from integrade.study.printed import all_tables
from integrade.verdicts.naming import labelled
from plainwords.texts import in_language, listed, say, speaking, with_values


def tables(language: str) -> tuple[PrintedTable, ...]:
    with speaking(language):
        return all_tables(example.study())


def test_the_addresses_are_the_same_in_every_language() -> None:
    for one, other in zip(tables("en"), tables("zh"), strict=True):
        assert one.column_keys == other.column_keys
        assert [row.key for row in one.rows] == [row.key for row in other.rows]
        assert len(one.column_keys) == len(one.columns) - 1


def test_a_table_is_captioned_in_the_language_it_was_made_in() -> None:
    captions = {t.number: t.caption for t in tables("zh")}
    assert captions["2"] == "表 2  描述性统计"
    assert next(t.caption for t in tables("en") if t.number == "2") == "Table 2. Descriptive statistics"


def test_a_note_is_a_sentence_in_its_language() -> None:
    note = listed([say("situation_tables.firms", units=say("naming.heading-firms")), say("shape_tables.past")], "comma")
    assert sentence(say("shape_tables.past")) == "Beyond the turning point."
    assert in_language(sentence(note), "zh") == "企业、越过拐点。"
    assert sentence("what a user wrote") == "What a user wrote."
    assert in_language(capital_of("iid errors"), "zh") == "iid errors"


def test_the_columns_of_a_note_have_their_labels() -> None:
    note = say("tables.truth-note", parameters="rd", note=say("tables.unit", variable="market", unit="m_2"))
    assert labelled(note, {"m_2": "Second", "rd": "Research"}) == "Research: Market: Second."
    assert labelled("rd is rare", {"rd": "Research"}) == "rd is rare"
    assert labelled(say("tables.parameter"), {}) == "Parameter"


@pytest.mark.parametrize(("language", "said"), [("en", "X and y"), ("zh", "X 和 y")])
def test_values_are_changed_and_said_again(language: str, said: str) -> None:
    with speaking(language):
        assert with_values(listed(["x", "y"]), lambda v: {"x": "X"}.get(v, v)) == said
