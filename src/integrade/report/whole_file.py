"""Write files so that a file under its name is always complete."""

from __future__ import annotations

import os
from pathlib import Path

from integrade.engine.system import coded
from rawcells import doors
from rawcells.stopping import beside, temporary


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file under a temporary name in the same folder, then rename it.

    Raises `NotAFile` if the path is a pipe, a socket or a device, else `SystemRefusal`.
    """
    with coded(path):
        doors.regular(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary(beside(path)) as part:
            part.write_bytes(content)
            part.chmod(0o644)
            os.replace(part, path)
    return path
