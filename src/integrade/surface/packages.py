"""Name modules: modules of integrade without ``integrade``, modules of the packages below it with their package."""

from __future__ import annotations

BELOW = ("plainwords", "rawcells", "tablecheck")
"""Packages on which integrade builds and which do not import it, in the order in which they may import each other."""


def full_name(module: str) -> str:
    """Return the name by which a module is imported.

    Example:
        >>> full_name("estimate.fit"), full_name("rawcells.doors")
        ('integrade.estimate.fit', 'rawcells.doors')
    """
    return module if module.partition(".")[0] in BELOW else f"integrade.{module}".rstrip(".")


def short_name(module: str) -> str:
    """Return the name of an imported module, without ``integrade``; the inverse of `full_name`."""
    return module.removeprefix("integrade").removeprefix(".")


def is_ours(module: str) -> bool:
    """Return whether a module belongs to integrade or to a package below it.

    Example:
        >>> is_ours("rawcells.doors"), is_ours("numpy.linalg")
        (True, False)
    """
    return module.partition(".")[0] in ("integrade", *BELOW)
