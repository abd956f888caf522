"""What a referee doubts, from study.toml to every format: shape, inference, noise, omissions, instruments, rows."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import docx
import numpy as np
import polars as pl
import pytest

import integrade as ig
import report_example as example
from each import each
from integrade.engine.frames import Table
from integrade.errors import IntegradeError, UnknownName, UsageError
from integrade.report.printed import PrintedTable
from integrade.report.rows import place_of
from integrade.study.asked import Asked
from integrade.study.asking import index_series
from integrade.study.config import Study
from integrade.study.printed import all_tables, compose, render_html
from integrade.study.reading import load
from integrade.study.stored_results import results_from, results_json
from integrade.subjects import questions
from integrade.subjects.instruments.question import Instruments
from integrade.subjects.instruments.verdict import set_words
from integrade.subjects.instruments.weak_iv import ARSet
from integrade.subjects.noise.verdict import shares_of_truth
from integrade.subjects.shape.past import shares_past
from integrade.subjects.truth.verdict import by_parameter
from integrade.verdicts.bundle import StudyResults, treatment_of
from integrade.verdicts.collected import verdicts
from integrade.verdicts.doubts import instruments as instruments_said
from integrade.verdicts.doubts import noise as noise_said
from integrade.verdicts.headline import oracle_holds_truth
from integrade.verdicts.opening import size
from studies import answer, run_folder

pytestmark = pytest.mark.slow

TABLES = ("4f", "4g", "A3", "A4", "A4b", "A5", "A6", "A6b", "A6c", "A7", "A8")
SECTIONS = {
    "shape": "two-lines test",
    "inference": "reassigns the treatment histories",
    "noise": "No correction recovers",
    "sensitivity": "omitted variable",
    "instruments": "Anderson-Rubin",
    "row_level": "customs records",
    "spillover": "neighbours",
}

DOUBTS = ("shape", "inference", "noise", "sensitivity", "row_level", "spillover")


@pytest.fixture(scope="module")
def finished(whole_study: Path) -> Path:
    return whole_study


@pytest.fixture(scope="module")
def folder(finished: Path) -> Path:
    return run_folder(finished)


@pytest.fixture(scope="module")
def results(folder: Path) -> StudyResults:
    return results_from((folder / "tables" / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def asked(finished: Path, folder: Path, results: StudyResults) -> Asked:
    """The study with the rows of its benchmark regression, and its prices."""
    tables = folder / "tables"
    study = load(finished)
    controls = study.regression.controls
    rows = pl.read_parquet(tables / "panel.parquet").drop_nulls(["quality", "market", *controls])
    prices = Table("prices", pl.read_parquet(tables / "prices.parquet"), conformed="prices")
    formula = results.benchmark[-1].headline.formula
    series = index_series(study, tables)
    return Asked(study, rows, formula, series, finished, prices, pl.read_parquet(tables / "quality_rows.parquet"))


def table(results: StudyResults, number: str) -> PrintedTable:
    return next(t for t in all_tables(results) if t.place == number)


def row(printed: PrintedTable, label: str) -> tuple[str, ...]:
    return next(cells for cells in printed.cells() if cells[0] == label)


@each("number", TABLES)
def test_every_table_has_the_same_numbers_in_every_format(results: StudyResults, folder: Path, number: str) -> None:
    printed = table(results, number)
    report = folder / "report"
    cells = [c for line in printed.cells() for c in line if re.search(r"\d", c)]
    assert len(cells) >= 12
    files = [report / "tables" / f"table{printed.number}.docx", *(report / "tables").glob("tableC*.docx")]
    words = [docx.Document(str(file)).tables[0] for file in files]  # rows of diagnostics stand in the appendix
    in_word = {re.sub("[\u2212\u2013]", "-", cell.text) for word in words for line in word.rows for cell in line.cells}
    assert [c for c in cells if c not in in_word] == []
    tex = "".join(file.with_suffix(".tex").read_text(encoding="utf-8") for file in files)
    page = (report / "report.html").read_text(encoding="utf-8")
    block = page[page.index(f'id="table{printed.number}"') :].split("</table>")[0]
    in_page = unescape(re.sub(r"<[^>]+>", "", block))
    numbers = {n for c in cells for n in re.findall(r"\d[\d,]*\.?\d*", c)}
    assert [n for n in numbers if n not in tex] == []
    assert [n for n in numbers if n not in in_page] == []


def test_tables_and_figures_stand_in_the_order_of_their_numbers(results: StudyResults) -> None:
    document = compose(results)
    assert [d.number for d in document.drawings().values()] == list(range(1, len(document.drawings()) + 1))
    for part in document.parts:
        own = [place_of(t.number) for s in part.sections for t in s.blocks if isinstance(t, PrintedTable)]
        assert own == sorted(own)
    assert len(document.tables()) > 20


def test_page_has_words_under_each_heading_and_grouped_contents(folder: Path) -> None:
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 2_000_000
    contents = page[page.index('<nav class="contents"') :].split("</nav>")[0]
    for part in ("The study", "Further results", "Appendix A. Doubts", "Appendix B. Record"):
        assert f"<p>{part}</p>" in contents
    for key, words in SECTIONS.items():
        section = page[page.index(f'<section id="{key}"') :].split("</section>")[0]
        assert f'<a href="#{key}">' in contents
        assert words in section.split("<table")[0]


def test_shape_is_that_of_the_python_functions(results: StudyResults, asked: Asked) -> None:
    found = results.shape
    assert found is not None
    base = ig.fit(asked.sample, asked.formula, cluster="region", vcov="CR3", movers_nested=0.01)
    inner = ig.u_test(base, "market", low="p5", high="p95")
    assert found.inner.p_value == pytest.approx(inner.p_value, rel=1e-9)
    assert (found.inner.low, found.inner.high) == pytest.approx((inner.low, inner.high))
    lines = ig.two_lines(asked.sample, asked.formula, cluster="region", movers_nested=0.01)
    assert found.two_lines is not None
    assert found.two_lines.first.slope == pytest.approx(lines.first.slope, rel=1e-9)
    assert found.two_lines.first.p_wild is not None
    assert found.cubic is not None
    assert len(found.curve) == 101
    printed = table(results, "4f")
    assert row(printed, "Verdict")[1] == lines.verdict
    assert row(printed, "Estimate")[1] == f"{found.whole.turning_point:,.3f}"


def test_shares_past_count_rows_firms_and_provinces_by_hand() -> None:
    panel = pl.DataFrame(
        {
            "firm": ["a", "a", "b", "c", "c"],
            "region": ["X", "X", "X", "Y", "Y"],
            "year": [1, 2, 1, 1, 2],
            "market": [5.0, 1.0, 3.0, 1.0, 6.0],
        }
    )
    test = replace(example.column("(1)").u_test, turning_point=3.5)  # type: ignore[type-var]
    whole, first, second = shares_past(panel, test)
    assert (whole.rows, whole.share_rows) == (5, 0.4)
    assert (first.units, first.share_units, first.regions, first.share_regions) == (3, pytest.approx(1 / 3), 2, 0.5)
    assert (second.share_rows, second.share_units, second.share_regions) == (0.5, 0.5, 0.5)
    # over all years: a 3.0, b 3.0, c 3.5 (not past); X 3.0, Y 3.5
    assert (whole.share_units, whole.share_regions) == (0.0, 0.0)
    more = pl.concat([panel, panel.filter(pl.col("firm") == "c", pl.col("year") == 2)])
    assert shares_past(more, test)[0].share_regions == 0.0  # every year of a region counts once, whatever its rows
    none = shares_past(panel.drop("firm"), test)
    assert none[0].share_units is None
    with pytest.raises(IntegradeError, match="no column 'region'"):
        shares_past(panel.drop("region"), test)


def test_shares_past_of_rows_are_those_of_the_u_test(results: StudyResults) -> None:
    assert results.shape is not None
    whole = results.shape.whole
    if not results.shape.past:
        pytest.skip("no inverted U in this small sample")
    by_year = {p.year: p.share_rows for p in results.shape.past}
    assert by_year["all"] == pytest.approx(whole.share_past, abs=1e-12)
    assert {y: by_year[y] for y in whole.share_past_by_year} == pytest.approx(dict(whole.share_past_by_year))


def test_inference_has_every_kind_of_error_and_second_opinions(results: StudyResults, asked: Asked) -> None:
    printed = table(results, "A3")
    column = results.benchmark[-1]
    names = [cells[0] for cells in printed.cells()]
    assert names[:4] == [
        "iid",
        "clustered by firm, CR1",
        "clustered by region, CR1",
        "clustered by region, CR3 (main result)",
    ]
    k = column.headline["market"]
    assert row(printed, "clustered by region, CR3 (main result)")[1] == f"{k.std_error:.4f} ({k.statistic:.2f})"
    drawn = next(w for w in column.headline.wild if w.null == "market")
    assert drawn.conf_set  # wild_ci of [inference]
    found = results.inference
    assert found is not None
    assert found.randomisation is not None
    assert found.clusters is not None
    want = ig.randomisation(asked.sample, asked.formula, permutations=199, movers_nested=0.01)
    assert found.randomisation.p_joint == want.p_joint
    term = next(t for t in found.clusters.terms if t.term == "market^2")
    assert row(printed, "Effective number of clusters (G*), independent errors")[3] == f"{term.g_star:.1f}"
    assert row(printed, "Most influential cluster")[3] == term.most_moving


def test_noise_stands_beside_the_truth_in_the_table_and_in_words(results: StudyResults, asked: Asked) -> None:
    found = results.noise
    assert found is not None
    assert found.on_true_index is not None
    assert found.halves is not None
    assert found.simex is not None
    truth = pl.read_parquet(asked.root / "raw" / "truth" / "firm_quality.parquet").select("firm", "year", "market")
    rows = asked.sample.drop("market").join(truth, on=["firm", "year"])
    want = ig.fit(rows, asked.formula, cluster="region", vcov="CR3")
    assert found.on_true_index["market^2"].estimate == pytest.approx(want["market^2"].estimate, rel=1e-9)
    shares = shares_of_truth(found, "market^2")
    assert list(shares) == ["Uncorrected index", "Split halves (ORIV)", "SIMEX"]
    assert abs(shares["Uncorrected index"]) < abs(shares["SIMEX"])  # noise flattens, SIMEX gives part back
    printed = table(results, "A4")
    assert printed.columns == ("", "(1) True index", "(2) Uncorrected index", "(3) Split halves (ORIV)", "(4) SIMEX")
    said = " ".join(noise_said(results))
    assert f"{100 * shares['SIMEX']:.0f}%" in said
    assert "No correction recovers" in said
    blind = replace(results, noise=replace(found, on_true_index=None))
    assert "SIMEX corrects only part of a large bias" in " ".join(noise_said(blind))
    assert table(blind, "A4").columns[1] == "(1) Uncorrected index"


def test_the_move_of_the_first_page_stands_beside_its_truth(results: StudyResults) -> None:
    """By the true coefficients, whose scale is that of the outcome, between the percentiles of the sample."""
    first = size(results)
    assert first is not None
    moved = by_parameter(results, "truth.move")
    assert moved is not None
    assert (moved.estimate, moved.conf_low, moved.conf_high) == pytest.approx(
        (first.move.estimate, first.move.low, first.move.high)
    )
    assert (moved.truth, moved.oracle) == pytest.approx((first.truth, first.on_true_data))
    assert moved.oracle_low is not None
    assert moved.oracle is not None
    assert moved.oracle_high is not None
    assert moved.oracle_low < moved.oracle < moved.oracle_high


def test_on_true_data_the_intervals_hold_the_truth(results: StudyResults) -> None:
    """Turning point, share through human capital, the null group and the instruments' effect, with the true index."""
    truth = {t.parameter: t for t in results.truth}
    x = treatment_of(results)
    wanted = ["turning point", "share of the curvature through human_capital", "effect of rd"]
    wanted += [f"{t} of {g}" for g in ("state-owned firms", "firms that are not state-owned") for t in (x, f"{x}^2")]
    wanted += [f"{t}, 2SLS with the index of the other half of the goods" for t in (x, f"{x}^2")]
    assert {name: oracle_holds_truth(truth[name]) for name in wanted} == dict.fromkeys(wanted, True)
    printed = table(results, "A9")
    assert printed.columns[3:5] == ("95% interval", "covers the true value")


