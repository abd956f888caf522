"""Mediation: paths, indirect effects, their tests by clusters."""
