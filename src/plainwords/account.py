"""Record every dropped, filled, merged or clipped row by step and reason, in an account that belongs to the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from plainwords.errors import ExplainedError
from plainwords.escaping import for_terminal_line
from plainwords.texts import Said, as_record, from_record, in_language, is_message, language_spoken, listed, say

Kind = Literal["in", "dropped", "merged", "filled", "clipped", "out", "warning", "note"]
"""The kind of an entry, which either counts rows or is a remark.

A warning is about something that may make a number wrong, or about rows that are left out although the user did not ask
for it. A note is about a choice that was made, or about how something was read.
"""

NOT_READ = "sources.left-"
"""Prefix of the ids of reasons why a file or a folder is not read."""
NAMED = 20
"""Largest number of unread files that one line names; a convention."""
COLUMN = "column"
"""Name of the value of a remark that is a column of the table."""
COUNTED = ("account.rows", "account.products", "account.firm-years", "account.records")
"""Ids of reasons that only name what is counted: such an entry prints as ``3,100 rows read``."""


@dataclass(frozen=True)
class Entry:
    """One line of an account: what a step did to how many rows of which table, and the reason."""

    step: str
    table: str
    kind: Kind
    reason: str
    rows: int
    example: str = ""

    @property
    def is_remark(self) -> bool:
        """True for a warning or a note; the rows of such an entry do not enter the sums of the account."""
        return self.kind in ("warning", "note")

    def __str__(self) -> str:
        """Return the entry as a line, in the current language of `plainwords.texts.speaking`."""
        what = say("account.with-example", what=self._what(), example=self.example) if self.example else self._what()
        return for_terminal_line(f"{self.step:<14} {self.table:<12} {what}")

    def _what(self) -> str:
        reason, kind = in_language(self.reason, language_spoken()), f"account_kinds.{self.kind}"
        word = say(kind) if is_message(kind) else self.kind
        if self.is_remark:
            return say("account.remark", kind=word, reason=reason)
        if self.kind in ("in", "out") and isinstance(self.reason, Said) and self.reason.key in COUNTED:
            message = "account.read" if self.kind == "in" else "account.result"
            return say(message, n=self.rows, what=reason)
        return say("account.counted", n=self.rows, kind=word, reason=reason)


@dataclass(frozen=True)
class Account:
    """An immutable list of entries; accounts are joined with ``+``."""

    entries: tuple[Entry, ...] = field(default=())

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __add__(self, other: Account | Iterable[Entry]) -> Account:
        more = other.entries if isinstance(other, Account) else tuple(other)
        return Account(self.entries + more)

    def __str__(self) -> str:
        return "\n".join(str(e) for e in self.entries) or "nothing dropped"

    def records(self) -> list[dict[str, object]]:
        """Return the entries as dictionaries for JSON.

        ``said`` has the id and values of a reason from the catalogues.
        """
        return [_record(e) for e in self.entries]


_READ: ContextVar[dict[Entry, None] | None] = ContextVar("read", default=None)
"""Entries that readers made within `carrying`; None outside of it."""


@contextmanager
def carrying() -> Iterator[None]:
    """Attach the account of what was read to any error raised within the block, as ``problem.account``."""
    log: dict[Entry, None] = {}
    token = _READ.set(log)
    try:
        yield
    except ExplainedError as problem:
        problem.account = tuple(dict.fromkeys((*log, *problem.account)))
        raise
    finally:
        _READ.reset(token)


@contextmanager
def carrying_nothing() -> Iterator[None]:
    """Keep no entries for errors within the block, which reads the same files again to find all their problems."""
    token = _READ.set(None)
    try:
        yield
    finally:
        _READ.reset(token)


def keep_for_errors(entries: Iterable[Entry]) -> None:
    """Keep the entries of a reader, so that a later error can carry them."""
    log = _READ.get()
    if log is not None:
        log.update(dict.fromkeys(entries))


def said_already(entries: Iterable[Entry]) -> None:
    """Remove entries that were already printed, so that later errors do not carry them."""
    log = _READ.get()
    for entry in entries if log else ():
        log.pop(entry, None)  # type: ignore[union-attr]


def warnings_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the different warnings; a warning about several files appears once, with all years."""
    return tuple(dict.fromkeys(e.reason for e in grouped(entries) if e.kind == "warning"))


