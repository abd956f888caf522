"""The packages below integrade can be installed alone: their wheels have what they import, at integrade's versions."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from importlib.metadata import packages_distributions
from pathlib import Path

import xlsxwriter
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import integrade
import tablecheck
from each import each
from integrade.surface.packages import BELOW

ROOT = Path(__file__).parents[2]
OPTIONAL = {"polars", "msoffcrypto"}
"""Needed only to turn findings into a frame, and to open locked workbooks: extras, which no module imports at once."""
LIGHT = {
    "babel",
    "attrs",
    "fluent.runtime",
    "fluent.syntax",
    "lxml",
    "markdown-it-py",
    "mdurl",
    "olefile",
    "pylatexenc",
    "pypdfium2",
    "python-calamine",
    "python-docx",
    "pytz",
    "striprtf",
    "typing-extensions",
}
"""Distributions that tablecheck installs without extras. They take 70 MB, 33 of them babel; .ci/package measures it."""


def project(folder: Path) -> dict[str, object]:
    return dict(tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"])


def requirements(folder: Path) -> dict[str, str]:
    """Lower bounds by name, in the spelling of the index."""
    pairs = (re.fullmatch(r"([\w.-]+)(?:\[\w+\])?(.*)", one) for one in project(folder)["dependencies"])  # type: ignore[attr-defined]
    return {re.sub(r"[-_.]+", "-", pair[1]).lower(): pair[2] for pair in pairs if pair}


def imported(path: Path) -> set[str]:
    """Names of packages that a file imports, also inside functions; not those that only types need."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    names = set()
    for node in set(ast.walk(tree)) - typed:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names - set(sys.stdlib_module_names)


@each("name", BELOW)
def test_a_wheel_requires_what_its_package_imports(name: str) -> None:
    of_modules = packages_distributions()
    needed = set().union(*map(imported, (ROOT / "src" / name).rglob("*.py"))) - {name} - OPTIONAL
    distributions = {
        module if module in BELOW else re.sub(r"[-_.]+", "-", of_modules[module][0]).lower() for module in needed
    }
    required, whole = requirements(ROOT / "packages" / name), requirements(ROOT)
    assert set(required) == distributions
    assert {one: bound for one, bound in required.items() if one not in BELOW and whole[one] != bound} == {}
    assert {required[one] for one in set(required) & set(BELOW)} <= {f"=={integrade.__version__}"}


def required_by(names: set[str]) -> set[str]:
    """The distributions that these need in turn, without those of extras; an older Python or Windows may need more."""
    waiting, every = {canonicalize_name(name) for name in names}, set[str]()
    while waiting:
        every.add(name := waiting.pop())
        for need in map(Requirement, metadata.requires(name) or ()):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                waiting |= {canonicalize_name(need.name)} - every
    return every


def test_nothing_heavy_is_installed_with_tablecheck() -> None:
    needed = {one for name in BELOW for one in requirements(ROOT / "packages" / name)} - set(BELOW)
    assert required_by(needed) <= {canonicalize_name(name) for name in LIGHT}


def test_an_audit_imports_nothing_else(tmp_path: Path) -> None:
    """In another process: a regression, a correlation matrix, a workbook and a page are checked by every set."""
    (tmp_path / "t.csv").write_text(TABLES, encoding="utf-8")
    (tmp_path / "t.html").write_text("<table><tr><td>x</td><td>(1)</td></tr><tr><td>y</td><td>0.5</td></tr></table>")
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet("one")
        for i, line in enumerate(TABLES.splitlines()):
            sheet.write_row(i, 0, line.split(","))
    code = (
        "import sys; before = set(sys.modules); import tablecheck; "
        f"found = tablecheck.audit_table({str(tmp_path)!r}, checks=tablecheck.LITERATURE); "
        "assert any(f.check == 'stars' for f in found.findings), found; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    allowed = {canonicalize_name(name) for name in LIGHT}
    of_modules = packages_distributions()
    loaded = {name for name in said.stdout.split() if name in of_modules} - set(BELOW)
    assert "lxml" in loaded
    heavy = {name for name in loaded if not {canonicalize_name(one) for one in of_modules[name]} & allowed}
    assert heavy - {"integrade"} == set()


TABLES = """Table 1. Profits,,
,(1),(2)
Market,0.04*,0.38***
,(0.07),(0.03)
Size,0.11***,0.12***
,(0.02),(0.02)
Observations,900,800
Standard errors in parentheses. * p<0.10; ** p<0.05; *** p<0.01,,
"""


def test_all_packages_have_one_version_and_a_readme() -> None:
    versions = {project(ROOT / "packages" / name)["version"] for name in BELOW}
    assert versions | {tablecheck.__version__, project(ROOT)["version"]} == {integrade.__version__}
    for name in BELOW:
        assert (ROOT / "packages" / name / "README.md").read_text(encoding="utf-8").startswith(f"# {name}\n")


def test_the_tests_of_tablecheck_need_no_integrade() -> None:
    files = sorted((ROOT / "tests" / "tablecheck").rglob("*.py"))
    assert len(files) > 20
    assert [str(path) for path in files if "integrade" in imported(path)] == []