def test_instruments_say_what_they_stand_on_and_have_no_bound_where_weak(results: StudyResults, asked: Asked) -> None:
    halves, neighbours = results.instruments
    assert (halves.variable, halves.columns) == ("market_a", ("market_b",))
    assert neighbours.weak is not None
    assert set(neighbours.estimates) == {"2SLS", "LIML", "GMM"}
    assert neighbours.control is not None
    panel = ig.join_instrument(Table("panel", asked.sample), ig.neighbour_instrument(asked.prices))
    formula = "quality ~ scale + age + roa + rdebt + fic | firm + year | market + market^2 ~ neighbours + neighbours^2"
    want = ig.fit(panel, formula, cluster="region", vcov="CR3", movers_nested=0.01)
    assert neighbours.estimates["2SLS"]["market"].estimate == pytest.approx(want["market"].estimate, rel=1e-8)
    strength = table(results, "A6")
    assert neighbours.exclusion[1:40] in " ".join(c for line in strength.cells() for c in line)
    assert "2SLS = LIML = GMM" in " ".join(table(results, "A6c").columns)
    said = instruments_said(results)
    assert any("neighbours" in s and "Anderson-Rubin" in s for s in said)


@pytest.mark.parametrize(
    ("kind", "intervals", "words"),
    [
        ("interval", ((1.0, 2.0),), "from 1.0000 to 2.0000"),
        ("line", ((None, None),), "every value (the test rejects no value)"),
        ("two_rays", ((None, -1.0), (3.0, None)), "unbounded: up to -1.0000 and from 3.0000 upwards"),
        ("pieces", ((0.0, 1.0), (2.0, 3.0)), "disjoint: from 0.0000 to 1.0000 and from 2.0000 to 3.0000"),
        ("empty", (), "empty (the test rejects every value"),
    ],
)
def test_sets_in_words(kind: str, intervals: tuple[tuple[float | None, float | None], ...], words: str) -> None:
    assert set_words(ARSet("market", 1.5, kind, intervals, projected=False)).startswith(words)  # type: ignore[arg-type]


