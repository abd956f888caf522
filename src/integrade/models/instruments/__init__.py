"""Instruments: builders with their exclusion sentence, weak-robust tests, control function."""
