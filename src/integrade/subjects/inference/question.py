"""Test how reliable inference with these clusters is, and repeat the headline's tests by other methods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from integrade.errors import TooFew, UsageError, option
from integrade.estimate.linear import Fit
from integrade.estimate.ready import ready
from integrade.records.needs import DRAWS, Holds, Precondition, require_count
from integrade.records.question import Flags, question
from integrade.study.asked import Asked, OfFit, Told
from integrade.study.keys import record_of, with_keys_of
from integrade.study.preconditions import regions_have_paths
from integrade.study.sections import Draws, Seed, Strict
from integrade.subjects.inference.clusters import cluster_report
from integrade.subjects.inference.randomisation import InferenceStudy, Randomise, randomisation
from integrade.verdicts import places
from plainwords.texts import say

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[inference]                    # second opinions on the headline, where few regions carry the inference
randomisation = 999            # regions change their paths of the treatment; 0 for none
# clusters = true              # effective number of clusters, and which one moves the coefficients most
# wild_weights = "auto"        # rademacher, webb or mammen; auto: webb with fewer than 10 clusters
# wild_null = "imposed"        # or free
# wild_ci = true               # 95% sets by inverting the wild bootstrap test
# seed = 20240101
"""


FOR_STUDIES = {"wild_ci": True}
"""Defaults of a study.

A study computes the bootstrap's confidence sets; a call computes them only on request.
"""


@with_keys_of(Fit, "wild_weights", "wild_null", "wild_ci", defaults=FOR_STUDIES)
@with_keys_of(Randomise, "seed", randomisation="permutations")
class Inference(Strict):
    """How reliable the clusters are, and further tests of the headline."""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(regions_have_paths, "randomisation"),)

    run: bool = True
    randomisation: Draws = Field(description="permutations of the regions' paths; 0 for none")
    clusters: bool = Field(default=True, description="effective number of clusters, and the influence of each cluster")
    wild_weights: Any
    wild_null: Any
    wild_ci: bool
    seed: Seed = Field(description="seed of all draws")


@dataclass(frozen=True)
class InferenceFlags:
    """Further tests of the regression. With a cluster and no --vcov they use CR3.

    Parameters
    ----------
    clusters
        Effective number of clusters, leverage, and the influence of each cluster on each coefficient.
    randomise
        Draws of randomisation inference, which permutes treatment histories across regions, 0 for none.
    romano_wolf
        Wild draws of a family of tests over all coefficients (Holm, Romano-Wolf), 0 for none.
    hausman
        Hausman test: fixed or random effects for the first effect of the formula.
    """

    clusters: bool = False
    randomise: Annotated[int, DRAWS] = 0
    romano_wolf: Annotated[int, DRAWS] = 0
    hausman: Literal["mundlak", "classical", "sigmamore", "sigmaless", "stata", "stata_without_dummies"] | None = None


def told(asked: OfFit, flags: InferenceFlags) -> Iterator[Told]:
    """Yield the report on clusters, the Hausman test, the test by permuted paths, and a family of tests."""
    from integrade.estimate.hausman import hausman
    from integrade.subjects.inference.family import romano_wolf_family

    require_count(DRAWS, randomise=flags.randomise, romano_wolf=flags.romano_wolf)
    if flags.clusters:
        if not asked.fit.cluster:
            raise UsageError("--clusters needs a cluster variable", remedy=f"give {option('cluster', 'region')}")
        report = cluster_report(asked.table, asked.formula, asked.fit.cluster, asked.fit)
        yield Told("cluster_report", report, str(report))
    if flags.hausman:
        test = hausman(asked.table, asked.formula, method=flags.hausman, cluster=asked.fit.cluster)
        p = f"p = {test.p_value:.4f}" if test.valid else "no valid test"
        text = f"Hausman ({test.method}): {test.statistic:.4f} for {test.df:g} coefficients, {p}\n  {test.note}"
        yield Told("hausman", test, text)
    if flags.randomise:
        options = Randomise(permutations=flags.randomise, fit=asked.fit)
        drawn = randomisation(asked.table, asked.formula, asked.treatment, options)
        yield Told("randomisation", drawn, drawn.sheet().text())
    if flags.romano_wolf:
        family = romano_wolf_family(asked.table, asked.formula, (), replace(asked.fit, wild=flags.romano_wolf))
        yield Told("romano_wolf", family, str(family))


ROWS = {
    "effective_number_g": "meaning.effective-clusters",
    "effective_number_equal": "meaning.effective-clusters-equal",
    "largest_share_in_what_identifies_it": "meaning.heaviest-cluster",
    "moved_most_by_leaving_out": "meaning.cluster-that-moves-most",
    "estimate_without_it": "meaning.estimate-without-cluster",
    "moved_by_in_cr3_s_e": "meaning.moved-in-cr3-errors",
}
"""The meaning of the number in a row, by the key of the row."""


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of standard errors."""
    from integrade.subjects.inference.tables import inference_table

    result = results.inference
    return [inference_table(results.benchmark[-1], result, results.labels)] if result and results.benchmark else []


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.verdicts import doubts

    return [*doubts.inference(results), *made.table(places.INFERENCE)]


@question(
    "inference",
    place=60,
    options=Inference,
    result=InferenceStudy | None,
    left_out="left_out.inference",
    published={"run": False},
    part="doubts",
    section=10,
    tables=tables,
    places=(places.INFERENCE,),
    printed=printed,
    rows=ROWS,
    flags=Flags(InferenceFlags, "Second opinions on the errors", told),
    functions=("cluster_report", "randomisation", "romano_wolf_family", "hausman"),
    example=EXAMPLE,
    seconds=0.8,
)
def inference(asked: Asked, section: Inference) -> InferenceStudy:
    """Are there enough clusters for inference, and do other tests agree?

    Permutes the regions' paths under the covariance of the headline, and reports on its clusters.
    """
    cluster = asked.fit.cluster or "region"
    vcov: Any = asked.fit.vcov if asked.fit.vcov in ("CR1", "CR3") else "CR3"
    how = replace(asked.fit, cluster=cluster, vcov=vcov, wild=0, wild_ci=False)
    if "+" in cluster:
        raise TooFew(say("left_out.several-clusters"))
    rows = ready(asked.sample)
    options = record_of(section, Randomise, fit=how)
    return InferenceStudy(
        randomisation(rows, asked.formula, asked.treatment, options) if section.randomisation else None,
        cluster_report(rows, asked.formula, cluster, how) if section.clusters else None,
    )
