"""Read the notes under a printed table: the meaning of stars and brackets, and how errors are clustered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from tablecheck.digits import plain

Kind = Literal["b", "se", "t", "p", "interval", "b_std"]
"""The kind of a number in a regression table: coefficient, standard error, t (or z), p, confidence interval, beta."""


@dataclass(frozen=True)
class Notes:
    """Statements in the notes of a table.

    ``levels`` gives the largest p that each string of stars means (``{"*": .1, "**": .05}``). ``brackets`` gives the
    kind of number in each form of bracket, ``(``, ``[``, ``{`` or ``|`` (``any``: in every form). Both are empty if the
    notes do not state them. ``cover`` is the confidence level of intervals; ``nobs`` is the number of observations in
    the notes (``N = 27,412``). The following flags are true if the notes state the fact:

    - ``ratios``: coefficients are exponentiated. ``one_sided``: tests are one-sided. ``absolute``: t are printed
      without their sign.
    - ``adjusted``: p are adjusted for several tests. ``resampled``: p or intervals come from a bootstrap, permutations
      or a posterior.
    - ``other_test``: p come from another test than t (Anderson-Rubin, likelihood ratio, Fisher).
    - ``centred``: variables were centred or standardised. ``instrumented``: instruments are used.
    - ``finer``: the rows may be finer than one per firm and year. ``other_fit``: a method other than least squares is
      named.
    """

    levels: Mapping[str, float] = field(default_factory=dict)
    brackets: Mapping[str, Kind] = field(default_factory=dict)
    cover: float | None = None
    clustered: str = ""
    ratios: bool = False
    one_sided: bool = False
    marginal: bool = False
    absolute: bool = False
    adjusted: bool = False
    resampled: bool = False
    other_test: bool = False
    centred: bool = False
    instrumented: bool = False
    finer: bool = False
    conditional: bool = False
    """True if the notes name effects, strata or controls that a printed difference of two columns may hold constant."""
    wald: bool = False
    """True if the notes state that intervals are Wald intervals."""
    nobs: float | None = None
    other_fit: bool = False
    doubts: tuple[str, ...] = ()


OTHER_FIT = (
    r"\b(?:iv|2sls|tsls|gmm|liml|logit|logistic|probit|poisson|ppml|tobit|negbin|negative binomial|quantile|weighted"
    r"|wls|mle|maximum likelihood|cox|sur|re|random effects|instrumental|instrumented|two[- ]stage)\b|工具变量|随机效应"
)
"""Words in headings or notes which show that a column is not estimated by ordinary least squares."""

_SYMBOL = r"(?:\*{1,4}|[+†‡§#]|\^?\b[abc]\b|[ᵃᵇᶜ])"
_LEVEL = r"(?:\d{1,2}(?:\.\d+)?\s*%|\d{1,2}(?:\.\d+)?\s+per\s?cent|0?\.\d+|0,\d+)"
_BETWEEN = (
    r"[\s:=]{0,4}(?:denotes?|indicates?|means?|if|when|is|表示|代表|:|-)?[\s:=]{0,4}(?:statistically\s+)?(?:significan(?:t|ce))?"
    r"\s*(?:at|in|在)?\s*(?:the)?\s*\(?\s*(?:p|Pr|P>\|[tz]\|)?[-\s]{0,3}(?:values?|值)?\s*(?:<|=|at){0,2}\s*"
)
_AND = r"\s*(?:(?:,|;|、|/|，|&|以及|及|和|与|\band\b|levels?\b)\s*){1,4}"
"""Pattern of the text between the items of a list.

The pattern matches a text in only one way, and lists have at most eight items. The search therefore stays fast.
"""
_SYMBOLS = rf"{_SYMBOL}(?:{_AND}{_SYMBOL}){{1,7}}"
_SHARES = rf"(?:\d{{1,2}}{_AND}){{1,7}}\d{{1,2}}\s*(?:%|per\s?cent)"
_PAIR = re.compile(rf"(?<![\w*])(?P<symbol>{_SYMBOL})[\"'’”`)]{{0,3}}{_BETWEEN}(?P<level>{_LEVEL})", re.IGNORECASE)
_LIST = re.compile(
    rf"(?<![\w*])(?P<symbols>{_SYMBOLS})(?P<words>[^*]{{0,90}}?)(?P<levels>{_LEVEL}(?:{_AND}{_LEVEL}){{0,7}}|{_SHARES})",
    re.IGNORECASE,
)
_REVERSED = re.compile(
    rf"(?P<levels>{_LEVEL}(?:{_AND}{_LEVEL}){{1,7}}|{_SHARES})[^*%]{{0,60}}?\b(?:by|with|as)\s+(?:the\s+)?"
    rf"(?:symbols?\s+|superscripts?\s+)?(?P<symbols>{_SYMBOLS})",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"(?P<level>{_LEVEL})\s*\(?(?P<symbol>\*{{1,4}})\)?")
_WORDS = (
    (r"\bone,? two,? (?:and|or) three (?:asterisks|stars)\b", "*, ** and ***"),
    (r"\bthree,? two,? (?:and|or) one (?:asterisks?|stars?)\b", "***, ** and *"),
    (r"\b(?:triple|three) (?:asterisks|stars)\b", "***"),
    (r"\b(?:double|two) (?:asterisks|stars)\b", "**"),
    (r"\b(?:an?|single|one) (?:asterisk|star)\b", "*"),
)
_ADJUSTED = (
    r"holm|bonferroni|sidak|\bfdr\b|false discovery|benjamini|hochberg|sharpened|q-?values?|romano|step-?down|westfall"
    r"|family-?wise|\bfwer\b|multiple[- ](?:hypothes|test|compar|inference)|multiplicity|adjusted p|多重检验"
)
_OTHER_TEST = (
    r"anderson[- ]rubin|weak[- ](?:instruments?|iv|identification)[- ]robust|likelihood[- ]ratio|\blr[- ]tests?\b"
    r"|bias[- ]corrected|rdrobust|score tests?|fisher|exact tests?|conditional likelihood"
)
_FINER = (
    r"\bproducts?\b|destination|\borigins?\b|\bhs-?\d|transaction|quarter|month|week|daily|\bplants?\b|establishment"
    r"|employee|worker|\bpairs?\b|产品|目的地|目的国|季度|月度|员工"
)
_CODES = re.compile(r"signif(?:icance|\.)?\s*codes?", re.IGNORECASE)


def read_notes(lines: Sequence[str]) -> Notes:
    """Read all statements of notes (and title) about stars, brackets, errors and methods, in English and Chinese."""
    text = " \n ".join(_ready(line) for line in lines)
    low = text.lower()
    levels, doubts = _levels(text)
    cover = re.search(r"(\d\d(?:\.\d)?)\s?(?:%|per\s?cent|percent)[- ]*(?:confidence|c\.?i\.?\b|置信)", low)
    clusters = re.search(
        r"cluster(?:ed|ing|s)?(?: standard errors?)?(?: are)? (?:at|by|on) (?:the )?([\w -]{2,40}?)"
        r"(?: level|\.|,|;|$| \n| in | are)|聚类(?:到|在)?(\w{1,8}?)(?:层面|层级|水平)",
        low,
    )
    return Notes(
        levels=levels,
        brackets=_brackets(low),
        cover=float(cover[1]) / 100 if cover else None,
        clustered=(clusters[1] or clusters[2] or "").strip() if clusters else "",
        ratios=bool(
            re.search(r"odds ratio|hazard ratio|incidence[- ]rate ratio|exponentiated|risk ratio|比值比|风险比", low)
        ),
        one_sided=bool(re.search(r"one[- ](?:sided|tailed)|单侧|单尾", low)),
        marginal=bool(re.search(r"marginal effects?|边际效应", low)),
        absolute=bool(re.search(r"absolute (?:value|t|z)|绝对值", low)),
        adjusted=bool(re.search(_ADJUSTED, low)),
        resampled=bool(
            re.search(
                r"bootstrap|wild[- ]cluster|permut|randomi[sz]ation|jackknife|credible|posterior|percentile int|自助"
                r"|interquartile|\biqr\b",
                low,
            )
        ),
        other_test=bool(re.search(_OTHER_TEST, low)),
        centred=bool(re.search(r"cent(?:er|re)d|de-?meaned|standardi[sz]ed|z-?scores?|中心化|标准化|去均值", low)),
        instrumented=bool(re.search(r"\b(?:2sls|tsls|iv|gmm|liml|instrument(?:s|ed|al)?)\b|工具变量", low)),
        finer=bool(re.search(_FINER, low)),
        conditional=bool(
            re.search(
                r"fixed effects|strat(?:a|um)\b|controls? for|controlling|conditional on|adjust\w* for|控制|固定效应",
                low,
            )
        ),
        wald=bool(re.search(r"wald (?:95 ?% )?(?:confidence|c\.?i|interval)", low)),
        nobs=_nobs(text),
        other_fit=bool(re.search(OTHER_FIT, low)),
        doubts=doubts,
    )


_SIZE = re.compile(r"\b[nN]\s?=\s?(\d[\d,]*)(?![\d,]*\s?(?:-|to)\s?\d)")
_BOUND = re.compile(
    r"\b(?:at (?:most|least)|up to|max(?:imum)?|min(?:imum)?|or (?:fewer|less|more)|between|rang\w+|var(?:y|ies))"
    r"(?![a-z])|至多|最多|不超过",
    re.IGNORECASE,
)
"""Words next to a number of rows that mark it as a bound, and not as the number for every statistic."""


def _nobs(text: str) -> float | None:
    """Return the number of observations in the notes.

    Returns None if the notes have no number or several numbers, or if a word next to a number marks it as a bound.
    """
    sizes = list(_SIZE.finditer(text))
    around = (text[max(m.start() - 12, 0) : m.end() + 14] for m in sizes)
    counts = {float(m[1].replace(",", "")) for m in sizes}
    is_bound = any(map(_BOUND.search, around))
    return counts.pop() if len(counts) == 1 and not is_bound else None


def _ready(line: str) -> str:
    """Normalise a line of notes.

    Stars in words (``two asterisks``) become signs, blanks between stars are removed, and quotation marks between two
    symbols become a comma.
    """
    bare = plain(line).replace("\\%", "%").replace("\\*", "*")
    for pattern, stars in _WORDS:
        bare = re.sub(pattern, stars, bare, flags=re.IGNORECASE)
    bare = re.sub(r"(?<=\*)[\"'“”‘’]+\s*[\"'“”‘’]+(?=\*)", ", ", bare) if not _CODES.search(bare) else bare
    return re.sub(r"\*(?:\s+\*)+", lambda m: m[0].replace(" ", ""), bare)


MOST_LENIENT = 0.2
"""A larger share is no level of significance: ``a 60% random sample``, ``95% intervals``. A convention."""
_LETTERS = frozenset("abc")


def _levels(text: str) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the largest p that each symbol means, and doubts about contradicting statements."""
    levels: dict[str, float] = {}
    doubts: list[str] = []
    stated = [(symbol, level) for symbol, level in _stated(text) if level <= MOST_LENIENT]
    letters = {symbol for symbol, _ in stated if symbol in _LETTERS}
    for symbol, level in stated:
        # One letter alone is a word or a number: ``a 5% sample``, ``Table A.1``.
        if symbol in _LETTERS and len(letters) < 2:
            continue
        if levels.setdefault(symbol, level) != level:
            doubts.append(f"{symbol} is explained twice: p < {levels[symbol]:g} and p < {level:g}")
    stars = {k: v for k, v in levels.items() if set(k) == {"*"}}
    ordered = [stars[k] for k in sorted(stars, key=len)]
    if any(b >= a for a, b in pairwise(ordered)):
        doubts.append("more stars stand for a larger p in the notes")
    return levels, tuple(dict.fromkeys(doubts))


def _stated(text: str) -> Iterator[tuple[str, float]]:
    """Yield each symbol with its level, line by line; no part of a line is read by two patterns."""
    for line in text.split("\n"):
        if _CODES.search(line):
            # R's line ``0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1``, or a list ``***: 0.01, **: 0.05``.
            rows = re.findall(r"['\"‘’“”`]\s*(\*+|\.|\+)\s*['\"‘’“”`]\s*(0?\.\d+)", line)
            rows = rows or re.findall(r"(\*+)\s*[:=]?\s*(?:p?\s*<)?\s*(0?\.\d+)", line)
            yield from ((symbol, float(level)) for symbol, level in rows)
            continue
        taken: list[tuple[int, int]] = []
        for match in _LIST.finditer(line):
            symbols = re.findall(_SYMBOL, match["symbols"], re.IGNORECASE)
            levels = _numbers(match["levels"])
            taken.append(match.span())
            if len(symbols) == len(levels):
                yield from zip(map(_symbol, symbols), levels, strict=True)
        for match in _REVERSED.finditer(line):
            symbols, levels = re.findall(_SYMBOL, match["symbols"], re.IGNORECASE), _numbers(match["levels"])
            if len(symbols) == len(levels) and not any(a < match.end() and match.start() < b for a, b in taken):
                taken.append(match.span())
                yield from zip(map(_symbol, symbols), levels, strict=True)
        reversed_pairs = (
            []
            if re.search(r"\*[^*%]{0,40}%", line) and not re.match(r"[^*]*%\s*\(?\*", line)
            else list(_BEHIND.finditer(line))
        )
        if len(reversed_pairs) > 1 and not taken and "*" not in line[: reversed_pairs[0].start()]:
            taken.append((reversed_pairs[0].start(), reversed_pairs[-1].end()))
            yield from ((m["symbol"], _numbers(m["level"])[0]) for m in reversed_pairs)
        for match in _PAIR.finditer(line):
            if not any(a <= match.start() < b for a, b in taken):
                yield _symbol(match["symbol"]), _numbers(match["level"])[0]


def _symbol(text: str) -> str:
    return {"ᵃ": "a", "ᵇ": "b", "ᶜ": "c"}.get(text.strip("^"), text.strip("^").lower())


def _numbers(text: str) -> list[float]:
    """Return the levels of a list as shares: ``10, 5 and 1 %``, ``5 %, 1 %, 0.1 %``.

    In ``0.1, 0.05 and 0.01 %`` the numbers are shares already, and are not divided by 100.
    """
    values = [float(v.replace(",", ".")) for v in re.findall(r"\d*\.\d+|0,\d+|\d+", text)]
    signs = len(re.findall(r"%|per\s?cent", text, re.IGNORECASE))
    # A level of 0.2 or more is in per cent: significance levels stop at 0.1.
    percent = signs and (signs == len(values) or max(values, default=0.0) >= 0.2)
    return [v / 100 if percent else v for v in values]


_HOLDS: tuple[tuple[Kind, str], ...] = (
    ("interval", r"confidence intervals?|\bcis?\b|置信区间"),
    ("p", r"\bp[- ]?values?\b|(?<![a-z])p ?值|\bp-?stat|\bprobabilit"),
    (
        "t",
        r"\b[tz][- ]?(?:statistics?|stats?\.?|values?|ratios?|tests?)\b|(?<![a-z])[tz]\s?值|[tz]\s?统计量"
        r"|t检验值|absolute (?:value of )?t",
    ),
    ("se", r"standard[- ]?errors?|\bs\.?\s?e\.?s?\b|std\.?\s?err|标准误|稳健标准|标准差"),
)
_Named = Kind | Literal["sd"]
_SPREAD: tuple[_Named, str] = ("sd", r"standard deviations?|\bs\.?d\.?s?\b|std?\.? ?dev(?:iations?|s|\.)?")
"""Words for standard deviations, which are in brackets below means.

A bracket that the notes explain as a standard deviation gets no kind of number of a coefficient.
"""
_FORMS = (
    ("[", r"\[ ?\]|square[d]? brackets|方括号|中括号|(?<!round )(?<!in round )\bbrackets\b"),
    ("{", r"\{ ?\}|\bbraces\b|curly|大括号|花括号"),
    ("(", r"\( ?\)|parenthes[ei]s|round brackets|圆括号|小括号|(?<![方圆大小中花])括号|(?<![方圆大小中花])括弧"),
)


def _brackets(text: str) -> dict[str, Kind]:
    """Match each bracket that the notes mention with the nearest kind of number in the same clause."""
    kind_of_form: dict[str, _Named] = {**_pattern(text)}
    for clause in re.split(r"\n|;|。|；|\.\s", text):
        named = [(m, kind) for kind, pattern in (*_HOLDS, _SPREAD) for m in re.finditer(pattern, clause)]
        kinds = sorted((m.start(), m.end(), kind) for m, kind in named)
        forms = sorted((m.start(), m.end(), form) for form, pattern in _FORMS for m in re.finditer(pattern, clause))
        # A clause may begin by naming the bracket: ``In parentheses are t statistics``, ``括号内为t值``.
        lead = re.sub(r"^(?:notes?|注|说明)?[\s:：,，]*", "", clause[: forms[0][0]] if forms else "")
        opens = bool(forms) and not lead.removesuffix("in ").strip(" ,in")
        for n, (start, end, form) in enumerate(forms):
            since = forms[n - 1][1] if n else 0
            until = forms[n + 1][0] if n + 1 < len(forms) else len(clause)
            before = [k for k in kinds if since <= k[0] < start]
            after = [k for a, _, k in kinds if end <= a < until]
            kind = (after[0] if after else None) if opens or (after and not before) else _meant(clause, before)
            if kind is not None:
                kind_of_form.setdefault(form, kind)
        if not forms and kinds and re.search(r"below|beneath|下方|under the coef", clause):
            kind_of_form.setdefault("any", kinds[0][2])
    return {form: kind for form, kind in kind_of_form.items() if kind != "sd"}


def _meant(clause: str, before: Sequence[tuple[int, int, _Named]]) -> _Named | None:
    """Return the kind of number in a bracket, from the kinds named before the bracket; None if two kinds may be meant.

    In ``t statistics based on robust standard errors in parentheses``, t is meant. In
    ``clustered standard errors, t statistics in parentheses``, the last kind is meant.
    """
    if len({kind for _, _, kind in before}) < 2:
        return before[-1][2] if before else None
    between = clause[before[-2][1] : before[-1][0]]
    if re.search(r"based|using|from|comput|calculat|correct|adjust|robust|associated|基于", between):
        return before[-2][2]
    return before[-1][2] if re.search(r"[,;，、]", between) else None


def _pattern(text: str) -> dict[str, Kind]:
    """Read the pattern of a cell that is spelt out: ``Coefficient (Std. Error) [t-stats]``."""
    match = re.search(r"coef(?:ficient)?s?(?P<rest>\s*[(\[{][^()\[\]{}]*[)\]}](?:\s*[(\[{][^()\[\]{}]*[)\]}])*)", text)
    kinds: dict[str, Kind] = {}
    for bracket, words in re.findall(r"([(\[{])([^()\[\]{}]*)[)\]}]", match["rest"] if match else ""):
        kind = next((k for k, pattern in _HOLDS if re.search(pattern, words)), None)
        if kind is not None:
            kinds[bracket] = kind
    return kinds