def test_rows_and_neighbours_are_those_of_the_python_functions(results: StudyResults, asked: Asked) -> None:
    found = results.row_level
    assert found is not None
    assert list(found.columns) == ["firm-years", "rows", "trade=ordinary", "trade=processing"]
    rows = ig.row_level(
        asked.rows,
        asked.sample,
        asked.formula.replace("| firm + year", "| firm + product + destination^year"),
        firm_year=asked.formula,
        cluster="region",
        vcov="CR1",
        movers_nested=0.01,
    )
    assert found.rows["market^2"].estimate == pytest.approx(rows.rows["market^2"].estimate, rel=1e-9)
    beside = results.answers["spillover"]
    assert beside is not None
    assert beside.mechanical is not None
    printed = table(results, "A8")
    assert row(printed, "p")[2] == f"{beside.joint.p_value:.4f}"


def test_sensitivity_has_one_column_per_place(results: StudyResults, asked: Asked) -> None:
    found = results.sensitivity
    assert found is not None
    want = [ig.oster(asked.sample, asked.formula, "market", at=at) for at in ("p10", "p50", "p90")]
    assert [o.bound for o in found.oster] == pytest.approx([o.bound for o in want])
    printed = table(results, "A5")
    assert row(printed, "Slope implied by delta = 1")[1:] == tuple(f"{o.bound:.4f}" for o in found.oster)


