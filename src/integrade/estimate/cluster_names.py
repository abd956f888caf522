"""Read cluster variables as users name them: ``"region"``, ``"firm + year"``, or a list of names."""

from __future__ import annotations

from typing import Any

from integrade.errors import UsageError


def joined_names(cluster: Any) -> str | None:
    """Join a list or tuple of names into one text, ``"firm+year"``; a text or None is returned unchanged.

    Raises `UsageError` for any other type, for an empty list and for an empty name.

    Example:
        >>> joined_names(["firm", "year"])
        'firm+year'
    """
    if cluster is None:
        return None
    parts = cluster.split("+") if isinstance(cluster, str) else cluster
    names = list(parts) if isinstance(parts, list | tuple) else []
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise UsageError(
            f"cluster={cluster!r} names no cluster variables",
            remedy='give cluster="region", or for two-way clusters cluster=["firm", "year"]',
        )
    return cluster if isinstance(cluster, str) else "+".join(name.strip() for name in names)
