"""Print the output of commands: accounts on standard error, results on standard output."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any, TextIO

from cyclopts import Parameter

from integrade.engine.system import coded
from integrade.errors import IntegradeError
from integrade.wording.ending import MOST, Line, Part, laid_out, wrapped
from integrade.wording.sheet import width
from plainwords.account import Account, Entry, grouped, over_columns, said_already
from plainwords.escaping import for_terminal, json_text, one_line, records_without_secrets, without_secrets
from plainwords.texts import listed, say

Verbose = Annotated[bool, Parameter(name=("--verbose", "-v"))]
"""A flag of the commands that end with few lines."""
NARROWEST, WIDEST = 40, 100
"""Smallest and largest width of wrapped text: longer lines are hard to read, shorter ones have no room for labels."""
COLOURS = {
    "label": "1",
    "supported": "32",
    "contradicted": "31",
    "not supported": "33",
    "cannot be told": "33",
    "not tested": "2",
    "path": "36",
    "warning": "33",
    "error": "1;31",
    "done": "2",
}
"""Role of a piece of text -> its style in a terminal, as the parameter of an escape sequence."""


def open_streams() -> None:
    """Open the standard streams that the process was started without.

    Otherwise text for standard error would enter standard output, or the first file that is opened. Text for a closed
    standard error is discarded, because nobody reads it. Writing a result to a closed standard output fails, because
    the result would be lost.
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
    """Flush standard output while a failure can still be reported. Raises `OSError`."""
    with coded("standard output"):
        sys.stdout.flush()


def settle() -> None:
    """Flush standard output at the end.

    If that fails, discard the rest so that Python does not try to print it again.
    """
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        mute(sys.stdout)


def mute(stream: TextIO) -> None:
    """Discard everything that is printed to a stream from now on, and everything still in its buffer."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def account(entries: Account, *, quiet: bool) -> None:
    """Print dropped rows with reasons on standard error; a remark that several files have is printed only once.

    ``quiet``: print only changes of rows and warnings, but no notes and no counts of rows read or written.
    """
    said_already(entries)
    for entry in shown(entries):
        if not quiet or entry.kind not in ("note", "in", "out"):
            note(entry)


def shown(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries to print: a remark on several files, or on several columns, appears once."""
    return over_columns(grouped(entries))


def counted(entries: Iterable[Entry]) -> list[str]:
    """Return how many warnings, notes and counts of rows are in entries to print; what is not there is left out."""
    kinds = [entry.kind for entry in entries]
    warned, noted = kinds.count("warning"), kinds.count("note")
    return in_words(warnings=warned, notes=noted, rows=len(kinds) - warned - noted)


def in_words(*, warnings: int = 0, notes: int = 0, rows: int = 0) -> list[str]:
    """Return counts of warnings, notes and counts of rows in words, without zeros."""
    texts = [
        (warnings, say("terminal.warnings", n=warnings)),
        (notes, say("terminal.notes", n=notes)),
        (rows, say("terminal.counts-of-rows", n=rows)),
    ]
    return [text for n, text in texts if n]


def refusal(problem: IntegradeError, *, quiet: bool) -> None:
    """Print an error on standard error; before an error of the data, print the account of what had been read."""
    if problem.exit_code == 1:
        account(Account(problem.account), quiet=quiet)
    error(problem)


def short_refusal(problem: IntegradeError) -> None:
    """Print an error of a command with ``--verbose``: the error comes first, and the account is only counted."""
    error(problem)
    hidden = counted(shown(problem.account)) if problem.exit_code == 1 else []
    if hidden:
        note(say("terminal.shows-before", how="-v", counts=listed(hidden)))


def error(problem: IntegradeError) -> None:
    """Print an error on standard error; on a terminal, wrap its lines at words and colour its code."""
    text = str(problem)
    if not is_terminal(sys.stderr) or "\n" in problem.what or re.search(r"\n *\^", text):
        note(problem)
        return
    for printed in text.split("\n"):
        found = re.match(r"(  (?:where|example|remedy): |[A-Z]\d{3} )?(.*)", printed)
        head, rest = found.groups("") if found else ("", printed)
        lines = wrapped(for_terminal(rest), columns() - len(head))
        role = "error" if head and head[0] != " " else "label"
        note(styled(head, role, sys.stderr) + f"\n{' ' * len(head)}".join(lines), styles=True)


