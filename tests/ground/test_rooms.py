"""The house stays livable: import directions, budgets, documented surface."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src" / "integrade"
FILES = sorted(ROOT.rglob("*.py"))
FLOW = ["sources", "integration", "quality", "panel", "models", "judge", "published", "report", "plot", "study", "cli"]
GROUND = {
    "regress",
    "geography",
    "escaping",
    "exact",
    "engines",
    "frames",
    "spark",
    "cluster",
    "sessions",
    "memory",
    "system",
    "doors",
    "cells",
    "months",
    "compiling",
    "schema",
    "catalogue",
    "plugins",
    "numerals",
    "inquiry",
    "account",
    "errors",
    "confidence",
    "sheet",
    "needs",
    "simulation",
    "surface",
    "options",
    "results",
    "texts",
    "tidied",
    "drawing",
    "stopping",
    "scratch",
    "stage",
    "cautions",
}
DRAWERS = {"utils", "helpers", "common", "base", "core"}


def room(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports(tree: ast.AST) -> set[str]:
    """Rooms that a module imports from."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("integrade"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("integrade.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_flow_one_way(path: Path) -> None:
    here = room(path)
    if here in ("__init__", "__main__"):
        return
    rooms = FLOW[: FLOW.index(here) + 1] if here in FLOW else []
    allowed = GROUND | set(rooms) | {"__version__"}
    assert imports(ast.parse(path.read_text())) - allowed == set()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_is_a_drawer_and_nothing_inherits_but_by_protocol(path: Path) -> None:
    assert path.stem not in DRAWERS
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(b) for b in node.bases}
            plain = {"Protocol", "TypedDict", "NamedTuple", "Enum", "StrEnum", "BaseModel", "Strict", "Source"}
            # a text that knows its id; charts of Altair with a `save` of their own
            allowed = path.stem == "errors" or node.name in ("Said", "Figure", "LayeredFigure")
            assert bases <= plain or allowed, f"{node.name} inherits from {bases}"


def test_every_measure_documents_formula_units_and_reference() -> None:
    import integrade.integration
    import integrade.quality  # noqa: F401
    from integrade.catalogue import CATALOGUE

    assert {"relative_price", "demand_residual"} <= set(CATALOGUE)
    for record in CATALOGUE.values():
        text = record.function.__doc__ or ""
        for heading in ("Formula:", "Missing values:", "Returns:", "Raises:", "Reference:", "Example:"):
            assert heading in text, f"{record.name} lacks {heading}"
        assert record.adds
        assert all(record.adds.values()), "every added column has a unit"
        assert record.cite


def test_every_public_name_exists_and_is_documented() -> None:
    import integrade

    for name in integrade.__all__:
        assert (getattr(integrade, name).__doc__ or "").strip(), name


def test_no_public_name_is_that_of_a_room() -> None:
    """Importing a room puts it in the place of a function of its name."""
    import integrade

    rooms = {path.stem if path.suffix else path.name for path in ROOT.iterdir() if not path.name.startswith("_")}
    assert rooms & set(integrade.__all__) == set()


def test_the_picture_shows_who_imports_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/images/rooms.svg has an arrow for every pair of rooms of which one imports the other: make docs."""
    import importlib
    import re

    monkeypatch.syspath_prepend(str(ROOT.parents[1] / "docs"))
    rooms = importlib.import_module("rooms")
    drawn = set(re.findall(r"modules of (\w+) import (\w+)<", rooms.PICTURE.read_text(encoding="utf-8")))
    assert drawn == {pair for pair in rooms.imports() if "ground floor" not in pair}
    order = {name: at for at, name in enumerate(rooms.FLOW)}
    assert tuple(FLOW) == rooms.FLOW
    assert all(order[other] < order[one] for one, other in drawn)


def modules_imported(path: Path, modules: set[str]) -> set[str]:
    """The modules of integrade that a module imports, also inside functions; what only types need is left out."""
    tree = ast.parse(path.read_text())
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in (n for n in ast.walk(tree) if id(n) not in typed):
        if isinstance(node, ast.ImportFrom) and node.module:
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module for name in full}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & modules


def test_no_module_imports_itself_by_way_of_others() -> None:
    """A late import hides a circle from Python, not from a reader."""
    names = {path: ".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in FILES}
    homes = {path: name.removesuffix(".__init__") for path, name in names.items()}
    imported = {home: modules_imported(path, set(homes.values())) for path, home in homes.items()}
    assert len(imported["integrade.models.fit.fit"]) > 5, "imports are found"
    assert "integrade.study.audit" in imported["integrade.cli.audit"], "those inside functions too"
    TopologicalSorter(imported).prepare()


ESTIMATORS = {"fit", "estimate", "prepare", "joint_test", "combination", "holm", "curve", "u_test", "adjust_family"}


@pytest.mark.parametrize("path", sorted((ROOT / "report").glob("*.py")), ids=lambda p: p.stem)
def test_the_report_estimates_nothing(path: Path) -> None:
    """It takes records of the models, and what is computed from them from `judge`."""
    taken = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("integrade.models")
        for alias in node.names
    }
    assert taken & ESTIMATORS == set()
