"""A user's own measures and hypotheses: from files that run only where it is allowed, and from installed packages."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import integrade as ig
import report_example
import studies
from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import BadPlugin, DuplicateKeys, FileMissing, MissingColumn, TooFew, UnknownName, UsageError
from integrade.records import plugins
from integrade.records.catalogue import CATALOGUE
from integrade.records.question import REGISTER, RESERVED
from integrade.study.asked import ask
from integrade.study.closure import code_hash
from integrade.study.config import Study
from integrade.study.plugins import use_plugins
from integrade.study.reading import load
from integrade.study.rooms import build_steps, step_names
from integrade.study.template import write_new
from integrade.subjects import questions
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.collected import verdicts
from integrade.verdicts.naming import word_of_outcome, word_of_treatment
from integrade.verdicts.registered import HYPOTHESES, Hypothesis, judged

DOCS = Path(__file__).parents[2] / "docs" / "plugins.md"
PRICES = pl.DataFrame(
    [
        {"region": r, "year": y, "commodity": c, "index": 100.0 + i + 2 * j + y % 3}
        for i, r in enumerate(("Anhui", "Fujian", "Gansu"))
        for j, c in enumerate(("food", "fuel"))
        for y in (2004, 2005)
    ]
)
GAP = '''
from pathlib import Path

import polars as pl
import integrade as ig

Path(__file__).with_name("ran").touch()


@ig.measure(family="integration", needs="prices", adds={"integration": "minus the mean gap to the nation, points"})
def price_gap(prices, *, times: float = 1.0):
    """How far a region's prices are from the nation's.

    Parameters
    ----------
    times
        What the gap is multiplied by.
    """
    nation = pl.col("index").mean().over("commodity", "year")
    gaps = prices.polars().with_columns(gap=(pl.col("index") - nation).abs())
    return gaps.group_by("region", "year").agg(integration=-pl.col("gap").mean() * times)
'''


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    questions()
    before = [dict(registry) for registry in plugins.REGISTRIES]
    yield
    plugins.load_files(())
    plugins._INSTALLED.clear()
    for registry, kept in zip(plugins.REGISTRIES, before, strict=True):
        registry.clear()
        registry.update(kept)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def written(text: str, name: str = "mine.py") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


def own_study(root: Path, text: str = GAP, *changes: tuple[str, str]) -> Path:
    """A short study by the measure of a plugin."""
    write_new(root)
    studies.without_questions(root)
    studies.edit(root, ('preset = "sound"\n', 'preset = "sound"\nplugins = ["mine.py"]\n'))
    studies.edit(root, ('transform = "log_inverse_sqrt"', 'method = "price_gap"'), ('se = "jackknife"', "times = 2"))
    studies.edit(root, *changes)
    (root / "mine.py").write_text(text, encoding="utf-8")
    return root


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_a_file_defines_a_measure_and_is_run_once(write: Callable[..., Path]) -> None:
    file = write(GAP)
    plugin = plugins.load_file(file)
    assert plugin.names == ("price_gap",)
    (file.parent / "ran").unlink()
    assert plugins.load_file(file) is plugin
    assert not (file.parent / "ran").exists()
    record = CATALOGUE["price_gap"]
    assert record.key == ("region", "year")
    found = record({"prices": ig.Table("prices", PRICES)}, times=2)
    assert found.polars().sort("region", "year")["region", "year"].rows() == found.polars()["region", "year"].rows()
    anhui = found.polars().filter(region="Anhui", year=2004)["integration"].item()
    assert anhui == pytest.approx(-2.0)  # one point below the mean of three regions in both goods, times two
    with pytest.raises(UnknownName, match="unknown option 'time' of price_gap_options"):
        record({"prices": PRICES}, time=2)


def test_another_content_takes_the_place_of_the_old_one(write: Callable[..., Path]) -> None:
    old = plugins.load_file(write(GAP))
    new = plugins.load_file(write(GAP.replace("price_gap", "wide_gap")))
    assert "price_gap" not in CATALOGUE
    assert new.names == ("wide_gap",)
    assert old.sha256 != new.sha256
    assert [one.names for one in plugins.loaded_files()] == [("wide_gap",)]
    plugins.load_files(())
    assert "wide_gap" not in CATALOGUE


def measured(
    name: str = "own",
    *,
    family: str = "integration",
    needs: str = '"prices"',
    taken: str = "prices",
    it: str = "prices",
) -> str:
    """A file with one measure, decorated in line 3."""
    adds = '{"integration": "none"}'
    decorator = f'@ig.measure(family="{family}", needs={needs}, adds={adds})'
    return f"import integrade as ig\n\n{decorator}\ndef {name}({taken}):\n    return {it}\n"


def asking(name: str = "own", *, it: str = "Found(1.0)", more: str = "", options: str = "") -> str:
    """A file with one question, decorated in line 6."""
    head = (
        "from dataclasses import dataclass\nimport integrade as ig\n@dataclass(frozen=True)\nclass Found:\n    x: float"
    )
    decorator = f"@ig.question({name!r}, place=900, result=Found, {options}{more})"
    return f'{head}\n{decorator}\ndef asked_of(asked, section):\n    """What is it?"""\n    return {it}\n'


H1 = 'import integrade as ig\n\n@ig.hypothesis("H1", "Mine.")\ndef mine(results):\n    pass\n'
REFUSED = {
    "syntax": ("def f(:\n    pass\n", BadPlugin, r"mine\.py is not Python: invalid syntax", 1),
    "exception": ("import math\n\nmath.sqrt(-1)\n", BadPlugin, r"mine\.py fails: ValueError: ", 3),
    "import": ("import no_such_package\n", BadPlugin, "ModuleNotFoundError: No module named 'no_such_package'", 1),
    "exit": ("raise SystemExit(3)\n", BadPlugin, "SystemExit: 3", 1),
    "taken": (measured("relative_price"), UsageError, "a measure 'relative_price' exists already", 3),
    "family": (measured(family="integral"), UnknownName, "no family of measures 'integral'", 3),
    "table": (measured(needs='"prises"', taken="prises"), UnknownName, "requires the unknown table 'prises'", 3),
    "argument": (measured(taken="goods"), UsageError, "requires 'prices', which is not one of its arguments", 3),
    "no table": (measured(needs="()", taken=""), UsageError, "own needs no table", 3),
    "option": (measured(taken="prices, window"), UsageError, "'window', which is neither a table", 3),
    "hypothesis": (H1, UsageError, "there is a hypothesis 'H1' already", 3),
    "question": (asking("lags"), UsageError, "a question 'lags' exists already", 6),
    "twice": (asking("mine") + asking("mine"), UsageError, "a question 'mine' exists already", 15),
    "words": (asking("my question"), UsageError, "'my question' is not a name of a question", 6),
    "step": (asking("panel"), UsageError, "'panel' is reserved by integrade", 6),
    "section": (asking("customs"), UsageError, "'customs' is reserved by integrade", 6),
    "result": (asking("verdicts"), UsageError, "'verdicts' is reserved by integrade", 6),
    "attribute": (asking("copy"), UsageError, "'copy' is reserved by integrade", 6),
    "no section": (asking(options="options=dict, "), UsageError, "options of the question 'own' are not a section", 6),
    "no field": (asking(more="placed=3"), BadPlugin, "unexpected keyword argument 'placed'", 6),
    "undeclared": (asking(more="tables=lambda r: []"), UsageError, "'own' prints tables but declares no places", 6),
    "no place": (asking(more="places=('table 4',)"), UsageError, "'table 4' is not the number of a table", 6),
    "place": (asking(more="places=('P1', '4')"), UsageError, "the place 4 of .* 'own' is taken: integrade has 4", 6),
    "asked": (asking(more="places=('A6c',)"), UsageError, r"place A6c of .*: the question 'instruments' has A6\*", 6),
    "later": (asking(more="places=('9b',)"), UsageError, r"place 9b of .*: the question 'groups' has 8\+", 6),
    "appendix": (asking(more="places=('C4',)"), UsageError, r"place C4 of .*: integrade has C1\+", 6),
    "own place": (
        asking(more="places=('P1', 'P1*')"),
        UsageError,
        r"place P1\* of .*: the question 'own' itself has P1",
        6,
    ),
    "two questions": (
        asking("mine", more="places=('P1',)") + asking(more="places=('P1',)"),
        UsageError,
        "the place P1 of a table of the question 'own' is taken: the question 'mine' has P1",
        15,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_fails_is_a_coded_error_with_its_line(name: str, write: Callable[..., Path]) -> None:
    text, kind, what, line = REFUSED[name]
    before = [dict(registry) for registry in plugins.REGISTRIES]
    with pytest.raises(kind, match=what) as refused:
        plugins.load_file(write(measured("first") + text))
    shifted = line + len(measured("first").splitlines())
    assert refused.value.where == f"{write('').resolve()}, line {shifted}"
    assert refused.value.exit_code == 2
    assert [dict(registry) for registry in plugins.REGISTRIES] == before, "what stood before the failure is withdrawn"
    assert plugins.loaded_files() == ()


def test_every_name_of_integrades_own_is_refused_to_a_question() -> None:
    own = {*step_names(), *Study.model_fields, *StudyResults.__dataclass_fields__} - {q.name for q in questions()}
    assert own <= set(RESERVED)
    assert not {q.name for q in questions()} & set(RESERVED)


@pytest.mark.parametrize(
    ("it", "told"),
    [
        ('{"x": 1.0}', "it is {'x': 1.0}, which is no Found"),
        ('Found("one")', "it.x is 'one', which is no float"),
        ("None", "it is None, which is no Found"),
    ],
)
def test_an_answer_of_another_type_is_refused(it: str, told: str, write: Callable[..., Path]) -> None:
    file = write(asking(it=it))
    plugins.load_file(file)
    nothing: Any = None
    with pytest.raises(BadPlugin, match="does not return what its record promises") as refused:
        ask(REGISTER["own"], nothing, None)
    assert told in refused.value.what
    assert refused.value.where == str(file.resolve())
    plugins.load_file(write(asking()))
    assert ask(REGISTER["own"], nothing, None).found.x == 1.0


def test_a_type_that_cannot_be_stored_is_refused(write: Callable[..., Path]) -> None:
    plugins.load_file(write(asking(it="[1.0]").replace("result=Found", "result=list[float]")))
    nothing: Any = None
    with pytest.raises(BadPlugin, match=r"a field of the type list\[float\] cannot be read back"):
        ask(REGISTER["own"], nothing, None)


def test_what_a_question_prints_fails_with_its_line(write: Callable[..., Path]) -> None:
    """Also where its function yields: the body runs inside the guard."""
    more = "tables=lambda r: r.nothing, places=('P1',), printed=shown, part='doubts', section=900"
    shown = "def shown(results, made):\n    yield made.nothing\n"
    plugins.load_file(write(shown + asking(more=more)))
    found = REGISTER["own"]
    for call in (lambda: found.tables(object()), lambda: found.printed(object(), object())):
        with pytest.raises(BadPlugin, match=r"mine\.py fails: AttributeError") as refused:
            call()
        assert re.search(r"mine\.py, line \d+$", refused.value.where)


def test_list_tells_the_questions_and_those_of_a_plugin(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["list"]) == 0
    told = said(capsys).splitlines()
    assert "  spillover    Does the integration of the neighbours matter too?" in told
    assert run(["list", "--plugin", str(write(asking()))]) == 0
    assert "  own          What is it?" in said(capsys)
    assert run(["list", "lags"]) == 0
    assert "leads (default [1]): Years ahead: a placebo." in said(capsys)
    assert run(["list", "--plugin", str(write(asking("lags")))]) == 2
    assert "a question 'lags' exists already" in said(capsys)


def test_a_plugin_that_is_named_twice_is_told_once(tmp_path: Path) -> None:
    root = own_study(tmp_path / "study", GAP, ('["mine.py"]', '["mine.py", "./mine.py", "mine.py"]'))
    assert str(use_plugins(root, allowed=True)).count("plugin loaded") == 1
    assert use_plugins(root, allowed=False).left == ("mine.py", "./mine.py")


def test_a_missing_file_names_the_nearest(write: Callable[..., Path]) -> None:
    file = write("")
    with pytest.raises(FileMissing, match=r"no file 'mime\.py'") as refused:
        plugins.load_file(file.with_name("mime.py"))
    assert "did you mean 'mine.py'?" in refused.value.remedy


def test_two_files_cannot_define_one_name(write: Callable[..., Path]) -> None:
    first, second = write(measured()), write(measured(), "other.py")
    with pytest.raises(UsageError, match="a measure 'own' exists already"):
        plugins.load_files([first, second])


@pytest.mark.parametrize(
    ("it", "kind", "what"),
    [
        ("1 / 0", BadPlugin, r"mine\.py fails: ZeroDivisionError: division by zero"),
        ("prices", MissingColumn, "the result of own lacks the column 'integration'"),
        ("prices.polars().rename({'index': 'integration'})", DuplicateKeys, "several rows of one region, year"),
        ("'text'", UsageError, "expected a table, got str"),
        ("ig.relative_price(prices, basis='link')", TooFew, "3 regions in 2004, and the index needs 4"),
    ],
)
def test_a_measure_that_fails_or_breaks_its_promise(
    it: str, kind: type[Exception], what: str, write: Callable[..., Path]
) -> None:
    file = plugins.load_file(write(measured(it=it))).path
    with pytest.raises(kind, match=what) as refused:
        CATALOGUE["own"]({"prices": PRICES})
    assert str(file) in refused.value.where  # type: ignore[attr-defined]


def test_the_key_of_a_step_knows_the_file(write: Callable[..., Path]) -> None:
    first = plugins.load_file(write(GAP))
    one = code_hash([first.module])
    assert one == code_hash([first.module])
    second = plugins.load_file(write(GAP + "\n# more\n"))
    assert code_hash([second.module]) != one
    assert code_hash(["integration.relative_price"]) not in (one, code_hash([second.module]))


def test_a_study_of_a_stranger_runs_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = own_study(tmp_path / "study")
    for call in (
        ["check"],
        ["status"],
        ["run"],
        ["run", "--dry-run"],
        ["audit"],
        ["curve"],
        ["export"],
        ["report"],
        ["show", "integration"],
        ["explain", "table4.2.market"],
    ):
        assert run([*call, str(root)]) != 0, call
        assert "plugins not loaded: mine.py; they are code, and run only with --plugins" in said(capsys), call
    assert not (root / "ran").exists()
    assert "price_gap" not in CATALOGUE


def test_what_needs_a_plugin_says_how_to_load_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = own_study(tmp_path / "study")
    assert run(["status", str(root)]) == 2
    told = said(capsys)
    assert "U101 study.toml" in told
    assert "[integration] method: no measure 'price_gap' of integration" in told
    assert "mine.py is not loaded and may define it: run with --plugins" in told
    assert run(["status", str(root), "--plugins"]) == 0  # the remedy
    assert "plugin loaded: mine.py (price_gap)" in said(capsys)
    assert (root / "ran").exists()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('["mine.py"]', '["mime.py"]', "U104 no file 'mime.py'"),
        ('["mine.py"]', '["study.toml"]', "study.toml is not Python"),
        ("times = 2", 'times = "two"', "[integration] times"),
        ("times = 2", "time = 2", "unknown key 'time'"),
    ],
)
def test_a_study_with_a_wrong_plugin_or_option(
    old: str, new: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = own_study(tmp_path / "study", GAP, (old, new))
    assert run(["status", str(root), "--plugins"]) == 2
    assert told in said(capsys)


def test_a_plugin_is_a_python_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = own_study(tmp_path / "study", GAP, ('["mine.py"]', '["raw/firms.dta"]'))
    assert run(["run", str(root), "--dry-run"]) == 2
    assert "U100 study.toml:11 plugins: 'raw/firms.dta' is not a .py file" in said(capsys)


def test_an_index_for_a_study_is_called_integration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = GAP.replace('adds={"integration"', 'adds={"gap"').replace("agg(integration=", "agg(gap=")
    assert run(["status", str(own_study(tmp_path / "study", text)), "--plugins"]) == 2
    told = said(capsys)
    assert "price_gap gives gap by region, year, and a study needs a column integration by region and year" in told


def test_studies_of_one_session_do_not_mix(tmp_path: Path) -> None:
    one, two = own_study(tmp_path / "one"), own_study(tmp_path / "two", GAP.replace("price_gap", "wide_gap"))
    use_plugins(one, allowed=True)
    assert "price_gap" in CATALOGUE
    use_plugins(two, allowed=True)
    assert {"wide_gap"} == {"price_gap", "wide_gap"} & set(CATALOGUE)
    assert use_plugins(two, allowed=False).left == ("mine.py",)
    assert "wide_gap" not in CATALOGUE


def test_the_steps_that_use_a_plugin_run_again_when_it_changes(tmp_path: Path) -> None:
    root = own_study(tmp_path / "study")

    def code() -> dict[str, str]:
        use_plugins(root, allowed=True)
        steps = build_steps(load(root), root, "auto")
        return {name: code_hash(step.code) for name, step in steps.items()}

    before = code()
    (root / "mine.py").write_text(GAP + "\n# another line\n", encoding="utf-8")
    after = code()
    assert [name for name in before if before[name] != after[name]] == ["integration"]
    assert root / "mine.py" in build_steps(load(root), root, "auto")["models"].files


JUDGE = """

