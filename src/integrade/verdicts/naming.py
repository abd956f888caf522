"""Give names to terms, groups, regions and standard errors: the study's labels, else the language's usual words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TypeAlias

from integrade.estimate.inverted_u import FiellerKind, UTest
from integrade.estimate.results import Basis, FitResult, by_term
from integrade.geography import all_provinces, province_of
from integrade.records.schema import FOLLOWED, INDUSTRIES, column_word
from integrade.sources.meaning.goods import canonical_good, english_good
from integrade.subjects.instruments.weak_iv import ARSet, Instrumented
from integrade.subjects.lags.records import LagStudy
from integrade.subjects.lags.shifts import shifted_name
from integrade.subjects.situation.break_date import BreakDate
from integrade.verdicts import places
from integrade.verdicts.bundle import Index, StudyResults, treatment_of
from integrade.verdicts.mediator_roles import HUMAN_CAPITAL, RESEARCH, by_role
from integrade.wording.numerals import Printing, between, capital, placed
from plainwords.account import Kind
from plainwords.texts import Said, in_language, is_message, language_spoken, listed, say, with_values

Labels = Mapping[str, str]

COLUMNS = (
    "quality",
    "market",
    "scale",
    "age",
    "roa",
    "rdebt",
    "fic",
    "invint",
    "human_capital",
    "rd",
    "ln_tfp",
    "turning_point",
    "value",
)
"""Canonical columns that have a usual word; a study's labels override it."""
CONSTRUCTED = ("scale", "age", "roa", "rdebt", "fic", "invint", "ln_tfp")
"""Columns whose usual word describes how integrade computes them.

A user's own column with such a name keeps its name instead of getting the usual word.
"""


PRODUCT = re.compile(r"[^\W\d]\w*(\^2)?(:[^\W\d]\w*(\^2)?)+")


def label_of(term: str, labels: Labels, square: str = "") -> str:
    """Return the name of a term: its own label, else a name such as ``Market²`` or ``Market × Post`` from its columns.

    ``square`` is a pattern to use for squares instead of the usual one; ``{0}`` stands for the label of the variable.
    """
    if term in labels:
        return labels[term]
    if ":" in term and PRODUCT.fullmatch(term):
        named = [label_of(part, labels, square) for part in term.split(":")]
        return reduce(lambda one, other: say("regression.crossed", one=one, other=other), named)
    if term.endswith("^2"):
        base = label_of(term.removesuffix("^2"), labels, square)
        return square.format(base) if square else say("naming.square", x=base)
    return say(f"labels.{_slug(term)}") if term in COLUMNS else term


def prose_of(term: str, labels: Labels) -> str:
    """Return the name of a term for a sentence: its own label, else a name in lower case such as ``export quality``."""
    if term in labels:
        return labels[term]
    if ":" in term and PRODUCT.fullmatch(term):
        named = [prose_of(part, labels) for part in term.split(":")]
        return reduce(lambda one, other: say("regression.crossed", one=one, other=other), named)
    if term.endswith("^2"):
        return say("naming.the-square", x=prose_of(term.removesuffix("^2"), labels))
    return say(f"prose.{_slug(term)}") if term in COLUMNS else term


def followed(labels: Labels, *, heading: bool = False) -> str:
    """Return the plural name of the units that the panel follows: firms, units, regions or the author's own word."""
    word = labels.get(FOLLOWED, "firms")
    if word not in ("firms", "units", "regions"):
        return word
    return say(f"naming.heading-{word}" if heading else f"naming.units-{word}")


def with_unit(name: str, unit: str) -> str:
    """Return a name with its unit of measurement, if the unit is known."""
    return say("naming.with-unit", name=name, unit=unit) if unit else name


def good_word(name: str, labels: Labels) -> str:
    """Return the name of a good: its own label, else its name in the list of goods, else its name in the data."""
    if name in labels:
        return labels[name]
    return (canonical_good(name) or name) if language_spoken() == "zh" else english_good(name)