def test_results_survive_json_with_infinities(results: StudyResults) -> None:
    assert results_json(results_from(results_json(results))) == results_json(results)
    assert results.sensitivity is not None
    endless = replace(results.sensitivity.oster[0], delta_zero=-math.inf)
    changed = replace(results, sensitivity=replace(results.sensitivity, oster=(endless,)))
    again = results_from(results_json(changed))
    assert again.sensitivity is not None
    assert again.sensitivity.oster[0].delta_zero == -math.inf
    assert "-infinite" in str(table(again, "A5"))


def test_verdicts_do_not_change_with_the_new_results(results: StudyResults) -> None:
    """Only noise has a part in verdicts: a claim needs its corrected regression."""
    doubts = [n for n in DOUBTS if n in StudyResults.__dataclass_fields__ and n != "noise"]
    nothing = dict.fromkeys(doubts)
    bare = replace(results, **nothing, instruments=(), answers={})  # type: ignore[arg-type]
    assert verdicts(bare) == verdicts(results)


def only(asked: Asked, **sections: object) -> Asked:
    """The study with these sections and no other question."""
    nothing = dict.fromkeys(("lags", "mediation", "robustness", *DOUBTS), None) | {"groups": (), "instruments": ()}
    return asked._replace(study=asked.study.model_copy(update=nothing | sections))


