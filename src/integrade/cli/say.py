"""What commands print: accounts on standard error, results on standard output."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from integrade.account import Account, grouped
from integrade.escaping import for_terminal, json_text, one_line


def account(entries: Account, *, quiet: bool) -> None:
    """What was dropped and why, on standard error, the same remark on several files once.

    ``quiet``: only what changed rows, and warnings; no notes, no counts of rows that came in or go out.
    """
    for entry in grouped(entries):
        if not quiet or entry.kind not in ("note", "in", "out"):
            print(entry, file=sys.stderr)


def line(shown: object) -> None:
    """A result on standard output: a control character in it is shown by its code."""
    print(for_terminal(str(shown)))


def note(text: object, *, quiet: bool = False) -> None:
    """A remark on standard error."""
    if not quiet:
        print(for_terminal(str(text)), file=sys.stderr)


def plugins(study: Path, *, allowed: bool) -> None:
    """Load the plugins of a study where it is allowed, and say what was and what was not, on standard error."""
    from integrade.study.plugins import use_plugins

    if told := str(use_plugins(study, allowed=allowed)):
        note(told)


def loaded(files: Sequence[Path]) -> None:
    """Run the files of ``--plugin`` and import what installed packages offer."""
    from integrade.plugins import any_installed, load_files, load_installed

    if files or any_installed():
        from integrade.study.questions import questions

        questions()  # before a plugin, which cannot take the name of one
    load_installed()
    load_files(files)


def as_json(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json_text(value, indent=1, default=str))


def frame(data: Any, *, title: str, rows: int = 40) -> None:
    """A Polars frame as a terminal table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(one_line(title)), title_justify="left")
    for name, kind in data.schema.items():
        table.add_column(Text(one_line(name)), justify="right" if kind.is_numeric() else "left")
    for row in data.head(rows).iter_rows():
        table.add_row(*[Text(one_line(_cell(value))) for value in row])  # a Text, as rich reads [..] as a style
    Console().print(table)
    if data.height > rows:
        line(f"... {data.height - rows:,} more rows")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
