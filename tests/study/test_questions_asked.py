"""A study that asks what a referee asks: lags, mediators, groups and robustness, from study.toml to every format."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import docx
import polars as pl
import pytest

import integrade as ig
import report_example as example
from integrade.cli import run
from integrade.errors import IntegradeError, UnknownName, UsageError
from integrade.report.layouts import each_in_two
from integrade.report.printed import PrintedTable
from integrade.study.asked import Asked, options_of
from integrade.study.asking import index_series
from integrade.study.config import Study
from integrade.study.printed import all_tables
from integrade.study.reading import load
from integrade.study.sections import choices_of
from integrade.study.stored_results import results_from, results_json
from integrade.subjects import questions
from integrade.subjects.groups.question import Groups
from integrade.subjects.groups.verdict import differ
from integrade.subjects.mediation import question as mediation_question
from integrade.subjects.mediation.mediate import Mediation
from integrade.subjects.robustness.question import Robustness
from integrade.subjects.robustness.tables import robustness_table
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.collected import verdicts
from integrade.verdicts.naming import mediation_numbers
from studies import answer, run_folder

pytestmark = pytest.mark.slow

QUESTIONS = ("5", "6", "7", "8", "9", "10", "11", "A2")


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
    """The study with the rows of its benchmark regression."""
    rows = pl.read_parquet(folder / "tables" / "panel.parquet").drop_nulls(["quality", "market", "roa", "fic"])
    study = load(finished)
    return Asked(study, rows, results.benchmark[-1].headline.formula, index_series(study, folder / "tables"))


def table(results: StudyResults, number: str) -> PrintedTable:
    return next(t for t in all_tables(results) if t.place == number)


def row(printed: PrintedTable, label: str) -> tuple[str, ...]:
    return next(cells for cells in printed.cells() if cells[0] == label)


@pytest.mark.parametrize("number", QUESTIONS)
def test_every_table_has_the_same_numbers_in_every_format(results: StudyResults, folder: Path, number: str) -> None:
    printed = table(results, number)
    report = folder / "report"
    cells = [c for line in printed.cells() for c in line if re.search(r"\d", c)]
    assert len(cells) > 20
    split = zip((t.place for t in all_tables(results)), each_in_two(all_tables(results)), strict=True)
    other = dict(split)[number][1]
    names = [printed.number, *([other.number] if other is not None else [])]
    assert len(names) == (1 if number == "A2" else 2)  # what a journal prints, and what it leaves out
    word = [docx.Document(str(report / "tables" / f"table{n}.docx")).tables[0] for n in names]
    in_word = {re.sub("[\u2212\u2013]", "-", cell.text) for one in word for line in one.rows for cell in line.cells}
    assert [c for c in cells if c not in in_word] == []
    tex = "".join((report / "tables" / f"table{n}.tex").read_text(encoding="utf-8") for n in names)
    inputs = "".join((report / f"{name}.tex").read_text(encoding="utf-8") for name in ("report", "appendix"))
    assert rf"\input{{tables/table{printed.number}}}" in inputs
    page = (report / "report.html").read_text(encoding="utf-8")
    block = page[page.index(f'id="table{printed.number}"') :].split("</table>")[0]
    in_page = unescape(re.sub(r"<[^>]+>", "", block))
    numbers = {n for c in cells for n in re.findall(r"\d[\d,]*\.?\d*", c)}
    assert [n for n in numbers if n not in tex] == []
    assert [n for n in numbers if n not in in_page] == []
    whole = [p for name in ("report", "appendix") for p in docx.Document(str(report / f"{name}.docx")).paragraphs]
    assert any(p.text.startswith(f"Table {printed.number}. ") for p in whole)


def test_page_has_words_under_each_heading(folder: Path) -> None:
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    for key, words in (
        ("lags", "placebo"),
        ("mediation", "both paths and their product are significant at 5%"),
        ("groups-in-one", "Holm-adjusted"),
        ("checks", "variants of Table A2"),
    ):
        section = page[page.index(f'<section id="{key}"') :].split("</section>")[0]
        assert f'<a href="#{key}">' in page
        assert words in section.split("<table")[0]


def test_lags_are_those_of_the_python_function_on_the_benchmark(
    results: StudyResults, asked: Asked, folder: Path
) -> None:
    assert results.lags is not None
    how = options_of(asked.study.regression)
    index = pl.read_parquet(folder / "tables" / "integration.parquet").rename({"integration": "market"})
    want = ig.lag_table(asked.sample, asked.formula, fit=how, series=index.select("region", "year", "market"))
    assert results.lags.alone[0].fit.nobs == results.benchmark[-1].headline.nobs
    for shift in (1, 2, 3):
        assert results.lags.alone[shift].joint.p_value == pytest.approx(want[shift].joint.p_value, rel=1e-9)
    printed = table(results, "5")
    heads = printed.columns[1:]
    assert len(heads) == 8
    assert row(printed, "What is lagged")[1:] == (
        *["Market"] * 3,
        *["treatment and controls"] * 3,
        "Market, all lags",
        "Market, lags and leads",
    )
    assert [bool(c) for c in row(printed, "Market (t-2)")[1:]] == [False, True, False, False, True, False, True, True]
    assert [bool(c) for c in row(printed, "Scale (t-3)")[1:]] == [False] * 5 + [True, False, False]
    assert [bool(c) for c in row(printed, "Market (t+1)")[1:]] == [False] * 7 + [True]
    placebo = results.lags.alone.placebo
    assert placebo is not None
    assert placebo.future is not None
    assert row(printed, "Later years: joint p (placebo)")[8] == f"{placebo.future.p_value:.4f}"


def test_mediation_follows_the_papers_layout_with_the_verdict_under_it(results: StudyResults, asked: Asked) -> None:
    how = options_of(asked.study.regression)
    want = ig.mediate(asked.sample, asked.formula, "human_capital", Mediation(fit=how, draws=200))
    found = results.mediation[0]
    assert found.mediators[0].b.estimate == pytest.approx(want.mediators[0].b.estimate, rel=1e-9)
    assert found.mediators[0].indirect[0].conf_low == pytest.approx(want.mediators[0].indirect[0].conf_low, rel=1e-9)
    printed = table(results, "6")
    assert printed.columns == ("", "(1) Quality", "(2) Human capital", "(3) Quality")
    labels = [cells[0] for cells in printed.cells() if cells[0]]
    assert labels[:3] == ["Market", "Human capital", "Market²"]
    alone = replace(results, verdicts=())
    (first, *_) = mediation_question.tables(alone)
    assert first.notes[0].startswith("Mediation by human capital: ")
    judged = any("Mediation by human capital: " in v.sentence for v in results.verdicts)
    assert printed.notes[0].startswith("Mediation by human capital: ") is not judged, "the verdict is said once"
    assert "the total effect minus the direct effect equals the product" in " ".join(printed.notes).lower()
    assert table(results, "7").columns[2] == "(2) R&D"


def test_groups_show_the_test_of_the_difference_in_the_table(results: StudyResults) -> None:
    split = results.groups[0]
    joint = split.comparison.joint[0]
    printed = table(results, "8")
    assert printed.columns == ("", "(1) Not state-owned", "(2) State-owned", "(1)-(2)")
    assert row(printed, "All terms: p")[3] == f"{joint.test.p_value:.4f}"
    assert row(printed, "All terms: permutation p")[3] == f"{joint.p_permutation:.4f}"
    assert not any(r.cells[0] == "All terms: Holm p" for r in printed.rows)  # one pair, nothing to adjust over
    family = {a.name: a for a in results.group_family}
    assert len(family) == 4
    assert row(printed, "Joint test")[3] == f"{family[split.title].p_holm:.4f}*"
    difference = split.comparison.difference("market", "non_state", "state")
    got = row(printed, "Market")[3]
    assert got.rstrip("*") == f"{difference.estimate:.4f}"
    assert got.count("*") == sum(difference.p_holm < level for level in (0.1, 0.05, 0.01))
    assert table(results, "11").columns[1:] == ("(1) Central", "(2) East", "(3) West", "(1)-(2)", "(1)-(3)", "(2)-(3)")
    assert "not exchangeable" in " ".join(table(results, "10").notes)


def test_a_star_within_a_group_decides_nothing(results: StudyResults) -> None:
    """Stars of differences come from Holm's p: the same difference loses them when its adjusted p is large."""
    comparison = results.groups[0].comparison
    weak = tuple(replace(d, p_holm=0.4) for d in comparison.differences)
    changed = replace(results.groups[0], comparison=replace(comparison, differences=weak))
    assert "*" not in row(table(replace(results, groups=(changed,)), "8"), "Market")[3]


