"""Read tables without estimates: descriptive statistics, correlation matrices, rankings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import accumulate

from tablecheck.digits import Printed
from tablecheck.layout.parts import Parts, cells, described_by, described_heads, first_number, heads_over
from tablecheck.printed import Correlated, Described, PublishedTable, Ranked
from tablecheck.words import bare, describes, term_name

_SPREAD = {"mean", "sd", "min", "max", "median", "p25", "p75", "variance", "skewness", "kurtosis"}
_TELLING = {"mean", "sd", "min", "max"}
"""Statistics that identify a descriptive table.

Other names do not identify one, because ``Q1 Q2 Q3`` and ``25% 50% 75%`` may be items, quarters or quantiles.
"""


def descriptions(parts: Parts, empty: PublishedTable) -> PublishedTable | None:
    """Read variables in rows and statistics in columns, or the other way round; None if the table has neither form."""
    columns = described_heads(parts)
    named = _SPREAD & {name for heads in columns.values() for name in heads.split()}
    if len(named) >= 2 and named & _TELLING:
        return _by_row(parts, empty, columns)
    rows = {i: name for i in parts.rows if (name := describes(parts.label(i)))}
    named = _SPREAD & set(rows.values())
    if len(named) >= 3 and named & _TELLING and len(rows) >= len(parts.rows) / 2:
        return _by_column(parts, empty, rows)
    return None


def _by_row(parts: Parts, empty: PublishedTable, columns: dict[int, str]) -> PublishedTable:
    """Read statistics in columns; if the columns repeat for several samples, each sample forms a panel."""
    panels: dict[str, dict[str, dict[str, Printed]]] = {}
    roles: dict[tuple[int, int], str] = {}
    samples = _samples(parts, columns)
    section = ""
    for i in parts.rows:
        label = parts.label(i)
        numbers = {j: n for j, tokens in cells(parts, i) if j in columns and (n := first_number(tokens)) is not None}
        if label and not numbers:
            section = label
            continue
        for j, number in numbers.items():
            panel = " ".join(filter(None, (section, samples.get(j, ""))))
            row = panels.setdefault(panel, {}).setdefault(term_name(label), {})
            first, _, second = columns[j].partition(" ")
            row[first] = number
            more = parts.numbers[i][j][1:]
            if second and more:
                row[second] = more[0].values[0]
            roles[i, j] = f"{columns[j]} of {label}"
    described = tuple(Described(rows, panel) for panel, rows in panels.items())
    return replace(empty, described=described, roles=roles)


def _samples(parts: Parts, columns: dict[int, str]) -> dict[int, str]:
    """Return the name of the sample of each column; empty unless the table repeats its statistics for several samples.

    The name is the heading over the column, or over the first column of the same sample.
    """
    if len(set(columns.values())) == len(columns):
        return {}
    names: dict[int, str] = {}
    seen: set[str] = set()
    name = ""
    for j, statistic in columns.items():
        heading = " ".join(h for h in heads_over(parts, j) if not described_by(h))
        if statistic in seen or (heading and heading != name):
            seen, name = set(), heading
        seen.add(statistic)
        names[j] = name
    return names


def _by_column(parts: Parts, empty: PublishedTable, rows: dict[int, str]) -> PublishedTable:
    """Read statistics in rows and variables in columns."""
    statistics: dict[str, dict[str, Printed]] = {}
    roles: dict[tuple[int, int], str] = {}
    for i, name in rows.items():
        for j, tokens in cells(parts, i):
            number = first_number(tokens)
            if number is not None:
                variable = " ".join(heads_over(parts, j)) or f"column {j + 1}"
                statistics.setdefault(term_name(variable), {})[name] = number
                roles[i, j] = f"{name} of {variable}"
    return replace(empty, described=(Described(statistics),), roles=roles)


def correlations(parts: Parts, empty: PublishedTable) -> PublishedTable | None:
    """Read a correlation matrix: numbers from -1 to 1 with ones on the diagonal.

    Numbers without ones on the diagonal are read too, if the headings repeat or number the labels. A triangle without
    such headings is read if the title names correlations.
    """
    rows = [i for i in parts.rows if parts.label(i) and any(n for _, n in cells(parts, i))]
    candidate = _candidate(parts, rows)
    forms = (_is_diagonal, _has_its_names, _has_its_numbers)
    start = next((s for s in parts.data if any(has(candidate, s) for has in forms)), None)
    if start is None and re.search(r"correlat|相关", parts.grid.title, re.IGNORECASE):
        counts = [sum(bool(t) for _, t in cells(parts, i)) for i in rows]
        if counts in (list(range(1, len(rows) + 1)), list(range(len(rows)))):
            start = parts.data.start
    if start is None or len(rows) < 2:
        return None
    names = tuple(_variable(parts.label(i)) for i in rows)
    coefficients: dict[tuple[int, int], Printed] = {}
    roles: dict[tuple[int, int], str] = {}
    for r, i in enumerate(rows):
        for j, tokens in cells(parts, i):
            number = first_number(tokens)
            if number is not None and start <= j < start + len(rows):
                coefficients[r, j - start] = number
                roles[i, j] = f"correlation of {names[r]} and {names[j - start]}"
    words = " ".join((parts.grid.title, *parts.grid.notes)).lower()
    apart = bool(re.search(r"pair-?wise|polychoric|tetrachoric|polyserial|成对", words))
    return replace(empty, correlated=Correlated(names, coefficients, _measure(words), apart), roles=roles)


def _measure(words: str) -> str:
    """Return the kind of correlation that title and notes name (`Correlated.kind`); Pearson's if they name none."""
    measures = [name for name in ("pearson", "spearman", "kendall") if name in words]
    if len(measures) > 1 or re.search(r"(?:above|below|over|under) (?:the )?diagonal|triang", words):
        return "both"
    if re.search(r"kendall|polychoric|tetrachoric|partial|偏相关", words):
        return "other"
    return measures[0] if measures else "pearson"