def grouped(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Merge repeated remarks at the position of the first one; keep all other entries.

    If a step makes the same remark on several files, one remark on ``12 files`` replaces these remarks. The merged
    remark has all years, the sum of rows, and the first file as an example. A remark on files that are not read names
    up to `NAMED` files. The same remark on the same table appears once.
    """
    alike: dict[object, dict[Entry, None]] = {}
    for e in entries:
        alike.setdefault(_sameness(e) if e.is_remark else len(alike), {}).setdefault(e)
    return tuple(entry for group in alike.values() for entry in _as_one(tuple(group)))


def over_columns(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Merge remarks on one table that differ only in the name of a column, at the position of the first one.

    The merged remark is the first one; the other columns follow in parentheses.
    """
    alike: dict[object, list[Entry]] = {}
    for e in entries:
        alike.setdefault(_without_column(e) or len(alike), []).append(e)
    return tuple(_of_columns(group) for group in alike.values())


def _without_column(entry: Entry) -> object:
    """Return a key that is equal for remarks that differ only in the column; None for an entry without a column."""
    reason = entry.reason
    if not entry.is_remark or not isinstance(reason, Said) or COLUMN not in reason.given:
        return None
    others = tuple((k, v) for k, v in reason.given.items() if k != COLUMN)
    return entry.step, entry.table, entry.kind, entry.example, reason.key, others


def _of_columns(group: list[Entry]) -> Entry:
    first, *others = group
    if not others:
        return first
    columns = list(dict.fromkeys(str(e.reason.given[COLUMN]) for e in group if isinstance(e.reason, Said)))
    reason = say("account.likewise", reason=first.reason, columns=listed(columns[1:])) if columns[1:] else first.reason
    return replace(first, reason=reason, rows=sum(e.rows for e in group))


def _sameness(entry: Entry) -> object:
    """Return a key that is equal for remarks that can be merged.

    The key leaves out the file, the rows, the example and, in a text of the catalogues, the year.
    """
    reason = entry.reason
    if not isinstance(reason, Said):
        return entry.step, entry.kind, reason
    return entry.step, entry.kind, reason.key, tuple((k, v) for k, v in reason.given.items() if not _is_year(k, v))


def _is_year(name: str, value: object) -> bool:
    return name == "year" and str(value).isdigit()


def _as_one(group: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Merge the entries of a group if they are on different tables.

    Entries on one table stay separate, because their years differ.
    """
    tables = list(dict.fromkeys(e.table for e in group))
    if len(tables) < 2:
        return group
    first, reason = group[0], group[0].reason
    if isinstance(reason, Said) and _is_year("year", reason.given.get("year", "")):
        years = sorted({int(str(e.reason.given["year"])) for e in group if isinstance(e.reason, Said)})
        reason = say(reason.key, **{**reason.given, "year": _spans(years)})
    example = first.table if not first.example else say("account.example-of", table=first.table, example=first.example)
    table = say("account.files", n=len(tables))
    if isinstance(reason, Said) and reason.key.startswith(NOT_READ):
        return (Entry(first.step, _names(tables), first.kind, reason, 0, first.example),)
    return (Entry(first.step, table, first.kind, reason, sum(e.rows for e in group), example),)


def _names(tables: list[str]) -> str:
    named, more = listed(tables[:NAMED], "comma"), len(tables) - NAMED
    return say("account.files-and-more", names=named, n=more) if more > 0 else named


def _spans(years: list[int]) -> str:
    """Write years as ranges: ``2004-2013, 2015``."""
    starts = [y for y in years if y - 1 not in years]
    ends = [y for y in years if y + 1 not in years]
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))


def entries_of(records: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """Rebuild the entries that `Account.records` wrote."""
    given = [({k: v for k, v in r.items() if k != "said"}, r.get("said")) for r in records]
    return tuple(Entry(**plain | ({"reason": from_record(reason)} if reason else {})) for plain, reason in given)


def _record(entry: Entry) -> dict[str, object]:
    plain: dict[str, object] = asdict(entry) | {"reason": str(entry.reason)}
    return plain | {"said": as_record(entry.reason)} if isinstance(entry.reason, Said) else plain
