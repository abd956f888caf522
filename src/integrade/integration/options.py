"""Define the options of the relative-price method once for Python, the command line and study files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from integrade.engine.system import is_file
from integrade.errors import UsageError, option
from integrade.geography import is_country
from integrade.integration.basis import Settled
from integrade.records.needs import File
from integrade.sources.basis.detection import Declared

FILES = ("pairs", "distances", "partner_weights", "good_weights", "groups", "geography")
"""Options whose text names a file, unless the text is a word of the option or no file of that name exists."""


def counts_or_reaches(pairs: str) -> bool:
    """Return whether a text has the form ``nearest:5`` or ``within:800``."""
    return re.fullmatch(r"nearest:0*[1-9]\d*|within:(?=.*[1-9])\d+(\.\d*)?", pairs) is not None


@dataclass(frozen=True)
class RelativePrice:
    """Options of `relative_price` (every choice: METHODS 1.2).

    Parameters
    ----------
    form
        difference: ln(I_i/I_j), the change of the log relative price. ratio_change: I_i/I_j - 1, with i before j in
        name order. level_ratio: ln(P_i/P_j), for prices declared as levels.
    basis
        The meaning of the index column. detect: read from the data, or refuse. link: previous period = 100. fixed: base
        period = 100; changes are taken between adjacent periods only. one_base: one base period throughout, without the
        test for rebasing. level: prices in currency. year_on_year: same month of last year = 100; relative changes are
        then over twelve months. rate, rate_year_on_year: the changes themselves in per cent (3.2 for 103.2).
    absolute
        Whether relative prices are taken as absolute values. Signed relative prices, once demeaned, depend on the order
        of the regions.
    demean
        The common component that is removed from each good and period. pairs: the mean over all pairs that have the
        good. used: the mean over the selected pairs. two_way: in addition a mean of each pair and good over time.
        regression: residuals on good-period and pair dummies. none: nothing is removed.
    ddof
        Divisor K - ddof of the variance over goods.
    dispersion
        Over goods: variance, its square root (sd) or the mean of absolute deviations (mean_absolute). joint: the
        variance over all goods and partners of a region together. over_time: variance over time of each pair and good,
        averaged over goods (Engel and Rogers).
    window
        Number of periods in a window of dispersion over_time; the row has the last of these periods. If not given, one
        window has all periods.
    pairs
        all; adjacent (regions with a common border, and Guangdong-Hainan); within:800 (at most this distance apart);
        nearest:5 (each region with its five nearest); or a file, frame or list with two columns of region names.
    distances
        File or frame with two columns of region names and the distance. If not given, the distances are the kilometres
        between the middles of the regions (in China, between the capitals of the provinces).
    partner_weights
        Weights of a region's partners: equal; distance (1/distance); or a file or frame with region (, year), weight
        (GDP, population) or two columns of region names (, year), weight (trade).
    good_weights
        Weights of goods: equal; or a file or frame with commodity (, region) (, year), weight (expenditure).
    missing
        What to do with a good that a region lacks. pairwise: leave it out of the pairs of that region; listwise: leave
        it out of the whole period; impute: not available, because an imputed price biases the index.
    goods_group
        The kind of prices. consumer: price indices of goods; capital: price indices of fixed investment (construction,
        equipment, other); labour: indices of average wages by ownership or industry, or wages with basis level.
    transform
        The transform from segmentation S to integration: 0.5 ln(1/S), S^-0.5, 1/S, -ln S, or S itself (none).
    level
        One row per region, one per pair, one for the nation, or one per group of regions (within, outward, between).
    se
        jackknife: standard errors from leaving out one good at a time.
    k_min
        Number of goods that a pair needs in a period. If not given: ceil(max(3, 0.6 K)), where K is the number of goods
        in the period.
    thin
        What to do with a period that has fewer than four regions or too few goods: leave it out, with a warning that
        names it, or refuse.
    groups
        For level group: a file with two columns, region and group, or a mapping. If not given, the groups are the areas
        of the geography (East, Central and West in China).
    geography
        The regions: a country (MY, Malaysia), a file (docs/geography.md) or a `Geography`. If not given, it is the
        built-in country that has all the regions.
    """

    form: Literal["difference", "ratio_change", "level_ratio"] = "difference"
    basis: Declared = "detect"
    absolute: bool = True
    demean: Literal["pairs", "used", "none", "two_way", "regression"] = "pairs"
    ddof: Literal[1, 0] = 1
    dispersion: Literal["variance", "sd", "mean_absolute", "joint", "over_time"] = "variance"
    window: int | None = None
    pairs: Annotated[Any, File(("all", "adjacent"), counts_or_reaches)] = "all"
    distances: Annotated[Any, File()] = None
    partner_weights: Annotated[Any, File(("equal", "distance"))] = "equal"
    good_weights: Annotated[Any, File(("equal",))] = "equal"
    missing: Literal["pairwise", "listwise", "impute"] = "pairwise"
    goods_group: Literal["consumer", "capital", "labour"] = "consumer"
    transform: Literal["log_inverse_sqrt", "inverse_sqrt", "inverse", "neg_log", "none"] = "log_inverse_sqrt"
    level: Literal["region", "pair", "nation", "group"] = "region"
    se: Literal["none", "jackknife"] = "none"
    k_min: int | None = None
    thin: Literal["leave_out", "refuse"] = "leave_out"
    groups: Annotated[Any, File()] = None
    geography: Annotated[Any, File(like=is_country)] = None

    @property
    def oriented(self) -> bool:
        """True if the numbers depend on which region of a pair comes first."""
        harmless = self.demean == "none" and self.dispersion != "joint"
        return self.form == "ratio_change" or not (self.absolute or harmless)

    def together(self) -> None:
        """Refuse options that exclude each other; raises `UsageError`."""
        check_together(self)

    def goods_needed(self, goods: int) -> int:
        """Return how many goods a pair needs in a period with this many goods: ``k_min`` or ceil(max(3, 0.6 K))."""
        return max(3, -(-3 * goods // 5)) if self.k_min is None else self.k_min


def with_basis(options: RelativePrice, basis: Settled) -> RelativePrice:
    """Return the options with the basis of the prices; raises `UsageError` for form level_ratio without basis level."""
    settled = replace(options, basis="fixed" if basis == "fixed_or_level" else basis)
    if options.form == "level_ratio":
        _check_level(settled)
    return settled


def check_together(options: RelativePrice) -> None:
    """Refuse options that exclude each other; raises `UsageError`."""
    if options.form == "level_ratio" and options.basis != "detect":
        _check_level(options)
    least = 3 if options.se == "jackknife" else 2
    if options.k_min is not None and options.k_min < least:
        raise UsageError(
            f"k_min={options.k_min}: a dispersion over goods needs {least} goods" + (" here" if least == 3 else ""),
            remedy=f"give {option('k_min', least)} or more"
            + (": the jackknife deletes one and still needs two" if least == 3 else ""),
        )
    if options.missing == "impute":
        raise UsageError(
            "missing='impute': an imputed price moves like the others, so segmentation falls where data are missing",
            remedy=f"{option('missing', 'pairwise')} uses the goods that both regions have, "
            f"or {option('missing', 'listwise')} those that all have",
        )
    if options.window is not None and options.dispersion != "over_time":
        raise UsageError(
            f"window={options.window} applies only to dispersion over_time, not to {options.dispersion}",
            remedy=f"give {option('dispersion', 'over_time')}, or leave {option('window')} out",
        )
    if options.window is not None and options.window < 3:
        raise UsageError(
            f"window={options.window}: a variance over time needs three periods",
            remedy=f"give {option('window', 3)} or more, or leave {option('window')} out",
        )
    by_distance = isinstance(options.pairs, str) and options.pairs.startswith(("within:", "nearest:"))
    weighted = isinstance(options.partner_weights, str) and options.partner_weights == "distance"
    if options.distances is not None and not (by_distance or weighted):
        raise UsageError(
            "distances are given, but no option uses them",
            remedy=f"{option('pairs', 'within:800')} or {option('pairs', 'nearest:5')} or "
            f"{option('partner_weights', 'distance')} uses them",
        )


def _check_level(options: RelativePrice) -> None:
    if options.basis != "level":
        raise UsageError(
            f"form level_ratio compares price levels, and the basis is {options.basis!r}",
            remedy="a ratio of indices depends on the base period; "
            f"give {option('basis', 'level')} for prices in currency, or {option('form', 'difference')}",
        )


def file_options(options: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """Return the options that name a file of ``folder``, each with the path of its file.

    A study file names files relative to its folder.
    """
    texts = {name: options[name] for name in FILES if isinstance(options.get(name), str)}
    return {name: folder / text for name, text in texts.items() if is_file(folder / text)}
