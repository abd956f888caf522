"""The packages below integrade can be installed alone: their wheels have what they import, at integrade's versions."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import integrade
import tablecheck
from each import each
from integrade.surface.packages import BELOW

ROOT = Path(__file__).parents[2]
OPTIONAL = {"polars"}
"""Needed only to turn findings into a frame."""


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


def test_all_packages_have_one_version_and_a_readme() -> None:
    versions = {project(ROOT / "packages" / name)["version"] for name in BELOW}
    assert versions | {tablecheck.__version__, project(ROOT)["version"]} == {integrade.__version__}
    for name in BELOW:
        assert (ROOT / "packages" / name / "README.md").read_text(encoding="utf-8").startswith(f"# {name}\n")


def test_the_tests_of_tablecheck_need_no_integrade() -> None:
    files = sorted((ROOT / "tests" / "tablecheck").rglob("*.py"))
    assert len(files) > 20
    assert [str(path) for path in files if "integrade" in imported(path)] == []