def test_what_cannot_be_asked_is_said_in_its_section(asked: Asked, results: StudyResults) -> None:
    """No index made from prices, no exporters in the customs records, no controls."""
    study = asked.study
    blind = asked._replace(series=None, prices=None, rows=None)
    found = answer(
        only(
            blind,
            noise=study.noise,
            row_level=study.row_level,
            spillover=study.section("spillover"),
            instruments=study.instruments,
        )
    )
    assert set(found.left_out) == {"noise", "row_level", "spillover", "instruments"}
    assert len(found.left_out["instruments"]) == 2
    assert (found.noise, found.row_level, found.answers["spillover"], found.instruments) == (None, None, None, ())
    page = render_html(replace(results, noise=None, row_level=None, left_out=found.left_out))
    for key, words in (("noise", "is not the relative-price index"), ("row_level", "do not identify exporting firms")):
        section = page[page.index(f'<section id="{key}"') :].split("</section>")[0]
        assert words in section
    bare = study.regression.model_copy(update={"controls": []})
    alone = only(asked, sensitivity=study.sensitivity, regression=bare)
    assert "no control" in answer(alone).left_out["sensitivity"][0]


def test_instruments_of_the_panel_and_of_files(asked: Asked, tmp_path: Path) -> None:
    regions = asked.sample["region"].unique().sort()
    random = np.random.default_rng(1)
    pl.DataFrame({"region": regions, "relief": random.uniform(1, 3, len(regions))}).write_csv(tmp_path / "relief.csv")
    years = asked.sample["year"].unique().sort()
    pl.DataFrame({"year": years, "roads": np.arange(len(years)) ** 1.5}).write_csv(tmp_path / "roads.csv")
    terrain = Instruments(builder="terrain", trait="relief.csv", series="roads.csv", quadratic=False)
    column = Instruments(
        builder="column",
        columns=("rd_spending",),
        exclusion="spending moves nothing else",
        quadratic=False,
        estimators=("2sls",),
        control_function=False,
    )
    lagged = Instruments(builder="lagged", lags=1, title="last year", sets=False, control_function=False)
    found = answer(only(asked._replace(root=tmp_path), instruments=(terrain, column, lagged))).instruments
    assert [i.columns for i in found] == [("relief_x_roads",), ("rd_spending",), ("market_l1",)]
    assert [i.weak is None for i in found] == [False, False, True]
    assert [c.term for c in found[0].estimates["2SLS"].coefficients][:1] == ["market"]
    assert found[1].exclusion == "spending moves nothing else"
    assert found[2].title == "last year"
    with pytest.raises(IntegradeError, match="did you mean 'rd_spending'"):
        answer(only(asked, instruments=(Instruments(builder="column", columns=("rd_spendin",)),)))
    with pytest.raises(IntegradeError, match=r"no file 'releif\.csv'"):
        answer(only(asked._replace(root=tmp_path), instruments=(terrain.model_copy(update={"trait": "releif.csv"}),)))