@ig.hypothesis("Large", "The sample has more than 100 firm-years.")
def large(results):
    n = results.benchmark[-1].headline.nobs
    return "supported" if n > 100 else "not supported", f"N = {n:,}."
"""


@pytest.mark.slow
def test_a_study_with_an_own_measure_and_hypothesis_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = own_study(tmp_path / "study", GAP + JUDGE)
    assert run(["check", str(root), "--plugins"]) == 0
    assert run(["run", str(root), "--plugins"]) == 0
    folder = studies.run_folder(root)
    rows = pl.read_parquet(folder / "tables" / "integration.parquet")
    prices = pl.read_parquet(next((root / ".integrade").glob("prices-*/prices.parquet")))
    nation = pl.col("index").mean().over("commodity", "year")
    gaps = prices.with_columns(gap=(pl.col("index") - nation).abs()).group_by("region", "year")
    expected = gaps.agg(integration=-2 * pl.col("gap").mean()).sort("region", "year")
    both = rows.sort("region", "year")["integration"].to_list()
    assert both == pytest.approx(expected["integration"].to_list())
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (used,) = [one for one in manifest["inputs"] if one["table"] == "plugins"]
    assert used["file"] == "mine.py"
    assert used["steps"] == ["integration", "models"]
    results = json.loads((folder / "tables" / "results.json").read_text(encoding="utf-8"))
    (verdict,) = [v for v in results["verdicts"] if v["hypothesis"] == "Large"]
    assert verdict["outcome"] == "supported"
    assert re.fullmatch(r"N = [\d,]+\.", verdict["sentence"])
    said(capsys)
    assert run(["explain", "table4.2.market", str(root)]) == 0
    told = said(capsys)
    assert "plugins not loaded: mine.py" in told
    assert used["sha256"] in told
    assert run(["report", str(root), "--format", "md", "--plugins"]) == 0


def test_stage_commands_take_a_plugin(write: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    file, out = write(GAP), write("").with_name("index.csv")
    PRICES.write_csv(prices := str(file.with_name("prices.csv")))
    file.write_text(GAP, encoding="utf-8")
    call = ["integration", prices, "--out", str(out), "--method", "price_gap", "--times", "2"]
    assert run([*call, "--plugin", str(file)]) == 0
    assert pl.read_csv(out)["integration"].min() == pytest.approx(-2.0)
    assert run([*call, f"--plugin={file}", "--quiet"]) == 0
    said(capsys)
    assert run(call) == 2
    assert "no measure 'price_gap' of integration" in said(capsys)
    assert run(["integration", "--method", "price_gap", "--plugin", str(file), "--help"]) == 0
    assert "What the gap is multiplied by." in said(capsys)
    assert run(["list", "price_gap", "--plugin", str(file)]) == 0
    assert "How far a region's prices are from the nation's." in said(capsys)
    assert run(["list", "--plugin", str(file.with_name("mime.py"))]) == 2
    assert "did you mean 'mine.py'?" in said(capsys)


def test_an_own_option_is_no_flag_of_the_command(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("where", "method", "out"):
        file = write(measured(taken=f"prices, *, {name}=None"))
        assert run(["integration", "prices.csv", "--method", "own", "--plugin", str(file), "--out", "-"]) == 2
        assert f"U100 own has an option '{name}', which is a flag of integrade integration" in said(capsys)


def test_a_regression_takes_a_plugin(write: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    panel = pl.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "x": [0.0, 1.0, 2.0, 4.0]})
    file = write(GAP)
    panel.write_csv(rows := str(file.with_name("panel.csv")))
    assert run(["fit", rows, "y ~ x", "--plugin", str(file)]) == 0
    assert (file.parent / "ran").exists()
    assert run(["fit", rows, "y ~ x", "--plugin", str(file.with_name("no.py"))]) == 2
    assert "U104 no file 'no.py'" in said(capsys)


def installed(site: Path, text: str) -> None:
    """A distribution with an entry point, as an installer leaves it."""
    (site / "gaps").mkdir()
    (site / "gaps" / "__init__.py").write_text(text, encoding="utf-8")
    info = site / "gaps-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gaps\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[integrade.records.plugins]\ngaps = gaps\n", encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("gaps", None)


def test_an_installed_package_is_found_by_its_entry_point(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed(site, GAP)
    assert run(["list", "price_gap"]) == 0
    assert "How far a region's prices" in said(capsys)
    (plugin,) = plugins.load_installed()
    assert plugin.module == "gaps"
    assert plugins.plugin_of("gaps") == plugin
    found = CATALOGUE["price_gap"]({"prices": PRICES}).polars()
    assert found.height == 6
    assert code_hash(["gaps"]) != code_hash(["integration.relative_price"])


def test_an_installed_package_that_fails_is_named(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed(site, measured("first") + "\n1 / 0\n")
    assert run(["list"]) == 2
    told = said(capsys)
    assert "U106 the installed plugin gaps fails: ZeroDivisionError: division by zero" in told
    assert "pip uninstall gaps" in told
    assert "first" not in CATALOGUE


def test_own_hypotheses_are_verdicts(write: Callable[..., Path]) -> None:
    plugins.load_file(write("import integrade as ig\n" + JUDGE))
    results = report_example.study()
    n = results.benchmark[-1].headline.nobs
    (found,) = [v for v in verdicts(results) if v.hypothesis == "Large"]
    assert found.statement == "The sample has more than 100 firm-years."
    assert found.sentence == f"N = {n:,}."
    assert found.outcome == ("supported" if n > 100 else "not supported")


@pytest.mark.parametrize("found", ["supported", ("maybe", "N = 3."), ("supported", 3), None])
def test_a_hypothesis_that_returns_no_outcome(found: object) -> None:
    with pytest.raises(BadPlugin, match="the hypothesis 'Large' returns no outcome with a sentence") as refused:
        judged(Hypothesis("Large", "It is.", lambda _: found), report_example.study())
    assert "supported, not supported, contradicted, not tested" in refused.value.remedy
    assert HYPOTHESES == {}


def test_sentences_use_the_words_of_the_study() -> None:
    results = report_example.study(labels={})
    assert (word_of_treatment(results), word_of_outcome(results)) == ("market integration", "export quality")
    own = report_example.study(labels={"market": "openness", "quality": "unit value"})
    assert (word_of_treatment(own), word_of_outcome(own)) == ("openness", "unit value")
    fitted = results.benchmark[-1]
    headline = fitted.headline
    renamed = headline.__class__(**{**vars(headline), "outcome": "wage"})
    other = report_example.study(labels={}, benchmark=(fitted.__class__(**{**vars(fitted), "headline": renamed}),))
    assert word_of_outcome(other) == "wage"


def test_the_examples_of_the_page_run(tmp_path: Path) -> None:
    """The file of docs/plugins.md, and the command beside it."""
    text = DOCS.read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)[0]
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    plugin = plugins.load_file(tmp_path / "mine.py")
    for name in plugin.names:
        assert f"`{name}`" in text, name
    (own,) = [name for name in plugin.names if name in CATALOGUE]
    found = CATALOGUE[own]({"prices": PRICES}).polars()
    assert found.columns == ["region", "year", "integration"]
    assert found.height == 6
    PRICES.write_csv(tmp_path / "prices.csv")
    (command,) = re.findall(r"integrade (integration prices\.csv .*)", text)
    paths = {"prices.csv", "mine.py", "index.csv"}
    call = [str(tmp_path / word) if word in paths else word for word in command.split()]
    assert run(call) == 0
    assert pl.read_csv(tmp_path / "index.csv").height == 6
    assert {h.name for h in HYPOTHESES.values()} <= set(plugin.names)
    for own_rule in HYPOTHESES.values():
        assert judged(own_rule, report_example.study())[0] in ("supported", "not supported")


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "table"])
def test_the_measure_of_the_page_takes_any_frame_from_python(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``from page_measure import price_gap`` works on a frame as it is; its options are checked as those of others."""
    (block,) = re.findall(
        r"```python\n(import polars as pl\n.*?)@ig.hypothesis", DOCS.read_text(encoding="utf-8"), re.S
    )
    (tmp_path / "page_measure.py").write_text(block, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "page_measure", raising=False)
    kept = dict(CATALOGUE)
    try:
        price_gap = importlib.import_module("page_measure").price_gap
        given: Any = {
            "polars": lambda: PRICES,
            "lazy": PRICES.lazy,
            "pandas": PRICES.to_pandas,
            "table": lambda: Table("prices", PRICES),
        }[kind]()
        found = price_gap(given, times=2).sort("region", "year")
        once = price_gap(prices=given).sort("region", "year")
        assert found["integration"].to_list() == [2 * value for value in once["integration"]]
        assert once["integration"].to_list() == [-1.0, -1.0, 0.0, 0.0, -1.0, -1.0]
        with pytest.raises(UnknownName, match="tmes") as refused:
            price_gap(given, tmes=2)
        assert "'times'" in refused.value.remedy
    finally:
        CATALOGUE.clear()
        CATALOGUE.update(kept)
