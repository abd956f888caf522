"""Figures, verdicts and the page: what is drawn, what is said, and that nothing leaves the page."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import report_example as example
from each import each
from integrade.errors import Coverage, EmptyTable, UnknownName, UsageError
from integrade.estimate.inverted_u import UTest, curve, u_test
from integrade.report.contents import all_figures
from integrade.report.document import Front, Made, shaped
from integrade.report.figures import map_figure, ranking_figure, segmentation_interval, trend_figure, waterfall_figure
from integrade.report.model_figures import curve_figure, inference_figure, share_figure, truth_figure
from integrade.report.self_contained import by_columns
from integrade.report.style import DARK, Chart, bare_spec, save_figure, spread_labels, title_of
from integrade.report.tables import all_tables
from integrade.study.printed import compose, render_html, write_report
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.shape.bins import Bin, Binning
from integrade.subjects.truth.model import Truth
from integrade.verdicts import headline as words
from integrade.verdicts.against import against
from integrade.verdicts.bundle import Index, IndexPoint, StudyResults
from integrade.verdicts.collected import verdicts
from integrade.verdicts.named_rules import Finding, Rule
from plainwords.account import Account, Entry
from plainwords.texts import speaking
from report_readers import unpacked


@pytest.fixture(scope="module")
def study() -> StudyResults:
    return example.study()


@pytest.fixture(scope="module")
def page(study: StudyResults) -> str:
    return render_html(study)


def rows_of(chart: Chart, layer: int) -> list[dict[str, Any]]:
    """The rows of one layer, wherever Altair has put them."""
    spec = chart.to_dict()
    data = spec["layer"][layer].get("data") or spec["data"]
    return data["values"] if "values" in data else spec["datasets"][data["name"]]


# Figures


@pytest.mark.parametrize(
    ("transform", "undo"),
    [
        ("log_inverse_sqrt", lambda m: math.exp(-2 * m)),
        ("neg_log", lambda m: math.exp(-m)),
        ("inverse_sqrt", lambda m: m**-2),
        ("inverse", lambda m: 1 / m),
    ],
)
def test_band_of_segmentation_is_the_interval_of_integration_carried_back(transform: str, undo) -> None:
    """METHODS 1.3 and 1.5: the interval is m +/- t(K - 1) se; t(9) = 2.262157."""
    forward = {
        "log_inverse_sqrt": lambda s: -0.5 * math.log(s),
        "neg_log": lambda s: -math.log(s),
        "inverse_sqrt": lambda s: s**-0.5,
        "inverse": lambda s: 1 / s,
    }[transform]
    index = replace(example.index(), transform=transform, n_goods=10)
    s, se = 0.0003, 0.02 * forward(0.0003)
    low, high = segmentation_interval(index, s, se)  # type: ignore[misc]
    m, half = forward(s), 2.2621571628 * se
    assert low == pytest.approx(undo(m + half), rel=1e-9)  # t to 11 digits
    assert high == pytest.approx(undo(m - half), rel=1e-9)
    assert low < s < high


def test_no_band_where_it_cannot_be_computed() -> None:
    index = example.index()
    assert segmentation_interval(index, 0.0003, None) is None
    assert segmentation_interval(index, 0.0, 0.1) is None
    assert segmentation_interval(replace(index, transform="none"), 0.0003, 0.1) is None
    assert segmentation_interval(replace(index, transform="inverse"), 0.0003, 1e9) is None


def test_trend_title_is_made_from_what_is_drawn() -> None:
    """AUDIT row 11: the paper's caption said integration over a figure of segmentation."""
    index = example.index()
    kept = tuple(p for p in index.trend if p.series in ("nation", "East") and p.year > 2005)
    chart = trend_figure(replace(index, trend=kept))
    assert title_of(chart)[0] == "Market segmentation by year, 2006-2013: Nation, East"
    assert {
        r["series"] for at in range(len(chart.to_dict()["layer"])) for r in rows_of(chart, at) if "series" in r
    } == {"Nation", "East"}
    no_error = tuple(replace(p, se_integration=None) for p in kept)
    assert "Bands" not in title_of(trend_figure(replace(index, trend=no_error)))[1]  # no band is promised