def test_robustness_starts_from_the_headline(results: StudyResults) -> None:
    fit = results.benchmark[-1].headline
    baseline = results.robustness[0]
    assert (baseline.b2, baseline.nobs) == (fit["market^2"].estimate, fit.nobs)
    printed = robustness_table(results.robustness, "market", {})
    assert row(printed, "baseline")[1] == f"{fit['market'].estimate:.4f} ({fit['market'].std_error:.4f})"
    assert sum(r.kind != "panel" for r in printed.rows) == len(results.robustness)


def test_verdicts_are_rules_over_what_was_tested(results: StudyResults) -> None:
    found = {v.hypothesis: v for v in results.verdicts}
    assert set(found) == {"H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8"}
    assert found["H3"].outcome == "not supported"
    assert any("Holm-adjusted over 4 splits" in part.sentence for part in found["H4"].parts)
    m = results.mediation[0]
    for senses, outcome in (
        (("rises and raises", "open", "open"), "supported"),
        (("open", "open", "falls and raises"), "contradicted"),
        (("rises and raises", "open", "falls and raises"), "not supported"),
        (("open", "open", "open"), "not supported"),
    ):
        places = tuple(replace(i, sense=s) for i, s in zip(m.mediators[0].indirect, senses, strict=True))
        changed = replace(m, mediators=(replace(m.mediators[0], indirect=places),), corrected=None)
        as_printed = replace(results, noise=None, groups=(), mediation=(changed,))
        judged = verdicts(as_printed)
        assert [v.outcome for v in judged if v.hypothesis.startswith("H2")] == [outcome]