def edited(finished: Path, folder: Path, old: str, new: str) -> Study:
    text = (finished / "study.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new), encoding="utf-8")
    return load(folder)


def test_sections_refuse_unknown_keys_and_choices(finished: Path, tmp_path: Path) -> None:
    for old, new, near in (
        ("simex = 30", "simexx = 30", "simex"),
        ("randomisation = 199", "randomization = 199", "randomisation"),
        ('ends = ["p5", "p95"]', 'end = ["p5", "p95"]', "ends"),
        ('builder = "neighbour"', 'bilder = "x"', "builder"),
        ("[spillover]", "[spilover]", "spillover"),
    ):
        with pytest.raises(IntegradeError, match=f"did you mean '{near}'"):
            edited(finished, tmp_path, old, new)
    with pytest.raises(UsageError, match="did you mean 'neighbour'"):
        edited(finished, tmp_path, 'builder = "neighbour"', 'builder = "neigbour"')
    with pytest.raises(UsageError):
        edited(finished, tmp_path, "pipeline = 60", "pipeline = -1")
    with pytest.raises(UnknownName, match="did you mean 'seed'"):
        edited(finished, tmp_path, "samples = 10", "seeds = 1")


def test_one_instrument_may_be_a_plain_section(finished: Path, tmp_path: Path) -> None:
    text = (finished / "study.toml").read_text(encoding="utf-8")
    start, end = text.index('[[instruments]]\nbuilder = "neighbour"'), text.index("[row_level]")
    text = (text[:start] + text[end:]).replace('[[instruments]]\nbuilder = "split', '[instruments]\nbuilder = "split')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert [i.builder for i in load(tmp_path).instruments] == ["split_goods"]


def test_published_leaves_them_out_unless_they_say_run(finished: Path, tmp_path: Path) -> None:
    published = edited(finished, tmp_path, 'preset = "sound"', 'preset = "published"')
    assert [name for name in DOUBTS if getattr(published, name).run] == ["noise"]  # verdicts need its correction
    assert [i.run for i in published.instruments] == [False, False]
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(text.replace("[shape]", "[shape]\nrun = true"), encoding="utf-8")
    again = load(tmp_path)
    assert again.section("shape").run
    assert again.section("spillover") is None


def test_template_names_every_key() -> None:
    """Every key of every section of a question stands in its lines of the study that ``integrade new`` writes."""
    for one in questions():
        if one.options is not None:
            keys = [key for key in one.options.model_fields if key != "run"]
            assert [key for key in keys if not re.search(rf"\b{key}\b", one.example)] == [], one.name


def test_settings_and_account_name_what_was_asked(results: StudyResults) -> None:
    assert results.settings["noise.simex"] == "30"
    assert results.settings["instruments.2.builder"] == "neighbour"
    assert any(e.step == "row_level" for e in results.account)


def test_figures_of_a_whole_study_stand_in_the_order_of_their_numbers(folder: Path) -> None:
    text = "".join((folder / "report" / f"{name}.md").read_text(encoding="utf-8") for name in ("report", "appendix"))
    numbers = list(dict.fromkeys(int(n) for n in re.findall(r"Figure (\d+)\. ", text)))  # above and below a picture
    assert len(numbers) > 20
    assert numbers == list(range(1, len(numbers) + 1))