def test_labels_at_the_line_ends_do_not_collide() -> None:
    places = spread_labels([0.10, 0.11, 0.105, 0.9], 0.05)
    gaps = np.diff(sorted(places))
    assert min(gaps) >= 0.05 - 1e-12  # rounding of sums
    assert np.argsort(places).tolist() == [0, 2, 1, 3]
    assert sum(places) == pytest.approx(sum([0.10, 0.11, 0.105, 0.9]))


def test_ranking_draws_jackknife_intervals_and_leaves_out_missing_values() -> None:
    index = example.index()
    points = tuple(replace(p, integration=math.nan) if p.region == "Tibet" else p for p in index.points)
    rows = rows_of(ranking_figure(replace(index, points=points)), 0)
    assert len(rows) == 30
    one = next(p for p in index.points if p.region == "Beijing" and p.year == 2013)
    row = next(r for r in rows if r["region"] == "Beijing")
    assert row["high"] - row["integration"] == pytest.approx(2.2621571628 * one.se_integration, rel=1e-9)


def test_map_needs_provinces_and_finds_them_by_any_name() -> None:
    index = example.index()
    chinese = {"Beijing": "北京市", "Tibet": "西藏"}
    points = tuple(replace(p, region=chinese.get(p.region, p.region)) for p in index.points)
    chart = map_figure(replace(index, points=points))
    rows = rows_of(chart, 0)
    assert len(rows) == 310
    assert {r["code"] for r in rows if r["region"] in chinese} == {"北京", "西藏"}
    assert len({(r["row"], r["column"]) for r in rows}) == 31
    assert chart.to_dict()["params"][0]["bind"]["max"] == 2013
    foreign = Index("neg_log", 1, 5, (), (), (IndexPoint("Bavaria", 2004, 0.1, 2.0, None),))
    with pytest.raises(Coverage):
        map_figure(foreign)


def test_waterfall_follows_the_rows_that_are_left() -> None:
    account = Account(
        (
            Entry("read", "firms", "in", "rows", 1000),
            Entry("conform", "firms", "dropped", "no year", 100),
            Entry("clip", "firms", "clipped", "roa", 50),
            Entry("merge", "firms", "merged", "twins", 400),
            Entry("fit", "firms", "out", "left", 500),
            Entry("read", "whole", "in", "rows", 310),
        )
    )
    rows = rows_of(waterfall_figure(account), 1)
    assert [(r["start"], r["end"], r["colour"]) for r in rows] == [
        (0.0, 1.0, "rows"),
        (0.9, 1.0, "lost"),
        (0.5, 0.9, "lost"),
        (0.0, 0.5, "rows"),
    ]
    with pytest.raises(EmptyTable):
        waterfall_figure(Account())


def test_rows_of_another_unit_are_shares_of_their_own_and_every_series_ends_with_what_is_left() -> None:
    account = Account(
        (
            Entry("quality", "quality", "out", "rows", 300),
            Entry("assemble", "quality", "dropped", "exports without accounts", 30),
            Entry("row_level", "quality", "in", "customs rows", 4000),
            Entry("row_level", "quality", "dropped", "firm not in the panel", 1000),
            Entry("row_level", "quality", "out", "rows in the regression", 3000),
        )
    )
    chart = waterfall_figure(account)
    rows = rows_of(chart, 1)
    assert [(r["start"], r["end"], r["rows"]) for r in rows] == [
        (0.0, 1.0, 300),
        (0.9, 1.0, 30),
        (0.0, 0.9, 270),
        (0.0, 1.0, 4000),
        (0.75, 1.0, 1000),
        (0.0, 0.75, 3000),
    ]
    assert rows[0]["label"] == "Quality: 300 made (rows)"
    assert rows[2]["label"] == "Quality: 270 left (rows)"
    assert "merged" not in str(chart.to_dict(validate=False)["title"])


