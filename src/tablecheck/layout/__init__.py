"""Interpret a grid of cells: headings, labels, estimates, statistics; every cell has a role."""

from __future__ import annotations

from tablecheck.layout.reading import read_table, read_tables

__all__ = ["read_table", "read_tables"]
