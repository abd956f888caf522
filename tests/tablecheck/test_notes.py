"""What notes under tables say, in the words that journals and programs use."""

from __future__ import annotations

from each import each
from tablecheck.notes import read_notes

TEN = {"*": 0.1, "**": 0.05, "***": 0.01}
FIVE = {"*": 0.05, "**": 0.01, "***": 0.001}


@each(
    ("note", "levels"),
    [
        ("* p<0.1, ** p<0.05, *** p<0.01", TEN),
        ("* p < 0.05, ** p < 0.01, *** p < 0.001", FIVE),
        ("***, **, and * denote significance at the 1%, 5%, and 10% levels, respectively.", TEN),
        ("Statistical significance at the 1%, 5%, and 10% levels is denoted by ***, **, and *, respectively.", TEN),
        ("Note: * significant at 10%; ** significant at 5%; *** significant at 1%", TEN),
        ("***Significant at the 1 percent level. **Significant at the 5 percent level. *At the 10 percent level.", TEN),
        ("Signif. codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1", {**FIVE, ".": 0.1}),
        ("Signif. Codes: ***: 0.01, **: 0.05, *: 0.1", TEN),
        ("†p < .10. *p < .05. **p < .01. ***p < .001.", {**FIVE, "†": 0.1}),
        ("Significant at 1%***, 5%**, 10%*", TEN),
        ("***/**/* indicate significance at the 1/5/10 percent level.", TEN),
        ("One, two and three asterisks denote significance at the 10, 5 and 1 percent level", TEN),
        ("* , ** and *** refers to significance at 10%, 5% and 1% levels.", TEN),
        ("*: significant at the 10% level; **: 5%; ***: 1%", TEN),
        ("a, b and c denote significance at 1, 5 and 10 percent", {"a": 0.01, "b": 0.05, "c": 0.1}),
        ("*** p≤0.01, ** p≤0.05, * p≤0.10", TEN),
        ("*p<0,1; **p<0,05; ***p<0,01", TEN),
        ("注：***、**和*分别代表1%、5%和10%的显著性水平", TEN),
        ("*, **, *** denote significance at the 10%, 5% and", {}),
        ("Coefficients that are significant at the 5% level are in bold.", {}),
    ],
)
def test_levels_of_stars(note: str, levels: dict[str, float]) -> None:
    assert read_notes([note]).levels == levels


@each(
    ("note", "brackets"),
    [
        ("Standard errors in parentheses", {"(": "se"}),
        ("T-statistics in parentheses", {"(": "t"}),
        (
            "Robust standard errors clustered at the firm level in parentheses; p-values in brackets.",
            {"(": "se", "[": "p"},
        ),
        ("t-statistics based on robust standard errors are shown in parentheses.", {"(": "t"}),
        ("Robust standard errors clustered by firm, t-statistics in parentheses", {"(": "t"}),
        ("Standard errors and t statistics in parentheses", {}),
        ("In parentheses are z values", {"(": "t"}),
        ("95% confidence intervals in brackets", {"[": "interval"}),
        ("t-values in [ ]", {"[": "t"}),
        ("Format of coefficient cell: Coefficient (Std. Error) [t-stats]", {"(": "se", "[": "t"}),
        ("Standard errors clustered by firm are reported below the coefficients", {"any": "se"}),
        ("小括号内为t统计量，中括号内为p值", {"(": "t", "[": "p"}),
        ("括号中为聚类到省份层面的稳健标准误", {"(": "se"}),
    ],
)
def test_what_brackets_hold(note: str, brackets: dict[str, str]) -> None:
    assert read_notes([note]).brackets == brackets


def test_what_else_notes_tell() -> None:
    notes = read_notes(
        ["Wild bootstrap p-values, Holm adjusted; odds ratios; one-sided tests; 90% confidence intervals."]
    )
    assert (notes.resampled, notes.adjusted, notes.ratios, notes.one_sided, notes.cover) == (
        True,
        True,
        True,
        True,
        0.9,
    )
    assert read_notes(["Pearson correlations, N = 27,412."]).nobs == 27_412
    assert read_notes(["* p < 0.05", "* p < 0.1"]).doubts
