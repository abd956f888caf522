"""Tables without estimates: descriptive statistics, correlation matrices, rankings."""

from __future__ import annotations

import re
from dataclasses import replace

from integrade.published.digits import Printed
from integrade.published.layout.parts import Parts, cells, described_by, described_heads, first_number, heads_over
from integrade.published.printed import Correlated, Described, PublishedTable, Ranked
from integrade.published.words import bare, describes, term_name

_SPREAD = {"mean", "sd", "min", "max", "median", "p25", "p75", "variance", "skewness", "kurtosis"}


def descriptions(parts: Parts, empty: PublishedTable) -> PublishedTable | None:
    """Variables in rows and statistics in columns, or the other way round."""
    columns = described_heads(parts)
    if len(_SPREAD & {name for heads in columns.values() for name in heads.split()}) >= 2:
        return _by_row(parts, empty, columns)
    rows = {i: name for i in parts.rows if (name := describes(parts.label(i)))}
    if len(_SPREAD & set(rows.values())) >= 3 and len(rows) >= len(parts.rows) / 2:
        return _by_column(parts, empty, rows)
    return None


def _by_row(parts: Parts, empty: PublishedTable, columns: dict[int, str]) -> PublishedTable:
    """Statistics in columns; columns that repeat (several samples side by side) are a panel each."""
    panels: dict[str, dict[str, dict[str, Printed]]] = {}
    roles: dict[tuple[int, int], str] = {}
    section = ""
    for i in parts.rows:
        label = parts.label(i)
        found = {j: n for j, tokens in cells(parts, i) if j in columns and (n := first_number(tokens)) is not None}
        if label and not found:
            section = label
            continue
        for j, number in found.items():
            panel = " ".join(filter(None, (section, _over(parts, j, columns))))
            row = panels.setdefault(panel, {}).setdefault(term_name(label), {})
            first, _, second = columns[j].partition(" ")
            row[first] = number
            more = parts.numbers[i][j][1:]
            if second and more:
                row[second] = more[0].values[0]
            roles[i, j] = f"{columns[j]} of {label}"
    made = tuple(Described(rows, panel) for panel, rows in panels.items())
    return replace(empty, described=made, roles=roles)


def _over(parts: Parts, j: int, columns: dict[int, str]) -> str:
    """What stands over a column beside the name of its statistic, where statistics repeat."""
    if len(set(columns.values())) == len(columns):
        return ""
    return " ".join(h for h in heads_over(parts, j) if not described_by(h))


def _by_column(parts: Parts, empty: PublishedTable, rows: dict[int, str]) -> PublishedTable:
    found: dict[str, dict[str, Printed]] = {}
    roles: dict[tuple[int, int], str] = {}
    for i, name in rows.items():
        for j, tokens in cells(parts, i):
            number = first_number(tokens)
            if number is not None:
                variable = " ".join(heads_over(parts, j)) or f"column {j + 1}"
                found.setdefault(term_name(variable), {})[name] = number
                roles[i, j] = f"{name} of {variable}"
    return replace(empty, described=(Described(found),), roles=roles)


def correlations(parts: Parts, empty: PublishedTable) -> PublishedTable | None:
    """A square of numbers from -1 to 1 with ones on its diagonal (or a triangle without, where the title says so)."""
    rows = [i for i in parts.rows if parts.label(i) and any(n for _, n in cells(parts, i))]
    start = next((s for s in parts.data if _is_diagonal(parts, rows, s) or _has_its_names(parts, rows, s)), None)
    triangle = start is None and re.search(r"correlat|相关", parts.grid.title, re.IGNORECASE)
    if triangle and len(rows) >= 2 and _is_triangle(parts, rows):
        start = parts.data.start
    if start is None or len(rows) < 2:
        return None
    names = tuple(_variable(parts.label(i)) for i in rows)
    found: dict[tuple[int, int], Printed] = {}
    roles: dict[tuple[int, int], str] = {}
    for r, i in enumerate(rows):
        for j, tokens in cells(parts, i):
            number = first_number(tokens)
            if number is not None and start <= j < start + len(rows):
                found[r, j - start] = number
                roles[i, j] = f"correlation of {names[r]} and {names[j - start]}"
    return replace(
        empty,
        correlated=Correlated(names, found, _measure(" ".join((parts.grid.title, *parts.grid.notes)))),
        roles=roles,
    )


def _measure(title: str) -> str:
    low = title.lower()
    both = "spearman" in low and "pearson" in low
    return "both" if both else "spearman" if "spearman" in low else "pearson"


def _is_diagonal(parts: Parts, rows: list[int], start: int) -> bool:
    if len(rows) < 2 or start + len(rows) > parts.grid.columns + 1:
        return False
    on = [
        first_number(parts.numbers[i][start + r]) if start + r < parts.grid.columns else None
        for r, i in enumerate(rows)
    ]
    if not all(n is not None and n.value == 1 for n in on[:-1]) or not (on[-1] is None or on[-1].value == 1):
        return False
    inside = [
        n
        for r, i in enumerate(rows)
        for j, t in cells(parts, i)
        if start <= j < start + len(rows) and j != start + r and (n := first_number(t))
    ]
    return bool(inside) and all(abs(n.value) <= 1 or n.decimals for n in inside)


def _has_its_names(parts: Parts, rows: list[int], start: int) -> bool:
    """Whether the headings from a column on are the labels of the rows, and all numbers lie from -1 to 1."""
    if len(rows) < 3 or start + len(rows) > parts.grid.columns:
        return False
    over = [term_name(" ".join(heads_over(parts, start + r))) for r in range(len(rows))]
    found = [n for i in rows for j, t in cells(parts, i) if start <= j < start + len(rows) and (n := first_number(t))]
    return over == [_variable(parts.label(i)) for i in rows] and bool(found) and all(abs(n.value) <= 1 for n in found)


def _variable(label: str) -> str:
    """The name of a variable, without the number before it: ``(2) Market``."""
    return term_name(re.sub(r"^\(?\d+[.)]?\)?[.\s]*", "", label) or label)


def _is_triangle(parts: Parts, rows: list[int]) -> bool:
    counts = [sum(bool(t) for _, t in cells(parts, i)) for i in rows]
    return counts in (list(range(1, len(rows) + 1)), list(range(len(rows))))


def ranking(parts: Parts, empty: PublishedTable) -> PublishedTable | None:
    """Values and ranks in pairs of columns: the heading of the second begins with rank."""
    heads = {j: bare(" ".join(heads_over(parts, j))) for j in parts.data}
    ranks = [j for j, head in heads.items() if re.match(r"rank(?!ing of)|排名|名次|位次", head) and j - 1 in heads]
    if not ranks or len(parts.rows) < 3:
        return None
    names = {j: heads[j] or f"column {j + 1}" for j in heads}
    for j in ranks:
        if heads[j] in [heads[k] for k in ranks if k != j] or not re.match(r"rank.", heads[j]):
            names[j] = f"rank {names[j - 1]}"
    rows: dict[str, dict[str, Printed]] = {}
    roles: dict[tuple[int, int], str] = {}
    for i in parts.rows:
        for j, tokens in cells(parts, i):
            number = first_number(tokens)
            if number is not None and parts.label(i):
                rows.setdefault(parts.label(i), {})[names[j]] = number
                roles[i, j] = f"{'rank' if j in ranks else 'value'} of {parts.label(i)}"
    return replace(empty, ranked=Ranked(rows), roles=roles) if len(rows) >= 3 else None
