"""A file that is complete under its name or absent."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from integrade.stopping import temporary
from integrade.system import coded


def write_bytes(path: Path, content: bytes) -> Path:
    """Write through a temporary name in the same folder, then rename. Raises `SystemRefusal`."""
    with coded(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        with temporary(Path(part)):
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(part).chmod(0o644)
            os.replace(part, path)
    return path
