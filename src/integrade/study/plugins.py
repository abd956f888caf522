"""Load the plugins of a study: .py files, which run only if the user who starts integrade allows it.

A study from a stranger is data, but its ``plugins`` are code. They are not run merely because the study file names
them. Without ``--plugins`` they are reported as not loaded, and whatever needs them is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from integrade.errors import IntegradeError
from integrade.records.plugins import Plugin, load_files, load_installed, loaded_files
from integrade.study.text import read_toml, text_of
from integrade.subjects import questions


class Plugins(NamedTuple):
    """The plugins of a study that were loaded, and those that were not loaded, under their names in the study file."""

    loaded: tuple[Plugin, ...] = ()
    left: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return a line on loaded plugins and a line on plugins not loaded; empty if a study has no plugins."""
        lines = [
            f"plugin loaded: {plugin.path.name} ({', '.join(plugin.names) or 'defines nothing'})"
            for plugin in self.loaded
        ]
        return "\n".join([*lines, *([not_loaded(self.left)] if self.left else [])])


def not_loaded(names: Sequence[str]) -> str:
    """Return the sentence on plugins that were not loaded."""
    return f"plugins not loaded: {', '.join(names)}; they are code, and run only with --plugins"


def use_plugins(path: Path, *, allowed: bool) -> Plugins:
    """Load the plugins of a study if ``allowed``; plugins of other studies are unloaded in any case.

    Plugins of installed packages are always loaded. A study file that cannot be read counts as one without plugins; the
    error is reported when the study is read. Raises `FileMissing` and `BadPlugin`.
    """
    questions()  # first, because a plugin cannot take the name of a question
    load_installed()
    root, names = path if path.is_dir() else path.parent, named_in(path)
    if not allowed:
        load_files(())
        return Plugins(left=names)
    return Plugins(tuple(dict.fromkeys(load_files([root / name for name in names]))))


def named_in(path: Path) -> tuple[str, ...]:
    """Return the plugins that a study file names, each once, without running or checking anything."""
    file = path / "study.toml" if path.is_dir() else path
    try:
        named = read_toml(text_of(file)).get("plugins", [])
    except (IntegradeError, ValueError):
        return ()
    return tuple(dict.fromkeys(name for name in named if isinstance(name, str))) if isinstance(named, list) else ()


def plugin_files(names: Sequence[str], root: Path) -> tuple[Path, ...]:
    """Return the named plugins that are loaded now."""
    loaded = {plugin.path for plugin in loaded_files()}
    return tuple(root / name for name in names if (root / name).resolve() in loaded)


def left_out(names: Sequence[str]) -> list[str]:
    """Return the named plugins that are not loaded."""
    loaded = {plugin.path.name for plugin in loaded_files()}
    return [name for name in names if Path(name).name not in loaded]
