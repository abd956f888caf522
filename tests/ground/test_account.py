"""The account of rows: kinds of entries, and what is said once where it repeats itself."""

from __future__ import annotations

import integrade.wording  # noqa: F401 - the words of the kinds
from plainwords.account import Account, Entry, grouped, warnings_of
from plainwords.texts import in_language, say, speaking


def read(year: int, sheet: str = "CPI", kind: str = "note") -> Entry:
    named = say("sources.sheet-named", sheet=repr(sheet))
    reason = say("sources.regions-down", sheet=named, year=str(year))
    return Entry("read", f"cpi_{year}.xlsx", kind, reason, 0)  # type: ignore[arg-type]


def test_the_same_note_on_yearbooks_is_one_with_their_number_and_years() -> None:
    entries = [*map(read, range(2004, 2014)), read(2016), Entry("read", "prices", "in", say("account.rows"), 310)]
    one, rows = grouped(entries)
    assert (one.table, one.kind, one.example) == ("11 files", "note", "cpi_2004.xlsx")
    assert one.reason == "sheet 'CPI': regions in rows, goods in columns, year 2004-2013, 2016"
    assert in_language(one.table, "zh") == "11 个文件"
    assert rows == entries[-1]


def test_notes_that_differ_in_more_than_the_year_stay_apart() -> None:
    entries = [read(2004), read(2005, "CPI (2)"), read(2006, kind="warning")]
    assert grouped(entries) == tuple(entries)
    months = [
        Entry("to_year", "prices", "warning", say("sources.fewer-months", n=n, whole="12", years="2023"), n)
        for n in (4, 9)
    ]
    assert grouped(months) == tuple(months)


def test_an_entry_that_repeats_itself_is_said_once_and_counts_are_never_joined() -> None:
    same = Entry("read", "firms", "note", "encoding gb18030 (detected)", 0)
    assert grouped([same, same]) == (same,)
    dropped = [Entry("read", f"{y}.csv", "dropped", "empty cell", 3) for y in (1, 2)]
    assert grouped([*dropped, dropped[0]]) == (*dropped, dropped[0])
    assert len(Account(tuple(map(read, (2004, 2005)))).entries) == 2  # the log keeps them all


def test_rows_and_the_example_of_the_first_file_are_kept() -> None:
    entries = [Entry("read", f"{y}.csv", "warning", "odd codes", n, "01") for y, n in ((2004, 2), (2005, 3))]
    (one,) = grouped(entries)
    assert (one.rows, one.example, str(one.table)) == (5, "2004.csv: 01", "2 files")


def test_warnings_are_a_kind_of_entry() -> None:
    entries = [
        Entry(
            "to_year",
            "prices",
            "warning",
            say("sources.fewer-months", n=465, whole="12", years="2023"),
            465,
            "a: 11 months",
        ),
        Entry("quality", "quality", "note", say("account.settings", settings="sigma=5"), 0),
        Entry("x", "y", "note", "warning: no kind", 0),
    ]
    assert warnings_of(entries) == ("465 annual indices are based on fewer than 12 months (years 2023)",)
    assert [e.is_remark for e in entries] == [True] * 3
    assert not Entry("x", "y", "dropped", "value missing", 1).is_remark
    assert str(entries[0]).split()[:4] == ["to_year", "prices", "warning:", "465"]


def test_every_file_that_is_not_read_is_named() -> None:
    for n, more in ((7, ""), (20, ""), (23, " and 3 more")):
        entries = [Entry("read", f"a/{i}.json", "warning", say("sources.left-format"), 0) for i in range(n)]
        (one,) = grouped(entries)
        assert one.table == ", ".join(f"a/{i}.json" for i in range(min(n, 20))) + more
        assert (one.kind, one.reason, one.example) == ("warning", entries[0].reason, "")
        assert len(Account(tuple(entries)).records()) == n


def test_an_entry_is_printed_in_the_language_spoken() -> None:
    """`integrade check -v` of a Chinese study printed `3,100 rows in: rows`."""
    read = Entry("read", "prices", "in", say("account.rows"), 3100)
    dropped = Entry("conform", "customs", "dropped", say("account.missing", column="value"), 2, "a.csv")
    assert str(read).endswith("3,100 rows read")
    assert str(dropped).endswith("2 rows dropped: value missing (e.g. a.csv)")
    with speaking("zh"):
        assert str(read).endswith("读入 3,100 行")
        assert str(dropped).endswith("剔除 2 行：缺少value（例如 a.csv）")
