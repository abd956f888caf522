"""What the report says is true of the study it speaks of: other places, other treatments, other outcomes."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args, get_type_hints

import polars as pl
import pytest

import report_example as example
import situation_example
from each import each
from integrade.errors import NotIdentified
from integrade.estimate.inverted_u import u_test
from integrade.estimate.multiple import Adjusted
from integrade.estimate.results import FitResult
from integrade.integration.options import RelativePrice
from integrade.quality.scale import Standardise
from integrade.report.document import compose
from integrade.report.printed import sentence
from integrade.study.asked import Asked
from integrade.study.config import Regression, Study
from integrade.study.results import units
from integrade.subjects.benchmark.question import described_columns
from integrade.subjects.groups.compare import compare_groups
from integrade.subjects.groups.tables import group_table
from integrade.subjects.inference.randomisation import randomisation
from integrade.subjects.inference.tables import inference_table
from integrade.subjects.row_level.model import RowLevelResult
from integrade.subjects.row_level.question import RowLevel, customs_rows_of
from integrade.subjects.sensitivity.model import Confounder, SensitivityStudy
from integrade.subjects.sensitivity.oster import Oster
from integrade.verdicts import answers, brief, doubts, headline
from integrade.verdicts.bundle import GroupSplit, InferenceStudy, OwnRule, StudyResults
from integrade.verdicts.collected import rules_of
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import place_word, word_of_outcome, word_of_treatment
from panels import panel
from plainwords.texts import ended, listed, messages, say, speaking


def confounder(at: float, statistic: float, value: float, significance: float) -> Confounder:
    return Confounder(
        "market", at, 0.01, 0.001, statistic, 500, 0.1, 1.0, 0.05, value, significance, benchmarks=(), nobs=600
    )


def bound(at: float, full: float) -> Oster:
    return Oster("market", at, ("scale",), full, full, 0.1, 0.2, 0.3, 1.0, full, (), 2.0, full, 2.0, 600)


def renamed(results: StudyResults, variable: str, outcome: str = "quality") -> StudyResults:
    """The study with another treatment or outcome in its benchmark."""

    def other(fit: FitResult) -> FitResult:
        terms = tuple(replace(c, term=c.term.replace("market", variable)) for c in fit.coefficients)
        spreads = tuple(replace(s, variable=variable) for s in fit.spreads)
        return replace(fit, outcome=outcome, coefficients=terms, spreads=spreads)

    columns = [
        replace(c, headline=other(c.headline), u_test=c.u_test and u_test(other(c.headline), variable))
        for c in results.benchmark
    ]
    return replace(results, benchmark=tuple(columns))


def row_level(point: float, firm_point: float) -> RowLevelResult:
    def fit(turns: float) -> FitResult:
        made = example.fit("CR1", {"region": 31}, 2.0)
        linear = -2 * example.B2 * turns
        first = replace(made.coefficients[0], estimate=linear)
        return replace(made, coefficients=(first, *made.coefficients[1:]))

    return RowLevelResult(fit(point), fit(firm_point), {}, example.account())


def test_the_bound_is_of_the_place_where_the_slope_is_clearest() -> None:
    found = SensitivityStudy(
        oster=(bound(3.5, 0.2), bound(4.4, 0.01)),
        confounders=(confounder(3.5, 2.5, 0.1, 0.02), confounder(4.4, -9, 0.3, 0.2)),
    )
    said = " ".join(doubts.sensitivity(example.study(sensitivity=found)))
    assert "at 4.400" in said
    assert "is 0.0100, and the estimate with all controls is 0.0100" in said


def test_a_bound_alone_names_its_place() -> None:
    said = doubts.sensitivity(example.study(sensitivity=SensitivityStudy((bound(3.5, 0.2), bound(4.4, 0.01)), ())))
    assert said == [
        "Where the slope is steepest (at 3.500), Oster's bound for delta = 1 is 0.2000. The estimate with all controls "
        "is 0.2000. A slope of zero requires delta = 2.00. "
        "Delta is the importance of omitted factors relative to the controls."
    ]


@pytest.mark.parametrize(
    ("at", "significance", "errors"),
    [
        (4.05, 0.2, "CR3 (jackknife) standard errors clustered by region (31 clusters)"),
        (3.2, 0.0, "iid standard errors"),
        (3.2, 0.1, ""),
    ],
)
def test_no_significance_is_taken_away_where_there_is_none(at: float, significance: float, errors: str) -> None:
    found = SensitivityStudy((), (confounder(at, 3.0, 0.3, significance),))
    said = " ".join(doubts.sensitivity(example.study(sensitivity=found)))
    assert ("the slope would be insignificant" in said) == (not errors)
    assert (f"With {errors}, this slope is not significant even without an omitted variable" in said) == bool(errors)


def test_rows_come_first_in_coefficients() -> None:
    said = " ".join(doubts.rows(example.study(row_level=row_level(4.1, 3.9))))
    assert "with customs records and" in said


def test_what_makes_rows_differ_from_firm_years_is_computed_or_left_open() -> None:
    """All of a gap of 0.0136 was laid to the mix of products and markets; 0.0002 was."""
    found = row_level(4.1, 3.9)
    b = found.rows["market^2"].estimate
    said = " ".join(doubts.rows(example.study(row_level=found)))
    assert "The two regressions differ in weights" in said
    own = replace(found.rows, coefficients=tuple(replace(c, estimate=b - 0.0136) for c in found.rows.coefficients))
    said = " ".join(doubts.rows(example.study(row_level=replace(found, rows=own, alike={"market^2": b - 0.0138}))))
    assert "-0.0138 comes from weights and sample" in said
    assert "account for 0.0002" in said


def test_rows_speak_of_the_treatment_of_the_study() -> None:
    of_scale = replace(row_level(4.1, 3.9))
    study = renamed(example.study(row_level=of_scale, labels={"scale2": "Size"}), "scale2")
    fits = [renamed(replace(example.study(), benchmark=(example.column("(1)"),)), "scale2").benchmark[0].headline] * 2
    study = replace(study, row_level=replace(of_scale, rows=fits[0], firm_year=fits[1]))
    said = " ".join(doubts.rows(study))
    assert "The coefficient on the square of Size is" in said
    assert "integration" not in said


def test_noise_of_the_index_concerns_a_regression_on_the_index() -> None:
    assert noise_matters(example.study())
    assert not noise_matters(renamed(example.study(), "exposure"))


def test_clustering_by_firm_is_judged_only_for_the_index() -> None:
    assert "All firms of a region share" in " ".join(headline.inference(example.study()))
    others = " ".join(headline.inference(renamed(example.study(), "exposure")))
    assert "All firms of a region share" not in others
    assert "Inference depends on 31 clusters by region" in others


def test_variables_are_called_by_their_words_in_chinese() -> None:
    study = renamed(example.study(), "human_capital", "roa2")
    with speaking("zh"):
        assert word_of_treatment(study) == "人力资本"
        assert word_of_outcome(study) == "roa2"
    assert word_of_treatment(replace(study, labels={"human_capital": "Schooling"})) == "Schooling"


def test_limits_of_quality_are_those_of_a_study_of_quality() -> None:
    assert any("demand equation" in one for one in headline.limits(example.study()))
    assert not any("demand equation" in one for one in headline.limits(renamed(example.study(), "market", "exports")))


def test_a_turning_point_outside_the_data_is_not_where_the_curve_turns() -> None:
    column = example.clear(example.study().benchmark[-1])
    inside = example.study(benchmark=(column,))
    assert column.u_test is not None
    far = replace(column.u_test, turning_point=9.0)
    outside = replace(inside, benchmark=(replace(column, u_test=far),))
    assert "an inverted U with its turning point at" in " ".join(headline.shape(inside))
    said = " ".join(headline.shape(outside))
    assert "market integration = 9.000, lies outside the data" in said
    assert "inverted U" not in said


def test_several_clusters_are_joined_by_and() -> None:
    column = example.column("(1)")
    two = replace(column, headline=replace(column.headline, clusters={"region": 31, "year": 10}))
    numbers = {n.key: n.value for n in brief.numbers(brief.read(example.study(benchmark=(two,))))}
    assert numbers["N"].endswith("(31 clusters by region and 10 clusters by year)")


def test_names_and_clauses_have_their_own_commas_in_chinese() -> None:
    with speaking("zh"):
        assert listed(["食品", "衣着"], "comma") == "食品、衣着"
        assert listed(["甲 p = 0.1", "乙 p = 0.2"], "clauses") == "甲 p = 0.1，乙 p = 0.2"
    assert listed(["a", "b"], "clauses") == "a, b"


@each(
    ("given", "printed"),
    [
        ("Trade lifts quality", "Trade lifts quality."),
        ("Trade lifts quality.", "Trade lifts quality."),
        ("贸易提高质量", "贸易提高质量。"),
        ("贸易提高质量。", "贸易提高质量。"),
        ('It says "yes."', 'It says "yes."'),
        ("", ""),
    ],
)
def test_a_sentence_of_a_user_ends_once(given: str, printed: str) -> None:
    assert ended(given) == printed


def split(cluster: str | None) -> GroupSplit:
    table = panel(3, firms=120).with_columns(kind=pl.col("industry").cast(pl.String) == "1")
    table = table.with_columns(kind=pl.when("kind").then(pl.lit("a")).otherwise(pl.lit("b")))
    found = compare_groups(table, "y ~ market + scale | region + year", "kind", cluster=cluster, permutations=0)
    return GroupSplit("column", "kind", found)


def test_p_is_adjusted_only_over_several_splits() -> None:
    one = split("region")
    family = (Adjusted("kind", 0.01, 0.01, 0.01, 0.01), Adjusted("area", 0.02, 0.02, 0.02, 0.02))
    alone = answers.groups(example.study(groups=(one,), group_family=family[:1]))
    both = answers.groups(example.study(groups=(one,), group_family=family))
    assert "p = 0.010" in alone[0]
    assert "Holm" not in alone[0]
    assert "Holm-adjusted" in both[0]


@pytest.mark.parametrize("cluster", ["region", None])
def test_groups_share_clusters_where_there_are_some(cluster: str | None) -> None:
    notes = " ".join(group_table(split(cluster)).notes)
    assert ("clusters that groups share" in notes) == bool(cluster)
    assert "one regression in which all regressors" in notes


def test_a_treatment_among_the_extra_columns_is_described_once() -> None:
    chosen = Regression(outcome="quality", treatment="rd", controls=["scale", "invint"])
    assert described_columns(["quality", "rd", "scale", "invint"], chosen) == ["quality", "rd", "scale", "invint"]


TRANSFORMS = get_args(get_type_hints(RelativePrice)["transform"])


def test_the_unit_of_the_index_is_that_of_the_index_of_prices() -> None:
    assert "market" not in units(transform=None, standardise="minmax_trim")
    told = [units(transform=t, standardise="minmax_trim")["market"] for t in TRANSFORMS]
    assert len(set(told)) == len(told)


def test_the_unit_of_quality_is_that_of_how_it_was_standardised() -> None:
    told = {s: str(units(transform=None, standardise=s)["quality"]) for s in get_args(Standardise)}
    assert told["minmax"] == told["minmax_trim"] == told["rank"] == "0 to 1"
    assert told["zscore"] == "standard deviations"
    assert told["none"] == "log points"


def test_the_chapter_on_quality_is_called_after_its_outcome() -> None:
    own, other = (situation_example.study(), renamed(situation_example.study(), "market", "exports"))
    titles = [[s.title for part in compose(r).parts for s in part.sections if s.key == "quality"] for r in (own, other)]
    assert titles == [["Export quality over time"], ["The outcome over time"]]


def test_rows_are_asked_of_quality_alone() -> None:
    study = Study.model_construct(regression=Regression(outcome="value", treatment="market"))
    with pytest.raises(NotIdentified, match="value is not the quality of customs rows"):
        customs_rows_of(Asked(study, pl.DataFrame(), "value ~ market"), RowLevel())


def test_the_permutation_speaks_of_the_label_of_the_treatment() -> None:
    found = randomisation(panel(8, regions=6), "y ~ market | firm + year", permutations=9, vcov="CR1")
    table = inference_table(example.column("(1)"), InferenceStudy(found, None), {"market": "Integration"})
    assert any("Integration has no effect" in note for note in table.notes)
    with speaking("zh"):
        chinese = inference_table(example.column("(1)"), InferenceStudy(found, None))
        assert any("市场一体化对任何观测都没有影响" in note for note in chinese.notes)


def test_a_claim_and_an_exclusion_end_once() -> None:
    own = OwnRule("H9", "Trade lifts quality", "inverted_u")
    rules = {
        r.hypothesis: r.statement
        for r in rules_of(example.study(hypotheses=(own, replace(own, name="H8", claim="So."))))
    }
    assert (rules["H9"], rules["H8"]) == ("Trade lifts quality.", "So.")
    assert (sentence("roads move nothing else."), sentence("roads")) == ("Roads move nothing else.", "Roads.")


@pytest.mark.parametrize(
    ("key", "values", "one", "many"),
    [
        (
            "models_fit.not-nested",
            {"effect": "firm", "clusters": "region", "share": "1%"},
            "1 firm fixed effect (1%) covers",
            "2 firm fixed effects (1%) cover",
        ),
        ("models_mediation.movers-split", {}, "1 additional effect", "2 additional effects"),
        ("answers.changes-not-made", {}, "1 variant could", "2 variants could"),
        ("models_inference.null-with-fixed", {"treatment": "x"}, "1 region that", "2 regions that"),
    ],
)
def test_one_is_not_several(key: str, values: dict[str, str], one: str, many: str) -> None:
    (count,) = messages("en", key.split(".")[0])[key.split(".")[1]] - set(values)
    assert one in say(key, **values, **{count: 1})
    assert many in say(key, **values, **{count: 2})


@each("name,said", [("北京市", "Beijing"), ("内蒙古", "Inner Mongolia"), ("吉林市", "吉林市"), ("Jiangsu", "Jiangsu")])
def test_a_province_has_its_name_in_the_language_of_the_report(name: str, said: str) -> None:
    assert place_word(name) == said


def test_regions_of_the_index_without_a_row_in_the_regression_are_counted() -> None:
    study = example.study()
    assert "have no observations in the regression" not in " ".join(headline.summary(study))
    more = replace(study, index=replace(study.index, n_regions=33))
    assert "2 of the 33 regions have no observations in the regression." in headline.summary(more)
