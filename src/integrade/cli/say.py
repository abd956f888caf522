"""What commands print: accounts on standard error, results on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from integrade.account import Account


def account(entries: Account, *, quiet: bool) -> None:
    """What was dropped and why, on standard error; ``quiet`` keeps only this account, without notes."""
    for entry in entries:
        if not quiet or entry.kind != "note":
            print(entry, file=sys.stderr)


def note(text: str, *, quiet: bool = False) -> None:
    """A remark on standard error."""
    if not quiet:
        print(text, file=sys.stderr)


def as_json(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False, default=str))


def frame(data: Any, *, title: str, rows: int = 40) -> None:
    """A Polars frame as a terminal table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name, kind in data.schema.items():
        table.add_column(name, justify="right" if kind.is_numeric() else "left")
    for row in data.head(rows).iter_rows():
        table.add_row(*[_cell(value) for value in row])
    Console().print(table)
    if data.height > rows:
        print(f"... {data.height - rows:,} more rows")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