def test_difference_needs_the_permutation_and_the_adjusted_p(results: StudyResults) -> None:
    split = results.groups[0]

    def judged(p_permutation: float, p_holm: float, p_wild: float = 0.01) -> bool:
        joint = (replace(split.comparison.joint[0], p_permutation=p_permutation),)
        family = (replace(results.group_family[0], p_holm=p_holm),)
        changed = replace(split, comparison=replace(split.comparison, joint=joint, overall_p_wild=p_wild))
        return differ(replace(results, groups=(changed,), group_family=family), changed)

    assert judged(0.01, 0.01)
    assert not judged(0.2, 0.01)
    assert not judged(0.01, 0.2)
    assert not judged(0.01, 0.01, 0.2)


def test_truth_stands_beside_groups_and_mediators(results: StudyResults) -> None:
    truth = {t.parameter: t for t in results.truth}
    for term in ("market", "market^2"):
        assert truth[f"{term} of state-owned firms"].truth == 0
        assert truth[f"{term} of firms that are not state-owned"].truth == pytest.approx(truth[term].truth)
    share = truth["share of the curvature through human_capital"]
    assert share.truth == 0.2
    assert share.oracle == pytest.approx(0.2, abs=0.1)  # 900 firms: about two standard errors of the oracle's share
    assert truth["effect of rd"].truth == 0
    assert truth["difference in market^2, 2004-2008 minus 2009-2013"].truth == 0
    assert all(truth[t].note for t in truth)


