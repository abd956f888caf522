"""Remedies of what the operating system refuses, and of columns and lengths that no regression or code can have."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import polars as pl

import integrade as ig
from integrade.engine.frames import require_disk
from integrade.engine.system import REFUSALS, refusal_of
from integrade.report import drawing_process
from integrade.report.whole_file import write_bytes
from integrade.sources.files.readers import read_raw
from integrade.study.text import text_of
from rawcells import doors
from remedies.frame import Cases, done, given
from remedies.tables import FOLDER, PANEL, csv

CASES = Cases()
refused = CASES.refused


def written(refuses: str, path: str = str(FOLDER / "written.txt")) -> Any:
    """A file on a machine that refuses its last step, where there is something that it refuses."""
    if not refuses:
        return write_bytes(Path(path), b"x")
    with patch("os.replace", side_effect=OSError(getattr(errno, refuses), os.strerror(getattr(errno, refuses)), path)):
        return write_bytes(Path(path), b"x")


for _name, (_, _remedy) in REFUSALS.items():
    refused(f"system: {_name}", "S301", written, _name, then=done(_remedy, lambda c: c.with_args("")))
refused("system: another", "S301", written, "ENODEV", then=done("name another place", lambda c: c.with_args("")))


NO_FILE = FOLDER / "no_file"
NO_FILE.mkdir(exist_ok=True)
(NO_FILE / "whole.csv").write_text("a\n1\n")
if not (NO_FILE / "pipe.csv").exists():
    os.mkfifo(NO_FILE / "pipe.csv")
    (NO_FILE / "circle.csv").symlink_to("circle.csv")


def read_whole(name: str, most: int = doors.MOST) -> bytes:
    """A file of these, where so many bytes are the most."""
    with patch.object(doors, "MOST", most):
        return doors.read_bytes(NO_FILE / name)


for _name, _remedy in {
    "pipe.csv": "save its output to a file, and give that file",
    "circle.csv": "give the path of the real file",
}.items():
    refused(f"no file: {_name}", "S301", read_whole, _name, then=done(_remedy, lambda c: c.with_args("whole.csv")))
refused(
    "long file", "S301", read_whole, "whole.csv", 3, then=done("split the file", lambda c: c.with_args("whole.csv"))
)


def short_of_memory(used: bool = True) -> None:
    """Work on a machine whose memory is used up."""
    if used:
        with patch("os.replace", side_effect=MemoryError()):
            write_bytes(FOLDER / "written.txt", b"x")


refused("no memory", "S302", short_of_memory, then=done("close other programs", lambda c: c.with_options(used=False)))

(FOLDER / "folder.csv").mkdir(exist_ok=True)
refused(
    "folder in the place of a file",
    "U100",
    ig.write_table,
    PANEL,
    str(FOLDER / "folder.csv"),
    then=done("another name", lambda c: c.with_args(PANEL, str(FOLDER / "no_folder.csv"))),
)

CODES = csv(pl.DataFrame({"product": ["101", "202"], "value": [1.0, 2.0]}), "of_codes.csv")
refused("length of no code", "U100", read_raw, CODES, pad={"product": -3}, then=given())
refused("length beyond codes", "U100", read_raw, CODES, pad={"product": 10**12}, then=given())

NESTED = PANEL.with_columns(pl.struct("region", "year").alias("cell"), pl.concat_list("m", "x").alias("both"))
APART = NESTED.unnest("cell", separator="_")
refused(
    "text as weights",
    "D202",
    ig.fit,
    PANEL,
    "y ~ x",
    weights="kind",
    then=done("name a column of numbers", lambda c: c.with_options(weights="w")),
)
refused(
    "records as effects",
    "D202",
    ig.fit,
    NESTED,
    "y ~ x | cell",
    then=done(
        "into a separate column", lambda c: c.with_args(NESTED.unnest("cell", separator="_"), "y ~ x | cell_year")
    ),
)
refused(
    "lists as clusters",
    "D202",
    ig.fit,
    NESTED,
    "y ~ x",
    cluster="both",
    then=done("leave the column out", lambda c: c.with_options(cluster="region")),
)
CELLS = itertools.product("ABCDE", range(2000, 2003), ("food", "fuel", "rent"))
PRICES = pl.DataFrame(
    [(r, y, g, 100.0 + (7 * y + 5 * len(g) + ord(r)) % 9) for r, y, g in CELLS],
    schema=["region", "year", "commodity", "index"],
    orient="row",
)
refused(
    "records in a canonical column",
    "D202",
    ig.relative_price,
    PRICES.with_columns(pl.struct("region")),
    basis="link",
    then=done("into a separate column", lambda c: c.with_args(PRICES)),
)
SCRIPT = FOLDER / "script.toml"


def study_in(encoding: str) -> object:
    """The text of a study file in an encoding."""
    SCRIPT.write_bytes('title = "Été à Côte, déjà vu, naïve, Français"'.encode(encoding))
    return text_of(SCRIPT)


refused("study in another encoding", "U102", study_in, "cp1252", then=done("in UTF-8", lambda c: c.with_args("utf-8")))
MANY = "+".join(f"sw(x,z{i})" for i in range(12))
refused(
    "too many regressions in a formula",
    "U102",
    ig.fit_many,
    PANEL,
    f"y ~ {MANY}",
    then=done("csw0(a, b)", lambda c: c.with_args(PANEL, "y ~ csw0(x, z)")),
)


def full(by_others: bool = True) -> None:
    """Work whose temporary files fill their disk, or one that has room."""
    if by_others:
        said = pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)")
        raise refusal_of(said) or said


refused(
    "temporary files on a full disk",
    "S301",
    full,
    then=done("in the environment variable TMPDIR", lambda c: c.with_args(False)),
)


SMALL, LARGE = FOLDER / "small disk", FOLDER / "large disk"
for _disk in (SMALL, LARGE):
    _disk.mkdir()


def rows_on_disk(place: Path) -> None:
    """Write rows beyond the memory budget to a folder; the small disk has no room for them."""
    free = {str(SMALL): 1 << 20, str(LARGE): 1 << 40}
    with (
        patch.dict(os.environ, {"TMPDIR": str(place)}),
        patch("tempfile.tempdir", None),
        patch("shutil.disk_usage", lambda folder: SimpleNamespace(free=free[str(folder)])),
    ):
        require_disk(1 << 30)


refused(
    "no room for rows beyond the memory budget",
    "S301",
    rows_on_disk,
    SMALL,
    then=done("in the environment variable TMPDIR", lambda c: c.with_args(LARGE)),
)


def figure(limit: int) -> Any:
    """A figure whose process ends, under a limit of addresses or without."""
    ends = patch.object(drawing_process, "CHILD", "raise SystemExit") if limit else contextlib.nullcontext()
    with ends, patch.object(drawing_process.memory, "addresses", lambda: limit):
        process = drawing_process.Process()
        try:
            return process.ask(lambda p, text: p.answer({"bundle": text}), "").result()
        finally:
            process.end()


refused("figures under a limit", "S302", figure, 1 << 30, then=done("raise that limit", lambda c: c.with_args(0)))
