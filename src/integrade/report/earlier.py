"""Take figures from an earlier report of a study if they would be drawn from the same bytes by the same program.

A figure's key is a hash of everything that decides its files: its specification, the program that draws it, the
typeface, and the code that embeds letters. A report with all figures taken has the same bytes as one with all drawn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from integrade.report import drawing_process, fonts, style
from integrade.report.fonts import TYPEFACE, is_own
from integrade.report.style import Drawing, specified
from integrade.report.whole_file import write_bytes
from rawcells import doors

NOTE = "drawn.json"
"""File beside a report with the key of each of its figures."""


def key_of(drawing: Drawing) -> str:
    """Return the key of a figure; empty if a letter is not in the package's typeface.

    Such a letter is drawn with the fonts of the machine, which can change.
    """
    text = specified(drawing)
    letters = json.dumps(json.loads(text), ensure_ascii=False)  # not the escapes for letters beyond ASCII
    return hashlib.sha256(f"{_program()} {text}".encode()).hexdigest() if is_own(letters) else ""


def note_keys(folder: Path, keys: Mapping[str, str]) -> None:
    """Write the keys of the figures of a report, by name, into its folder."""
    write_bytes(folder / NOTE, json.dumps({name: key for name, key in keys.items() if key}).encode())


class Earlier(NamedTuple):
    """The folder of an earlier report, and the keys of its figures by name; without keys there is none."""

    folder: Path = Path()
    keys: Mapping[str, str] = {}

    def has(self, name: str, key: str) -> bool:
        """Return whether the earlier report has this figure."""
        return bool(key) and self.keys.get(name) == key

    def figure(self, name: str, kind: str) -> bytes:
        """Return the bytes of a figure as svg or png."""
        return doors.read_bytes(self.folder / "figures" / f"{name}.{kind}")


def earlier_in(folder: Path) -> Earlier:
    """Return the figures of a report whose keys were noted."""
    return Earlier(folder, dict(json.loads(doors.read_bytes(folder / NOTE))))


@cache
def _program() -> str:
    """Return a hash of what draws figures, apart from their specifications."""
    sources = [Path(str(module.__file__)) for module in (drawing_process, fonts, style)]
    parts = [doors.read_bytes(path) for path in (*sources, *sorted(TYPEFACE.iterdir()))]
    parts += [version(library).encode() for library in ("vl-convert-python", "fonttools")]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
