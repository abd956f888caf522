"""What a test needs beyond Python: the library of real files beside the checkout, programs of the system.

Where it is not there the test is skipped with the reason "needs ..."; conftest counts the reasons at the end.
"""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "shared"
PROGRAMS = {
    "Rscript": "R",
    "chromium": "Chromium",
    "java": "Java",
    "lualatex": "TeX",
    "npm": "npm",
    "pdflatex": "TeX",
    "pdftotext": "poppler-utils",
    "soffice": "LibreOffice",
    "xelatex": "TeX",
}


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


def needs_calc() -> str:
    """The path of LibreOffice with its spreadsheets, which Debian has in a package of their own."""
    program = needs("soffice")
    if not any(Path(program).resolve().parent.glob("*sclo.*")):
        pytest.skip("needs LibreOffice Calc")
    return program


def needs_r(*packages: str) -> str:
    """The path of Rscript, where these packages of R are installed."""
    program = needs("Rscript")
    if missing := [p for p in packages if not _has(program, p)]:
        pytest.skip(f"needs {' and '.join(missing)} in R")
    return program


@cache
def _has(program: str, package: str) -> bool:
    asked = f"quit(status = !requireNamespace('{package}', quietly = TRUE))"
    return subprocess.run([program, "-e", asked], capture_output=True, check=False).returncode == 0


def needs_tex(*files: str) -> str:
    """The path of xelatex, where these files of TeX are installed."""
    program = needs("xelatex")
    for file in files:
        if subprocess.run(["kpsewhich", file], capture_output=True, check=False).returncode:
            pytest.skip(f"needs {file} in TeX")
    return program


def needs_chinese_font() -> None:
    """A font of the machine that can set Chinese, for programs that do not know the typeface of the package."""
    import typst

    from integrade.report.fonts import CHINESE_SERIF

    if not {*CHINESE_SERIF} & {*typst.Fonts(include_system_fonts=True).families()}:
        pytest.skip("needs a Chinese font of the system")


def needs_fonts(folder: str) -> Path:
    """A folder of fonts of the machine, as ``truetype/dejavu``."""
    found = Path("/usr/share/fonts", folder)
    if not found.is_dir():
        pytest.skip(f"needs the fonts of {folder}")
    return found
