"""Results to tables, figures, documents. Never reads data, never estimates."""

from integrade.report.write import write_report

__all__ = ["write_report"]
