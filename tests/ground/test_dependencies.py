"""What the program imports is installed with it, or is an extra whose lack is answered for."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from integrade.surface.packages import BELOW

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
# Imported only where the object that is handed in is of them.
GIVEN = {"pandas", "IPython"}
# Modules that are imported only after their caller has looked for the extra, or was given a frame of it.
EXTRAS = {
    ("integrade/panel/linkage.py", "splink"),
    ("integrade/engine/shipped.py", "pyspark"),
    ("integrade/engine/spark.py", "pyspark"),
    ("integrade/engine/sessions.py", "pyspark"),
}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {canonical(re.split(r"[\[<>=]", one)[0]) for one in project["dependencies"]}


def guarded(tree: ast.AST) -> set[ast.AST]:
    """The nodes within a `try` that answers for ImportError, or within a branch for typing alone."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(
            "Import" in ast.dump(h) or "ModuleNotFound" in ast.dump(h) for h in node.handlers
        ):
            found |= {inner for one in node.body for inner in ast.walk(one)}
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            found |= {inner for one in node.body for inner in ast.walk(one)}
    return found


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    safe = guarded(tree)
    names: set[str] = set()
    for node in ast.walk(tree):
        if node in safe:
            continue
        if isinstance(node, ast.Import):
            names |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"integrade", *BELOW}


def test_what_is_imported_is_installed_with_the_program() -> None:
    of = packages_distributions()
    base = required()
    without = {
        (str(path.relative_to(SOURCE)), name)
        for path in SOURCE.rglob("*.py")
        for name in imported(path) - GIVEN
        if not {canonical(d) for d in of.get(name, [name])} & base
    }
    assert without == EXTRAS
