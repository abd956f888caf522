"""Instruments: builders, shift-share, control function, weak-instrument tests."""
