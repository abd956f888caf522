"""Write files that are complete under their name or absent."""

from __future__ import annotations

import os
from pathlib import Path

from integrade.engine import doors
from integrade.engine.stopping import beside, temporary
from integrade.engine.system import coded


def write_bytes(path: Path, content: bytes) -> Path:
    """Write through a temporary name in the folder, then rename.

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
