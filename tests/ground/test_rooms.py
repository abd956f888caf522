"""The structure of the source: layers import one way, no circle, documented public names."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from each import each
from integrade.study.closure import layer
from integrade.surface.packages import BELOW, is_ours, short_name

SOURCE = Path(__file__).parents[2] / "src"
ROOT = SOURCE / "integrade"
FILES = sorted(SOURCE.rglob("*.py"))
FLOW = [
    *BELOW,
    "wording",
    "engine",
    "records",
    "regress",
    "geography",
    "simulation",
    "sources",
    "integration",
    "quality",
    "panel",
    "estimate",
    "subjects",
    "verdicts",
    "report",
    "plot",
    "study",
    "cli",
]
"""Layers in the order in which they may import: a layer imports from itself and from those before it.

The first ones are packages of their own, which do not know integrade.
"""
SOURCES = ["origins", "cells", "meaning", "basis", "layout", "writing", "files", "tables"]
"""Rooms of `sources`, in the order in which they may import."""
PUBLIC = {"errors", "options", "published", "results", "surface", ""}
"""Modules of public names, which every layer may import; the last is the package, which has the version."""
DRAWERS = {"utils", "helpers", "common", "base", "core"}


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a module once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """Return the module of a file, without ``integrade``."""
    return short_name(".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"))


def imported(path: Path) -> set[str]:
    """Return our modules that a module imports, also inside functions, but not those only types need."""
    tree = tree_of(path)
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
            found |= {name if short_name(name) in MODULES else node.module for name in full}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {short_name(name) for name in found if is_ours(name)} & MODULES


MODULES = {name_of(path) for path in FILES}


def test_imports_flow_one_way() -> None:
    """Modules import from their own layer and from those before it."""
    against = [
        f"{name} imports {other}"
        for path in FILES
        if layer(name := name_of(path)) in FLOW
        for other in imported(path)
        if layer(other) not in PUBLIC and FLOW.index(layer(other)) > FLOW.index(layer(name))
    ]
    assert not against, "\n".join(against)


@each("path", [path for package in BELOW for path in sorted((SOURCE / package).rglob("*.py"))], ids=name_of)
def test_the_packages_below_do_not_know_integrade(path: Path) -> None:
    """Not even in a text: each of them can be installed without it."""
    allowed = BELOW[: BELOW.index(path.relative_to(SOURCE).parts[0]) + 1]
    assert {name.partition(".")[0] for name in imported(path)} <= set(allowed)
    assert not re.search(r"\bintegrade\.[a-z]", path.read_text(encoding="utf-8").replace("`integrade.", ""))


def test_rooms_of_sources_import_one_way() -> None:
    """Bytes become cells, cells get a meaning and a layout, and files become tables."""

    def place(name: str) -> int | None:
        room, *rest = name.split(".")
        return SOURCES.index(rest[0]) if room == "sources" and len(rest) > 1 else None

    against = [
        f"{name} imports {other}"
        for path in FILES
        if (here := place(name := name_of(path))) is not None
        for other in imported(path)
        if (there := place(other)) is not None and there > here
    ]
    assert not against, "\n".join(against)


def test_the_benchmark_of_layers_reads_imports() -> None:
    """Known imports are found, inside functions too."""
    assert {"subjects.mediation.records", "verdicts.naming"} <= imported(ROOT / "subjects/mediation/verdict.py")
    assert layer("subjects.mediation.verdict") == "verdicts"
    assert layer("subjects.mediation.mediate") == "subjects"
    assert layer("subjects.situation.figures_trust") == "report"


@each("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_file_is_a_drawer_and_nothing_inherits_but_by_protocol(path: Path) -> None:
    assert path.stem not in DRAWERS
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(b) for b in node.bases}
            plain = {"Protocol", "TypedDict", "NamedTuple", "Enum", "StrEnum", "BaseModel", "Strict", "Source"}
            # a text that knows its id; charts of Altair with a `save` of their own
            allowed = path.stem == "errors" or node.name in ("Said", "Figure", "LayeredFigure")
            assert bases <= plain or allowed, f"{node.name} inherits from {bases}"


def test_every_measure_documents_formula_units_and_reference() -> None:
    import integrade.integration
    import integrade.quality  # noqa: F401
    from integrade.records.catalogue import CATALOGUE

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
    assert tuple(name for name in FLOW if name in rooms.FLOW) == rooms.FLOW
    assert all(order[other] < order[one] for one, other in drawn)


def test_no_module_imports_itself_by_way_of_others() -> None:
    """A late import hides a circle from Python, not from a reader."""
    graph = {name_of(path): imported(path) for path in FILES}
    assert len(graph["estimate.fit"]) > 5, "imports are found"
    assert "study.audit" in graph["cli.audit"], "those inside functions too"
    TopologicalSorter(graph).prepare()


ESTIMATORS = {"fit", "estimate", "prepare", "joint_test", "combination", "holm", "curve", "u_test", "adjust_family"}


PRINTS = [path for path in FILES if layer(name_of(path)) == "report"]


@each("path", PRINTS, ids=name_of)
def test_the_report_estimates_nothing(path: Path) -> None:
    """It takes records of the models, and what is computed from them from `judge`."""
    taken = {
        alias.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("integrade.subjects")
        for alias in node.names
    }
    assert taken & ESTIMATORS == set()
