"""The source that the key of a step rests on: computed from imports, without the report in any estimation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from each import each
from integrade.study import closure as closures
from integrade.study.closure import PACKAGES, ROOT, SHOWN, TELLING, closure, imports_of, layer
from integrade.study.reading import load
from integrade.study.rooms import build_steps, step_names
from integrade.study.runs import status_of
from integrade.study.steps import Done, Step, ingredients, key_of
from integrade.surface.packages import full_name, is_ours, short_name
from plainwords.texts import LANGUAGES
from rawcells.bytes import formats

SOURCE = ROOT / "integrade"
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PRINTED = {"models", "report"}
"""The step that judges and the one that prints; all others read data or estimate."""


@pytest.fixture(scope="module")
def steps(new_study: Path) -> dict[str, Step]:
    return build_steps(load(new_study), new_study, "auto")


def keys(steps: dict[str, Step]) -> dict[str, str]:
    done: dict[str, Done] = {}
    for name, step in steps.items():
        done[name] = Done(name, Path(), key_of(ingredients(step, done), step)[1], "", ran=False)
    return {name: one.key for name, one in done.items()}


def run_time(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements of a module that can run, wherever they stand."""
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement
        elif not (isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING"):
            for part in ("body", "orelse", "finalbody", "handlers", "cases"):
                yield from run_time(getattr(statement, part, []))


def of_integrade(statement: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return is_ours(statement.module or "")
    return any(is_ours(alias.name) for alias in statement.names)


@each("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_are_those_of_the_whole_source(path: Path) -> None:
    """Lines alone are parsed, for speed; the whole source parsed says the same. No import is relative."""
    text = path.read_text(encoding="utf-8")
    whole = list(run_time(ast.parse(text).body))
    assert not any(isinstance(s, ast.ImportFrom) and s.level for s in whole)
    expected = [ast.unparse(s) for s in whole if of_integrade(s)]
    assert set(expected) <= {ast.unparse(s) for s in imports_of(text)}


def test_closures_hold_what_their_modules_import(steps: dict[str, Step]) -> None:
    """Every module that a file of a closure names is in it, as a package stands for what is taken from it."""
    assert set(steps) <= set(step_names())
    named = cache(_named)
    for name, step in steps.items():
        inside = set(closure(step.code))
        assert {closures._file(module) for module in step.code} <= inside
        for path in (p for p in inside if p.suffix == ".py"):
            for base in named(path):
                file = ROOT.joinpath(*full_name(base).split(".")).with_suffix(".py")
                assert not file.is_file() or file in inside or base in SHOWN or layer(base) in TELLING, (
                    f"{name}: {path} imports {base}"
                )


def _named(path: Path) -> list[str]:
    """The modules of integrade that a file imports where it runs."""
    body = run_time(ast.parse(path.read_text(encoding="utf-8")).body)
    found = [s for s in body if isinstance(s, ast.ImportFrom) and of_integrade(s)]
    return [short_name(str(s.module)) for s in found]


def test_no_estimation_knows_the_report(steps: dict[str, Step]) -> None:
    for name in set(steps) - PRINTED:
        files = [str(p.relative_to(ROOT)) for p in closure(steps[name].code)]
        assert [f for f in files if f.startswith(("integrade/report/", "integrade/cli/"))] == [], name
    assert SOURCE / "sources" / "meaning" / "recipes" / "baci.toml" in closure(steps["prices"].code)


def test_a_name_of_a_package_leads_to_its_module_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "integrade"
    (package / "room").mkdir(parents=True)
    (package / "room" / "__init__.py").write_text(
        "from integrade.room.one import a as a\nfrom integrade.room.two import b as b\n", encoding="utf-8"
    )
    (package / "room" / "one.py").write_text("def a():\n    from integrade.late import c\n", encoding="utf-8")
    (package / "room" / "two.py").touch()
    (package / "room" / "words.toml").touch()
    (package / "late.py").write_text(
        "if TYPE_CHECKING:\n    from integrade.never import d\n\nfrom integrade import (\n    last,\n)\n",
        encoding="utf-8",
    )
    (package / "last.py").touch()
    (package / "start.py").write_text("from integrade.room import a\n", encoding="utf-8")
    monkeypatch.setattr(closures, "ROOT", tmp_path)
    for cached in (closures._needed, closures._names, closures._file, closures._other_files):
        cached.cache_clear()
    try:
        found = [str(p.relative_to(package)) for p in closure(["start"])]
    finally:
        for cached in (closures._needed, closures._names, closures._file, closures._other_files):
            cached.cache_clear()
    assert found == ["last.py", "late.py", "room/one.py", "room/words.toml", "start.py"]


def moved(steps: dict[str, Step], monkeypatch: pytest.MonkeyPatch, place: str) -> set[str]:
    """The steps whose keys change with the source of a file, or of all files in a folder."""
    before, true = keys(steps), closures.source_hash
    with monkeypatch.context() as patched:
        start = str((SOURCE / place).resolve())
        patched.setattr(closures, "source_hash", lambda p: "" if str(p).startswith(start) else true(p))
        after = keys(steps)
    return {name for name in steps if before[name] != after[name]}


def test_a_changed_word_in_the_report_estimates_nothing(
    steps: dict[str, Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert moved(steps, monkeypatch, "report") == {"report"}  # judging reaches nothing that prints
    assert moved(steps, monkeypatch, "verdicts/opening.py") == {"report"}
    assert moved(steps, monkeypatch, "verdicts/headline.py") == PRINTED  # verdicts are corrected for its noise
    assert moved(steps, monkeypatch, "verdicts/named_rules.py") == PRINTED
    assert moved(steps, monkeypatch, "subjects/lags/model.py") == {"lags", *PRINTED}
    assert moved(steps, monkeypatch, "subjects/groups/permutation.py") == {"groups", "situation", "truth", *PRINTED}
    assert moved(steps, monkeypatch, "quality/unit_value.py") == {"outcomes", *PRINTED}
    assert moved(steps, monkeypatch, "estimate/linear.py") >= {"benchmark", "lags", "noise", "samples"}
    assert not moved(steps, monkeypatch, "estimate/linear.py") & {"prices", "integration", "quality", "panel"}


def test_a_changed_wording_is_printed_and_nothing_else(steps: dict[str, Step], monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored sentences are ids with values: the catalogues are read when the report is printed."""
    for language in LANGUAGES:
        assert moved(steps, monkeypatch, f"wording/{language}/verdicts.ftl") == {"report"}
    assert SOURCE / "wording" / "en" / "verdicts.ftl" in closure(steps["report"].code)
    assert [p for name in set(steps) - {"report"} for p in closure(steps[name].code) if p.suffix == ".ftl"] == []
    assert moved(steps, monkeypatch, "../plainwords/texts.py") >= PRINTED


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("leads = [1]", "leads = [1, 2]", {"lags"}),
        ('mediators = ["human_capital", "rd"]', 'mediators = ["rd"]', {"mediation", "truth"}),
        ('how = "area"', 'how = "area"\ntitle = "Area"', {"groups", "situation", "truth"}),
        ("[robustness]", '[robustness]\nchecks = ["winsor"]', {"robustness"}),
        ('ends = ["p5", "p95"]', 'ends = ["p10", "p90"]', {"shape"}),
        ("randomisation = 199", "randomisation = 99", {"inference"}),
        ("simex = 30", "simex = 20", {"noise", "truth"}),
        ('at = ["p10", "p50", "p90"]     # where on the curve', 'at = ["p50"]  # where on the curve', {"sensitivity"}),
        ('builder = "neighbour"', 'builder = "neighbour"\nlevel = 0.9', {"instruments", "truth"}),
        ('neighbours = "adjacent"', 'neighbours = "adjacent"\nsquare = false', {"spillover"}),
        ('where = "year <= 2008"', 'where = "year <= 2007"', {"samples"}),
        ('pairs = "adjacent"\n', 'pairs = "adjacent"\nddof = 0\n', {"indices"}),
        ('claim = "Integration beyond', 'claim = "All integration beyond', set()),
    ],
)
def test_a_changed_section_runs_its_question_alone(
    whole_study: Path, tmp_path: Path, old: str, new: str, again: set[str]
) -> None:
    (tmp_path / "raw").symlink_to(whole_study / "raw")
    (tmp_path / ".integrade").symlink_to(whole_study / ".integrade")
    text = (whole_study / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert [s.name for s in status_of(tmp_path).steps if not s.stored] == []
    assert text.count(old) >= 1, old
    (tmp_path / "study.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert {s.name for s in status_of(tmp_path).steps if not s.stored} == again | PRINTED


def test_a_package_of_measures_needs_every_measure_of_its_folder() -> None:
    """A plugin may use any of them; the package imports them by what its folder holds."""
    assert {SOURCE / "integration" / "production.py", SOURCE / "quality" / "unit_value.py"} <= set(
        closure(["integration", "quality"])
    )


def test_what_reads_files_needs_the_modules_that_formats_name(monkeypatch: pytest.MonkeyPatch) -> None:
    named = formats.Format((".toy",), ".headings:of_text", "tablecheck.grid:heads")
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, named))
    closures._needed.cache_clear()
    assert ROOT / "tablecheck" / "grid.py" in closure(["sources.files.readers"])
    assert ROOT / "tablecheck" / "grid.py" not in closure(["rawcells.cells.excel"]), "it reads no format by name"
    closures._needed.cache_clear()
