"""Return a lineage as plain values for ``--json``, and as the data block of the report's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from integrade.report.addresses import name_of, origin_of, places
from integrade.report.lineage import (
    Lineage,
    Part,
    estimator,
    heading,
    heads_of,
    label_of_row,
    lineage_of_figure,
    number_of,
    said_of_number,
    shared_parts,
)
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin
from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.wording.sheet import Sheet
from plainwords.texts import say


def as_record(found: Lineage | Sheet | Verdict) -> dict[str, Any]:
    """Return the lineage of a number, the entries of a sheet by name, or a whole verdict, as one JSON object."""
    if isinstance(found, Verdict):
        return asdict(found)
    if isinstance(found, Sheet):
        cells = [dict(zip(found.head, row, strict=True)) for row in found.rows]
        if cells:
            return {"title": found.title, "cells": cells}
        lines = [line.partition(" ") for line in found.lines]
        return {"title": found.title, "names": {name: title.strip() for name, _, title in lines}}
    return {
        "address": found.address,
        "printed": found.printed,
        "where": list(found.where),
        "how": found.how,
        "numbers": dict(found.numbers),
        "model": _model(found),
        "steps": [{"step": s.name, "account": [asdict(e) for e in s.entries]} for s in found.stages],
        "files": [dict(f) for f in found.files],
        "run": dict(found.run),
    }


def _model(lineage: Lineage) -> dict[str, Any] | None:
    fit = lineage.fit
    ground = fit.basis if fit else lineage.ground
    if ground is None:
        return {"formula": lineage.formula} if lineage.formula else None
    model: dict[str, Any] = {
        "formula": lineage.formula,
        "nobs": ground.nobs,
        "effects": list(ground.effects),
        "vcov": ground.kind,
        "clusters": dict(ground.clusters),
        "df_t": ground.df_t,
        "ssc": ground.ssc,
        "draws": lineage.drawn,
    }
    if fit is not None:
        model |= {
            "estimator": estimator(fit),
            "n_singletons": fit.n_singletons,
            "n_missing": fit.n_missing,
            "dropped": dict(fit.dropped),
            "notes": list(fit.notes),
            "wild": [{"draws": w.draws, "weights": w.weights, "seed": w.seed} for w in fit.wild[:1]],
        }
    return model


def lineage_block(
    tables: Sequence[PrintedTable],
    figures: Mapping[str, Lineage],
    answer: Sequence[str],
    results: StudyResults,
    run: Mapping[str, str],
) -> dict[str, Any]:
    """Return the data with which the page explains the origin of each cell; shared texts are stored once.

    ``parts`` is a list of [heading, lines]. A cell is a list of positions in ``parts``; its own part (meaning and
    unrounded numbers) comes first. Parts with the same heading are shown together. A position below zero refers to a
    set of parts that many cells share: -1 is the first of ``sets``. ``answer`` are the addresses of the numbers in the
    brief. ``run`` is the part with the details of the run, which all numbers share.
    """
    pool = _Pool(results)
    by_table = {name_of(t): _table(t, pool) for t in tables}
    drawn = {
        f.address: {
            "id": name,
            "where": list(f.where),
            "parts": [*pool.number(f), *(pool.place(p) for p in shared_parts(f))],
        }
        for name, f in figures.items()
    }
    return {
        "tables": by_table,
        "figures": drawn,
        "parts": pool.parts,
        "sets": pool.sets,
        "answer": list(answer),
        "run": part_of_run(run),
    }


def part_of_run(run: Mapping[str, str]) -> list[Any] | None:
    """Return the heading and the lines on the run that made the numbers; None if it is not known."""
    lines = [say("lineage.of-the-run", name=name, value=value) for name, value in run.items()]
    return [say("lineage.run"), lines] if lines else None


class _Pool:
    """A store that keeps each part once and computes the parts of an origin once."""

    def __init__(self, results: StudyResults) -> None:
        self.results = results
        self.parts: list[list[Any]] = []
        self._known: dict[Part, int] = {}
        self.sets: list[list[int]] = []
        self._shared: dict[int, list[int]] = {}

    def place(self, part: Part) -> int:
        """Return the position of the part, which is added if it is new."""
        if part not in self._known:
            self._known[part] = len(self.parts)
            self.parts.append([part.heading, list(part.lines)])
        return self._known[part]

    def number(self, lineage: Lineage) -> list[int]:
        """Return the positions of the parts that state the meaning and the unrounded values of a number.

        They do not state where the number is in its table, because the page states this itself.
        """
        return [self.place(Part(say("lineage.number"), (line,))) for line in said_of_number(lineage)]

    def shared(self, origin: Origin) -> list[int]:
        """Return the position of the set of parts that all numbers of an origin share; empty without such parts."""
        if id(origin) not in self._shared:
            lineage = lineage_of_figure("", "", origin, self.results)
            positions = [self.place(part) for part in shared_parts(lineage)]
            if positions and positions not in self.sets:
                self.sets.append(positions)
            self._shared[id(origin)] = [-1 - self.sets.index(positions)] if positions else []
        return self._shared[id(origin)]


def _table(table: PrintedTable, pool: _Pool) -> dict[str, Any]:
    rows = []
    for r, row in enumerate(table.rows):
        texts = [row.key, label_of_row(table, r), *heads_of(table, r)]
        while texts and not texts[-1]:  # blank texts at the end are left out
            texts.pop()
        rows.append(texts)
    cells: dict[str, dict[str, list[int]]] = {}
    for place in places(table):
        origin = origin_of(table, place.row, place.column)
        parts = pool.number(number_of(place))
        cells.setdefault(str(place.row), {})[str(place.column)] = [*parts, *pool.shared(origin)]
    return {
        "caption": table.caption,
        "rows": rows,
        "columns": [[key, heading(table, c)] for c, key in enumerate(table.column_keys, start=1)],
        "cells": cells,
    }