def place_word(name: str) -> str:
    """Return the name of a region. A province of China has its name in the language of the report."""
    chinese = language_spoken() == "zh"
    if chinese != name.isascii():  # the name is in the language already
        return name
    province = province_of(name)
    return name if province is None else province.chinese_short if chinese else province.english


DIMENSIONS = (
    "area_group",
    "areas",
    "destination",
    "firm",
    "goods_half",
    "group",
    "industry",
    "industry_group",
    "intensity_group",
    "ownership_group",
    "period_group",
    "product",
    "province",
    "region",
    "year",
)


def dimension_word(name: str) -> str:
    """Return the name of a cluster or a fixed effect: ``region``, ``destination × year``."""
    first, crossed, second = name.partition("^")
    if crossed:
        return say("naming.crossed", a=dimension_word(first), b=dimension_word(second))
    return say(f"dimensions.{name}") if name in DIMENSIONS else name


AREAS = {
    "East": "groups.east",
    "Central": "groups.central",
    "West": "groups.west",
    "Municipalities": "groups.municipalities",
    "nation": "groups.nation",
}
GROUP_NAMES = AREAS | {
    "state": "groups.state",
    "non_state": "groups.non-state",
    "labour_intensive": "groups.labour-intensive",
    "capital_intensive": "groups.capital-intensive",
    "municipalities": "groups.municipalities",
    "other provinces": "groups.other-regions",
}
GROUPS = AREAS | {
    "all": "groups.all",
    "municipalities": "groups.the-municipalities",
    "other provinces": "groups.the-other-regions",
    "state": "groups.the-state-owned",
    "non_state": "groups.the-not-state-owned",
    "labour_intensive": "groups.the-labour-intensive",
    "capital_intensive": "groups.the-capital-intensive",
}


def group_name(group: str, labels: Labels) -> str:
    """Return the label of a group: the study's own, else the usual name with a capital, else its name in sentences."""
    return say(GROUP_NAMES[group]) if group in GROUP_NAMES and group not in labels else group_word(group, labels)


def labelled(text: str, labels: Labels) -> str:
    """Return a sentence of the catalogues with its column names replaced by their labels.

    Other text is returned unchanged.
    """
    if not isinstance(text, Said):
        return text
    named = in_language(text, "en")
    name = label_of(named, labels)
    name = group_name(named, labels) if name == named else name
    if in_language(name, "en") != named:
        return name
    return with_values(text, lambda v: labelled(v, labels) if isinstance(v, Said) else label_of(v, labels))


def group_word(group: str, labels: Labels) -> str:
    """Return the name of a group of the trends within a sentence."""
    if group in labels:
        return labels[group]
    return say(GROUPS[group]) if group in GROUPS else group


EDITIONS = {"GB/T 4754-2002": "gb2002", "GB/T 4754-2011": "gb2011", "GB/T 4754-2017": "gb2017"}
"""Classifications of industries whose two-digit names are known (``[report] industries``)."""


def member_word(by: str, group: str, labels: Labels) -> str:
    """Return the name of a group of a split.

    An industry has its name instead of its code if the study names the classification.
    """
    return _industry(by, group, labels) or group_word(group, labels)


def member_name(by: str, group: str, labels: Labels) -> str:
    """Return the name of a group for a label: ``State-owned``, where `member_word` has ``state-owned firms``."""
    return _industry(by, group, labels) or group_name(group, labels)


def _industry(by: str, group: str, labels: Labels) -> str:
    key = f"industries.{EDITIONS.get(labels.get(INDUSTRIES, ''), '')}-{group}"
    return say(key) if by == "two_digit" and group not in labels and is_message(key) else ""


SPLITS = ("ownership", "intensity", "period", "area")
INSTRUMENTS = ("terrain", "lagged", "neighbour", "split_goods", "column")


def split_word(how: str, title: str) -> str:
    """Return the name of a split of the firms: the usual word if the split has its usual title, else its title."""
    return _usual(f"splits.{how}", title) if how in SPLITS else title


def split_opening(how: str, title: str) -> str:
    """Return the name that `split_word` gives, in the form for the beginning of a sentence."""
    return _opening(split_word(how, title), f"splits.{how}-opening")


