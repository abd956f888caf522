"""Half-months: known as periods in the notations that offices write, and refused once, in every layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from each import each
from integrade.cli import run
from integrade.errors import HalfMonths, NotADate
from integrade.sources import read_prices
from integrade.sources.meaning.periods import month_of, period, read_periods, readings
from integrade.study.propose import propose

WRITTEN = [
    *("1Q Ene 2014", "2Q-Ene-2014", "1Q Ene 14", "Ene 1Q 2014", "2014/01 1Q", "2014 2Q Ene", "1ra. Qna. Ene 2014"),
    *("1a quincena de enero de 2014", "primera quincena de enero de 2014", "2da. quincena ene 2014"),
    *("1ª quinzena de janeiro de 2014", "1ère quinzaine de janvier 2014", "2014年1月上半月", "1-15 Jan 2014"),
    *("1H Jan 2014", "1st half of January 2014", "second fortnight of January 2014", "16-31 ene 2014"),
]


@each("cell", WRITTEN)
def test_half_months_are_known_by_their_month(cell: str) -> None:
    found = period(cell)
    assert found is not None
    second = cell.startswith(("2Q", "2da", "second", "16")) or "2Q" in cell
    assert found == (2014, 1, "half-month", 2 if second else 1)


def test_the_first_halves_of_two_years_are_not_both_halves_of_a_month() -> None:
    with pytest.raises(NotADate, match="not a period"):
        read_periods(["1Q Mar 2014", "1Q Mar 2015", "3Q Sep 2014"])


@each(
    ("cell", "kind"),
    [
        *[
            ("H1 2014", "half"),
            ("2014H2", "half"),
            ("1Q 2014", "quarter"),
            ("1Q2014", "quarter"),
            ("Ene 2014", "month"),
        ],
        *[("1er trimestre 2014", "quarter"), ("15 Jan 2014", "day"), ("H1 2010", "half"), ("2010/2011", "fiscal")],
    ],
)
def test_quarters_half_years_and_days_stay_what_they_are(cell: str, kind: str) -> None:
    found = period(cell)
    assert found is not None
    assert found.kind == kind


@each("cell", ["3Q Sep 2014", "1H 2010-11", "Q1 Jan 2014", "1Q", "primera quincena", "1-15"])
def test_what_may_be_something_else_is_no_half_month(cell: str) -> None:
    assert all(r.period.kind != "half-month" for r in readings(cell))
    assert month_of(cell) in (None, 3)  # 1Q alone is a quarter


def test_a_column_with_other_text_is_called_one_of_half_months_where_both_halves_of_a_month_are_there() -> None:
    with pytest.raises(HalfMonths) as caught:
        read_periods(["1Q Mar 2014", "2Q Mar 2014", "Promedio"])
    assert caught.value.example == "1Q Mar 2014; 2Q Mar 2014"
    with pytest.raises(NotADate, match="not a period"):  # quarters by their last month
        read_periods(["1Q Mar 2014", "2Q Jun 2014", "3Q Sep 2014"])


MONTHS = ("Ene", "Feb", "Mar", "Abr")
HALVES = [(f"{half}Q {month}", n) for n, month in enumerate(MONTHS) for half in (1, 2)]
STATES, GOODS = ("Sonora", "Sinaloa", "Jalisco", "Puebla"), ("Vivienda", "Transporte", "Salud")


def _number(*at: int) -> str:
    return f"{100 + (7 * at[0] + 5 * at[1] + 3 * at[2]) % 11}.5"


def _across(of_year: Callable[[str], str], stubs: str = "Entidad federativa,Concepto") -> str:
    rows = [
        ",".join([state, good, *(_number(s, g, n) for n, _ in enumerate(HALVES))])
        for s, state in enumerate(STATES)
        for g, good in enumerate(GOODS)
    ]
    return "\n".join([",".join([stubs, *(of_year(label) for label, _ in HALVES)]), *rows, ""])


def _down(head: str, of_period: Callable[[str], str]) -> str:
    rows = [
        f"{of_period(label)},{state},{good},{_number(s, g, n)}"
        for n, (label, _) in enumerate(HALVES)
        for s, state in enumerate(STATES)
        for g, good in enumerate(GOODS)
    ]
    return "\n".join([head, *rows, ""])


def _crossed() -> str:
    head = ",".join(["Periodo", *(state for state in STATES for _ in GOODS)])
    under = ",".join(["", *(good for _ in STATES for good in GOODS)])
    rows = [
        ",".join([f"{half} 2014", *(_number(s, g, n) for s, _ in enumerate(STATES) for g, _ in enumerate(GOODS))])
        for n, (half, _) in enumerate(HALVES)
    ]
    return "\n".join([head, under, *rows, ""])


def _months_above() -> str:
    """Each month over its two halves."""
    head = ["Entidad federativa,Concepto", *(f"{MONTHS[n]} 2014" for _, n in HALVES)]
    under = [",", *(("1a quincena", "2a quincena")[k % 2] for k, _ in enumerate(HALVES))]
    return "\n".join([",".join(head), ",".join(under), *_across(str).splitlines()[1:], ""])


def _beside(head: str) -> str:
    """Months and their halves in columns of their own."""
    rows = [
        f"2014,{n + 1},{half},{state},{good},{_number(s, g, k)}"
        for k, (_, n) in enumerate(HALVES)
        for half in [k % 2 + 1]
        for s, state in enumerate(STATES)
        for g, good in enumerate(GOODS)
    ]
    return "\n".join([head, *rows, ""])


def _one_good() -> str:
    rows = [
        ",".join([f"{label} 2014", *(_number(s, 1, n) for s, _ in enumerate(STATES))])
        for n, (label, _) in enumerate(HALVES)
    ]
    return "\n".join([f"Quincena,{','.join(STATES)}", *rows, ""])


LAYOUTS = {
    "months above halves": _months_above(),
    "halves beside months": _beside("Año,Mes,Quincena,Entidad federativa,Concepto,Índice"),
    "one good, regions across": _one_good(),
    "across": _across(lambda label: f"{label} 2014"),
    "across, the year in the name": _across(lambda label: label),
    "down": _down("Periodo,Entidad federativa,Concepto,Índice", lambda label: f"{label} 2014"),
    "down, beside years": _down("Año,Mes,Entidad federativa,Concepto,Índice", lambda label: f"2014,{label}"),
    "two rows of names": _crossed(),
}


@each("layout", LAYOUTS)
def test_half_months_are_refused_in_every_layout(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "inpc_2014.csv"
    path.write_text(LAYOUTS[layout], encoding="utf-8")
    for to_year in (False, True):
        with pytest.raises(HalfMonths, match="half-months") as caught:
            read_prices([path], to_year=to_year)
        assert caught.value.code == "D221"
        first, second = caught.value.example.split("; ")
        assert (first[0], second[0]) == ("1", "2")
        assert "average the two halves of each month" in caught.value.remedy


@each("layout", LAYOUTS)
def test_the_proposal_and_the_check_say_so(layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw, out = tmp_path / "raw", tmp_path / "study"
    for year in (2014, 2015):
        text = LAYOUTS[layout].replace("2014", str(year))
        (raw / "precios").mkdir(parents=True, exist_ok=True)
        (raw / "precios" / f"inpc_{year}.csv").write_text(text, encoding="utf-8")
    guesses: Sequence[object] = propose(raw, out)
    assert [getattr(g, "table", "") for g in guesses] == ["prices"]
    text = (out / "study.toml").read_text(encoding="utf-8")
    assert "has half-months" in text
    assert "average the two halves of each month" in text
    capsys.readouterr()
    assert run(["check", str(out)]) != 0
    said = capsys.readouterr()
    assert "D221" in said.out + said.err


def test_one_half_of_each_month_is_read_as_the_month_where_a_filter_says_so(tmp_path: Path) -> None:
    path = tmp_path / "inpc.csv"
    path.write_text(LAYOUTS["halves beside months"], encoding="utf-8")
    found = read_prices([path], where='Quincena == "2"')
    assert found.polars().height == len(MONTHS) * len(STATES) * len(GOODS)
