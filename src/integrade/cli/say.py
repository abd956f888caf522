"""What commands print: accounts on standard error, results on standard output."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any, TextIO

from integrade.engine.system import coded
from integrade.errors import IntegradeError
from integrade.wording.account import Account, grouped, said_already
from integrade.wording.escaping import for_terminal, json_text, one_line, records_without_secrets, without_secrets
from integrade.wording.sheet import width


def open_streams() -> None:
    """Give the process the standard streams that it was started without.

    Otherwise what belongs on standard error would enter standard output, or the first file that is opened. Nobody
    reads a standard error that is closed; a result on a standard output that is closed would be lost: writing fails.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, mode)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as the process
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def flush() -> None:
    """Bring what was printed where it belongs, as long as a failure can be told. Raises `OSError`."""
    with coded("standard output"):
        sys.stdout.flush()


def settle() -> None:
    """Nothing that could not be printed is left for Python to print as it ends."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        mute(sys.stdout)


def mute(stream: TextIO) -> None:
    """What is printed from here on, and what waits to be, goes nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def account(entries: Account, *, quiet: bool) -> None:
    """What was dropped and why, on standard error, the same remark on several files once.

    ``quiet``: only what changed rows, and warnings; no notes, no counts of rows that came in or go out.
    """
    said_already(entries)
    for entry in grouped(entries):
        if not quiet or entry.kind not in ("note", "in", "out"):
            note(entry)


def refusal(problem: IntegradeError, *, quiet: bool) -> None:
    """An error on standard error; one of the data after the account of what was read before it."""
    if problem.exit_code == 1:
        account(Account(problem.account), quiet=quiet)
    note(problem)


def line(shown: object) -> None:
    """A result on standard output: a control character in it is shown by its code."""
    with coded("standard output"):
        print(without_secrets(for_terminal(str(shown))), flush=True)


def note(text: object, *, quiet: bool = False) -> None:
    """A remark on standard error."""
    if quiet:
        return
    try:
        print(without_secrets(for_terminal(str(text))), file=sys.stderr)
    except OSError:  # nobody reads it, or its disk is full
        mute(sys.stderr)


def plugins(study: Path, *, allowed: bool) -> None:
    """Load the plugins of a study where it is allowed, and say what was and what was not, on standard error."""
    from integrade.study.plugins import use_plugins

    if told := str(use_plugins(study, allowed=allowed)):
        note(told)


def loaded(files: Sequence[Path]) -> None:
    """Run the files of ``--plugin`` and import what installed packages offer."""
    from integrade.records.plugins import any_installed, load_files, load_installed

    if files or any_installed():
        from integrade.subjects import questions

        questions()  # before a plugin, which cannot take the name of one
    load_installed()
    load_files(files)


def as_json(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output."""
    with coded("standard output"):
        print(json_text(records_without_secrets(value), indent=1, default=str))


def frame(data: Any, *, title: str, rows: int = 40) -> None:
    """A Polars frame as a terminal table: in blocks of as many columns as fit, the first column in each."""
    cells = [[one_line(_cell(value)) for value in row] for row in data.head(rows).iter_rows()]
    numeric = [kind.is_numeric() for kind in data.dtypes]
    most = max(shutil.get_terminal_size().columns, 20)
    texts = blocks([one_line(name) for name in data.columns], cells, numeric, most)
    line("\n\n".join([one_line(title), *texts]))
    if data.height > rows:
        line(f"... {data.height - rows:,} more rows")


def blocks(names: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], most: int) -> list[str]:
    """Rows as aligned text, no line wider than ``most`` columns of a terminal: tables below each other.

    Each has the first column, by which rows are known, and as many others as fit, one at least. A cell that is wider
    than half a line is cut at its end, marked by an ellipsis.
    """
    if not names:
        return []
    shown = [[_cut(c, most // 2 - 1) for c in column] for column in zip(names, *rows, strict=True)]
    widths = [max(map(width, column)) for column in shown]
    groups: list[list[int]] = [[0]]
    for j in range(1, len(names)):
        if len(groups[-1]) > 1 and sum(widths[i] + 2 for i in groups[-1]) + widths[j] > most:
            groups.append([0])
        groups[-1].append(j)
    return ["\n".join(_aligned(shown, widths, numeric, group, i) for i in range(len(rows) + 1)) for group in groups]


def _aligned(
    shown: Sequence[Sequence[str]], widths: Sequence[int], numeric: Sequence[bool], group: Sequence[int], row: int
) -> str:
    padded = ((shown[j][row], " " * (widths[j] - width(shown[j][row])), numeric[j]) for j in group)
    return "  ".join(space + cell if right else cell + space for cell, space, right in padded).rstrip()


def _cut(text: str, most: int) -> str:
    """A text of at most so many columns, an ellipsis at its end where it is cut."""
    if width(text) <= most:
        return text
    ends = accumulate(map(width, text))
    return "".join(sign for sign, end in zip(text, ends, strict=True) if end < most) + "…"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
