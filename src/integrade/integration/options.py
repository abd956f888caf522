"""The options of the relative-price method: the one definition for Python, the command line and study files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from integrade.errors import UsageError


@dataclass(frozen=True)
class RelativePrice:
    """How prices become an integration index (every choice: METHODS 1.2).

    Parameters
    ----------
    form
        difference: ln(I_i/I_j), the change of the log relative price. ratio_change: I_i/I_j - 1, with i before j in
        name order. level_ratio: ln(P_i/P_j), for prices declared as levels.
    basis
        What the index column holds. link: previous period = 100. fixed: base period = 100; changes are taken between
        adjacent periods only. level: prices in currency.
    absolute
        Absolute relative prices; signed ones depend on the order of the regions once they are demeaned.
    demean
        The common component of each good and period that is removed. pairs: mean over all pairs that have the good;
        used: over the selected pairs; two_way: also a mean of each pair and good over time; regression: residuals on
        good-period and pair dummies; none.
    ddof
        Divisor K - ddof of the variance over goods.
    dispersion
        Over goods: variance, its square root (sd) or the mean of absolute deviations (mean_absolute).
    pairs
        all; adjacent (provinces of China with a common border, and Guangdong-Hainan); or a .csv file, frame or list
        with two columns of region names.
    transform
        Segmentation S to integration: 0.5 ln(1/S), S^-0.5, 1/S, -ln S, or S itself (none).
    level
        What a row is: a region, a pair, the nation, or region groups (within, outward, between).
    se
        jackknife: standard errors by deleting one good at a time.
    k_min
        Goods that a pair needs in a period; ceil(max(3, 0.6 K)) with K goods in the period when not given.
    groups
        Region to group, for level group; East, Central and West for provinces of China when not given.
    """

    form: Literal["difference", "ratio_change", "level_ratio"] = "difference"
    basis: Literal["link", "fixed", "level"] = "link"
    absolute: bool = True
    demean: Literal["pairs", "used", "none", "two_way", "regression"] = "pairs"
    ddof: Literal[1, 0] = 1
    dispersion: Literal["variance", "sd", "mean_absolute"] = "variance"
    pairs: Any = "all"
    transform: Literal["log_inverse_sqrt", "inverse_sqrt", "inverse", "neg_log", "none"] = "log_inverse_sqrt"
    level: Literal["region", "pair", "nation", "group"] = "region"
    se: Literal["none", "jackknife"] = "none"
    k_min: int | None = None
    groups: dict[str, str] | None = None

    @property
    def oriented(self) -> bool:
        """Whether the numbers depend on which region of a pair comes first."""
        return self.form == "ratio_change" or (not self.absolute and self.demean != "none")

    def goods_needed(self, goods: int) -> int:
        """Goods that a pair needs in a period with that many goods: ``k_min`` or ceil(max(3, 0.6 K))."""
        return max(3, -(-3 * goods // 5)) if self.k_min is None else self.k_min


def check_together(options: RelativePrice) -> None:
    """Refuse options that exclude each other; raises `UsageError`."""
    if options.form == "level_ratio" and options.basis != "level":
        raise UsageError(
            f"form level_ratio compares price levels, and the prices are declared {options.basis!r}",
            remedy="a ratio of indices depends on the base period; give basis='level' (--basis level) for prices in "
            "currency, or form='difference'",
        )
    least = 3 if options.se == "jackknife" else 2
    if options.k_min is not None and options.k_min < least:
        raise UsageError(
            f"k_min={options.k_min}: a dispersion over goods needs {least} goods" + (" here" if least == 3 else ""),
            remedy="the jackknife deletes one good and still needs two" if least == 3 else "give k_min=2 or more",
        )
