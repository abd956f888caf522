"""Open zip archives (workbooks, documents of Word) in one place, and limit what their parts may unpack to."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

from rawcells import doors
from rawcells.bytes.bounds import check_unpacked

BEGINS = b"PK\x03\x04"
"""First bytes of an archive that has parts."""


def opened(source: Path | BinaryIO) -> ZipFile:
    """Open an archive, given by its path or its bytes; call `check_parts` before any part of it is read.

    Raises `NotAFile`, `zipfile.BadZipFile` and the errors of the system.
    """
    return ZipFile(doors.regular(source) if isinstance(source, Path) else source)


def check_parts(path: Path, archive: ZipFile, packed: int, free: int | None = None) -> int:
    """Return the number of bytes to which the parts of an archive of ``packed`` bytes unpack, as they declare it.

    Python reads no more of a part than it declares; other libraries may. Raises `Unreadable` if it is far more than
    the size of the archive and more than ``free`` (`FREE_BYTES` if that is None).
    """
    unpacked = sum(part.file_size for part in archive.infolist())
    check_unpacked(path, packed, unpacked, free)
    return unpacked
