"""Turn results into tables, figures and documents. This package never reads data and never estimates."""

from integrade.report.write import write_report

__all__ = ["write_report"]