def _curve(test: UTest) -> Chart:
    fit = example.fit("CR3", {"region": 31}, 2.6)
    return curve_figure(curve(fit, "market"), test, fit.spreads[0])


def test_curve_shows_the_turning_point_its_interval_and_where_the_data_lie() -> None:
    test, fit = example.column("(2)").u_test, example.fit("CR3", {"region": 31}, 2.6)
    assert test is not None
    chart = _curve(test)
    assert rows_of(chart, 0) == [{"a": test.fieller_low, "b": test.fieller_high}]
    counts = sum(row["rows"] for row in rows_of(chart, 3))
    assert counts == float(example.spread().counts.sum())
    assert rows_of(chart, 4)[0]["x"] == test.turning_point
    assert "observations lie past" not in title_of(_curve(test))[1]  # a turn that no test established has no share
    established = curve_figure(curve(fit, "market"), test, fit.spreads[0], established=True)
    assert "65.2% of observations" in title_of(established)[1]


@pytest.mark.parametrize(
    ("kind", "low", "high", "areas"),
    [
        ("two_rays", 3.5, 4.4, [(3.165, 3.5), (4.4, 4.732)]),
        ("line", None, None, [(3.165, 4.732)]),
        ("interval", 1.0, 4.0, [(3.165, 4.0)]),
    ],
)
def test_fieller_areas_are_cut_at_the_data(kind, low, high, areas) -> None:
    base = example.column("(2)").u_test
    assert base is not None
    test = replace(base, fieller_kind=kind, fieller_low=low, fieller_high=high)
    assert [(r["a"], r["b"]) for r in rows_of(_curve(test), 0)] == areas


def test_a_turning_point_outside_the_data_is_not_drawn() -> None:
    base = example.column("(2)").u_test
    assert base is not None
    marks = [layer["mark"]["type"] for layer in _curve(replace(base, turning_point=9.0)).to_dict()["layer"]]
    assert "text" not in marks


def test_inference_figure_has_one_interval_per_covariance() -> None:
    rows = rows_of(inference_figure(example.column("(2)"), "market"), 1)
    assert [r["name"] for r in rows] == [
        "iid",
        "clustered by firm, CR1",
        "clustered by region, CR1",
        "clustered by region, CR3 (main result)",
    ]
    widths = [r["high"] - r["low"] for r in rows]
    assert widths[-1] == max(widths)
    with pytest.raises(UnknownName, match="did you mean 'market'"):
        inference_figure(example.column("(2)"), "markt")


def test_share_and_truth_figures() -> None:
    test = example.column("(2)").u_test
    assert test is not None
    rows = rows_of(share_figure(test), 0)
    assert [r["share"] for r in rows] == [test.share_past_by_year[str(y)] for y in example.YEARS]
    figure = truth_figure(
        (
            Truth("a", 2.0, 1.0, 4.0, 3.0, 5.0),
            Truth("b", 0.0, 0.0, 1.0, 0.5, 1.5),
            Truth("c", 1.0, None, 0.9, None, None),
        )
    )
    drawn = rows_of(figure, 1)
    assert "Not drawn: one interval of parameters whose true value is zero" in str(figure.to_dict()["title"])
    assert drawn == [{"name": "A", "estimate": 2.0, "oracle": 0.5, "low": 1.5, "high": 2.5}]