def instrument_word(builder: str, title: str) -> str:
    """Return the name of an instrument: the usual words if it has its usual title, else its title."""
    return _usual(f"splits.by-{_slug(builder)}", title) if builder in INSTRUMENTS else title


def instrument_opening(builder: str, title: str) -> str:
    """Return the name that `instrument_word` gives, in the form for the beginning of a sentence."""
    return _opening(instrument_word(builder, title), f"splits.by-{_slug(builder)}-opening")


def _usual(key: str, title: str) -> str:
    usual = say(key)
    return usual if in_language(usual, "en") == in_language(title, "en") else title


def _opening(word: str, key: str) -> str:
    return say(key) if key == f"{getattr(word, 'key', '')}-opening" else capital(word)


def part_word(share: float) -> str:
    """Return the word for a share of an estimate: ``all`` or, for example, ``50%``."""
    return say("naming.all-of-it") if share == 1 else f"{100 * share:g}%"


def shape_word(shape: str) -> str:
    """Return the word for the shape of a curve: ``inverted U``, ``U``, ``neither``."""
    return say(f"shapes.{_slug(shape)}")


def of_provinces(index: Index) -> bool:
    """Return whether all regions of an index are provinces of China."""
    return all_provinces(r.region for r in index.ranking)


def sign_of_square(test: UTest) -> str:
    """Return the sign of the square's coefficient in words, ``negative`` or ``positive``.

    A fitted parabola's shape shows no more than this sign.
    """
    return say("shapes.negative" if test.shape == "inverted U" else "shapes.positive")


def one_shape(shape: str) -> str:
    """Return the word for a shape with its article: ``an inverted U``."""
    return say(f"shapes.one-{_slug(shape)}")


def outcome_word(outcome: str) -> str:
    """Return the outcome of a rule as a heading: ``Not supported``."""
    return say(f"outcomes.{_slug(outcome)}")


def mediator_word(verdict: str) -> str:
    """Return the verdict on a mediator: ``partially mediated``."""
    return say(f"mediators.{_slug(verdict)}")


def _slug(code: str) -> str:
    return code.lower().replace(" ", "-").replace("_", "-")


def lagged_labels(study: LagStudy, labels: Labels) -> dict[str, str]:
    """Return the label of every column of lags and leads: ``Market (t-1)``, ``Market² (t-2)``, ``Market (t+1)``."""
    shifts = [c.shift for c in study.alone.columns if c.shift]
    fits = [c.fit for r in (study.alone, study.with_controls) for c in r.columns if not c.shift]
    bases = dict.fromkeys(name.removesuffix("^2") for f in fits for name in (f.outcome, *by_term(f)))
    labels_of_shifts = dict(labels)
    for base in bases:
        for shift in shifts:
            for power in ("", "^2"):
                named = say("naming.shifted", shift=f"{-shift:+d}", x=label_of(f"{base}{power}", labels))
                labels_of_shifts[f"{shifted_name(base, shift)}{power}"] = named
    return labels_of_shifts


def names_of(instrument: Instrumented, labels: Labels) -> dict[str, str]:
    """Return the study's labels, with words added for the columns that the instruments need."""
    usual = {
        "market_a": say("naming.market-of-one-half"),
        "market_b": say("naming.market-of-the-other-half"),
        "neighbours": say("naming.neighbours"),
    }
    lagged = dict[str, str]()
    for column in dict.fromkeys(c.removesuffix("^2") for c in instrument.columns):
        base, _, years = column.rpartition("_l")
        if base and years.isdigit() and column not in labels:
            for power in ("", "^2"):
                x = label_of(f"{base}{power}", labels)
                lagged[f"{column}{power}"] = say("naming.years-earlier", x=x, years=years)
    x, v = label_of(instrument.variable, {**usual, **labels}), f"{instrument.variable}_residual"
    residuals = {v: say("naming.first-stage-residual"), f"{instrument.variable}:{v}": say("naming.times-residual", x=x)}
    return {**usual, **lagged, **residuals, **labels}


