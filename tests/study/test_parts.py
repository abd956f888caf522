"""A part of a study is a study too: an index alone, quality alone, a panel that exists already, one regression."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.studies import edit, run_folder

from each import each
from integrade.cli import run as cli
from integrade.errors import IntegradeError, UsageError
from integrade.estimate.fit import fit
from integrade.quality import demand_residual
from integrade.study.explain import explain
from integrade.study.export import export_study
from integrade.study.finished import results_in
from integrade.study.run import Request, check_study, run_study
from integrade.study.template_parts import write_kind
from integrade.verdicts.bundle import StudyResults


def quiet(_: str) -> None:
    """Tell nobody."""


def written(root: Path, text: str) -> Path:
    """A study file of this text."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "study.toml").write_text(text, encoding="utf-8")
    return root


def printed_in_full(root: Path, folder: str = "report") -> str:
    """The paper of a finished study, followed by its appendices."""
    report = run_folder(root) / folder
    return "".join((report / name).read_text(encoding="utf-8") for name in ("report.md", "appendix.md"))


FULL = ("[report]", '[report]\nshape = "full"')


@pytest.fixture(scope="module")
def index_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``integrade new --kind index`` writes, finished."""
    root = tmp_path_factory.mktemp("index") / "study"
    write_kind(root, "index")
    edit(root, ('["html", "docx", "pdf", "tex", "md"]', '["html", "md"]'), FULL)
    run_study(root, Request(), tell=quiet)
    return root


@pytest.fixture(scope="module")
def of_the_index(index_alone: Path) -> StudyResults:
    """Its results."""
    return results_in(run_folder(index_alone))


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
    text = printed_in_full(index_alone)
    for heading in ("Reliability of the index", "Market segmentation and integration", "Objections to the results"):
        assert heading in text
    for name in ("trend", "ranking", "map", "noise", "goods"):
        assert f"figures/{name}.png" in text
    for table in ("Table 1.", "Table 1e.", "Table A1.", "Table A1b.", "Table B1."):
        assert table in text
    page = (run_folder(index_alone) / "report" / "report.html").read_text(encoding="utf-8")
    for table in ("Table B2.", "Table B3."):  # settings and files are on the page and in record.json alone
        assert table in page
        assert table not in text
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


@pytest.mark.parametrize("name", ["", "figure1", "tableA1", "tableA1.value.noise_share"])
def test_what_an_index_shows_can_be_explained(index_alone: Path, name: str) -> None:
    assert str(explain(name, index_alone))


@pytest.mark.slow
def test_other_languages_and_status_and_show_of_an_index(index_alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["report", str(index_alone), "--language", "zh", "--format", "md"]) == 0
    assert cli(["status", str(index_alone)]) == 0
    assert cli(["show", "integration", str(index_alone)]) == 0
    assert "to run" not in capsys.readouterr().out


@pytest.mark.parametrize("command", ["audit", "curve"])
def test_what_needs_a_regression_says_which_section_is_missing(
    index_alone: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert cli([command, str(index_alone)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("U100")
    assert "regression" in said


def test_an_index_is_exported_with_labels_and_a_codebook(index_alone: Path, tmp_path: Path) -> None:
    files = {p.name for p in export_study(index_alone, tmp_path / "export")}
    assert files == {"integration.dta", "integration.csv", "integration_codebook.csv", "account.txt"}
    assert pl.read_csv(tmp_path / "export" / "integration.csv").height == 310


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


@each(
    ("text", "told"),
    [
        ('title = "t"\n', "names no table of data"),
        (f'title = "t"\n{PRICES}[quality]\nsigma = 5\n', "[quality]"),
        (f'title = "t"\n{PRICES}[lags]\n', "[lags]: this needs a regression"),
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


# A panel that exists already


@pytest.fixture(scope="module")
def own_panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``integrade new --kind panel`` writes, finished with fewer draws."""
    root = tmp_path_factory.mktemp("panel") / "study"
    write_kind(root, "panel")
    edit(root, ('["html", "docx", "pdf", "tex", "md"]', '["html", "md"]'), ("# wild = 9999 ", "wild = 199 "), FULL)
    run_study(root, Request(), tell=quiet)
    return root


@pytest.fixture(scope="module")
def of_the_panel(own_panel: Path) -> StudyResults:
    """Its results."""
    return results_in(run_folder(own_panel))