@each("n", [2, 7, 8, 14, 15, 22])
def test_the_label_of_all_years_hides_no_bar(n: int) -> None:
    """It stands over the lowest of the bars below it: high, low, low, low, high ..."""
    test = example.column("(2)").u_test
    assert test is not None
    shares = {str(2000 + i): 0.1 if n // 2 <= i < n // 2 + 3 else 0.9 for i in range(n)}
    chart = share_figure(replace(test, share_past=0.5, share_past_by_year=shares)).to_dict()
    label = chart["layer"][2]
    [row] = chart["datasets"][label["data"]["name"]]
    left = int(row["year"]) - 2000 + label["encoding"]["x"]["bandPosition"] - min(1 + (n - 1) // 7, 3) / 2
    right = 2 * (int(row["year"]) - 2000 + label["encoding"]["x"]["bandPosition"]) - left
    below = [share for i, share in enumerate(shares.values()) if i < right and i + 1 > left]
    assert max(below) < 0.5


def test_figures_are_left_out_where_their_records_are_absent(study: StudyResults) -> None:
    full = all_figures(study)
    assert list(full) == ["curve", "trend", "ranking", "map", "inference1", "inference2", "share", "truth", "waterfall"]
    bare = replace(study, truth=(), benchmark=(Column("(1)", example.fit("iid", {}, 1.0)),))
    assert list(all_figures(bare)) == ["trend", "ranking", "map", "waterfall"]


def test_specifications_are_valid_json_and_use_only_colours_with_a_dark_twin(study: StudyResults) -> None:
    kept = {"#e4eef8", "#08417b", "#ffffff", "#000000"}  # map tiles look the same on both pages
    for chart in all_figures(study).values():
        text = json.dumps(bare_spec(chart), allow_nan=False)
        assert set(re.findall(r"#[0-9a-fA-F]{6}\b", text)) <= set(DARK) | kept
        assert "http" not in text
        assert bare_spec(chart)["width"] == "container"


def test_figures_are_written_without_a_browser(tmp_path: Path, study: StudyResults) -> None:
    chart = share_figure(study.benchmark[-1].u_test)  # type: ignore[arg-type]
    assert save_figure(chart, tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    svg = save_figure(chart, tmp_path / "a.svg").read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert "All years 65.2%" in svg
    with pytest.raises(UsageError, match="no figure format"):
        save_figure(chart, tmp_path / "a.gif")


# Verdicts


def judged(test: UTest | None, **changes: object) -> tuple[str, str]:
    fit = replace(example.fit("CR3", {"region": 31}, 2.6), **changes)  # type: ignore[arg-type]
    found = verdicts(example.study(benchmark=(Column("(1)", fit, u_test=test),)))[0]
    return found.outcome, " ".join((found.sentence, *(part.sentence for part in found.parts)))


def test_verdict_prints_the_numbers_it_rests_on() -> None:
    outcome, sentence = judged(example.column("(2)").u_test)
    assert outcome == "not supported"  # no part establishes the rise from p5 to p95
    for number in ("4.045", "[3.404, 4.346]", "0.0161", "0.0111", "cannot establish"):
        assert number in sentence


def test_verdict_warns_of_standard_errors_that_ignore_clusters() -> None:
    fit = example.fit("iid", {}, 1.0)
    assert "reject too often" in judged(u_test(fit, "market"), kind="iid", clusters={}, wild=())[1]


def test_another_rule_can_be_judged(study: StudyResults) -> None:
    rule = Rule("H9", "There are regions.", lambda r: Finding("supported", f"{r.index.n_regions} regions."))
    assert verdicts(study, [rule])[0].sentence == "31 regions."


# The page


class Reader(HTMLParser):
    """Tags, ids and references of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_page_is_self_contained_and_small(page: str) -> None:
    assert len(page.encode()) < 1_600_000
    reader = Reader()
    reader.feed(page)
    for tag, attributes in reader.tags:
        assert "src" not in attributes, tag
        assert tag not in ("link", "iframe", "object", "img")
        assert not any(name.startswith("on") for name in attributes), "no inline handlers under the policy"
        if tag == "a":
            assert (attributes["href"] or "").startswith("#")


def test_policy_names_exactly_the_scripts_of_the_page(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert re.findall(r"'sha256-([^']+)'", policy) == digests
    assert len(digests) == 5  # Vega, what is drawn and copied, how the page is read, lineage, explorer


def test_every_link_and_label_of_the_page_has_its_target_once(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    ids = [a["id"] for _, a in reader.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    targets = {(a.get("href") or "")[1:] for t, a in reader.tags if t == "a"}
    labels = {a["aria-labelledby"] for _, a in reader.tags if "aria-labelledby" in a}
    assert targets | labels <= set(ids)
    assert all(a.get("aria-label") for t, a in reader.tags if a.get("role") in ("img", "region"))


def test_page_escapes_what_comes_from_the_study() -> None:
    evil = "</script><script>alert(1)</script>"
    study = example.study(title=evil, warnings=(evil,), settings={evil: evil}, labels={"market": evil})
    text = render_html(study)
    assert text.count("<script>") == 5
    assert text.count("</script>") == 5 + 7  # figures, their look, tables, dark colours, words, lineage, explorer
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in text


def test_page_has_its_sections_in_order(page: str) -> None:
    paper = ["data", "measures", "sample", "benchmark", "against", "limits", "references"]
    details = ["hypotheses", "index", "effect", "shape"]
    appendices = ["trust", "truth", "rules", "account", "settings", "files", "warnings"]
    order = ["answer", "explorer", *paper, *details, *appendices]
    assert re.findall(r'<section (?:class="box" )?id="(\w+)"', page) == order
    for number in ("1", "2", "3", "4", "A1", "A2", "B1", "B2", "B3"):
        assert page.count(f'id="table{number}"') == 1
    assert page.index('id="table1"') > page.index('id="chart-trend"')


def test_sections_without_results_are_left_out(study: StudyResults) -> None:
    text = render_html(replace(study, truth=(), provenance=()))
    assert 'id="truth"' not in text
    assert 'href="#files"' not in text


def test_copied_tables_are_those_that_are_shown(page: str) -> None:
    block = re.search(r'<script type="application/json" id="tables">(.*?)</script>', page, flags=re.DOTALL)
    tables = unpacked(json.loads(block.group(1)))  # type: ignore[union-attr]
    assert "Market & 0.0534{**}" in tables["4"]["tex"]
    assert "Market,b,0.0534**" in tables["4"]["csv"]


def test_words_follow_the_numbers() -> None:
    index = example.index()
    assert "mostly noise" in words.trust(index)[0]
    assert (
        "Differences between regions within a year contain little noise"
        in words.trust(replace(index, spearman_brown=0.9))[0]
    )
    clustered = words.inference(example.study())
    assert "31 clusters by region" in clustered[0]
    naive = example.study(benchmark=(Column("(1)", example.fit("iid", {}, 1.0)),))
    assert "too small" in words.inference(naive)[0]
    assert words.shape(naive) == []
    assert any("No instrument" in line for line in words.limits(example.study()))
    assert "1 of 3 intervals" in words.truth(example.study())[0]
    study = example.study()
    assert len(words.summary(study)) == 4
    assert "Export quality is the residual of a demand equation" in words.summary(study)[2]
    other = replace(study, settings={**study.settings, "quality.method": "unit_value"})
    assert "residual" not in " ".join([*words.summary(other), *words.limits(other)])


def test_a_study_without_benchmark_still_prints() -> None:
    text = render_html(example.study(benchmark=(), truth=()))
    assert "Not tested" not in text  # no hypothesis is judged of what is not there
    assert "Objections to the results" in text
    assert "The strongest objection: " in text
    assert 'id="benchmark"' not in text


# Files


@pytest.mark.slow
def test_report_writes_every_format(tmp_path: Path, study: StudyResults) -> None:
    written = write_report(study, tmp_path / "report")
    names = {str(p.relative_to(tmp_path / "report")) for p in written}
    assert written[0].name == "report.html"
    assert {
        "report.html",
        "report.docx",
        "report.tex",
        "record.json",
        "tables/table1.tex",
        "tables/table4.docx",
        "tables/tableB1.tex",
        "figures/trend.svg",
        "figures/curve.png",
    } <= names
    assert names == {str(p.relative_to(tmp_path / "report")) for p in (tmp_path / "report").rglob("*") if p.is_file()}
    inputs = re.findall(r"\\input\{(.*?)\}", (tmp_path / "report" / "report.tex").read_text(encoding="utf-8"))
    assert {f"{name}.tex" for name in inputs} <= names


def test_formats_can_be_chosen_and_wrong_ones_are_explained(tmp_path: Path, study: StudyResults) -> None:
    with pytest.raises(UnknownName, match="did you mean 'docx'"):
        write_report(study, tmp_path, formats=("doc",))
    assert not list(tmp_path.iterdir())


def test_page_and_documents_are_the_same_bytes_twice(page: str, study: StudyResults) -> None:
    assert render_html(study) == page


def test_the_curve_has_binned_means_and_the_true_curve_beside_it() -> None:
    test, fit = example.column("(2)").u_test, example.fit("CR3", {"region": 31}, 2.6)
    assert test is not None
    points = curve(fit, "market")
    bins = (Bin(3.5, 0.2, 100), Bin(4.2, -1.0, 90))
    plain = curve_figure(points, test, fit.spreads[0]).to_dict()
    chart = curve_figure(points, test, fit.spreads[0], bins=bins, truth=[(3.2, 0.0), (4.5, 0.1)])
    layers = len(plain["layer"])
    assert [(r["x"], r["y"], r["rows"]) for r in rows_of(chart, layers)] == [(3.5, 0.2, 100.0), (4.2, -1.0, 90.0)]
    assert rows_of(chart, layers + 1) == [{"x": 3.2, "y": 0.0}, {"x": 4.5, "y": 0.1}]
    subtitle = title_of(chart)[1]
    assert "binned means, net of the fixed effects" in subtitle
    made = tuple(replace(b, low=b.y - 0.5, high=b.y + 2.5, units=40) for b in bins)
    rule = Binning(4, by_rule=True, joined=2, level=0.95, kind="CR3")
    units = {"market": "log points", "quality": "0..1"}
    drawn = curve_figure(points, test, fit.spreads[0], bins=made, binning=rule, units=units)
    assert [(r["low"], r["high"]) for r in rows_of(drawn, layers)] == [(-0.3, 2.7), (-1.5, 1.5)]
    assert "means in 2 bins" in title_of(drawn)[1]
    assert "Cattaneo et al. (2024)" in title_of(drawn)[1]
    assert "2 bins with fewer than 10 firms, or absorbed by the fixed effects, are merged" in title_of(drawn)[1]
    axes = json.dumps(drawn.to_dict()["layer"])
    assert "Market integration (log points)" in axes
    assert "Export quality (0..1): difference from its value at mean market integration" in axes.replace('", "', " ")
    corrected = curve_figure(points, test, fit.spreads[0], bins=made, binning=rule, corrected=True)
    assert "Points: binned means, not corrected for noise" in title_of(corrected)[1]
    assert "Cattaneo" not in title_of(corrected)[1]
    scale = drawn.to_dict()["layer"][1]["encoding"]["y"]["scale"]["domain"]
    assert scale[0] < -1.5
    assert scale[1] > 2.7  # every interval is within the figure
    assert "true quality" in subtitle
    assert chart.to_dict()["layer"][0]["encoding"]["x"]["scale"] == plain["layer"][0]["encoding"]["x"]["scale"]


def test_a_folded_section_says_what_it_holds(study: StudyResults) -> None:
    """Its first sentence is its finding. Without a sentence it counts its tables and figures."""
    made, page = compose(study), render_html(study)
    found = dict(re.findall(r'<h2 id="h-([\w-]+)">[^<]*</h2> <span class="finding">(.*?)</span></summary>', page))
    counted = dict(re.findall(r'<h2 id="h-([\w-]+)">[^<]*</h2> <span class="inside[^"]*">([^<]*)</span>', page))
    sections = [s for part in made.parts for s in part.sections]
    with_sentence = {s.key for s in sections if isinstance(s.blocks[0], str)} | {"hypotheses"}  # by outcome
    assert with_sentence == set(found)
    assert {s.key for s in sections} - with_sentence >= set(counted)
    for section in (s for s in sections if s.key in counted):
        kinds = Counter(type(b).__name__ for b in section.blocks)
        for kind, word in (("PrintedTable", "table"), ("Drawing", "figure")):
            assert (f"{kinds[kind]} {word}" in counted[section.key]) == (kinds[kind] > 0), section.key
    assert sum(s.findings for s in sections) <= len(against(study))


def test_no_sentence_of_a_report_is_printed_twice(study: StudyResults) -> None:
    made = compose(study)
    said = Counter(str(b) for part in made.parts for s in part.sections for b in s.blocks if isinstance(b, str))
    assert [text for text, n in said.items() if n > 1] == []


def test_a_shape_prints_the_brief_a_paper_or_a_paper_with_appendices(study: StudyResults) -> None:
    made = compose(study, front=Front("A. Author", "2026-12-02"))
    short, paper, full = shaped(made, "brief"), shaped(made, "paper"), shaped(made, "full")
    assert list(short) == list(paper) == ["report"]
    assert list(full) == ["report", "appendix"]
    assert short["report"].parts == ()
    assert str(made.brief.answer) in [str(b) for b in short["report"].blocks()]
    assert [t.number for t in paper["report"].tables()] == ["1", "2", "3", "4"]
    assert full["report"].tables() == paper["report"].tables()
    both = [t.number for document in full.values() for t in document.tables()]
    assert {t.number for t in made.tables()} - set(both) == {"B2", "B3"}  # settings and files are in record.json
    assert paper["report"].byline == "A. Author, 2026-12-02"
    assert full["appendix"].contents


def test_an_abstract_of_the_author_leaves_the_answer_where_it_is(study: StudyResults) -> None:
    own = shaped(compose(study, front=Front(abstract="My abstract.")), "paper")["report"]
    composed = shaped(compose(study), "paper")["report"]
    assert own.abstract == "My abstract."
    assert own.brief.answer
    assert composed.brief.answer == ""
    assert str(own.brief.answer) in composed.abstract


def test_columns_of_data_are_named_once_in_a_page() -> None:
    rows = [{"a": 1, "b": None}, {"a": 2, "b": 3}, {"a": 4}, {"a": 5, "b": 6}]
    kept = by_columns(rows)
    assert [dict(zip(names, line, strict=True)) for names, lines in kept for line in lines] == rows
    assert [len(lines) for _, lines in kept] == [2, 1, 1]


def test_a_section_of_a_plugin_refers_to_a_table_that_was_printed_before() -> None:
    tables = {t.place or t.number: t for t in all_tables(example.study())}
    made = Made(tables, {})
    left = made.without([tables["4"]])
    assert left.table("4") == []
    assert replace(left, refers=True).table("4", "2") == ["Table 4 is printed in an earlier section.", tables["2"]]
    assert replace(left, refers=True).table("99") == []


@each("preset", ["sound", "published"])
@each("asked", ["lags", "mediation", "groups", "robustness", "shape"])
def test_a_result_that_is_asked_for_and_lacks_is_named_in_the_report(preset: str, asked: str) -> None:
    """Markdown, Word and PDF have no list of warnings, so that a missing table was in none of them."""
    why = "Groups by ownership are not reported: too few clusters."
    document = compose(replace(example.study(), preset=preset, left_out={asked: (why,)}))
    sections = [s for part in document.parts for s in part.sections if why in s.blocks]
    assert [s.key for s in sections] == [asked]
    told = [text for s in sections for block in s.blocks for text in ([block] if isinstance(block, str) else [])]
    assert told.count(why) == 1


@each("language", ["en", "zh"])
def test_the_folded_section_of_hypotheses_lists_them_by_outcome(language: str) -> None:
    with speaking(language):
        text = render_html(example.study())
    line = re.search(r'id="h-hypotheses">.*?<span class="finding">(.*?)</span>', text)
    assert line is not None
    assert not re.search(r"\.[:：]", line[1])
    assert sorted(re.findall(r"H\d", line[1])) == [v.hypothesis for v in verdicts(example.study())]
