"""Sentences of the first page whose numbers say where they come from: the cell of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from integrade.report.addresses import places
from integrade.report.figure_lineage import address_of_size, number_of_benchmark
from integrade.report.markup import set_in_html
from integrade.report.printed import PrintedTable
from integrade.report.rows import minus
from integrade.subjects.noise.verdict import WAYS, WayOfNoise, interval_with_noise, ways
from integrade.verdicts.bundle import StudyResults, treatment_terms
from integrade.verdicts.headline import headline
from integrade.verdicts.naming import group_numbers, mediation_numbers, number_of_table
from integrade.wording.escaping import for_html
from integrade.wording.texts import Said, from_record, say

OPEN, THEN, CLOSE = "\ue000", "\ue001", "\ue002"
MARKED = re.compile(f"{OPEN}([^{THEN}]*){THEN}([^{CLOSE}]*){CLOSE}")

ANY_TABLE = r"\d+"
COMMON = re.compile(r"[<>].*|[01]\.0*|\d?\d( %)?")
"""Texts that cells of several tables print by chance: they lead to a cell only where its table is known."""

TRUE_SIZES = ("true-size", "true-size-and-regression")
TRUE_POINTS = ("true-point", "true-point-and-regression")

Sources = Mapping[str, str]
AMONG = "~"
"""Before the addresses of cells that print a number among others."""
NUMBER = re.compile(r"[<>]?[-\u2212]?\d[\d,]*(?:\.\d+)?")


def sources_of(results: StudyResults) -> Sources:
    """By message and value (``opening.turns.point``) which addresses its number may have, as a regular expression.

    A number is that of an address only where the cell prints the same digits and no other such cell does. Before a key
    may stand what the sentence is about: a verdict (``differs:area verdicts.holm.p``), or a part of its rule
    (``inverted_u/wild parts.p-below.p``); it wins over the key alone.
    """
    column = headline(results)
    if column is None:
        return {}
    at = next(i for i, c in enumerate(results.benchmark, start=1) if c is column)
    x = re.escape(treatment_terms(column)[0])

    def cell(row: str, key: str = "") -> str:
        return rf"table{number_of_benchmark(results, key or row)}\.{at}\.{row}"

    def of(place: str) -> str:
        return f"table{number_of_table(results, place)}"

    point, interval, past = cell("turning_point"), cell("fieller"), cell("share_past")
    wild = cell(rf"{x}\^2\.wild", "wild")
    indirect, steepness = r"table\d+\.[12]\.indirect\..*", r"table\d+\.\d\.steepness"
    found = {
        **{f"opening.{turn}.point": point for turn in ("turns", "parabola-turns", "turns-outside")},
        **{f"opening.{turn}.interval": interval for turn in ("turns", "parabola-turns")},
        "opening.share-past.share": past,
        "opening.corrected.change": rf"{of('A4')}\.\d\.move",
        **{
            f"noise_interval.{way}.{end}": rf"{AMONG}{of('A4')}\.\d\.move\.interval"
            for way in ("simex-goods", "simex-independent", "oriv")
            for end in ("low", "high")
        },
        "opening.corrected-turning.point": rf"{of('A4')}\.\d\.turning_point",
        "opening.corrected-turning.interval": rf"{of('A4')}\.\d\.fieller",
        **_of_coverage(results, of("A4")),
        **{f"opening.{key}.truth": rf"{of('A9')}\.truth\.change_as_.*" for key in TRUE_SIZES},
        "opening.true-size-and-regression.regression": rf"{of('A9')}\.on_true_data\.change_as_.*",
        "noise_interval.effective-here.effective": rf"{of('A3')}\.{x}\^2_t\.effective_number_g",
        "against.few-clusters.effective": rf"{of('A3')}\..*effective_number_g",
        "against.few-clusters.share": rf"{AMONG}{of('A3')}\..*largest_share.*",
        "clustering.assuming-either.correlated": rf"{of('A3')}\..*effective_number_equal",
        "against.noise-net.between": rf"{of('A1')}\.value\.noise_share",
        "against.noise.share": rf"{of('A1')}\.value\.noise_share",
        **{
            f"noise_interval.{key}.between": rf"{of('A1')}\.value\.noise_share" for key in ("share-net", "share-of-all")
        },
        "noise_interval.share.share": rf"{of('A1')}\.value\.noise_share",
        **{f"opening.{key}.truth": rf"{of('A9')}\.truth\.turning_point" for key in TRUE_POINTS},
        "opening.true-point-and-regression.regression": rf"{of('A9')}\.on_true_data\.turning_point",
        "verdicts.rises-and-falls.point": point,
        "verdicts.falls-and-rises.point": point,
        "verdicts.fieller.interval": interval,
        "verdicts.share-past.share": past,
        "verdicts.u-test.p": cell("u_test"),
        "verdicts.wild.p": wild,
        "verdicts.turns-inside.low": rf"{of('2')}\.minimum\.{x}",
        "verdicts.turns-inside.high": rf"{of('2')}\.maximum\.{x}",
        "parts.square-negative.b": cell(rf"{x}\^2", "market^2"),
        "parts.two-lines.first": rf"{of('4f')}\.whole_range\.two_lines\.below",
        "parts.two-lines.second": rf"{of('4f')}\.whole_range\.two_lines\.above",
        "mediation.at-place.effect": indirect,
        "mediation.at-place.interval": indirect,
        "mediation.at-place.p": r"table\d+\.3\.indirect\..*",
        "group_tests.steepness-in.value": steepness,
        "group_tests.steeper.own": steepness,
        "group_tests.steeper.others": steepness,
        "group_tests.pair.p": r"table\d+\.\d-\d\.steepness\.p",
        "verdicts.one-effect.p": r"table\d+\.1\.overall",
        "group_tests.wild-with-holm.p": r"table\d+\.1\.overall\.wild",
        "group_tests.wild-with-holm.adjusted": r"table\d+\.1\.overall\.wild\.holm",
    }
    found |= _of_doubts(of)
    found |= _of_the_curve(cell("u_test"), wild, of("4f")) | _of_groups(results, x) | _of_channels(results)
    found |= {
        "placebo.joint.p": rf"{AMONG}{of('A2')}\.remark\.placebo_.*",
        "placebo.wild.p": rf"{AMONG}{of('A2')}\.remark\.placebo_.*",
        "placebo.holm.p": rf"{AMONG}({of('A2')}\.remark\.placebo_.*|{of('5')}\.\d+\.placebo\.holm)",
        "placebo.holm-of-larger.p": rf"{AMONG}({of('A2')}\.remark\.placebo_.*|{of('5')}\.\d+\.placebo\.holm)",
        "against.by-control-function.p": rf"{AMONG}{of('A6')}\.result\..*\.control_function",
        "against.by-control-function-and-further.p": rf"{AMONG}{of('A6')}\.result\..*\.control_function",
        "against.holm-over-instruments.adjusted": rf"{AMONG}{of('A6')}\.result\..*\.control_function",
        "against.weak-with-kleibergen-paap-f.f": rf"{AMONG}{of('A6')}\.result\..*\.kleibergen_paap_f",
        "against.c-rejects.p": rf"{AMONG}{of('A6')}\.result\..*\.exogeneity_c_statistic",
        "against.c-does-not-reject.p": rf"{AMONG}{of('A6')}\.result\..*\.exogeneity_c_statistic",
        "against.anderson-rubin-rejects.p": rf"{AMONG}{of('A6')}\.result\..*\.anderson_rubin.*",
        "against.anderson-rubin-does-not.p": rf"{AMONG}{of('A6')}\.result\..*\.anderson_rubin.*",
        "against.weak-by-kleibergen-paap-f.f": rf"{AMONG}{of('A6')}\.result\..*\.kleibergen_paap_f",
    }
    parts = {"start": "from", "end": "to", "change": "change", "low": "95_interval", "high": "95_interval"}
    for said in ("opening.size", "opening.size-by-deviation"):
        for name, part in parts.items():
            among = AMONG if part == "95_interval" else ""
            found[f"{said}.{name}"] = among + re.escape(address_of_size(results, part))
    found["opening.in-deviations.change"] = re.escape(address_of_size(results, "in_s_d"))
    return found


def _of_coverage(results: StudyResults, table: str) -> dict[str, str]:
    """The share of noise and the simulated coverage of Table A4, by the column of each way to the coefficients."""
    found, told = results.noise, interval_with_noise(results)
    if found is None or told is None:
        return {}
    headings = [way.heading for way in ways(found)]
    asked: tuple[WayOfNoise, ...] = ("none", told.way)
    own, corrected = (str(headings.index(h) + 1) if (h := say(WAYS[way])) in headings else "0" for way in asked)
    net = rf"{table}\.{own}\.noise_net"
    shares = {f"noise_interval.{key}.share": net for key in ("share-net", "share-of-all")}
    moved = {f"noise_interval.{key}.move": corrected for key in ("how-often-covered", "how-often-covered-and-own")}
    moved["noise_interval.how-often-covered-and-own.own"] = own
    turning = {"opening.own-set-covered.share": own, "opening.corrected-set-covered.share": corrected}
    return {
        **shares,
        "against.noise-net.share": net,
        **{key: rf"{table}\.{column}\.covered\.move" for key, column in moved.items()},
        **{key: rf"{table}\.{column}\.covered\.turning" for key, column in turning.items()},
    }


def _of_doubts(of: Callable[[str], str]) -> dict[str, str]:
    """What the sections on doubts say of their own tables."""
    lines, shares = rf"{of('4f')}\.whole_range\.two_lines", rf"{of('4g')}\.past(_\d)?"
    past = {f"{what}_{when}": shares for what in ("regions", "rows", "firms") for when in ("first", "last")}
    return {
        "headline.coverage.share": rf"{of('A1')}\.value\.coverage.*",
        "headline.sampling-error.share": rf"{of('A1')}\.value\.noise_share",
        "situation.one-good.correlation": rf"{of('A1b')}\.correlation\..*",
        "situation.one-good.change": rf"{of('A1b')}\.largest_change\..*",
        "doubts.two-lines.first": rf"{lines}\.below",
        "doubts.two-lines.second": rf"{lines}\.above",
        "doubts.confounder.value": rf"{of('A5')}\..*\.robustness_value",
        "doubts.confounder.value_alpha": rf"{of('A5')}\..*\.robustness_value\.p",
        "mediation.share.share": r"table\d+\.1\.share\..*",
        "mediation.almost-none.share": r"table\d+\.1\.share\..*",
        "spillover.shared-pairs.kept": rf"{of('A8')}\.1\.correlation_within",
        "spillover.shared-pairs.dropped": rf"{of('A8')}\.2\.correlation_within",
        **{f"doubts.{key}.{value}": address for key in ("past", "past-and-firms") for value, address in past.items()},
    }


def _of_the_curve(u_test: str, wild: str, shape: str) -> dict[str, str]:
    """The parts of the rule of an inverted U, and of a U."""
    inner = rf"{shape}\.p5_to_p95\."
    own = {
        "u_test parts.p-below.p": u_test,
        "u_test_inner parts.p-below.p": rf"{inner}u_test",
        "wild parts.p-below.p": wild,
        "two_lines parts.two-lines.first_p": rf"{AMONG}{inner}two_lines\.below",
        "two_lines parts.two-lines.second_p": rf"{AMONG}{inner}two_lines\.above",
    }
    return {f"{about}/{key}": pattern for about in ("inverted_u", "u") for key, pattern in own.items()}


def _of_groups(results: StudyResults, x: str) -> dict[str, str]:
    """The tests of each split, which stand in its own table: joint, Holm-adjusted, of permuted labels, by bootstrap."""
    found = dict[str, str]()
    for place, split in zip(group_numbers(results), results.groups, strict=True):
        table = rf"table{number_of_table(results, place)}\."
        beside = rf"{table}(\d-\d|[2-9])\.overall"  # the test of permuted labels, where it was made, and Holm's p
        wild = rf"{table}1\.overall\.wild"
        own = {
            " verdicts.one-effect.p": rf"{table}1\.overall",
            " verdicts.holm.p": beside,
            " group_tests.wild-with-holm.p": wild,
            " group_tests.wild-with-holm.adjusted": rf"{wild}\.holm",
            " group_tests.of.p": beside,
            " group_tests.pair.p": rf"{table}\d-\d\.steepness\.p",
            "/equal parts.p-below.p": beside,
            "/wild parts.p-below.p": rf"{wild}\.holm",
            "/permuted parts.p-below.p": beside,
            "/there_wild parts.p-below.p": rf"{table}\d\.{x}(\+{x}\^2)?\.wild",
            "/steeper group_tests.steeper.p": rf"{table}\d-\d\.steepness\.p",
        }
        found |= {
            f"{about}:{split.how}{key}": address for about in ("differs", "stronger") for key, address in own.items()
        }
    return found


def _of_channels(results: StudyResults) -> dict[str, str]:
    """The tests of both paths of each channel, in its own table."""
    found = dict[str, str]()
    for place, one in zip(mediation_numbers(results), results.mediation, strict=True):
        number = number_of_table(results, place)
        about = f"promotes:{one.mediators[0].name} mediation.verdict"
        found |= {f"{about}.p_to": rf"table{number}\.1\.paths", f"{about}.p_from": rf"table{number}\.2\.paths"}
    return found


class Numbers:
    """The numbers of a report by address, and the sentences that quote them as markup."""

    def __init__(self, tables: Iterable[PrintedTable], sources: Sources) -> None:
        self._sources = sources
        self._cells = {place.address: _bare(place.text) for table in tables for place in places(table)}

    def html(self, text: str, about: str = "") -> str:
        """The sentence; a number whose cell is known stands in an element that the script makes a button of.

        ``about``: a verdict (``differs:area``), or a part of its rule (``differs:area/wild``).
        """
        if not self._sources or not isinstance(text, Said):
            return set_in_html(text)
        return "".join(self._parts(_marked(text, partial(self._address, about))))

    def _parts(self, text: str) -> Iterator[str]:
        done = 0
        for found in MARKED.finditer(text):
            yield set_in_html(text[done : found.start()])
            yield f'<span class="quoted" data-of="{for_html(found[1])}">{set_in_html(found[2])}</span>'
            done = found.end()
        yield set_in_html(text[done:])

    def _address(self, about: str, key: str, value: str) -> str:
        verdict = about.partition("/")[0]
        wanted = next((w for k in (f"{about} {key}", f"{verdict} {key}", key) if (w := self._sources.get(k))), None)
        if wanted is None:
            return ""
        among, pattern = wanted.startswith(AMONG), re.compile(wanted.removeprefix(AMONG))
        digits = _bare(value)
        if ANY_TABLE in wanted and COMMON.fullmatch(digits):
            return ""
        cells = ((a, printed) for a, printed in self._cells.items() if pattern.fullmatch(a))
        found = [
            a
            for a, printed in cells
            if (digits.removesuffix("%") in NUMBER.findall(printed) if among else printed == digits)
        ]
        return found[0] if len(found) == 1 else ""


def _bare(text: str) -> str:
    """A number without its stars, the ``p =`` before it and the kind of its minus sign."""
    return re.sub(r"^p\s*=?\s*|[*\s]", "", minus(text))


def _marked(text: Said, address: Callable[[str, str], str]) -> str:
    """The sentence said again with its numbers between marks."""

    def value(name: str, given: str | int | Said) -> str | int:
        if isinstance(given, Said):
            return _marked(given, address) if given.given else given
        if isinstance(given, str) and (found := address(f"{text.key}.{name}", given)):
            return f"{OPEN}{found}{THEN}{given}{CLOSE}"
        return given

    values = {name: value(name, given) for name, given in text.given.items()}
    return from_record({"id": text.key, "values": values})
