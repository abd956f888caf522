"""A part of a study is a study too: the index alone."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.studies import run_folder

from integrade.cli import run as cli
from integrade.errors import IntegradeError, UsageError
from integrade.judge.bundle import StudyResults
from integrade.study.explain import explain
from integrade.study.reprint import stored_results
from integrade.study.run import Request, check_study, run_study
from integrade.study.template_parts import write_kind


def quiet(_: str) -> None:
    """Tell nobody."""


def written(root: Path, text: str) -> Path:
    """A study file of this text."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "study.toml").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def index_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``integrade new --kind index`` writes, finished."""
    root = tmp_path_factory.mktemp("index") / "study"
    write_kind(root, "index")
    text = (root / "study.toml").read_text(encoding="utf-8")
    (root / "study.toml").write_text(text.replace('["html", "docx", "pdf", "tex", "md"]', '["html", "md"]'), "utf-8")
    run_study(root, Request(), tell=quiet)
    return root


@pytest.fixture(scope="module")
def of_the_index(index_alone: Path) -> StudyResults:
    """Its results."""
    return stored_results(run_folder(index_alone))


def test_an_index_alone_passes_the_check(index_alone: Path) -> None:
    found, account = check_study(index_alone)
    assert found == ()
    assert "3100 rows" in str(account).replace(",", "")


def test_an_index_alone_has_no_regression_and_no_hypothesis(of_the_index: StudyResults) -> None:
    assert of_the_index.index.n_regions == 31
    assert of_the_index.benchmark == ()
    assert of_the_index.verdicts == ()
    assert of_the_index.situation is not None
    assert of_the_index.situation.goods
    assert of_the_index.situation.trends is None


WORDS_OF_OTHER_PARTS = ("firm", "quality", "hypothes", "regression relates", "coefficient", "export")


def test_the_report_of_an_index_has_its_parts_and_no_word_of_what_is_not_there(index_alone: Path) -> None:
    text = (run_folder(index_alone) / "report" / "report.md").read_text(encoding="utf-8")
    for heading in ("How far to trust the index", "Market segmentation and integration", "What speaks against it"):
        assert heading in text
    for name in ("trend", "ranking", "map", "noise", "goods"):
        assert f"figures/{name}.png" in text
    for table in ("Table 1.", "Table 1e.", "Table A2.", "Table A2b.", "Table A3.", "Table A5."):
        assert table in text
    assert [word for word in WORDS_OF_OTHER_PARTS if word in text.lower()] == []
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert all(line.strip("# ") for line in headings)


def test_every_region_and_year_of_the_index_is_printed_and_explained(
    index_alone: Path, of_the_index: StudyResults
) -> None:
    point = of_the_index.index.points[0]
    found = explain(f"table1e.{point.year}.{point.region.lower()}", index_alone)
    assert f"{point.integration:.3f}" in str(found)
    assert "raw/prices.csv" in str(found)


@pytest.mark.parametrize("name", ["", "figure1", "tableA2", "tableA2.value.noise_share"])
def test_what_an_index_shows_can_be_explained(index_alone: Path, name: str) -> None:
    assert str(explain(name, index_alone))


def test_other_languages_and_status_and_show_of_an_index(index_alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["report", str(index_alone), "--language", "zh", "--format", "md"]) == 0
    assert cli(["status", str(index_alone)]) == 0
    assert cli(["show", "integration", str(index_alone)]) == 0
    assert "to run" not in capsys.readouterr().out


@pytest.mark.parametrize("command", ["audit", "curve", "export"])
def test_what_needs_a_regression_says_which_section_is_missing(
    index_alone: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert cli([command, str(index_alone)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("U100")
    assert "regression" in said


def test_a_room_that_a_study_does_not_have_names_its_section(index_alone: Path) -> None:
    with pytest.raises(UsageError, match="no step 'panel'") as caught:
        run_study(index_alone, Request(to="panel"), tell=quiet)
    assert "[firms]" in caught.value.remedy


def test_to_integration_asks_only_for_what_an_index_needs(index_alone: Path, tmp_path: Path) -> None:
    own = (index_alone / "study.toml").read_text(encoding="utf-8")
    broken = own.replace("raw/prices.csv", str(index_alone / "raw" / "prices.csv"))
    broken += (
        '[customs]\nfiles = ["not/there.csv"]\n[quality]\n[firms]\nfiles = ["not/there.csv"]\n[regression]\nlag = 3\n'
    )
    root = written(tmp_path / "study", broken)
    with pytest.raises(IntegradeError):
        run_study(root, Request(), tell=quiet)
    outcome = run_study(root, Request(to="integration"), tell=quiet)
    assert outcome is not None
    assert pl.read_parquet(outcome.folder / "tables" / "integration.parquet").height == 310


PRICES = '[prices]\nfiles = ["p.csv"]\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('title = "t"\n', "names no table of data"),
        (f'title = "t"\n{PRICES}[quality]\nsigma = 5\n', "[quality]"),
        (f'title = "t"\n{PRICES}[lags]\n', "lags: this needs a regression"),
        (f'title = "t"\n{PRICES}[regression]\noutcome = "roa"\n', "[regression]"),
        (f'title = "t"\n{PRICES}[firms]\nfiles = ["f.csv"]\n', "key 'customs' is missing"),
        ('title = "t"\n[firms]\nfiles = ["f.csv"]\n[customs]\nfiles = ["c.csv"]\n[quality]\nsigma = 5\n', "'prices'"),
    ],
)
def test_what_a_study_asks_and_cannot_have_is_told_with_the_section_that_is_missing(
    tmp_path: Path, text: str, told: str
) -> None:
    found, _ = check_study(written(tmp_path, text))
    assert any(told in problem.what for problem in found)
    assert all(problem.remedy for problem in found if told in problem.what)
