"""What can be read in a figure: names whole, letters that stand out from what they are on, a band for every line."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from altair.utils import schemapi
from hypothesis import given
from hypothesis import strategies as st

import report_example as example
import situation_example
from integrade.geography import PROVINCES, built_in
from integrade.records.schema import INDUSTRIES
from integrade.report import style
from integrade.report.contents import all_figures
from integrade.report.figures import WORDS, map_figure, ranking_figure, trend_figure, waterfall_figure
from integrade.report.model_figures import inference_figure
from integrade.report.panels import panels, round_values
from integrade.report.style import DARK, GRID, INK, SERIES, contrast, even_lines, in_lines, letters_on, shade, untitled
from integrade.study.results import places_in
from integrade.subjects.situation.figures import industries_figure, past_map_figure, trends_figure
from integrade.subjects.situation.figures_trust import noise_figure
from integrade.verdicts.bundle import IndexPoint, Placed, StudyResults
from integrade.verdicts.naming import member_word
from integrade.wording.sheet import width
from plainwords.account import Account, Entry
from plainwords.texts import speaking

PAPER = {"light": "#ffffff", "dark": "#0f1419"}  # --paper of page/style.css
READ = 4.5  # WCAG 2.2, level AA, letters of less than 18 points
SEEN = 3  # WCAG 2.2, level AA, lines and points
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
BLIND = {
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "neither": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
TO_XYZ = np.array(((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)))
WHITE_POINT = np.array((0.9505, 1.0, 1.089))


def rows_of(chart: Any) -> list[dict[str, Any]]:
    spec = chart.to_dict(validate=False)
    return [row for rows in spec["datasets"].values() for row in rows]


def marks_of(chart: Any, kind: str) -> list[dict[str, Any]]:
    return [one for one in chart.to_dict(validate=False)["layer"] if one["mark"]["type"] == kind]


def test_no_channel_is_a_text_for_which_altair_searches_its_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """This search took half of the time in which a report is composed."""
    searched = list[object]()
    monkeypatch.setattr(schemapi._FromDict, "__init__", lambda _, classes: searched.append(classes))
    figures = all_figures(situation_example.study())
    assert len(figures) > 5
    assert not searched


# Colours


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the usual example of what just fails
    assert contrast("#0b5cad", "#0b5cad") == 1


@given(st.floats(0, 1))
def test_letters_on_a_tile_are_read_whatever_its_value(share: float) -> None:
    assert contrast(letters_on(shade(share)), shade(share)) >= READ


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_words_is_read_on_the_page_and_letters_on_a_grey_tile_are(scheme: str) -> None:
    seen = DARK if scheme == "dark" else {}
    for colour in (INK, style.MUTED, style.BLUE, style.ORANGE):
        assert contrast(seen.get(colour, colour), PAPER[scheme]) >= READ
    for colour in SERIES:
        assert contrast(seen.get(colour, colour), PAPER[scheme]) >= SEEN
    assert contrast(seen.get(INK, INK), seen.get(GRID, GRID)) >= READ


def lab(colour: str, sight: str) -> np.ndarray:
    """A colour in CIE L*a*b* as somebody with this sight sees it."""
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ np.clip(np.array(BLIND[sight]) @ linear, 0, 1) / WHITE_POINT)
    return np.array((116 * y - 16, 500 * (x - y), 200 * (y - z)))


def test_lines_are_told_apart_by_readers_who_see_no_red_or_no_green() -> None:
    """A difference of 20 in L*a*b* is seen at a glance; below 10 two lines look alike."""
    for colours in (SERIES, [DARK[c] for c in SERIES]):
        for sight in BLIND:
            for one, other in combinations(colours, 2):
                assert np.linalg.norm(lab(one, sight) - lab(other, sight)) > 20, (one, other, sight)


def test_letters_of_maps_have_the_colour_that_is_read_on_their_tile() -> None:
    chart = map_figure(example.index())
    rows = [r for r in rows_of(chart) if "ink" in r]
    low, high = (pick(r["integration"] for r in rows) for pick in (min, max))
    assert len({r["ink"] for r in rows}) == 2
    for r in rows:
        assert contrast(r["ink"], shade((r["integration"] - low) / (high - low))) >= READ
    test = example.column("(2)").u_test
    assert test is not None
    past = replace(test, share_past_by_region={"Beijing": 0.0, "Tibet": 0.53, "Hebei": 1.0})
    shares = [r for r in rows_of(past_map_figure(past)) if "ink" in r]
    everywhere = replace(past, share_past_by_region={q.english: 0.5 for q in PROVINCES})
    said = [" ".join(str(past_map_figure(t).to_dict()["title"]).split()) for t in (past, everywhere)]
    assert ["Grey: no observation" in text for text in said] == [True, False]
    assert all(contrast(r["ink"], shade(r["share"])) >= READ for r in shares)
    scales = [one["encoding"]["color"]["scale"] for one in marks_of(chart, "rect") if "scale" in str(one["encoding"])]
    assert [s["interpolate"] for s in scales if "interpolate" in s] == ["rgb"]  # what `shade` computes


# Names


@given(st.text(st.sampled_from("ab -,(中文市)"), max_size=90), st.integers(6, 40))
def test_lines_have_every_letter_and_are_no_wider_than_asked(text: str, wide: int) -> None:
    lines = in_lines(text, wide)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= wide for line in lines)


LONG = "Enterprises of the autonomous region with investment from Hong Kong, Macao and Taiwan"


def with_long_names(study: StudyResults) -> StudyResults:
    """A study in which everything that a figure names has a long name."""
    index = study.index
    points = tuple(replace(p, region=f"{p.region} and the rural districts around it") for p in index.points)
    terms = ("market", "quality", "scale", "age", "roa", "state", "non_state", "labour_intensive", "capital_intensive")
    labels = {**study.labels, **{t: f"{t} of {LONG}" for t in terms}}
    labels |= {str(code): f"{code} {LONG}" for code in range(10, 50)}
    lost = Account((Entry("read", "firms", "in", LONG, 9), Entry("read", "firms", "dropped", LONG, 4)))
    account = study.account + lost
    return replace(study, index=replace(index, points=points), labels=labels, account=account)


@pytest.mark.parametrize("pixels", [588, 330])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_name_in_a_figure_is_cut(pixels: int, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "PRINTED_WIDTH", pixels)
    study = situation_example.study()
    truth = example.study().truth
    with speaking(language):
        drawn = all_figures(with_long_names(replace(study, truth=truth)))
        assert len(drawn) > 10
        for name, chart in drawn.items():
            picture = untitled(style.drawing(name, 1, chart))
            assert "…" not in style.image(picture, "svg").decode(), name


def test_words_above_a_bar_fit_on_a_phone_and_every_bar_has_its_place() -> None:
    account = Account((Entry("read", "firms", "in", LONG, 100), Entry("read", "firms", "dropped", LONG, 40)))
    chart = waterfall_figure(account)
    lines = [r["line"] for r in rows_of(chart) if "line" in r]
    assert all(width(line) <= WORDS for line in lines)
    assert "".join("".join(lines).split()).count("".join(LONG.split())) == 3
    bars = [r for r in rows_of(chart) if "above" in r]
    assert all(a["below"] < b["above"] for a, b in pairwise(bars))
    assert bars[-1]["below"] < chart.to_dict(validate=False)["height"]


def test_titles_of_axes_break_where_the_figure_is_no_longer() -> None:
    trends = situation_example.study().situation
    assert trends is not None
    assert trends.trends is not None
    chart = trends_figure(trends.trends, "ownership", {"quality": LONG}, "standard deviations").to_dict(validate=False)
    titles = [layer["encoding"]["y"]["title"] for layer in chart["layer"] if "title" in layer["encoding"]["y"]]
    assert any(isinstance(t, list) for t in titles)
    for lines in titles:
        assert all(width(line) * 6.1 <= chart["height"] for line in ([lines] if isinstance(lines, str) else lines))
    assert any("standard" in " ".join(t) for t in titles if isinstance(t, list))


@pytest.mark.parametrize("code", ["MY", "EU2"])
def test_letters_are_no_wider_than_their_tile_at_any_width(code: str) -> None:
    where = built_in()[code]
    names = [r.name for r in where.regions]
    points = tuple(IndexPoint(name, 2000, 0.01, 1.0 + i, None) for i, name in enumerate(names))
    chart = map_figure(replace(example.index(), points=points, places=places_in(where, names)))
    sizes = [one["mark"]["fontSize"] for one in marks_of(chart, "text")]
    places = places_in(where, names)
    columns, longest = max(p.column for p in places) + 1, max(width(p.label) for p in places)
    expression = next(s["expr"] for s in sizes if isinstance(s, dict))
    for pixels in (330, 560, 640, 1100):
        size = eval_size(expression, pixels)
        assert size == 0 or 5.5 <= size <= 12
        assert 0.68 * longest * size <= pixels / columns
    assert eval_size(expression, 1100) >= 9


def eval_size(expression: str, pixels: int) -> float:
    """``a < 5.5 ? 0 : b`` as Vega reads it."""
    condition, _, rest = expression.partition(" ? ")
    no, _, yes = rest.partition(" : ")
    known = {"width": pixels, "min": min, "max": max, "containerSize": lambda: (pixels, 0)}
    return float(eval(no if eval(condition, known) else yes, known))


def test_industries_have_the_names_of_the_classification_that_the_study_says() -> None:
    labels = {INDUSTRIES: "GB/T 4754-2002"}
    assert member_word("two_digit", "37", labels) == "Transport equipment"
    assert member_word("two_digit", "37", {INDUSTRIES: "GB/T 4754-2011"}).startswith("Railway, ship")
    assert member_word("two_digit", "37", labels | {"37": "Cars"}) == "Cars"
    assert member_word("two_digit", "38", labels) == "38"  # the edition of 2002 has no such division
    assert member_word("two_digit", "37", {}) == "37"
    assert member_word("area", "37", labels) == "37"
    with speaking("zh"):
        assert member_word("two_digit", "37", labels) == "交通运输设备制造业"
    trends = situation_example.study().situation
    assert trends is not None
    assert trends.trends is not None
    codes = [c for c in trends.trends.changes if c.by == "two_digit"]
    named = rows_of(industries_figure(trends.trends, labels))
    assert {r["group"] for r in named if "group" in r} == {member_word("two_digit", c.group, labels) for c in codes}


# Bands and axes


def test_every_line_of_groups_has_its_band() -> None:
    found = situation_example.study().situation
    assert found is not None
    assert found.trends is not None
    for by in {p.by for p in found.trends.points if p.by and p.by != "two_digit"}:
        groups = {p.group for p in found.trends.points if p.by == by and p.std_error is not None}
        assert len(marks_of(trends_figure(found.trends, by), "area")) == len(groups) + 1
    index = example.index()
    errors = tuple(replace(p, se_integration=0.1) for p in index.trend)
    every = {p.series for p in index.trend}
    drawn = trend_figure(replace(index, trend=errors))
    assert len(marks_of(drawn, "area")) == len(every)


def test_every_line_has_a_panel_of_its_own_with_the_line_of_all_behind_it() -> None:
    names, years = ["all", "a", "b", "c", "d"], range(2001, 2006)
    rows = [{"series": n, "year": y, "v": i + 0.1 * y} for i, n in enumerate(names) for y in years]
    drawn = panels(rows, names, "v", y_title="y", x_title="x", tips=[])
    lines = marks_of(drawn.chart, "line")
    spec = drawn.chart.to_dict(validate=False)
    behind, own = (spec["datasets"][line["data"]["name"]] for line in lines)
    boxes = {n: {(int(r["x"] // 1.16), int(r["y"] // 1.32)) for r in own if r["series"] == n} for n in names}
    assert boxes == {"all": {(0, 1)}, "a": {(1, 1)}, "b": {(2, 1)}, "c": {(0, 0)}, "d": {(1, 0)}}
    assert {(r["series"], r["panel"]) for r in behind} == {("all", at) for at in range(1, 5)}
    shared = {(r["year"], r["v"]): r["y"] % 1.32 for r in own if r["series"] == "all"}
    assert all(shared[r["year"], r["v"]] == pytest.approx(r["y"] % 1.32) for r in behind)  # one scale in all panels


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.00137), (-3.2, 4.1), (0.48, 0.66), (1234.0, 1250.0)])
def test_an_axis_of_round_values_holds_all_values(low: float, high: float) -> None:
    values = round_values(low, high)
    assert values[0] <= low
    assert high <= values[-1]
    assert 4 <= len(values) <= 8


def test_coefficients_are_drawn_with_zero() -> None:
    chart = inference_figure(example.column("(2)"), "market").to_dict(validate=False)
    assert any(layer["encoding"].get("x", {}).get("field") == "zero" for layer in chart["layer"])


def test_lines_are_about_as_long_as_each_other() -> None:
    said = "Change of integration: 0.5 ln(1/S), squared log points"
    lines = even_lines(said, style.ACROSS)
    assert " ".join(lines) == said
    assert len(lines) == 2
    assert max(map(len, lines)) - min(map(len, lines)) < 8
    assert even_lines("通信设备、计算机及其他电子设备制造业", 32) == ["通信设备、计算机及", "其他电子设备制造业"]


def test_shares_above_bars_are_left_to_the_tooltip_where_bars_are_narrow() -> None:
    found = situation_example.study().situation
    assert found is not None
    chart = noise_figure(found, example.index())
    size = next(one["mark"]["fontSize"] for one in marks_of(chart, "text"))
    assert eval_size(size["expr"], 20 * len({r["year"] for r in rows_of(chart)})) == 0


def outline(west: float, south: float) -> tuple[tuple[tuple[float, float], ...], ...]:
    return (((west, south), (west + 1, south), (west + 1, south + 1), (west, south + 1), (west, south)),)


def test_islands_overseas_do_not_make_a_map_small_and_are_named() -> None:
    near = [(f"r{i}{j}", outline(5.0 + i, 45.0 + j)) for i in range(4) for j in range(4)]
    with_islands = ("r00", outline(5.0, 45.0) + outline(55.0, -21.0))
    every = [with_islands, *near[1:], ("Guyane", outline(-53.0, 4.0))]
    places = tuple(Placed(name, name, i, 0, rings) for i, (name, rings) in enumerate(every))
    points = tuple(IndexPoint(name, 2000, 0.01, 1.0 + i, None) for i, (name, _) in enumerate(every))
    chart = map_figure(replace(example.index(), points=points, places=places))
    spec = chart.to_dict(validate=False)
    assert "Guyane" in str(spec["title"])
    shapes = {r["region"]: r["geometry"]["coordinates"] for r in rows_of(chart) if r.get("type") == "Feature"}
    assert set(shapes) == {name for name, _ in near}
    assert len(shapes["r00"]) == 1  # the ring that is near
    corners = [at for rings in shapes.values() for polygon in rings for at in polygon[0]]
    assert min(y for _, y in corners) >= 45


def test_a_long_ranking_shows_both_ends_and_says_of_how_many() -> None:
    points = tuple(IndexPoint(f"region {i:03}", 2000, 0.01, float(i), None) for i in range(90))
    chart = ranking_figure(replace(example.index(), points=points))
    shown = [r["region"] for r in rows_of(chart) if "region" in r]
    assert shown == [f"region {i:03}" for i in (*range(89, 69, -1), *range(19, -1, -1))]
    assert "The 20 at each end of 90 regions" in str(chart.to_dict(validate=False)["title"])


def test_a_saved_figure_breaks_its_title_and_subtitle_into_lines() -> None:
    """A longer line would be wider than the figure and squeeze what is drawn."""
    svg = style.image(map_figure(example.index()), "svg").decode()
    places = set(re.findall(r'<text text-anchor="middle" transform="translate\(([\d.]+),', svg))
    assert len(places) > 10, "tiles stand in columns of their own"
