"""The account that travels with a table: every dropped, filled, merged or clipped row by step and reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from integrade.escaping import for_terminal_line
from integrade.texts import Said, as_record, from_record, say, str_or_said

Kind = Literal["in", "dropped", "merged", "filled", "clipped", "out", "note"]


@dataclass(frozen=True)
class Entry:
    """One line of an account: what a step did to how many rows of which table, and why."""

    step: str
    table: str
    kind: Kind
    reason: str
    rows: int
    example: str = ""

    def __str__(self) -> str:
        example = f" (e.g. {self.example})" if self.example else ""
        count = "" if self.kind == "note" else f"{self.rows:,} row{'' if self.rows == 1 else 's'} "
        return for_terminal_line(f"{self.step:<14} {self.table:<12} {count}{self.kind}: {self.reason}{example}")


@dataclass(frozen=True)
class Account:
    """An immutable list of entries; joined with ``+``."""

    entries: tuple[Entry, ...] = field(default=())

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __add__(self, other: Account | Iterable[Entry]) -> Account:
        more = other.entries if isinstance(other, Account) else tuple(other)
        return Account(self.entries + more)

    def __str__(self) -> str:
        return "\n".join(str(e) for e in self.entries) or "nothing dropped"

    def records(self) -> list[dict[str, object]]:
        """The entries as plain dictionaries, for JSON; ``said`` has id and values of a reason of the catalogues."""
        return [_record(e) for e in self.entries]


def warning(text: str) -> Said:
    """The reason of an entry that warns: the run and its report tell it, too."""
    return say("account.warning", text=text)


def warned(entry: Entry) -> str:
    """What an entry warns of, without the word; empty for any other entry."""
    reason = entry.reason
    return str_or_said(reason.given["text"]) if isinstance(reason, Said) and reason.key == "account.warning" else ""


def entries_of(records: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """The entries that `Account.records` wrote."""
    given = [({k: v for k, v in r.items() if k != "said"}, r.get("said")) for r in records]
    return tuple(Entry(**plain | ({"reason": from_record(said)} if said else {})) for plain, said in given)


def _record(entry: Entry) -> dict[str, object]:
    plain: dict[str, object] = asdict(entry) | {"reason": str(entry.reason)}
    return plain | {"said": as_record(entry.reason)} if isinstance(entry.reason, Said) else plain