def target_name(s: ARSet, names: Labels) -> str:
    """Return the name of the coefficient or slope that a set is for.

    The name of a slope includes the value of the regressor.
    """
    if s.target.startswith("slope at "):
        place = s.target.removeprefix("slope at ")
        if s.at is None:
            return say("naming.slope-at", place=place)
        return say("naming.slope-at-value", place=place, value=placed(s.at))
    return label_of(s.target, names)


End: TypeAlias = float | None
Pieces: TypeAlias = tuple[tuple[End, End], ...]
"""An interval as a tuple of pieces.

A missing end means no bound on that side. Without an interval the tuple is empty.
"""


def fieller_pieces(kind: FiellerKind | None, low: End, high: End) -> Pieces:
    """Return a Fieller interval as pieces: one interval, two rays or the whole line.

    The tuple is empty if there is none.
    """
    match kind:
        case "interval":
            return ((low, high),)
        case "two_rays":
            return ((None, low), (high, None))
        case "line":
            return ((None, None),)
        case _:
            return ()


def pieces_text(pieces: Pieces, printed: Printing) -> str:
    """Format an interval: ``[1.0, 2.0]``, ``all but [1.0, 2.0]`` or ``every number``.

    The text is blank without an interval.
    """
    match pieces:
        case ((None, None),):
            return say("naming.every-number")
        case ((None, low), (high, None)):
            return say("naming.all-but", interval=between(printed, low, high))
        case ((low, high),):
            return between(printed, low, high)
        case _:
            return ""


def fieller_text(test: UTest) -> str:
    """Return the Fieller interval of a turning point as text (`pieces_text`)."""
    return pieces_text(fieller_pieces(test.fieller_kind, test.fieller_low, test.fieller_high), placed)


def inference_name(fit: FitResult) -> str:
    """Return how the standard errors were computed: ``clustered by region, CR3`` or ``iid``."""
    return clustered_by(fit.kind, list(fit.clusters))


def clustered_by(kind: str, clusters: Sequence[str]) -> str:
    """Return text such as ``clustered by region, CR3``. Without clusters it is only the kind of errors."""
    if not clusters:
        return kind
    return say("naming.clustered", kind=kind, clusters=listed([dimension_word(c) for c in clusters], "and"))


def inference_key(fit: FitResult) -> str:
    """Return the kind of standard errors as a key for addresses: ``CR3_region`` or ``iid``."""
    return "_".join((fit.kind, *fit.clusters)).replace(" ", "_")


def errors_words(fit: FitResult | Basis) -> str:
    """Return words such as ``CR3 (jackknife) standard errors clustered by region (31 clusters)``."""
    kind = errors_kind(fit.kind)
    if not fit.clusters:
        return say("naming.errors-of-kind", kind=kind)
    ways = [(dimension_word(name), str(count)) for name, count in fit.clusters.items()]
    if len(ways) == 1:
        return say("naming.errors-clustered", cluster=ways[0][0], count=ways[0][1], kind=kind)
    each = [say("naming.cluster-and-count", cluster=name, count=count) for name, count in ways]
    return say("naming.errors-clustered-by-several", clusters=listed(each, "and"), kind=kind)


def errors_kind(kind: str) -> str:
    """Return the name of a kind of standard errors for a sentence or a note: ``CR3 (jackknife)``."""
    return say("naming.kind-cr3") if kind == "CR3" else kind


def clusters_by(name: str, count: int) -> str:
    """Return text such as ``31 clusters by region``."""
    return say("naming.clusters-by", count=str(count), name=dimension_word(name))


def number_of_table(results: StudyResults, place: str) -> str:
    """Return the number of a table in this study's report.

    ``place`` is the table's number in a report that has every table.
    """
    return results.tables.get(place, place)