def test_show_and_json_survive(results: StudyResults, finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results_json(results_from(results_json(results))) == results_json(results)
    for number in QUESTIONS:
        assert run(["show", f"table{number}", str(finished)]) == 0
    assert "Market" in capsys.readouterr().out
    assert all(f.spreads == () for s in results.groups for f in (s.comparison.stacked, s.comparison.groups[0].fit))


def test_settings_and_account_name_what_was_asked(results: StudyResults) -> None:
    assert results.settings["lags.lags"] == "1, 2, 3"
    assert results.settings["groups.1.by"] == "ownership"
    assert results.settings["mediation.mediators"] == "human_capital, rd"
    assert results.settings["robustness.leave_out"] == "region, year, industry"  # a default of the function
    periods = next(i for i, s in enumerate(results.groups, start=1) if s.how == "period")
    assert results.groups[periods - 1].comparison.permuted is None
    assert f"groups.{periods}.permutations" not in results.settings  # none was drawn
    assert "groups.1.permutations" in results.settings
    assert "groups.1.capital" not in results.settings  # of a split by factor intensity
    assert any(e.step == "groups" and e.reason.startswith("ownership_group: rows") for e in results.account)


def test_settings_leave_out_what_counts_for_another_choice() -> None:
    assert {"capital", "labour"} <= choices_of(Groups(by="industry", how="intensity")).keys()
    assert not {"capital", "labour", "file"} & choices_of(Groups(by="area")).keys()
    few = choices_of(Robustness(checks=["winsor"]))
    assert few == {"checks": ["winsor"], "winsor": ((1, 99), (2.5, 97.5), (5, 95))}


def with_groups(asked: Asked, *groups: Groups) -> Asked:
    """The study with these groups and no other question."""
    nothing = {q.name: () if q.several else None for q in questions() if q.options is not None}
    return asked._replace(study=asked.study.model_copy(update={**nothing, "groups": groups}))


def test_what_the_data_do_not_allow_becomes_a_warning(asked: Asked) -> None:
    """A later period of one year has no variation within firms; the rest of the study goes on."""
    late = Groups(by="year", how="period", first_of_later=2013)
    found = answer(with_groups(asked, late, Groups(by="ownership", how="ownership", permutations=0)))
    assert [s.how for s in found.groups] == ["ownership"]
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("Groups by year are not reported: ")
    assert (found.lags, found.mediation, found.robustness) == (None, (), ())


def test_a_split_that_is_left_out_is_called_by_its_title(asked: Asked) -> None:
    late = Groups(by="year", how="period", first_of_later=2013, title="late")
    (said,) = answer(with_groups(asked, late)).warnings
    assert said.startswith("Groups by year (late) are not reported: ")


def test_a_wrong_column_of_a_split_is_a_usage_error(asked: Asked) -> None:
    with pytest.raises(IntegradeError, match="did you mean 'ownership'"):
        answer(with_groups(asked, Groups(by="owership", how="ownership")))


def without_questions(text: str) -> str:
    start = text.index("# The sections below are optional")
    return text[:start] + text[text.index("[report]") :]


def edited(finished: Path, folder: Path, old: str, new: str) -> Study:
    text = (finished / "study.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new), encoding="utf-8")
    return load(folder)


def test_sections_are_optional_and_refuse_unknown_keys(finished: Path, tmp_path: Path) -> None:
    text = (finished / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(without_questions(text), encoding="utf-8")
    bare = load(tmp_path)
    assert (bare.lags, bare.mediation, bare.groups, bare.robustness) == (None, None, (), None)
    with pytest.raises(UnknownName, match="did you mean 'how'"):
        edited(finished, tmp_path, 'how = "ownership"', 'hwo = "ownership"')
    with pytest.raises(UnknownName, match="did you mean 'leads'"):
        edited(finished, tmp_path, "leads = [1]", "lead = [1]")
    for old, new in (
        ("lags = [1, 2, 3]", "lags = [0]"),
        ('how = "area"', 'how = "areas"'),
        ('mediators = ["human_capital", "rd"]', "mediators = []"),
    ):
        with pytest.raises(UsageError):
            edited(finished, tmp_path, old, new)


def test_published_preset_moves_the_lag_table_and_the_path_to_the_mediator(finished: Path, tmp_path: Path) -> None:
    published = edited(finished, tmp_path, 'preset = "sound"', 'preset = "published"')
    assert published.lags is not None
    assert (published.lags.on, published.lags.include_square) == ("both", False)
    assert published.mediation is not None
    assert (published.mediation.a_path, published.mediation.interval) == ("linear", "monte_carlo")
    sound = load(finished)
    assert sound.lags is not None
    assert sound.lags.on == "regressor"


def test_published_study_runs_and_labels_its_lag_table(asked: Asked, results: StudyResults) -> None:
    study = asked.study.model_copy(
        update={
            "preset": "published",
            "groups": [],
            "robustness": None,
            "regression": asked.study.regression.model_copy(
                update={"cluster": None, "vcov": "iid", "wild": 0, "ssc": "xtreg", "singletons": "keep"}
            ),
            "lags": asked.study.lags.model_copy(update={"on": "both", "include_square": False}),  # type: ignore[union-attr]
            "mediation": asked.study.mediation.model_copy(  # type: ignore[union-attr]
                update={"a_path": "linear", "interval": "monte_carlo"}
            ),
        }
    )
    found = answer(asked._replace(study=study))
    printed = all_tables(replace(results, lags=found.lags, mediation=found.mediation))
    lags = next(t for t in printed if t.number == "5")
    assert lags.columns[1:4] == ("(1) Quality (t-1)", "(2) Quality (t-2)", "(3) Quality (t-3)")
    assert len(lags.columns) == 7
    assert "No column shows an effect of the past on the present" in " ".join(lags.notes)
    six = next(t for t in printed if t.number == "6")
    assert row(six, "Market²")[2] == ""
    assert "while the product of the paths is" in " ".join(six.notes)


def test_numbers_beyond_the_papers(results: StudyResults) -> None:
    many = replace(results, mediation=results.mediation * 2)
    assert mediation_numbers(many) == ["6", "7", "7b", "7c"]
    numbers = [t.number for t in all_tables(replace(many, groups=results.groups + results.groups[:1]))]
    first = numbers.index("5")
    assert numbers[first : first + 10] == ["5", "6", "7", "7b", "7c", "8", "9", "10", "11", "12"]
    assert len(set(numbers)) == len(numbers)


def test_without_questions_no_table_and_no_section() -> None:
    bare = example.study()
    assert not {t.place for t in all_tables(bare)} & set(QUESTIONS)
    assert [v.hypothesis.split(":")[0] for v in verdicts(bare)] == ["H1"]


def test_deflated_accounts_stand_in_the_panel(new_study: Path, tmp_path: Path) -> None:
    from integrade.study.run import Request, run_study

    shutil.copytree(new_study, tmp_path, dirs_exist_ok=True)
    study = tmp_path / "study.toml"
    text = study.read_text(encoding="utf-8")
    assert "# [deflators]" in text
    years = range(2004, 2014)
    prices = pl.DataFrame({"year": years, "output_price": [100 * 1.1**i for i in range(len(years))]})
    prices.write_csv(tmp_path / "raw" / "deflators.csv")
    section = '[deflators]\nfiles = ["raw/deflators.csv"]\nbase = 2005\noutput = ["assets"]\ninputs = []\n\n'
    study.write_text(text.replace("[integration]", section + "[integration]", 1), encoding="utf-8")
    outcome = run_study(tmp_path, Request(to="panel"), tell=lambda _: None)
    assert outcome is not None
    panel = pl.read_parquet(outcome.folder / "tables" / "panel.parquet").filter(pl.col("assets").is_not_null())
    wanted = panel["assets"] / 1.1 ** (panel["year"] - 2005)
    assert panel["real_assets"].to_list() == pytest.approx(wanted.to_list(), rel=1e-12)
    assert panel.height > 100
