"""A study folder from a stranger is data: nothing of it is executed unless ``--plugins`` is given."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from each import each
from integrade.cli import run
from integrade.errors import BadFormula, IntegradeError, SystemRefusal
from integrade.report.whole_file import write_bytes
from integrade.sources import read_table, write_table
from integrade.study.closure import PACKAGES
from integrade.study.config import Study
from integrade.study.run import _lay_out
from integrade.study.show import last_run
from integrade.study.steps import Step, perform
from integrade.study.template import write_new
from integrade.study.template_parts import write_kind
from integrade.study.text import LARGEST, text_of

SOURCE = Path(sys.modules["integrade"].__path__[0]).parent
MODULES = ("numpy", "polars", "duckdb", "pyarrow", "pickle", "json", "random", "python_calamine", "vl_convert", "typst",
           "sitecustomize", "usercustomize", "conftest", "setup", "resource", "narwhals")  # fmt: skip
"""Files that Python, pytest or a child process would take for modules of their own."""


class Traces:
    """What leaves a trace where it is loaded."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.trace}",)


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """A study full of code in every place where something might look for it; each leaves a trace."""
    root = tmp_path / "study"
    write_new(root)
    trace = f"open({str(tmp_path / 'trace')!r}, 'a').write(__name__ + '\\n')\n"
    for name in (*MODULES, "mine"):
        (root / f"{name}.py").write_text(trace, encoding="utf-8")
        (root / "raw" / f"{name}.py").write_text(trace, encoding="utf-8")
    (root / "own.pth").write_text(f"import os; {trace}", encoding="utf-8")
    (root / ".integrade").mkdir()
    for name in ("cache.pkl", "steps.pickle", "model.joblib", "array.npy"):
        (root / ".integrade" / name).write_bytes(pickle.dumps(Traces(tmp_path / "trace")))
    (root / "raw" / "extra.csv").write_bytes(pickle.dumps(Traces(tmp_path / "trace")))
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text('plugins = ["mine.py"]\n' + text, encoding="utf-8")
    return root


def test_commands_in_the_folder_of_a_stranger_run_none_of_its_code(stranger: Path) -> None:
    """In a process that is started there, as users do."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"} | {"PYTHONPATH": str(SOURCE)}
    for words in (["check"], ["status"], ["run", "--to", "integration", "--quiet"], ["show", "integration"]):
        subprocess.run(
            [sys.executable, "-m", "integrade", *words], cwd=stranger, env=environment, capture_output=True, check=False
        )
        assert not (stranger.parent / "trace").exists(), words
    assert (stranger / "runs").is_dir(), "the study did run"


def test_modules_that_python_itself_imports_are_not_looked_for_in_the_folder(stranger: Path) -> None:
    """With ``-P``, as the `integrade` command has it: `python -m` alone would take ``types.py`` from there."""
    trace = (stranger / "mine.py").read_text(encoding="utf-8")
    for name in ("integrade", "types", "re", "runpy", "pkgutil", "string", "evil"):
        (stranger / f"{name}.py").write_text(trace, encoding="utf-8")
    told = stranger / "evil-1.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1\n", encoding="utf-8")
    (told / "entry_points.txt").write_text("[integrade.records.plugins]\nx = evil:x\n", encoding="utf-8")
    for name, text in ((".duckdbrc", ".shell touch trace\n"), (".Rprofile", "system('touch trace')\n")):
        (stranger / name).write_text(text, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONSAFEPATH"} | {"PYTHONPATH": str(SOURCE)}
    words = [sys.executable, "-P", "-m", "integrade", "check"]
    done = subprocess.run(words, cwd=stranger, env=environment, capture_output=True, check=False)
    assert b"evil" not in done.stderr
    assert not (stranger.parent / "trace").exists()
    assert not (stranger / "trace").exists()


def test_the_same_with_plugins_allowed_runs_them(stranger: Path) -> None:
    run(["check", str(stranger), "--plugins"])
    assert (stranger.parent / "trace").exists(), "the trace is one"


def test_no_module_loads_what_can_execute() -> None:
    """Pickles, evaluated texts and the like: none but an allowed plugin, our child process, our task of Spark."""
    allowed = {
        'integrade/records/plugins.py: code = compile(content, str(path), "exec")',
        "integrade/records/plugins.py: exec(code, module.__dict__)",
        "integrade/engine/spark.py: return cloudpickle.loads(task)",  # on a worker, of what the driver packed
        # on a worker, of what the driver packed: its task, and the modules of its own packages
        "integrade/engine/shipped.py: return cloudpickle.loads(task)(*arguments)",
        "integrade/engine/shipped.py: exec(compile(self.zip.read(module.__spec__.origin), "
        'module.__spec__.origin, "exec"), module.__dict__)',
        "rawcells/cells/calamine.py: cells: Cells = pickle.loads(done.stdout)",
        "tablecheck/documents/pdf.py: "
        'result = pickle.loads(done.stdout) if not done.returncode else "the program that reads it fails on this file"',
    }
    loads = re.compile(
        r"(?<![\w.])(?:exec|eval|compile)\(|pickle\.load|yaml\.|marshal\.|np\.load|allow_pickle|os\.system|shell=True"
    )
    found = set()
    for path in sorted(path for package in PACKAGES for path in (SOURCE / package).rglob("*.py")):
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        found |= {f"{path.relative_to(SOURCE).as_posix()}: {line}" for line in lines if loads.search(line)}
    assert found == allowed


XML = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="s"><Table><Row><Cell><Data ss:Type="String">name</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">&a;</Data></Cell></Row></Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("name", ["book.xls", "page.html", "page.xls"])
def test_entities_of_a_document_read_no_other_file(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret", encoding="utf-8")
    text = XML.format(secret=secret)
    if name.startswith("page"):
        text = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]><table><tr><td>name<tr><td>&a;</table>'
    (tmp_path / name).write_text(text, encoding="utf-8")
    try:
        shown = str(read_table(tmp_path / name).polars().to_dicts())
    except IntegradeError as told:
        shown = str(told)
    assert "top secret" not in shown


def test_a_workbook_is_read_for_its_values(tmp_path: Path) -> None:
    """Formulas and links to other books are not followed."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name", "value"])
        sheet.write_string(1, 0, "a")
        sheet.write_formula(1, 1, f"='file://{tmp_path}/[other.xlsx]s'!A1", value="7")
    assert read_table(tmp_path / "book.xlsx").polars()["value"].to_list() in (["7"], [7], [7.0])


