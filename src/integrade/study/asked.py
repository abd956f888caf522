"""Define the inputs of a question and its answer (a record, reasons for missing results, account entries)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import polars as pl

from integrade.engine.frames import Engine, Table
from integrade.errors import (
    BadPlugin,
    DataError,
    FileMissing,
    IntegradeError,
    NotIdentified,
    UsageError,
    did_you_mean,
    option,
)
from integrade.estimate.linear import Fit
from integrade.estimate.results import FitResult
from integrade.geography import Geography
from integrade.integration.given import pairs_without
from integrade.integration.options import RelativePrice, counts_or_reaches
from integrade.records.plugins import plugin_of
from integrade.records.question import Question
from integrade.study.geography import geography_in
from integrade.study.keys import record_of
from integrade.study.records import misfit, read_as, read_json, to_json
from integrade.study.setting import Folders
from integrade.subjects.noise.halves import Halves, halves_of
from plainwords.account import Account, Entry, entries_of
from plainwords.texts import say
from rawcells import doors

if TYPE_CHECKING:
    from integrade.study.config import Regression, Study


Found = TypeVar("Found")
FILE = "answer.json"
SAMPLE = "sample.parquet"
FORMULA = "formula.txt"


class Asked(NamedTuple):
    """The study, the rows and the formula of its full benchmark regression, and the index by region and year.

    ``root`` is the folder of the study file. ``series`` is the whole index; it is None if the treatment is another
    column or was winsorised. ``prices`` is None unless ``series`` is made from prices, with ``index_options``. ``rows``
    (quality by customs row, read only where it is used) is None unless the study asks for it. ``how``: options of a fit
    that replace the options of the study. ``done`` has the folders of the steps that the question needs.
    """

    study: Study
    sample: pl.DataFrame
    formula: str
    series: pl.DataFrame | None = None
    root: Path = Path()
    prices: Table | None = None
    rows: pl.DataFrame | pl.LazyFrame | None = None
    how: Fit | None = None
    index_options: RelativePrice = RelativePrice()
    done: Folders = {}  # noqa: RUF012 - a tuple is never changed
    engine: Engine = "auto"

    @property
    def geography(self) -> Geography | None:
        """The geography that the study states, or None."""
        return geography_in(self.study, self.root)

    @property
    def treatment(self) -> str:
        """Regressor that the study is about."""
        return self.study.regression.treatment

    @property
    def fit(self) -> Fit:
        """Options of a fit: ``how`` if given, else the inference of the study's conclusions, without a wild bootstrap.

        These are the errors of the study's tables, or CR3 by region if its evidence is by clusters.
        """
        own = options_of(self.study.regression, settings=self.study.section("inference"))
        return self.how or judging(own, self.study.regression, self.sample.columns)

    @property
    def wild(self) -> int:
        """Draws of the wild bootstrap; 0 in a study without clusters."""
        chosen = self.study.regression
        return chosen.wild if chosen.cluster else 0

    def needed_prices(self) -> Table:
        """Return the prices. Raises `NotIdentified` if the treatment is not an index made from them."""
        if self.prices is None:
            raise NotIdentified(say("left_out.not-the-studys-index", column=repr(self.treatment)))
        return self.prices

    def halves(self, options: RelativePrice | None = None) -> Halves | None:
        """Return the indices of halves of the goods, with which a question is asked again without noise.

        Returns None if the treatment is not an index made from prices, if the study does not examine noise
        (``[noise]`` with ``run = false`` or ``halves = 0``), or if the goods cannot be halved: there are fewer than
        four, or the index has no value of a single year. The question must read the section ``noise`` and need the
        step ``prices``. ``options`` are those of another index from the same prices.
        """
        section = self.study.section("noise")
        if self.prices is None or section is None or not section.halves:
            return None
        try:
            return halves_of(
                self.prices, options or self.index_options, section.halves, section.seed, families=section.families
            )
        except IntegradeError as problem:  # the question on noise gives the reason
            if not _of_the_study(problem):
                raise
            return None


@dataclass(frozen=True)
class Answer:
    """The record of a question, sentences on why results could not be found, and account entries on rows."""

    found: Any
    said: tuple[str, ...] = ()
    account: tuple[Entry, ...] = ()


def keep_answer(answer: Answer, out: Path) -> None:
    """Store an answer in the folder of its step."""
    kept = {"found": answer.found, "said": answer.said, "account": Account(answer.account).records()}
    (out / FILE).write_text(to_json(kept), encoding="utf-8")


def stored_answer(folder: Path, kind: Any) -> Answer:
    """Return the answer that a step stored; ``kind`` is the type of its record."""
    kept = read_json(doors.read_text(folder / FILE))
    account = entries_of(kept["account"])
    return Answer(read_as(kind, kept["found"]), tuple(kept["said"]), account)


def panel_in(done: Folders) -> pl.DataFrame:
    """Return the whole panel, of which the estimation sample is a part."""
    return pl.read_parquet(doors.regular(done["panel"] / "panel.parquet"))


def options_of(chosen: Regression, *, wild: int = 0, settings: Any = None) -> Fit:
    """Return the study's inference as options of a fit. A wild bootstrap is added only if there is a cluster."""
    plain = record_of(chosen, Fit, wild=wild if chosen.cluster else 0)
    if settings is None:
        return plain
    return replace(
        plain,
        wild_weights=settings.wild_weights,
        wild_null=settings.wild_null,
        seed=settings.seed,
        wild_ci=settings.wild_ci and plain.wild > 0,
    )


