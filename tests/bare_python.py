"""A Python that has only some libraries, without integrade: that of Spark's workers on clusters of others."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path


def bare_python(folder: Path, libraries: Sequence[str]) -> Path:
    """Make an environment in a folder whose packages are links to those of ``libraries``; return its interpreter."""
    import venv

    venv.create(folder, symlinks=True, with_pip=False)
    version = "python{}.{}".format(*sys.version_info)
    packages = folder / "lib" / version / "site-packages"
    for name in libraries:
        there = distribution(name)
        for top in sorted({file.parts[0] for file in there.files or () if file.parts[0] not in ("..", "__pycache__")}):
            if not (packages / top).exists():
                (packages / top).symlink_to(Path(str(there.locate_file(top))).resolve())
    assert sysconfig.get_path("purelib") != str(packages)
    return folder / "bin" / "python"
