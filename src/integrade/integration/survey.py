"""Measure integration from opinions: weighted Likert scores with sampling error and reliability (METHODS 2.4)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from integrade.engine.exact import total_of, variance_of
from integrade.engine.frames import Data, collect, give_back, place
from integrade.errors import OutOfRange, UnknownName, UsageError, counted, did_you_mean, option, without_rows
from integrade.records.catalogue import choose, measure
from integrade.records.schema import column_word, conform
from plainwords.account import Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "survey_score", "integration"
CELL = ("region", "year")


@dataclass(frozen=True)
class SurveyScore:
    """Options of `survey_score` (METHODS 2.4).

    Parameters
    ----------
    lowest
        The lowest point of the scale.
    highest
        The highest point of the scale; the score is the mean answer divided by it.
    high_means
        The meaning of a high answer: integration, or segmentation (answers are then reversed: lowest + highest -
        score).
    items
        Mapping from each item to its weight; equal weights if not given. The weights are scaled to sum to one.
    weighted
        Whether the column ``weight`` of the respondents is used, if there is one.
    """

    lowest: float = 1
    highest: float = 5
    high_means: Literal["integration", "segmentation"] = "integration"
    items: dict[str, float] | None = None
    weighted: bool = True


@measure(
    family="integration",
    needs=("survey",),
    key=("region", "year"),
    adds={
        "integration": "share of the highest point of the scale, 0..1",
        "se_integration": "as integration",
        "alpha": "Cronbach's alpha",
        "response_rate": "share of the answers asked for",
        "n_respondents": "respondents with an answer",
        "n_asked": "respondents listed",
        "n_complete": "respondents with all answers",
    },
    options=SurveyScore,
    cite="Development Research Center of the State Council (2004); Cronbach (1951)",
)
def survey_score(survey: Data, options: SurveyScore | None = None, **changes: Any) -> Data:
    """Compute the weighted Likert score of a survey by region and year, with its sampling error and reliability.

    Formula:
        integration = sum over items q of w_q m_q / highest, m_q = sum_r weight_r x_rq / sum_r weight_r over the
        respondents r who answered q, where w_q are the weights of the items (sum 1). se: linearised, with respondents
        as the sampling units within the region: u_r = sum_q w_q weight_r (x_rq - m_q) / sum weight, variance = n/(n-1)
        sum u_r^2 / highest^2. alpha = K/(K-1) (1 - sum_q var_q / var of the sum), over respondents with all answers,
        unweighted. response_rate = answers / (respondents listed x items).

    Missing values:
        A missing score is a question that was not answered. It lowers the response rate, and the mean of the item is
        taken over those who answered it. If no respondent of a region and year answered an item, integration is missing
        there, and this is counted. Rows without a weight are dropped and counted. se is missing if there is only one
        respondent. alpha is missing with one item, with fewer than two complete respondents, or if the sums of all
        complete respondents are equal.

    Args:
        survey: any frame with respondent, region, year, item, score (, weight).
        options: a `SurveyScore`; single options may be given or changed by name.
        **changes: options by name, for example ``high_means='segmentation'``.

    Returns:
        One row per region, year, sorted: integration, se_integration, alpha, response_rate, n_respondents, n_asked,
        n_complete. Same kind of frame as the input.

    Raises:
        OutOfRange: a score is outside the scale (the row is named).
        UnknownName, UsageError: an item that has a weight has no answers, an item has no weight, weights are not
        positive, or the scale is empty.
        Problems, MissingColumn, NotANumber, DuplicateKeys, EmptyTable: see `integrade.records.schema.conform`.

    Reference:
        Development Research Center of the State Council (2004); Cronbach (1951, Psychometrika). METHODS 2.4.

    Example:
        >>> import polars as pl
        >>> survey = pl.DataFrame({"respondent": ["a", "a", "b", "b"], "region": ["X"] * 4, "year": [2004] * 4,
        ...                        "item": ["barriers", "permits"] * 2, "score": [4.0, 5, 2, 3]})
        >>> survey_score(survey).select("integration", "se_integration", "alpha").row(0)
        (0.7, 0.2, 1.0)
    """
    import polars as pl

    chosen = choose(SurveyScore, options, changes)
    conformed = conform(survey, "survey")
    rows = collect(conformed.frame)
    weight = pl.col("weight") if "weight" in rows.columns and chosen.weighted else pl.lit(1.0)
    rows = rows.select("respondent", *CELL, "item", "score", weight=weight)
    whole = rows.drop_nulls("weight")
    lost = rows.height - whole.height
    account = conformed.account + (
        [Entry(STEP, "survey", "dropped", say("account.missing", column=column_word("weight")), lost)] if lost else []
    )
    if not 0 <= chosen.lowest < chosen.highest:
        raise UsageError(
            f"a scale from {chosen.lowest:g} to {chosen.highest:g} has no points",
            remedy=f"give {option('lowest', 1)}, {option('highest', 5)}",
        )
    outside = whole.filter(~pl.col("score").is_between(chosen.lowest, chosen.highest)).sort(*CELL, "respondent")
    if outside.height:
        first = outside.row(0, named=True)
        least, most = (f([bound, *outside["score"]]) for f, bound in ((min, chosen.lowest), (max, chosen.highest)))
        raise OutOfRange(
            f"{counted(outside.height, 'score')} outside the scale {chosen.lowest:g}..{chosen.highest:g}",
            example=", ".join(f"{name}={first[name]}" for name in ("score", "respondent", *CELL, "item")),
            remedy=f"correct the answers, or state the scale: {option('lowest', math.floor(least))}, "
            f"{option('highest', math.ceil(most))}",
        )
    answers = whole.sort(*CELL, "respondent", "item").join(_item_weights(whole, chosen), on="item", how="left")
    if chosen.high_means == "segmentation":
        answers = answers.with_columns(score=chosen.lowest + chosen.highest - pl.col("score"))
    result = _scores(answers, chosen.highest).join(_alpha(answers), on=CELL, how="left").sort(*CELL)
    result = result.select(
        *CELL, "integration", "se_integration", "alpha", "response_rate", "n_respondents", "n_asked", "n_complete"
    )
    counts = [
        (result["integration"].null_count(), say("integration.item-without-answer")),
        (int((result["n_respondents"] < 2).sum()), say("integration.two-respondents")),
        (result["alpha"].null_count(), say("integration.no-alpha")),
    ]
    account += [Entry(STEP, TABLE, "warning", say("account.of-rows", n=n, what=reason), n) for n, reason in counts if n]
    settings = say(
        "integration.settings-of-survey",
        low=f"{chosen.lowest:g}",
        high=f"{chosen.highest:g}",
        high_means=say(f"integration.means-{chosen.high_means}"),
        weights=say("integration.weights-equal" if chosen.items is None else "integration.weights-given"),
        weighted=str(chosen.weighted),
    )
    account += [Entry(STEP, TABLE, "note", settings, 0), Entry(STEP, TABLE, "out", say("account.rows"), result.height)]
    return give_back(place(result, conformed.frame), survey, name=TABLE, account=account)


def _item_weights(rows: pl.DataFrame, options: SurveyScore) -> pl.DataFrame:
    import polars as pl

    items = rows["item"].unique().sort().to_list()
    weights: Mapping[str, float] = dict.fromkeys(items, 1.0) if options.items is None else options.items
    unknown = [name for name in weights if name not in items]
    if unknown:
        raise UnknownName(f"no answers to item {unknown[0]!r}", remedy=did_you_mean(unknown[0], items))
    forgotten = [name for name in items if name not in weights]
    if forgotten or any(not w > 0 for w in weights.values()):
        raise UsageError(
            f"item {forgotten[0]!r} has no weight" if forgotten else "the weights of items must be positive",
            remedy="weigh every item above zero"
            + (f", or leave the others out: {without_rows('item', *forgotten)}" if forgotten else ""),
        )
    total = sum(weights[name] for name in items)
    return pl.DataFrame({"item": items, "share": [weights[name] / total for name in items]})


def _scores(answers: pl.DataFrame, highest: float) -> pl.DataFrame:
    """Compute the score, its standard error and the counts for every region and year."""
    import polars as pl

    cell_item = [*CELL, "item"]
    known = answers.drop_nulls("score").with_columns(
        mean=total_of(pl.col("weight") * pl.col("score"), cell_item) / total_of(pl.col("weight"), cell_item),
        total=total_of(pl.col("weight"), cell_item),
    )
    influence = pl.col("share") * pl.col("weight") * (pl.col("score") - pl.col("mean")) / pl.col("total")
    units = known.group_by(*CELL, "respondent", maintain_order=True).agg(u=total_of(influence), answered=pl.len())
    n = pl.len()
    errors = units.group_by(*CELL, maintain_order=True).agg(
        se_integration=pl.when(n > 1).then((n / (n - 1) * total_of(pl.col("u") ** 2)).sqrt() / highest),
        n_respondents=n.cast(pl.Int64),
    )
    means = (
        known.unique(cell_item, maintain_order=True)
        .group_by(*CELL, maintain_order=True)
        .agg(score=total_of(pl.col("share") * pl.col("mean")) / highest, covered=pl.len())
    )
    asked = answers.group_by(*CELL, maintain_order=True).agg(
        n_asked=pl.col("respondent").n_unique().cast(pl.Int64), answers=pl.col("score").count()
    )
    k = answers["item"].n_unique()
    joined = asked.join(errors, on=CELL, how="left").join(means, on=CELL, how="left")
    whole = pl.col("covered") == k
    return joined.with_columns(
        integration=pl.when(whole).then("score"),
        se_integration=pl.when(whole).then("se_integration"),
        n_respondents=pl.col("n_respondents").fill_null(0),
        response_rate=pl.col("answers") / (pl.col("n_asked") * k),
    )


def _alpha(answers: pl.DataFrame) -> pl.DataFrame:
    """Compute Cronbach's alpha over the respondents of a region and year who answered every item."""
    import polars as pl

    k = answers["item"].n_unique()
    complete = answers.drop_nulls("score").filter(pl.len().over(*CELL, "respondent") == k)
    sums = complete.group_by(*CELL, "respondent", maintain_order=True).agg(score=total_of(pl.col("score")))
    total = sums.group_by(*CELL, maintain_order=True).agg(
        total=variance_of(pl.col("score")), n_complete=pl.len().cast(pl.Int64)
    )
    of_items = complete.group_by(*CELL, "item", maintain_order=True).agg(score=variance_of(pl.col("score")))
    parts = of_items.group_by(*CELL, maintain_order=True).agg(parts=total_of(pl.col("score")))
    exists = (pl.lit(k) > 1) & (pl.col("n_complete") > 1) & (pl.col("total") > 0)
    alpha = pl.when(exists).then(pl.lit(k) / (k - 1 or 1) * (1 - pl.col("parts") / pl.col("total")))
    alphas = total.join(parts, on=CELL, how="left").select(*CELL, "n_complete", alpha=alpha)
    cells = answers.select(*CELL).unique(maintain_order=True)
    return cells.join(alphas, on=CELL, how="left").with_columns(pl.col("n_complete").fill_null(0))