def test_a_panel_is_estimated_as_its_formula_says_on_the_rows_of_its_file(
    own_panel: Path, of_the_panel: StudyResults
) -> None:
    raw = pl.read_csv(own_panel / "raw" / "panel.csv").rename({"Company ID": "firm", "Year": "year"})
    given = fit(
        raw,
        "`Export quality` ~ Openness + Openness^2 + Size + Age + Leverage | firm + year",
        cluster="State",
        vcov="CR3",
    )
    found = of_the_panel.benchmark[-1].headline
    for term in ("Openness", "Openness^2", "Leverage"):
        assert found[term].estimate == pytest.approx(given[term].estimate, rel=1e-10)
        assert found[term].std_error == pytest.approx(given[term].std_error, rel=1e-8)
    assert of_the_panel.labels["Export_quality"] == "Export quality"
    assert "is called Export_quality in formulas" in str(of_the_panel.account)


def test_the_report_of_a_panel_speaks_of_no_index_and_no_measured_quality(own_panel: Path) -> None:
    assert check_study(own_panel)[0] == ()
    text = printed_in_full(own_panel)
    for heading in ("H1: Openness", "Benchmark regression", "The curve and its turning point", "Export quality"):
        assert heading in text
    absent = ("index", "segmentation", "customs", "province", "residual of a demand", "clustered by region")
    assert [word for word in absent if word in text.lower()] == []


def test_a_number_of_a_panel_goes_back_to_the_file(own_panel: Path) -> None:
    said = str(explain("table4.2.openness", own_panel))
    assert "raw/panel.csv" in said
    assert "CR3" in said


def test_a_panel_can_be_audited_exported_and_printed_again(own_panel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["audit", str(own_panel), "--only", "regression.vcov"]) == 0
    assert "regression.vcov = iid" in capsys.readouterr().out
    assert cli(["export", str(own_panel)]) == 0
    assert cli(["report", str(own_panel), "--format", "md"]) == 0
    text = printed_in_full(own_panel)
    assert "Export_quality" not in text.replace("Export\\_quality", "").replace("Export\\_quality", "")


def test_one_regression_without_a_square_has_no_curve_and_no_hypothesis_about_one(
    own_panel: Path, tmp_path: Path
) -> None:
    root = written(
        tmp_path / "study",
        f"""title = "t"
[panel]
files = ['{own_panel / "raw" / "panel.csv"}']
columns = {{ "Company ID" = "firm", "Year" = "year" }}
[regression]
outcome = "Export quality"
treatment = "Openness"
square = false
cluster = "State"
wild = 99
[report]
formats = ["md"]
""",
    )
    run_study(root, Request(), tell=quiet)
    results = results_in(run_folder(root))
    assert [c.term for c in results.benchmark[-1].headline.coefficients] == ["Openness"]
    assert results.verdicts == ()
    text = (run_folder(root) / "report" / "report.md").read_text(encoding="utf-8")
    assert "its square" not in text
    assert "turning point" not in text.lower()
    assert cli(["audit", str(root)]) == 2
    edit(root, ("[report]", "[shape]\n\n[report]"))
    problems = check_study(root)[0]
    assert ["no square of 'Openness'" in problem.what for problem in problems] == [True]


OWN = '[panel]\nfiles = ["p.csv"]\n'


@each(
    ("more", "told"),
    [
        (PRICES, "[prices]: this section does not belong to a study with a finished"),
        ('[customs]\nfiles = ["c.csv"]\n', "[customs]: this section does not belong to a study with a finished"),
        ("[noise]\n", "[noise]: this section does not belong to a study with a finished"),
        ('[regression]\nformula = "y ~ x | firm"\noutcome = "y"\n', "formula cannot be combined with outcome"),
        ('[regression]\nformula = "y ~ x | firm | z ~ w"\n', "no instruments"),
        ("", "no column 'market' in the panel"),
    ],
)
def test_what_a_panel_that_exists_already_cannot_have_is_told(tmp_path: Path, more: str, told: str) -> None:
    (tmp_path / "p.csv").write_text("firm,year,y,x\nA,2001,1,2\nA,2002,2,1\nB,2001,2,3\nB,2002,1,1\n", "utf-8")
    found, _ = check_study(written(tmp_path, f'title = "t"\n{OWN}{more}'))
    assert any(told in problem.what for problem in found)
    assert all(problem.remedy for problem in found if told in problem.what)


# Quality alone


