"""Balance tables: means by group with standard deviations, and what compares them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from each import each_pair
from tablecheck import Finding, audit_table


def said(tmp_path: Path, text: str, suffix: str = ".csv") -> list[Finding]:
    """Findings but notes."""
    path = tmp_path / f"table1{suffix}"
    path.write_text(text, encoding="utf-8")
    return [f for f in audit_table(path).findings if f.grade != "note"]


def samples(seed: int = 3) -> list[tuple[str, np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    made = []
    for name, mean, sd, gap in (
        ("Age", 41, 10, 0.6),
        ("Assets", 5.2, 1.4, 0.4),
        ("Workers", 83, 31, 0),
        ("Share", 0.4, 0.2, 0.05),
    ):
        made.append((name, rng.normal(mean + gap, sd, 400), rng.normal(mean, 1.2 * sd, 260)))
    return made


def compared(a: np.ndarray, b: np.ndarray, *, pooled: bool) -> tuple[float, float, float, float]:
    """Difference, its standard error, t and p."""
    found = stats.ttest_ind(a, b, equal_var=pooled)
    gap = float(a.mean() - b.mean())
    return gap, gap / float(found.statistic), float(found.statistic), float(found.pvalue)


def stars(p: float) -> str:
    return "***" if p < 0.01 else "**" if p < 0.05 else "*" if p < 0.1 else ""


def table(*, pooled: bool, beside: str, note: str, bracket: str = "[]") -> str:
    """Means over standard deviations, and the difference over ``beside``."""
    rows = []
    for name, a, b in samples():
        gap, se, t, p = compared(a, b, pooled=pooled)
        rows.append(f"{name},{a.mean():.3f},{b.mean():.3f},{gap:.3f}{stars(p)}")
        spread = [f"{bracket[0]}{x.std(ddof=1):.3f}{bracket[1]}" for x in (a, b)]
        rows.append(f",{spread[0]},{spread[1]},({ {'se': se, 't': t, 'p': p}[beside]:.3f})")
    return "\n".join([
        "Table 1. Balance,,,", ",(1),(2),(3)", ",Treatment,Control,Difference", *rows, "Observations,400,260,660",
        f'"{note}"', "",
    ])  # fmt: skip


NOTES = {
    "se": "Standard deviations in brackets, standard errors in parentheses.",
    "t": "Standard deviations in brackets, t statistics in parentheses.",
    "p": "Standard deviations in brackets, p-values in parentheses.",
    "": "* p<0.10, ** p<0.05, *** p<0.01",
}


@each_pair(("pooled", [True, False]), ("beside", ["se", "t", "p"]), ("bracket", ["[]", "()"]), ("told", [True, False]))
def test_means_with_their_spread_are_not_accused(
    beside: str, bracket: str, tmp_path: Path, *, pooled: bool, told: bool
) -> None:
    note = NOTES[beside if told and bracket == "[]" else ""]
    assert not said(tmp_path, table(pooled=pooled, beside=beside, note=note, bracket=bracket))


@pytest.mark.parametrize("beside", ["se", "t", "p"])
def test_a_difference_is_held_against_means_spreads_and_sizes(beside: str, tmp_path: Path) -> None:
    text = table(pooled=False, beside=beside, note=NOTES[beside])
    lines = text.split("\n")
    at = lines.index(next(x for x in lines if x.startswith("Workers"))) + 1
    cells = lines[at].split(",")
    old = float(cells[3].strip("()"))
    new = {"se": old / 3, "t": old + 3, "p": 0.004 if old > 0.1 else 0.6}[beside]
    lines[at] = ",".join([*cells[:3], f"({new:.3f})"])
    found = said(tmp_path, "\n".join(lines))
    assert ("balance", "doubt", "workers") in {(f.check, f.grade, f.where.split(", ")[-1]) for f in found}
    held = "\n".join(lines).replace("brackets,", "brackets, clustered by village,")
    assert "balance" not in {f.check for f in said(tmp_path, held)}
    changed = text.replace("Treatment,Control", "Treated,Control").split("\n")
    row = next(n for n, x in enumerate(changed) if x.startswith("Age"))
    parts = changed[row].split(",")
    changed[row] = ",".join([*parts[:3], f"{float(parts[3].strip('*')) + 3:.3f}"])
    assert "printed differences" in {f.check for f in said(tmp_path, "\n".join(changed))}


def clinical(*, pooled: bool = True, wrong: str = "") -> str:
    rows = []
    for name, a, b in samples(5):
        p = compared(a, b, pooled=pooled)[3]
        shown = "<0.001" if p < 0.001 else f"{p:.3f}"
        if name == wrong:
            shown = "0.750" if p < 0.4 else "0.012"
        one, two = (f"{x.mean():.2f} ({x.std(ddof=1):.2f})" for x in (a, b))
        rows.append(f"| {name}, mean (SD) | {one} | {two} | {shown} |")
    head = "| | Intervention (n = 400) | Control (n = 260) | P value |\n|--|--|--|--|\n"
    return "Table 1. Characteristics at baseline\n\n" + head + "\n".join(rows) + "\n"


@pytest.mark.parametrize("pooled", [True, False])
def test_characteristics_at_baseline(tmp_path: Path, *, pooled: bool) -> None:
    assert not said(tmp_path, clinical(pooled=pooled), ".md")


@pytest.mark.parametrize("wrong", ["Age", "Assets", "Workers", "Share"])
def test_a_wrong_p_of_a_characteristic(wrong: str, tmp_path: Path) -> None:
    found = said(tmp_path, clinical(wrong=wrong), ".md")
    assert [(f.check, f.grade) for f in found] == [("balance", "doubt")]
    assert wrong.lower() in found[0].where
    ranks = clinical(wrong=wrong) + "\nNote: p-values of Mann-Whitney tests.\n"
    assert not said(tmp_path, ranks, ".md")


def test_columns_of_means_and_spreads(tmp_path: Path) -> None:
    """Statistics in columns under two groups."""
    heads = "Table 2. Groups,,,,,,\n,Treated,,,Control,,,,\n,N,Mean,SD,N,Mean,SD,t,p\n"
    rows = []
    for name, a, b in samples(7):
        _, _, t, p = compared(a, b, pooled=True)
        spread = [f"{len(x)},{x.mean():.3f},{x.std(ddof=1):.3f}" for x in (a, b)]
        rows.append(f"{name},{spread[0]},{spread[1]},{t:.2f},{p:.3f}")
    text = heads + "\n".join(rows) + "\n"
    assert not said(tmp_path, text)
    cells = rows[2].split(",")
    wrong = text.replace(rows[2], ",".join([*cells[:7], f"{float(cells[7]) + 3:.2f}", cells[8]]))
    assert [(f.check, f.where.split(", ")[-1]) for f in said(tmp_path, wrong)] == [("balance", "workers")]
    assert math.isfinite(float(cells[7]))


def test_medians_with_quartiles_are_no_estimates_with_intervals(tmp_path: Path) -> None:
    head = "| | Intervention (n = 400) | Control (n = 260) | P value |\n|--|--|--|--|\n"
    rows = [
        "| Age, years | 45.2 (38.1–52.3) | 44.1 (37.0–51.2) | 0.41 |",
        "| BMI | 24.1 (21.9–26.3) | 24.3 (22.0–26.6) | 0.55 |",
        "| Dose | 2.50 (2.10–2.90) | 2.40 (2.00–2.80) | 0.20 |",
        "| CRP, mg/L | 12.1 (4.2–41.0) | 14.3 (5.1–47.2) | 0.21 |",
    ]
    text = "Table 1. Baseline\n\n" + head + "\n".join(rows) + "\n"
    assert not said(tmp_path, text, ".md")
    estimates = (
        text.replace("Intervention (n = 400)", "(1)").replace("Control (n = 260)", "(2)").replace(" P value", " N")
    )
    assert "crp,mg/l" in {f.where.split(", ")[-1] for f in said(tmp_path, estimates, ".md")}
    assert not said(tmp_path, f"{estimates}\nNote: medians with interquartile ranges in parentheses.\n", ".md")
