"""The numbers of the first page, and the cells that print them."""

from __future__ import annotations

import report_example as example
from integrade.report.figure_lineage import answer_addresses
from integrade.study.printed import all_tables
from integrade.subjects.quality_alone.model import QualitySummary, QualityYear
from integrade.verdicts.brief import numbers, read
from integrade.verdicts.bundle import Index


def test_every_number_of_a_study_without_a_regression_has_the_cell_that_prints_it() -> None:
    years = (QualityYear(2008, 90, 0.1, 0.5, -0.4, 0.1, 0.6, 0.2),)
    quality = QualitySummary("demand_residual", 100, 20, 7, 5, 0.1, 0.04, None, years, (), ())
    alone = example.study(benchmark=(), quality_alone=quality, index=Index("", 0, 0, (), (), ()))
    for results in (example.study(benchmark=(), quality_alone=quality), alone):
        reading, tables = read(results), all_tables(results)
        shown, addresses = numbers(reading), answer_addresses(reading, tables)
        assert {n.key for n in shown} >= {"rows", "firms", "products", "destinations", "missing_value"}
        cells = {f"table{t.number}.value.{row.key}": row.cells[1] for t in tables for row in t.rows}
        for number, address in zip(shown, addresses, strict=True):
            if number.key != "years":  # no single cell prints the range of years
                assert cells[address] == number.value
