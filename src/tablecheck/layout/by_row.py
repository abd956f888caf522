"""Read regression tables with one model in each row; coefficients, errors and statistics are in columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tablecheck.digits import Printed, yes_or_no
from tablecheck.layout.kinds import SAID, estimate_of
from tablecheck.layout.parts import Parts, heads_over, kinds_of_columns
from tablecheck.printed import Column, PublishedTable
from tablecheck.words import statistic, term_name

_MODELS = re.compile(
    r"outcome|dependent|sample|group|region|study|country|industry|sector|cohort|model|regression|specification|market"
    r"|被解释变量|因变量|结果|样本|分组|组别|地区|行业|模型|国家|研究",
    re.IGNORECASE,
)
"""Pattern of a heading over the labels of rows, if these labels name models and not terms."""
_MEAN = re.compile(r"\bmeans?\b|average|median|均值|平均|中位", re.IGNORECASE)
_BESIDE = ("se", "t", "p", "interval", "low", "high")


@dataclass(frozen=True)
class _Form:
    """The content of each column of a table.

    ``terms`` gives the term and the kind of number of each column of coefficients or their errors. ``sizes`` gives the
    statistic of each other column.
    """

    terms: Mapping[int, tuple[str, str]]
    sizes: Mapping[int, str]


@dataclass
class _Row:
    """A model while its rows are being read."""

    label: str
    panel: str
    terms: dict[str, dict[str, object]] = field(default_factory=dict)
    sizes: dict[str, Printed] = field(default_factory=dict)
    effects: dict[str, bool | None] = field(default_factory=dict)


def models_in_rows(parts: Parts, empty: PublishedTable) -> PublishedTable | None:
    """Read a model from each row.

    Returns None if no column is headed by the number of observations, if the label of a row names a statistic, or if no
    coefficient has a second number.
    """
    form = _form(parts)
    if form is None or any(statistic(parts.label(i)) for i in parts.rows):
        return None
    rows: list[_Row] = []
    roles: dict[tuple[int, int], str] = {}
    doubts: list[str] = []
    panel = ""
    for i in parts.rows:
        label = parts.label(i)
        filled = [j for j in parts.data if parts.is_filled(i, j)]
        if not filled:
            panel = label
            continue
        if label:
            rows.append(_Row(label, panel))
        if not rows:
            continue
        for j in filled:
            roles[i, j] = _take(rows[-1], parts, i, j, form)
            if j in form.terms and not parts.numbers[i][j] and any(c.isdigit() for c in parts.text(i, j)):
                doubts.append(
                    f"{parts.grid.rows[i][j].place or f'row {i + 1}'} holds {parts.text(i, j)!r} among numbers"
                )
    columns = tuple(
        Column(
            parts.grid.name,
            " ".join(filter(None, (row.panel, row.label))),
            term_name(row.label),
            {term_name(t): estimate_of(term_name(t), t, numbers) for t, numbers in row.terms.items() if "b" in numbers},
            row.sizes,
            row.effects,
            (row.label,),
            row.panel,
            empty.notes,
        )
        for row in rows
        if row.terms
    )
    if not any(e.has_company for c in columns for e in c.estimates.values()):
        return None
    return replace(empty, columns=columns, roles=roles, doubts=(*empty.doubts, *doubts))


def _form(parts: Parts) -> _Form | None:
    """Return the content of each column.

    Returns None unless one column is headed by the number of observations and others by a coefficient and its errors.
    """
    kinds = kinds_of_columns(parts)
    heads = {j: " ".join(heads_over(parts, j)) for j in parts.data}
    named = {j: next((k for h in reversed(heads_over(parts, j)) if (k := statistic(h))), "") for j in parts.data}
    sizes = {j: key for j, key in named.items() if key and not kinds.get(j)}
    if "b" in kinds.values() and not _MODELS.search(" ".join(heads_over(parts, 0))):
        return None  # rows may be the terms of one model, and N the number of observations of a category
    if "n" not in sizes.values() or not set(kinds.values()) & {"se", "t", "p", "interval", "low"}:
        return None
    terms: dict[int, tuple[str, str]] = {}
    term = ""
    for j in parts.data:
        kind = kinds.get(j, "")
        if kind in _BESIDE and term:
            terms[j] = (term, kind)
        elif j not in sizes and kind not in _BESIDE and kinds.get(j + 1, "") in _BESIDE and not _MEAN.search(heads[j]):
            term = heads[j]
            terms[j] = (term, "b")
        else:
            term = ""
    return _Form(terms, sizes) if terms else None


def _take(row: _Row, parts: Parts, i: int, j: int, form: _Form) -> str:
    """Assign a cell to its model and return its meaning."""
    numbers = parts.numbers[i][j]
    head = " ".join(heads_over(parts, j))
    if j in form.sizes and numbers:
        row.sizes.setdefault(form.sizes[j], numbers[0].values[0])
        return SAID.get(form.sizes[j], form.sizes[j])
    if j not in form.terms or not numbers:
        yes = yes_or_no(parts.text(i, j))
        if yes is not None:
            row.effects[head] = yes
        return "yes or no" if yes is not None else "words" if not numbers else "not read"
    term, kind = form.terms[j]
    values = row.terms.setdefault(term, {})
    first_kind = kind if kind != "b" or "b" not in values else ""
    for n, token in enumerate(numbers):
        kind_of_token = (first_kind if n == 0 else "") or token.label or f"loose {token.bracket or '1'}"
        if len(token.values) == 2:
            values.setdefault("interval", token.values)
        elif n == 0 and first_kind == "interval":
            values.setdefault("high" if "low" in values else "low", token.values[0])
        else:
            values.setdefault(kind_of_token, token.values[0])
    if {"low", "high"} <= set(values):
        values.setdefault("interval", (values["low"], values["high"]))
    return f"{SAID.get(first_kind, first_kind) or 'number in brackets of unknown kind'} of {term}, {row.label}"
