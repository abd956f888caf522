"""Reasons of accounts and notes of models: compared by id, stored with their values, said in Chinese."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from integrade.engine.frames import Table
from integrade.errors import IntegradeError, TooFew
from integrade.estimate.fit import fit
from integrade.panel.joins import Side, attach
from integrade.records.schema import column_word, conform
from integrade.sources.files.one_by_one import every_problem
from integrade.sources.meaning.goods import good_said
from integrade.study import results
from integrade.study.closure import layer
from integrade.subjects.situation.break_date import break_date
from plainwords.account import Account, Entry, entries_of, warnings_of
from plainwords.texts import Said, in_language, messages, say

CUSTOMS = pl.DataFrame(
    {
        "firm": ["a", "b", "c"],
        "product": ["010101", "010102", "010101"],
        "destination": ["USA"] * 3,
        "year": [2004] * 3,
        "value": [1.0, None, 3.0],
        "quantity": [1.0, 2.0, 0.0],
    }
)


def reasons(account: Account) -> list[tuple[str, str]]:
    """Every reason in English and in Chinese."""
    return [(str(e.reason), in_language(e.reason, "zh")) for e in account]


def test_dropped_rows_are_said_in_both_languages() -> None:
    said = dict(reasons(conform(CUSTOMS, "customs").account))
    assert said["value missing"] == "缺少金额"
    assert said["quantity not positive"] == "数量非正"
    assert said["dropped rows are in HS 01 in 2004: 2 of 3"] == "剔除的行位于：2004 年 HS 01：3 行中的 2 行"


def test_firm_years_that_find_nothing_keep_the_order_of_their_reasons() -> None:
    firms = pl.DataFrame({"firm": ["a", "b", "c"], "region": ["X", None, "Y"], "year": [2004, 2004, 2005]})
    index = pl.DataFrame({"region": ["X"], "year": [2004], "v": [1.0]})
    side = Side("integration", ("region", "year"), index, Account(), required=True)
    _, entries = attach(firms, side)
    said = [(str(e.reason), in_language(e.reason, "zh")) for e in entries if e.kind == "dropped"]
    assert said == [("region missing", "缺少地区"), ("year not in integration", "市场一体化中没有该年份")]


def test_a_warning_is_a_kind_and_not_a_first_word() -> None:
    entry = Entry("goods", "prices", "warning", say("sources.no-splice"), 0)
    assert (
        str(entry) == "goods          prices       warning: no good can be spliced; goods available in all years kept"
    )
    note = Entry("goods", "prices", "note", "warning: a text without a kind", 0)
    assert warnings_of([note, entry, entry]) == ("no good can be spliced; goods available in all years kept",)


def test_an_account_survives_json_with_ids() -> None:
    account = conform(CUSTOMS, "customs").account
    again = entries_of(json.loads(json.dumps(account.records())))
    assert again == account.entries
    assert all(isinstance(e.reason, Said) for e in again)


def test_lists_of_goods_that_limit_a_study_are_messages() -> None:
    for key in results.LISTS:
        name, _, message = key.partition(".")
        assert message in messages("en", name)


def test_a_reason_within_a_reason_is_found() -> None:
    moves = say("account.of-rows", n=2, what=say("integration.list-of-goods", year="2016", moves="a leaves"))
    assert results._says(moves, results.LISTS)
    assert not results._says(say("account.settings", settings="missing=pairwise"), results.LISTS)


def test_columns_and_goods_have_their_word_in_chinese_and_their_name_in_english() -> None:
    assert (column_word("value"), in_language(column_word("value"), "zh")) == ("value", "金额")
    assert in_language(column_word("market^2"), "zh") == "市场一体化^2"
    assert column_word("my column") == "my column"
    assert (good_said("Fuel"), in_language(good_said("Fuel"), "zh"), good_said("brick")) == ("Fuel", "燃料", "brick")


def test_notes_of_a_fit_are_said_in_chinese() -> None:
    rows = pl.DataFrame(
        {"y": [1.0, 2.0, 2.5, 4.0, None], "x": [1.0, 2.0, 3.0, 4.5, 5.0], "t": [2.0, 4.0, 6.0, 9.0, 1.0]}
    )
    found = fit(Table("panel", rows), "y ~ x + t")
    assert [in_language(note, "zh") for note in found.notes] == ["剔除 1 个观测，缺少数值：y 1"]
    assert {t: in_language(why, "zh") for t, why in found.dropped.items()} == {"t": "共线"}


def test_the_problem_of_one_file_is_known_by_its_field(tmp_path: Path) -> None:
    def read(files: list[Path]) -> None:
        for file in files:
            if file.suffix == ".odd":
                raise IntegradeError(f"{file.name}: of no kind", file=file.name)
            if file.suffix == ".worse":
                raise IntegradeError("both at once")

    with pytest.raises(IntegradeError) as caught:
        every_problem([tmp_path / "a.odd", tmp_path / "b.csv"], read)
    assert caught.value.file == "a.odd"


IMPOSSIBLE = ("TooFew", "NotIdentified", "NoConvergence", "OutOfRange", "Coverage")
"""What the data do not allow: a report says why a test or a regression is missing, in its own language."""
PLAIN = {("rows.py", "OutOfRange")}
"""Refused before any regression, and never the reason why one is missing from a report."""


def raised(path: Path) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=kind), args=[what, *_])) if kind in IMPOSSIBLE:
                if (path.name, kind) not in PLAIN:
                    yield kind, what


def test_what_the_data_do_not_allow_is_said_in_both_languages() -> None:
    room = Path(results.__file__).parents[1]
    modules = {path: ".".join(path.relative_to(room).with_suffix("").parts) for path in room.rglob("*.py")}
    computes = ("estimate", "regress", "subjects")
    files = [p for p, name in modules.items() if layer(name) in computes or name.endswith(".question")]
    found = [(path.name, what) for path in files for _, what in raised(path)]
    assert len(found) > 60
    assert not [(name, ast.unparse(what)) for name, what in found if isinstance(what, ast.JoinedStr | ast.Constant)]


def test_why_no_break_was_dated_is_chinese_in_a_chinese_report() -> None:
    with pytest.raises(TooFew) as few:
        break_date(range(2010, 2016), [1.0, 2.0, 1.0, 3.0, 2.0, 4.0], model="trend")
    why = say("left_out.break-trend", why=few.value.what)
    assert str(why) == "No break of the trend was estimated: 6 years with 3 in each regime leave 1 date to choose from."
    assert in_language(why, "zh") == "未估计趋势的断点：6 个年份，每个阶段至少 3 个，只剩 1 个可选的时点。"
