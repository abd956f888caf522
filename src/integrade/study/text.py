"""Read the text of a study file in its own encoding, and parse it as TOML."""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path
from typing import Any

from integrade.engine.system import coded
from integrade.errors import BadFormula, Unreadable
from rawcells import doors
from rawcells.bytes.encodings import detect

LARGEST = 4 << 20
"""A file with more bytes (4 MB) is refused, because it is no study file.

Real studies are a hundred times smaller.
"""


def text_of(path: Path) -> str:
    """Return the text of a file in UTF-8 or UTF-16 (with or without a byte order mark), GB18030 or Big5.

    Raises `BadFormula` for any other encoding and for a file larger than 4 MB. Raises `SystemRefusal` if the system
    refuses to read it.
    """
    with coded(path), doors.open_bytes(path) as file:
        content = file.read(LARGEST + 1)
    large = len(content) > LARGEST
    encoding = "" if large else _encoding(path, content)
    try:
        return content.decode(encoding).replace("\r\n", "\n")
    except (UnicodeError, LookupError):
        what = f"is larger than {LARGEST >> 20} MB" if large else "is not text in UTF-8, UTF-16, GB18030 or Big5"
        raise BadFormula(f"{path.name} {what}", where=str(path), remedy="save it as a text file in UTF-8") from None


def _encoding(path: Path, content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in content[:2]:
        return "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        try:
            encoding = detect(path)
        except Unreadable:
            encoding = ""
        return encoding if encoding in ("gb18030", "big5") else ""
    return "utf-8-sig"


def read_toml(text: str) -> dict[str, Any]:
    """Parse a text as TOML. Raises `tomllib.TOMLDecodeError`, also for too deep nesting and for too long numbers."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("brackets are nested too deep") from None
    except ValueError as problem:  # a number with thousands of digits
        raise tomllib.TOMLDecodeError(str(problem).partition(";")[0]) from None