def mediation_numbers(results: StudyResults) -> list[str]:
    """Return the table numbers of mediators: 6 and 7 as in the paper, then 7b, 7c and so on.

    Under a preset of the paper, the paper's mediators have the paper's numbers, even if only one is present.
    """
    if not results.of_the_paper:
        return [f"{6 + i}" if i < 2 else f"7{chr(ord('a') + i - 1)}" for i in range(len(results.mediation))]
    names = [m.mediators[0].name for m in results.mediation]
    of_paper = {name: OF_THE_PAPER[role] for role, name in by_role(names).items()}
    numbers = [of_paper.get(name, "") for name in names]
    return _numbered(numbers, [f"7{chr(ord('b') + i)}" for i in range(len(numbers))])


def group_numbers(results: StudyResults) -> list[str]:
    """Return the table numbers of splits: 8 to 11 as in the paper, then 12 and so on.

    Under a preset of the paper, the paper's splits have the paper's numbers, whatever the order of the
    sections. The other splits follow after 11.
    """
    if not results.of_the_paper:
        return [str(8 + i) for i in range(len(results.groups))]
    numbers = [OF_THE_PAPER.get(s.how, "") for s in results.groups]
    return _numbered(numbers, [str(12 + i) for i in range(len(numbers))])


OF_THE_PAPER = dict(zip((HUMAN_CAPITAL, RESEARCH), places.MEDIATORS, strict=True))
OF_THE_PAPER |= dict(zip(("ownership", "intensity", "period", "area"), places.SPLITS, strict=True))
OF_THE_PAPER["list"] = OF_THE_PAPER["intensity"]
"""Role of a mediator or kind of split -> number of its table in the paper."""


def _numbered(of_paper: Sequence[str], spare: Sequence[str]) -> list[str]:
    """Return a number for each table: the paper's number if it has one that is still free, else the next spare one."""
    left = iter(spare)
    return [number if number and number not in of_paper[:i] else next(left) for i, number in enumerate(of_paper)]


def dates_text(dates: Sequence[int]) -> str:
    """Return runs of years as text: ``2005-2009, 2011``."""
    runs: list[list[int]] = []
    for year in dates:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return listed([str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs], "comma")


def bai_text(date: BreakDate) -> str:
    """Return Bai's interval of a break date as text; blank if there is none."""
    return "" if date.bai_low is None else f"{date.bai_low}-{date.bai_high}"


MOVES = {
    "p25 to p75": "moves.p25-to-p75",
    "p10 to p50": "moves.p10-to-p50",
    "p50 to p90": "moves.p50-to-p90",
    "lowest to turning point": "moves.lowest-to-turning-point",
    "turning point to highest": "moves.turning-point-to-highest",
    "one s.d.": "moves.one-sd",
}


def move_word(move: str) -> str:
    """Return the words for a move of a regressor within the data, for example from p25 to p75."""
    return say(MOVES[move]) if move in MOVES else move


def step_word(name: str) -> str:
    """Return the report's name for a step of the study or a table of its data; any other name unchanged."""
    known = next((key for key in (f"steps.{name}", f"{name}.step") if is_message(key)), None)
    return say(known) if known else name


def kind_word(kind: Kind) -> str:
    """Return the word for what happened to the rows that an entry of the account counts."""
    return say(f"account_kinds.{kind}")


def conclusion_word(verdict: str) -> str:
    """Return the word for the conclusion of one version: ``inverted U``, ``U``, ``rises``, ``falls``, ``nothing``."""
    return say(f"conclusions.{_slug(verdict)}")


def word_of_treatment(results: StudyResults) -> str:
    """Return the treatment's name for a sentence: its label, else market integration for ``market``, else its word."""
    return _word(treatment_of(results), results, {"market": "naming.market-integration"})


def word_of_outcome(results: StudyResults) -> str:
    """Return the outcome's name for a sentence: its label, else export quality for ``quality``, else its usual word."""
    outcome = results.benchmark[-1].headline.outcome if results.benchmark else ""
    return _word(outcome, results, {"quality": "naming.export-quality"})


def _word(name: str, results: StudyResults, usual: Mapping[str, str]) -> str:
    return results.labels.get(name) or (say(usual[name]) if name in usual else column_word(name))