def judging(printed: Fit, chosen: Regression, columns: Sequence[str]) -> Fit:
    """Return the options by which a study judges: those of its tables, or CR3 by region.

    CR3 by region takes the place of errors that ignore clusters if ``evidence`` is "clusters" and the rows have the
    column region.
    """
    if chosen.evidence == "own" or printed.wild or printed.vcov == "CR3" or "region" not in columns:
        return printed
    return replace(printed, vcov="CR3", cluster="region")


def without_spreads(record: Found) -> Found:
    """Return the record without the regressors' distributions in its fits, which are large and not needed for tests."""
    return cast(Found, _without(record))


def _without(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_without(v) for v in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    nested = {k: _without(v) for k, v in fields.items() if isinstance(v, tuple) or dataclasses.is_dataclass(v)}
    return dataclasses.replace(value, **nested | ({"spreads": ()} if isinstance(value, FitResult) else {}))


def tried(sentences: list[str], left_out: str, make: Callable[[], Found], **given: str) -> Found | None:
    """Return the result of ``make``, or None with a sentence if the data do not allow it (too few clusters).

    Other errors are raised. ``left_out`` is the id of the sentence, ``given`` its values in addition to ``why``.
    """
    try:
        return without_spreads(make())
    except DataError as problem:
        sentences.append(say(left_out, why=problem.what, **given))
        return None


def doubted(sentences: list[str], left_out: str, make: Callable[[], Found]) -> Found | None:
    """Return the result of ``make``, or None with a sentence if the data or the study do not allow the question.

    Errors about a wrong column or option are raised.
    """
    try:
        return without_spreads(make())
    except IntegradeError as problem:
        if not _of_the_study(problem):
            raise
        sentences.append(say(left_out, why=problem.what))
        return None


def _of_the_study(problem: IntegradeError) -> bool:
    """Return whether the data or the study do not allow a question; otherwise a column or an option is wrong."""
    return isinstance(problem, DataError) or type(problem) is UsageError


def one(make: Callable[[], Any], left_out: str, *, doubt: bool = True) -> Answer:
    """Return an answer with the record of ``make``, or with the sentence ``left_out`` and the reason.

    ``doubt``: also return the sentence if the question does not apply to the study, instead of an error.
    """
    sentences = list[str]()
    record = doubted(sentences, left_out, make) if doubt else tried(sentences, left_out, make)
    return Answer(record, tuple(sentences))


def named_file(root: Path, name: str) -> Path:
    """Return the path of a file that a section names. Raises `FileMissing` with the nearest name."""
    path = root / name
    if not doors.is_file(path):
        near = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        raise FileMissing(f"no file {name!r}", where=str(path.parent), remedy=did_you_mean(path.name, near))
    return path


def named_pairs(asked: Asked, name: str) -> Any:
    """Return which regions are neighbours: ``adjacent``, ``nearest:4``, ``within:300``, or pairs from a file.

    Regions that the study leaves out are removed from the pairs of a file.
    """
    if name == "adjacent" or counts_or_reaches(name):
        return name
    path, without = named_file(asked.root, name), asked.study.without_regions
    return pairs_without(path, without) if without else str(path)


def ask(question: Question, asked: Asked, section: Any) -> Answer:
    """Answer a question from its section.

    An error of a question with ``left_out`` becomes a sentence in the answer. A question returns its record, or an
    `Answer` with the record and further sentences.
    """
    if question.left_out:
        answer = one(lambda: question.function(asked, section), question.left_out, doubt=question.doubt)
    else:
        answer = Answer(question.function(asked, section))
    answer = answer.found if isinstance(answer.found, Answer) else answer
    plugin = plugin_of(question.function.__module__)
    if plugin is not None and not (answer.found is None and answer.said):
        _check_result(question, answer.found, str(plugin.path))
    return answer


def _check_result(question: Question, found: Any, file: str) -> None:
    """Raise `BadPlugin` if a result does not have the type that its question declares, or cannot be stored."""
    try:
        wrong = misfit(question.result, found)
        if not wrong:
            stored = read_json(to_json({"found": found}))["found"]
            wrong = misfit(question.result, read_as(question.result, stored))
    except (TypeError, ValueError, LookupError, AttributeError, NameError) as problem:
        wrong = str(problem)
    if wrong:
        raise BadPlugin(
            f"the question {question.name!r} does not return what its record promises: {wrong}",
            where=file,
            example=repr(found)[:80],
            remedy="return the type declared in result=: a frozen dataclass of numbers, texts, tuples and mappings",
        )


class OfFit(NamedTuple):
    """A regression of ``integrade fit``: the panel, the formula, the options, the treatment.

    ``prices_file``: the prices from which the index was made. ``made``: shift-share instruments made for the
    regression.
    """

    table: Table
    formula: str
    fit: Fit
    treatment: str
    prices_file: str | None = None
    made: tuple[Any, ...] = ()

    def prices(self) -> Table:
        """Return the prices given by --prices. Raises `UsageError` if there are none."""
        from integrade.sources import read_prices

        if self.prices_file is None:
            raise UsageError(
                "this question requires the prices from which the index is computed",
                remedy=f"give {option('prices', ...)}",
            )
        prices: Table = read_prices([self.prices_file])
        return prices

    def clustered(self) -> Fit:
        """Return the options of the fit, with clusters by region if none are given.

        Models of noise need clusters.
        """
        return self.fit if self.fit.cluster else replace(self.fit, cluster="region")


class Told(NamedTuple):
    """A result that ``integrade fit`` prints: its key and its records in ``--json``, otherwise its text."""

    key: str
    found: Any
    text: str