def warning(text: str) -> None:
    """Print a warning on standard error; on a terminal, wrap it at words and colour its first word."""
    head = f"{say('terminal.warning')}: "
    if not is_terminal(sys.stderr):
        note(head + text)
        return
    lines = wrapped(for_terminal(text), columns() - width(head))
    note(styled(head, "warning", sys.stderr) + f"\n{' ' * width(head)}".join(lines), styles=True)


def end(parts: Sequence[Part], *, most: int | None = MOST, stream: TextIO | None = None) -> None:
    """Print the end of a command on standard output or another stream, in at most ``most`` lines."""
    to = sys.stdout if stream is None else stream
    safe = [part._replace(text="\t".join(map(_safe, part.text.split("\t")))) for part in parts]
    for printed in laid_out(safe, columns(), most):
        styled_line(printed, to)


def _safe(text: str) -> str:
    return one_line(for_terminal(without_secrets(text)))


def styled_line(printed: Line, stream: TextIO | None = None) -> None:
    """Print a line whose pieces are free of control characters, in the colours of their roles."""
    stream = sys.stdout if stream is None else stream
    text = "".join(styled(piece.text, piece.role, stream) for piece in printed)
    if stream is sys.stderr:
        note(text, styles=True)
        return
    with coded("standard output"):
        print(text, flush=True)


def columns() -> int:
    """Return the width of wrapped text: that of the terminal within bounds, or 80 without a terminal."""
    return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)


def is_terminal(stream: TextIO) -> bool:
    """Return whether a stream is a terminal."""
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False


def has_colour(stream: TextIO) -> bool:
    """Return whether text on a stream is coloured.

    A terminal has colours, unless ``NO_COLOR`` is set or it is a dumb one; ``FORCE_COLOR`` asks for colours elsewhere.
    """
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal(stream) and os.environ.get("TERM") != "dumb")


def styled(text: str, role: str, stream: TextIO) -> str:
    """Return a text in the colour of its role, if the stream has colours."""
    return f"\x1b[{COLOURS[role]}m{text}\x1b[0m" if role in COLOURS and text and has_colour(stream) else text


def line(shown: object) -> None:
    """Print a result on standard output; control characters are shown by their codes."""
    with coded("standard output"):
        print(without_secrets(for_terminal(str(shown))), flush=True)


def note(text: object, *, quiet: bool = False, styles: bool = False) -> None:
    """Print a remark on standard error. With ``styles``, the text has styles and no control characters of a user."""
    if quiet:
        return
    try:
        print(without_secrets(str(text) if styles else for_terminal(str(text))), file=sys.stderr)
    except OSError:  # nobody reads it, or its disk is full
        mute(sys.stderr)


def plugins(study: Path, *, allowed: bool) -> None:
    """Load the plugins of a study if this is ``allowed``; print on standard error which were loaded or not loaded."""
    from integrade.study.plugins import use_plugins

    if text := str(use_plugins(study, allowed=allowed)):
        note(text)


def loaded(files: Sequence[Path]) -> None:
    """Run the files of ``--plugin`` and import the plugins of installed packages."""
    from integrade.records.plugins import any_installed, load_files, load_installed

    if files or any_installed():
        from integrade.subjects import questions

        questions()  # first, because a plugin cannot take the name of a question
    load_installed()
    load_files(files)


def as_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output."""
    with coded("standard output"):
        print(json_text(records_without_secrets(value), indent=1, default=str))


def frame(data: Any, *, title: str, rows: int = 40) -> None:
    """Print a Polars frame as a terminal table, in blocks of as many columns as fit.

    Each block repeats the first column.
    """
    cells = [[one_line(_cell(value)) for value in row] for row in data.head(rows).iter_rows()]
    numeric = [kind.is_numeric() for kind in data.dtypes]
    most = max(shutil.get_terminal_size().columns, 20)
    texts = blocks([one_line(name) for name in data.columns], cells, numeric, most)
    line("\n\n".join([one_line(title), *texts]))
    if data.height > rows:
        line(f"... {data.height - rows:,} more rows")


def blocks(names: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], most: int) -> list[str]:
    """Return rows as aligned text in tables below each other, with no line wider than ``most`` columns of a terminal.

    Each table has the first column, which identifies the rows, and as many others as fit, at least one. A cell that is
    wider than half a line is cut at its end and marked by an ellipsis.
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
    """Return a text of at most ``most`` columns, with an ellipsis at its end if it is cut."""
    if width(text) <= most:
        return text
    ends = accumulate(map(width, text))
    return "".join(sign for sign, end in zip(text, ends, strict=True) if end < most) + "…"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