@dataclass(frozen=True)
class _Candidate:
    """Contents of a table that may hold a correlation matrix, read once for all columns where the matrix may start.

    ``numbers`` has for each row its numbers by column. ``heads`` has the headings over each column. ``filled``,
    ``beyond``, ``whole`` and ``statistics`` are counts over the columns before each column: of numbers, of those
    outside -1 to 1, of those outside without decimals, and of columns that name a descriptive statistic.
    ``is_named`` is whether the rows are numbered, or not numbered under a title that names correlations.
    """

    numbers: list[dict[int, Printed]]
    labels: list[str]
    heads: list[str]
    ordinals: list[int]
    filled: list[int]
    beyond: list[int]
    whole: list[int]
    statistics: list[int]
    is_named: bool

    @property
    def columns(self) -> int:
        return len(self.heads)

    def end(self, start: int) -> int:
        """Return the column after a matrix that starts at ``start``."""
        return min(start + len(self.numbers), self.columns)

    def are_correlations(self, start: int, end: int, without: int = 0) -> bool:
        """Return whether the numbers of columns are from -1 to 1; ``without`` ones among them do not count.

        Among four or more numbers, one may be outside, as an error of the table.
        """
        count = self.filled[end] - self.filled[start] - without
        return count > 0 and self.beyond[end] - self.beyond[start] <= (count >= 4)


def _candidate(parts: Parts, rows: list[int]) -> _Candidate:
    """Read the numbers of rows and the headings of all columns."""
    numbers = [{j: n for j, t in cells(parts, i) if (n := first_number(t)) is not None} for i in rows]
    columns = range(parts.grid.columns)
    heads = [heads_over(parts, j) if j in parts.data else () for j in columns]
    filled, beyond, whole = ([0] * len(columns) for _ in range(3))
    for j, n in (pair for row in numbers for pair in row.items()):
        filled[j] += 1
        beyond[j] += abs(n.value) > 1
        whole[j] += abs(n.value) > 1 and not n.decimals
    row_numbers = [_number(parts.label(i)) for i in rows]
    says = not any(row_numbers) and re.search(r"correlat|相关", parts.grid.title, re.IGNORECASE)
    return _Candidate(
        numbers,
        labels=[_variable(parts.label(i)) for i in rows],
        heads=[term_name(" ".join(h)) for h in heads],
        ordinals=[_number(h[-1]) if h else 0 for h in heads],
        filled=[0, *accumulate(filled)],
        beyond=[0, *accumulate(beyond)],
        whole=[0, *accumulate(whole)],
        statistics=[0, *accumulate(any(map(described_by, h)) for h in heads)],
        is_named=row_numbers == list(range(1, len(rows) + 1)) or bool(says),
    )


def _is_diagonal(candidate: _Candidate, start: int) -> bool:
    """Return whether there are ones on the diagonal from column ``start`` on, and numbers from -1 to 1 around it.

    The last number on the diagonal may be missing.
    """
    size, end = len(candidate.numbers), candidate.end(start)
    if size < 2 or start + size > candidate.columns + 1:
        return False
    *on, last = (row.get(start + r) for r, row in enumerate(candidate.numbers))
    if not all(n is not None and n.value == 1 for n in on) or not (last is None or last.value == 1):
        return False
    statistics = candidate.statistics[end] - candidate.statistics[start]
    whole = candidate.whole[end] - candidate.whole[start]
    return not statistics and not whole and candidate.are_correlations(start, end, without=len(on) + (last is not None))


def _has_its_names(candidate: _Candidate, start: int) -> bool:
    """Return whether headings from column ``start`` on are the labels of the rows, and all numbers are from -1 to 1."""
    size, end = len(candidate.numbers), candidate.end(start)
    if size < 3 or start + size > candidate.columns:
        return False
    return candidate.heads[start:end] == candidate.labels and candidate.are_correlations(start, end)


def _has_its_numbers(candidate: _Candidate, start: int) -> bool:
    """Return whether columns are numbered like the rows (``1. Market`` under ``1``), with a triangle of correlations.

    The last column may be missing. If the rows have no numbers in front of their labels, the title must name
    correlations.
    """
    numbers, end = candidate.numbers, candidate.end(start)
    if len(numbers) < 3 or end - start < len(numbers) - 1 or not candidate.is_named:
        return False
    if candidate.ordinals[start:end] != list(range(1, end - start + 1)):
        return False
    is_lower = all(max(row, default=start) <= start + r for r, row in enumerate(numbers))
    is_triangle = is_lower or not any(j in row for r, row in enumerate(numbers) for j in range(start, start + r))
    return is_triangle and candidate.are_correlations(start, candidate.columns)


def _number(text: str) -> int:
    """Return the number at the beginning of a heading or label, 0 if none: ``1``, ``(2)``, ``3. Market``."""
    match = re.match(r"\(?(\d{1,2})(?:\.(?!\d)|\)|\s|$)", text.strip())
    return int(match[1]) if match else 0


def _variable(label: str) -> str:
    """Return the name of a variable, without the number before it: ``(2) Market``."""
    return term_name(re.sub(r"^\(?\d+[.)]?\)?[.\s]*", "", label) or label)


def ranking(parts: Parts, empty: PublishedTable) -> PublishedTable | None:
    """Read values and ranks in pairs of columns; the heading of the second column begins with "rank"."""
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
