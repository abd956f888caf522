"""Recognise the words of printed tables in English and Chinese: statistics, kinds of numbers, names of terms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tablecheck.digits import plain

_STATISTICS: Mapping[str, str] = {
    "n": r"(?:no\.?|number|num\.?|#) ?(?:of )?obs(?:ervations?|\.)?|obs(?:ervations?|\.)?(?: \(?n\)?)?|n ?obs\.?|n|nobs"
    r"|sample[ _]size|number of cases|n \(?obs(?:ervations)?\)?|样本量|样本数量?|观测值?数?量?|样本容量|总样本",
    "clusters": r"(?:no\.?|number|num\.?|n\.?|#)?[ _]?(?:of )?clusters?"
    r"|聚类(?:个?数|数量|组数)?(?: ?[(（].*[)）])?|.*clusters \(.*\)",
    "df": r"df(?: of t|_t)?|d\.f\.|degrees of freedom(?: of t)?|resid(?:ual)?s?\.? df|df residuals?"
    r"|t ?分布自由度|自由度",
    "firms": r"(?:no\.?|number|num\.?|n\.?|#)[ _]?(?:of )?(?:firms|groups|individuals|units|companies"
    r"|ids?|panels)|firms"
    r"|groups|企业数量?|公司数量?|个体数",
    "years": r"(?:no\.?|number|num\.?|n\.?|#)[ _]?(?:of )?(?:years|periods|time periods)|years|年份数",
    "r2_adjusted": r"(?:adj(?:usted)?\.?[ _-]?|调整后?的? ?)(?:r ?\^?2|r ?方|r-?sq(?:uared?"
    r"|\.)?)(?: ?\(.*\))?|r ?\^?2[ _]adj(?:usted|\.)?"
    r"|r2_a|adjrsquared|r-squared adj\.?",
    "r2_within": r"(?:within|组内) ?[-_]?(?:r ?\^?2|r-?sq(?:uared?|\.)?)|(?:r ?\^?2|r-?sq(?:uared?"
    r"|\.)?)[ _-]*\(?within\)?|r2_w",
    "r2_pseudo": r"(?:pseudo|mcfadden'?s?|伪) ?[-_]?(?:r ?\^?2|r-?sq(?:uared?|\.)?)|r2_p",
    "r2_other": r"(?:(?:between|overall|proj model)[ -]*(?:r ?\^?2|r-?sq.*)|(?:r ?\^?2|r-?sq(?:uared?"
    r"|\.)?)[ _-]*\(?(?:between|overall)\)?)",
    "r2": r"r ?\^?2(?:,? ?\(?(?:in )?%\)?)?|r-?sq(?:uared?|\.)?(?: ?\(.*\))?|rsquared|r_squared|multiple r-squared"
    r"|(?:拟合优度 ?)?r ?方|拟合优度(?: ?r ?\^?2)?|r2 ?\(full model\)",
    "f_p": r"prob ?> ?f|p-value \(f\)|f[ -]?test \(p(?:-value)?\)|p ?> ?f",
    "f": r"f|f[ -]?(?:stat(?:istic)?|value|test)s?(?: ?\(.*\))?|f ?值|f ?统计量",
    "wald": r"wald(?: ?(?:chi|χ).*| test| stat.*)?|chi-?(?:square|2|\^2)(?:d)?(?: ?\(.*\))?",
    "loglik": r"log[ -]?lik(?:elihood|\.)?|ll|对数似然值?",
    "aic": r"aic|akaike.*",
    "bic": r"bic|schwarz.*",
    "rmse": r"rmse|root mse|s\.?e\.? of regression|std\. ?errors? of regression|residual std\.? error.*|sigma",
    "outcome_mean": r"mean (?:of )?(?:the )?(?:dep(?:endent)?\.? ?var(?:iable|\.)?|outcome|y)(?: .*)?"
    r"|(?:dep(?:endent)?\.? ?var(?:iable)?|"
    r"outcome|control) mean|ymean|均值",
    "turning": r"turning[ -]point(?!.*(?:percent|quantile|share|p[ -]?val|test|s\.?e\.?\b|std|error|low|upp"
    r"|\bci\b|interval|%)).*|拐点(?!.*(?:分位|标准误|区间|比例|检验|%)).*",
}
_FULL = {key: re.compile(rf"(?:{pattern}) ?:?") for key, pattern in _STATISTICS.items()}

_ERROR = r"(?:s\.?e\.?s?|(?:std?\.?|standard)[ _.-]?err(?:ors?|\.)?)"
_KINDS: tuple[tuple[str, str], ...] = (
    (
        "low",
        r"\[ ?0\.0\d+|\[?9\d% conf\.?(?:idence)?|ci[ _.]?(?:low(?:er)?|min)|(?:lower|low|ll|conf\.low|lb)"
        r"(?: (?:\(?9\d|\(?ci\b|\(?c\.i|conf|cl\b|limit|bound|end).*)?|2\.5 ?%|5\.0 ?%|.{0,12}下限"
        r"|\(?9\d% ci (?:low|min).*",
    ),
    (
        "high",
        r"0\.9\d+ ?\]|interval ?\]|ci[ _.]?(?:high|upp?er|max)|(?:upper|high|ul|conf\.high|ub)"
        r"(?: (?:\(?9\d|\(?ci\b|\(?c\.i|conf|cl\b|limit|bound|end).*)?|97\.5 ?%"
        r"|95\.0 ?%|.{0,12}上限|\(?9\d% ci (?:high|upp|max).*",
    ),
    (
        "interval",
        r".*conf(?:idence|\.)? ?int(?:erval|\.)?.*|\(?\[?\d\d ?% ?ci\]?\)?\^?1?|ci|\d\d ?% intervals?|.*置信区间.*",
    ),
    ("p", r"p|p ?>? ?\|? ?[tz] ?\|?|p[ -.]?val(?:ue|\.)?s?|pr ?\(? ?> ?\|[tz]\| ?\)?|sig\.?|p ?值|显著性"),
    ("se", rf"\(?(?:(?:robust |clustered )?{_ERROR}(?: ?\(?[bβ]\)?)?|std_error|标准误差?|稳健标准误)\)?"),
    (
        "t",
        r"\(?(?:t|z|statistic|[tz][ -.]?stat(?:istic|\.)?s?|[tz][ -.]?(?:values?|ratios?)|c\.r\.|critical ratio"
        r"|tstat|[tz] ?值|[tz] ?统计量)\)?",
    ),
    ("b_std", r"(?:std\.?|standardi[sz]ed) ?(?:coef(?:f?icients?|\.)?|beta)s?|标准化系数"),
    (
        "b",
        r"b|coef(?:f?icients?|\.)?s?|est(?:imates?|\.)|parameters?|beta|β|系数|估计值"
        r"|log\((?:or|irr|hr)\)|exp ?\((?:b|β|beta|coef\.?)\)"
        r"|[ac]?(?:or|irr|hr|rr)|(?:(?:un)?adj(?:usted|\.)|crude) ?(?:or|irr|hr|rr)"
        r"|(?:(?:(?:un)?adj(?:usted|\.)|crude) )?(?:odds|hazard|risk|rate|incidence[ -]rate) ratios?"
        r"|dy/dx|effect|mean diff.*",
    ),
    ("df", r"d\.?f\.?(?:[ _]?(?:error|residual))?|degrees of freedom|自由度"),
    ("wald", r"wald(?:[ -]?(?:chi|χ).*| stat.*)?"),
)
_BEHIND = re.compile(r"(?<=\w|\))[ ,]*[(\[]9\d ?%? ?(?:ci|c\.i\.|conf(?:idence|\.)? int(?:erval|\.)?)[)\]]$")
_KIND = [(key, re.compile(pattern)) for key, pattern in _KINDS]

_DESCRIBED: Mapping[str, str] = {
    "n": r"n|obs\.?|observations|counts?|sample[ _]size|样本[量数]|样本容量|观测[值数]|观察[值数]|n ?obs\.?"
    r"|(?:number|num\.?|no\.?|#) ?(?:of )?(?:obs\.?|observations)",
    "mean": r"mean|average|avg\.?|均值|平均值?|平均数",
    "sd": r"s\.?d\.?|st\. ?dev\.?|std\.?(?:[ _]?dev(?:iation|\.)?)?|standard[ _]deviation|标准差",
    "min": r"min(?:imum|\.)?|最小值?|极小值",
    "max": r"max(?:imum|\.)?|最大值?|极大值",
    "median": r"median|p ?50|50 ?%|50th (?:pct|percentile).*|med\.?|中位[数值]|中值|q2",
    **{f"p{k}": rf"p ?{k}|{k}th (?:pct|percentile).*|pctl\({k}\)|{k} ?%?分位数?" for k in (5, 10, 90, 95, 99)},
    "p25": r"p ?25|25 ?%|q1|25th pct.*|pctl\(25\)|first quartile|下四分位数?",
    "p75": r"p ?75|75 ?%|q3|75th pct.*|pctl\(75\)|third quartile|上四分位数?",
    "variance": r"var(?:iance|\.)?|方差",
    "skewness": r"skew(?:ness|\.)?|偏度",
    "kurtosis": r"kurt(?:osis|\.)?|峰度",
    "sum": r"sum|total|合计|总和",
}
_VALUE = re.compile(
    r"(?<=\w) ?values?$|^(?:the|sample|样本) ?(?=(?:mean|median|min|max|standard|s\.?d|均值|平均|标准差))"
)
_DESCRIBES = {key: re.compile(pattern) for key, pattern in _DESCRIBED.items()}


def bare(text: str) -> str:
    """Normalise a text: lower case, signs in one form, squares as ``^2``, no LaTeX or Markdown marks around it."""
    return plain(text).replace("²", "^2").replace("$", "").replace("\\", "").strip(" :;*_").lower()


def statistic(label: str) -> str:
    """Return the statistic that the label of a row names (``n``, ``r2_within``, ``clusters``).

    The result is empty if it names none.
    """
    low = bare(label)
    # Longer labels are sentences, not names of statistics; 60 is a convention, as 40 and 30 below.
    return next((key for key, pattern in _FULL.items() if pattern.fullmatch(low)), "") if len(low) < 60 else ""


def kind_of(text: str) -> str:
    """Return the kind of number that a heading or label names; empty if it names none.

    The ends of an interval have the kinds ``low`` and ``high``. A confidence interval in brackets at the end of the
    text is ignored: ``OR (95% CI)`` is a coefficient.
    """
    low = _BEHIND.sub("", bare(text))
    return next((key for key, pattern in _KIND if pattern.fullmatch(low)), "") if len(low) < 40 else ""


def describes(text: str) -> str:
    """Return the descriptive statistic that a heading names; empty if it names none."""
    low = _VALUE.sub("", bare(text).replace("_", " ").strip())
    return next((key for key, pattern in _DESCRIBES.items() if pattern.fullmatch(low)), "") if len(low) < 30 else ""


_TEST = re.compile(
    r"\bstatistics?\b|统计量|检验|kleibergen|cragg|hansen|sargan|anderson[- ]?(?:rubin|canon)|hausman"
    r"|stock[- ]?(?:yogo|wright)|montiel|\b(?:over|under|weak)[- ]?id|breusch|durbin|arellano|\bar ?\(\d\)"
    r"|\b(?:j|lm)[- ]?(?:stat|test)|\b(?:joint|wald|chow|sobel|f|t|lr|placebo|endogeneity|equality) tests?\b"
    r"|\btests? (?:of|for|that)\b|h0\b",
    re.IGNORECASE,
)


def names_test(label: str) -> bool:
    """Return whether the label of a row names a test.

    Its statistic is then in the row, and its p or critical value nearby.
    """
    return bool(_TEST.search(plain(label)[:120]))


def is_number_of_column(text: str) -> bool:
    """Return whether a text numbers a column: ``(1)``, ``1``, ``(2a)``, ``Model 3``, ``M1``, ``col2``."""
    return bool(
        re.fullmatch(
            r"\(?\s*(?:model|m|col\.?|column|模型|列)?\s*\(?\d{1,2}[a-z]?\)?\s*\)?", plain(text), re.IGNORECASE
        )
    )


_SQUARED = re.compile(
    r"(?:_sq|_squared?|\*\*2|\^\{?2\}?|²| ?squared?| ?sq\.?|\(squared?\)| ?的?平方项?|_2nd|\^2 ?term)$"
)
_LAGGED = re.compile(r"[ _]?[({]*t ?- ?(\d+)[)}]*$|(?:^|[ _(])lag(?:ged)?[ _]?(\d*)[ _)]*")


def term_name(text: str) -> str:
    """Normalise the name of a term.

    ``c. Market# c. Market``, ``I(Market^2)``, ``Market squared`` -> ``market^2``; ``L2.Market`` and ``Market (t-2)`` ->
    ``L2.market``; ``A × B``, ``A:B`` and ``c.A#c.B`` -> ``a#b``.
    """
    low = bare(text.translate({ord("×"): "#", ord("✕"): "#", ord("∗"): "#"}))
    low = re.sub(r"\^(?:1|[a-e])$", "", low)  # a footnote mark
    low = re.sub(r"^i\((.*)\)$", r"\1", re.sub(r"\s+", " ", low))
    low = re.sub(r"^(?:square of|squared) (?:the )?(.*)$", r"\1^2", low)
    parts = [_factor(p) for p in re.split(r"\s*(?:#+|:| x (?=\w)|\*(?!\*))\s*", low) if p]
    return f"{parts[0]}^2" if len(parts) == 2 and parts[0] == parts[1] else "#".join(parts)


def _without_lag(low: str) -> tuple[str, str]:
    """Split a factor into its name and its lag (empty if there is none); a lead stays in the name."""
    match = re.match(r"^([lf])(\d*)\.", low)
    if match and match[1] == "l":
        return low[match.end() :], match[2] or "1"
    if match:
        return f"F{match[2]}.{low[match.end() :]}", ""
    match = _LAGGED.search(low)
    if match and match[0] != low:
        return (low[: match.start()] + low[match.end() :]).strip(" _"), match[1] or match[2] or "1"
    return low, ""


def _factor(part: str) -> str:
    """Normalise one factor of a term: Stata's prefixes, lags, squares and names of the constant."""
    part, lag = _without_lag(re.sub(r"^(?:c|i\d*b?n?)\.\s*(?=.)", "", part.strip()))
    base = _SQUARED.sub("", part)
    name = re.sub(r"[\s]+", "", base).strip("_()")
    name = "constant" if name in ("cons", "intercept", "const", "const.", "常数项", "截距", "截距项") else name
    name = f"{name}^2" if base != part and name else name
    return f"L{lag if lag != '1' else ''}.{name}" if lag else name