@pytest.fixture(scope="module")
def quality_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``integrade new --kind quality`` writes, finished."""
    root = tmp_path_factory.mktemp("quality") / "study"
    write_kind(root, "quality")
    edit(root, ('["html", "docx", "pdf", "tex", "md"]', '["html", "md"]'), FULL)
    run_study(root, Request(), tell=quiet)
    return root


def test_quality_alone_is_summed_up_by_year_product_and_destination(quality_alone: Path) -> None:
    assert check_study(quality_alone)[0] == ()
    results = results_in(run_folder(quality_alone))
    found = results.quality_alone
    assert found is not None
    assert results.benchmark == results.verdicts == ()
    raw = pl.read_csv(quality_alone / "raw" / "customs.csv").rename(
        {
            "Exporter": "firm",
            "HS code": "product",
            "Country": "destination",
            "Year": "year",
            "FOB value (USD)": "value",
            "Net weight (kg)": "quantity",
        }
    )
    raw = raw.with_columns(pl.col("product").cast(pl.String).str.zfill(6)).filter(
        (pl.col("value") > 0) & (pl.col("quantity") > 0)
    )
    rows = demand_residual(raw, sigma=5, level="row")
    year = rows.filter((pl.col("year") == 2008) & pl.col("quality").is_not_null())
    own = next(y for y in found.years if y.year == 2008)
    assert own.n == year.height
    assert own.mean == pytest.approx(year["quality"].mean(), rel=1e-10)
    assert own.p90 == pytest.approx(year["quality"].quantile(0.9, "linear"), rel=1e-10)
    assert own.weighted == pytest.approx((year["quality"] * year["value"]).sum() / year["value"].sum(), rel=1e-10)
    other = demand_residual(raw, sigma=3, level="row")
    assert (rows["quality"] - other["quality"]).abs().max() > 0.01
    check = next(c for c in found.checks if "3" in c.choice)
    ranks = [
        pl.DataFrame({"year": r["year"], "r": r["quality"]}).with_columns(pl.col("r").rank().over("year"))
        for r in (rows, other)
    ]
    centred = [r.with_columns(pl.col("r") - pl.col("r").mean().over("year"))["r"] for r in ranks]
    assert check.correlation == pytest.approx(pl.DataFrame(centred[:1]).with_columns(o=centred[1]).corr()["o"][0])


def test_the_report_of_quality_speaks_of_no_index_and_no_regression(quality_alone: Path) -> None:
    paper = (run_folder(quality_alone) / "report" / "report.md").read_text(encoding="utf-8")
    for shown in ("Table 1.", "figures/quality_years.png", "Objections to the results"):
        assert shown in paper
    text = printed_in_full(quality_alone)
    for shown in ("Table 1b.", "Table 1c.", "Table A1."):
        assert shown in text
    absent = ("integration", "segmentation", "hypothes", "regression", "coefficient", "province")
    assert [word for word in absent if word in text.lower()] == []
    assert cli(["report", str(quality_alone), "--language", "zh", "--format", "md"]) == 0
    chinese = printed_in_full(quality_alone, "report-zh")
    assert "单位价值" in chinese
    assert "unit values" not in chinese


def test_numbers_of_quality_are_explained_and_exported(quality_alone: Path, tmp_path: Path) -> None:
    assert "raw/customs.csv" in str(explain("table1.mean.2008", quality_alone))
    assert str(explain("figure1", quality_alone))
    files = {p.name for p in export_study(quality_alone, tmp_path / "export")}
    assert files == {"quality.dta", "quality.csv", "quality_codebook.csv", "account.txt"}


def test_quality_of_records_that_name_no_firm(quality_alone: Path, tmp_path: Path) -> None:
    root = tmp_path / "study"
    root.mkdir()
    raw = pl.read_csv(quality_alone / "raw" / "customs.csv").drop("Exporter").filter(pl.col("Year") < 2007)
    raw.group_by("HS code", "Country", "Year").agg(pl.all().sum()).sort("HS code", "Country", "Year").write_csv(
        root / "c.csv"
    )
    text = (quality_alone / "study.toml").read_text(encoding="utf-8")
    text = text.replace("raw/customs.csv", "c.csv").replace('"Exporter" = "firm"\n', "").replace('"html", ', "")
    written(root, text)
    assert check_study(root)[0] == ()
    run_study(root, Request(), tell=quiet)
    found = results_in(run_folder(root)).quality_alone
    assert found is not None
    assert found.firms == 0
    assert "do not identify firms" in printed_in_full(root)


@pytest.mark.slow
def test_index_and_quality_without_accounts_are_both_reported(
    index_alone: Path, quality_alone: Path, tmp_path: Path
) -> None:
    own = (index_alone / "study.toml").read_text(encoding="utf-8")
    own = own.replace("raw/prices.csv", str(index_alone / "raw" / "prices.csv")).replace('"html", ', "")
    more = (
        (quality_alone / "study.toml")
        .read_text(encoding="utf-8")
        .replace("raw/customs.csv", str(quality_alone / "raw" / "customs.csv"))
    )
    root = written(tmp_path / "study", own + more[more.index("[customs] ") : more.index("[report]")])
    run_study(root, Request(), tell=quiet)
    paper = (run_folder(root) / "report" / "report.md").read_text(encoding="utf-8")
    assert "Table 2. Quality of customs rows" in paper
    assert "Table 1e." in printed_in_full(root)
