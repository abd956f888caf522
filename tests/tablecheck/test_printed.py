"""The printed tables and their truths belong together: every number of a truth stands in each of its files."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

from each import each

HERE = Path(__file__).parent / "printed"


def check() -> Any:
    spec = importlib.util.spec_from_file_location("printed_check", HERE / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHECK = check()
FILES = sorted(p for p in HERE.glob("*/*") if p.suffix in CHECK.KINDS)
PAGES = list(HERE.glob("*/*.pdf"))


def test_every_file_has_a_truth_and_every_truth_a_file() -> None:
    stems = {p.with_suffix("") for p in FILES + PAGES}
    truths = {p.with_suffix("") for p in HERE.glob("*/*.json") if p.name != "fits.json"}
    assert stems == truths


@each("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_numbers_of_a_truth_stand_in_its_files(path: Path) -> None:
    assert not CHECK.missing(path)


@each("path", sorted(HERE.glob("*/*.json")), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_fits_that_a_truth_names_are_kept(path: Path) -> None:
    truth = json.loads(path.read_text(encoding="utf-8"))
    if path.name != "fits.json" and truth["kind"] == "regressions":
        folder = HERE / truth["from"].split("/")[0] if "from" in truth else path.parent
        kept = json.loads((folder / "fits.json").read_text(encoding="utf-8"))
        assert truth["fits"]
        assert set(truth["fits"]) <= set(kept)
