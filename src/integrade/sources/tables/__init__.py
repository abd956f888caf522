"""Canonical tables (prices, customs, firms ...) and their cleaning."""
