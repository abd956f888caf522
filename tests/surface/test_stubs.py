"""The stubs are those that the signatures give, and a type checker reads options, choices and results from them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stubs", ROOT / "docs" / "stubs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stubs_are_as_generated() -> None:
    for path, text in generator().stubs().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date: make docs"


def test_no_stub_takes_just_anything() -> None:
    for path, text in generator().stubs().items():
        assert "**changes" not in text, path
        assert "kwargs" not in text, path


RIGHT = """
import pandas as pd
import polars as pl
from typing_extensions import assert_type

import integrade as ig

prices = pl.DataFrame()
assert_type(ig.relative_price(prices, se="jackknife"), pl.DataFrame)
assert_type(ig.relative_price(pl.LazyFrame()), pl.LazyFrame)
assert_type(ig.relative_price(ig.read_prices("p.csv", decimal=",")), ig.Table)
assert_type(ig.quality.unit_value(prices), pl.DataFrame)
base = ig.fit(prices, "y ~ x | firm", cluster=["firm", "year"], vcov="CR1")
assert_type(base, ig.results.FitResult)
assert_type(base.params, dict[str, float])
assert_type(base.tidy(level=0.9), pl.DataFrame)
assert_type(base.resid(prices), pl.Series)
assert_type(ig.fit_many(prices, ["y ~ x", "y ~ z"]), dict[str, ig.results.FitResult])
assert_type(ig.questions.oster(prices, "y ~ x + z", "x", at="p50", ssc="fixest"), ig.results.Oster)
assert_type(ig.u_test(base, "x").tidy(), pl.DataFrame)
run = ig.load_run("study").add("y ~ x", name="own")
assert_type(run.fits, dict[str, ig.results.FitResult])
options: ig.options.Fit = ig.options.Fit(cluster="region")
try:
    ig.plot.coefficients(base)
except ig.errors.UnknownName:
    pass
"""
WRONG = {
    'ig.fit(panel, "y ~ x", vcov="CR9")': 'Argument "vcov"',
    'ig.fit(panel, "y ~ x", vcv="CR1")': 'Unexpected keyword argument "vcv"',
    'ig.relative_price(panel, se="jacknife")': 'Argument "se"',
    'ig.questions.oster(panel, "y ~ x", "x", vcov="HC9")': 'Argument "vcov"',
    "ig.integration.krugmann(panel)": 'Module has no attribute "krugmann"',
    "ig.fit(panel, 'y ~ x').tidy().columns.sorted()": 'has no attribute "sorted"',
}


def checked(tmp_path: Path, text: str) -> list[str]:
    """The complaints of mypy --strict about a user's script."""
    script = tmp_path / "script.py"
    script.write_text(text, encoding="utf-8")
    config = tmp_path / "mypy.ini"
    kept = ROOT / ".mypy_cache" / "surface"
    config.write_text(
        f"[mypy]\nstrict = True\nmypy_path = {ROOT / 'src'}:{ROOT / 'typings'}\ncache_dir = {kept}\n"
        "[mypy-pandas.*]\nignore_missing_imports = True\n",
        encoding="utf-8",
    )
    call = [sys.executable, "-m", "mypy", "--config-file", str(config), str(script)]
    done = subprocess.run(call, capture_output=True, text=True, check=False, cwd=tmp_path)
    return [line.split(": ", 1)[1] for line in done.stdout.splitlines() if line.startswith("script.py")]


@pytest.mark.slow
def test_a_type_checker_reads_the_surface(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    assert checked(tmp_path, RIGHT) == []
    wrong = checked(
        tmp_path, "import polars as pl\nimport integrade as ig\npanel = pl.DataFrame()\n" + "\n".join(WRONG)
    )
    for complaint in WRONG.values():
        assert any(complaint in line for line in wrong), (complaint, wrong)
    assert len([line for line in wrong if line.startswith("error")]) == len(WRONG)
