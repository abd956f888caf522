"""What a test needs beyond Python: the library of real files beside the checkout, programs of the system.

Where it is not there the test is skipped with the reason "needs ..."; conftest counts the reasons at the end.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "shared"
PROGRAMS = {
    "Rscript": "R", "chromium": "Chromium", "java": "Java", "npm": "npm", "pdftotext": "poppler-utils",
    "soffice": "LibreOffice", "xelatex": "TeX",
}  # fmt: skip


def shared(name: str) -> Path:
    """A file or folder of ``../shared`` by its path in it, as ``data/china_cpi``."""
    if not LIBRARY.is_dir():
        pytest.skip("needs the shared library beside the checkout")
    return LIBRARY / name


def needs(program: str) -> str:
    """The path of a program of the system."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs {PROGRAMS[program]}")
    return found