@each("named", ["../../elsewhere", "/etc", "..", "a/b", "", "\0", "x" * 300])
def test_the_last_run_is_a_folder_of_the_study(named: str, tmp_path: Path) -> None:
    """``runs/latest`` names a run; a path that leads elsewhere is not followed."""
    (tmp_path / "runs").mkdir()
    (tmp_path / "elsewhere" / "tables").mkdir(parents=True)
    (tmp_path / "elsewhere" / "manifest.json").write_text("{}", encoding="utf-8")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "elsewhere" / "tables" / "panel.parquet")
    (tmp_path / "runs" / "latest").write_text(named, encoding="utf-8")
    with pytest.raises(IntegradeError):
        last_run(tmp_path)
    assert run(["show", "panel", str(tmp_path)]) in (1, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.dta", "out.xlsx", "report.html"])
def test_a_link_in_the_place_of_a_file_is_replaced_not_written_through(name: str, tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / name
    outside.write_text("theirs", encoding="utf-8")
    target.symlink_to(outside)
    if name == "report.html":
        write_bytes(target, b"ours")
    else:
        write_table(pl.DataFrame({"a": [1]}), target)
    assert outside.read_text(encoding="utf-8") == "theirs"
    assert not target.is_symlink()


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a file without an end is of POSIX")
def test_a_study_file_that_leads_to_one_without_an_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study.toml").symlink_to("/dev/zero")
    with pytest.raises(SystemRefusal, match="is a device"):
        text_of(tmp_path / "study.toml")


def test_a_study_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(BadFormula, match="larger than 4 MB"):
        text_of(tmp_path / "study.toml")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("place", ["", "report"])
def test_a_link_in_the_place_of_a_run_is_removed_and_not_written_through(place: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "below").mkdir(parents=True)
    theirs = [outside / "theirs.txt", outside / "below" / "a.txt", outside / "a.txt", outside / "manifest.json"]
    for file in theirs:
        file.write_text("theirs", encoding="utf-8")

    def write(out: Path, _: dict[str, Path]) -> None:
        for name in ("a.txt", "below/a.txt"):
            (out / name).parent.mkdir(exist_ok=True)
            (out / name).write_text("ours", encoding="utf-8")

    done = {"report": perform(Step("report", (), None, (), (), write), tmp_path / ".integrade", {})}
    linked = _lay_out(tmp_path, Study(title="x"), done) / place
    shutil.rmtree(linked)
    linked.symlink_to(outside, target_is_directory=True)
    folder = _lay_out(tmp_path, Study(title="x"), done)
    assert [file.read_text(encoding="utf-8") for file in theirs] == ["theirs"] * 4
    assert len(list(outside.rglob("*"))) == 5
    assert not linked.is_symlink()
    assert (folder / "report" / "below" / "a.txt").read_text(encoding="utf-8") == "ours"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("within", ["", "kept"])
def test_a_link_in_the_store_leads_to_no_file_that_is_removed_or_written(within: str, tmp_path: Path) -> None:
    """A stored step that is a link to a folder of the user, or has one: the link goes, the folder stays as it was."""
    root, home = tmp_path / "study", tmp_path / "home"
    write_kind(root, "index")
    assert run(["run", str(root), "--to", "integration", "--quiet"]) == 0
    [step] = (root / ".integrade").glob("prices-*")
    (home / "deep").mkdir(parents=True)
    for name in ("letter.txt", "deep/prices.parquet", "prices.parquet", "outputs.json"):
        (home / name).write_text("mine", encoding="utf-8")
    (home / "own link").symlink_to(home / "deep")
    if within:
        (step / within).symlink_to(home)
    else:
        shutil.rmtree(step)
        step.symlink_to(home)
    for more in ([], ["--force", "prices"]):
        assert run(["run", str(root), "--to", "integration", "--quiet", *more]) == 0
        assert {p.relative_to(home).as_posix(): p.read_text() for p in home.rglob("*") if p.is_file()} == dict.fromkeys(
            ("letter.txt", "deep/prices.parquet", "prices.parquet", "outputs.json"), "mine"
        )
    assert (home / "own link").is_symlink()
    assert not step.is_symlink()
    assert (step / "prices.parquet").is_file()
