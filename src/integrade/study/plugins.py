"""The plugins of a study: own .py files, which run only where whoever starts integrade allows it.

A study from a stranger is data. Its ``plugins`` are code, so they are not run because the file names them: without
``--plugins`` they are named as not loaded, and what needs them is refused.
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
    """What was loaded of a study, and the files that were not, as it names them."""

    loaded: tuple[Plugin, ...] = ()
    left: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for each kind; nothing where a study has no plugins."""
        told = [f"plugin loaded: {one.path.name} ({', '.join(one.names) or 'defines nothing'})" for one in self.loaded]
        return "\n".join([*told, *([not_loaded(self.left)] if self.left else [])])


def not_loaded(names: Sequence[str]) -> str:
    """The sentence on files that were not run."""
    return f"plugins not loaded: {', '.join(names)}; they are code, and run only with --plugins"


def use_plugins(path: Path, *, allowed: bool) -> Plugins:
    """Load the plugins of a study where it is ``allowed``; in any case no other study's stay loaded.

    What installed packages offer is loaded always. A study file that cannot be read has no plugins here; reading it
    says what is wrong. Raises `FileMissing` and `BadPlugin`.
    """
    questions()  # before a plugin, which cannot take the name of one
    load_installed()
    root, names = path if path.is_dir() else path.parent, named_in(path)
    if not allowed:
        load_files(())
        return Plugins(left=names)
    return Plugins(tuple(dict.fromkeys(load_files([root / name for name in names]))))


def named_in(path: Path) -> tuple[str, ...]:
    """The plugins that a study file names, each once; nothing of it is run or checked."""
    file = path / "study.toml" if path.is_dir() else path
    try:
        found = read_toml(text_of(file)).get("plugins", [])
    except (IntegradeError, ValueError):
        return ()
    return tuple(dict.fromkeys(name for name in found if isinstance(name, str))) if isinstance(found, list) else ()


def plugin_files(names: Sequence[str], root: Path) -> tuple[Path, ...]:
    """Those of the named plugins that are loaded now."""
    loaded = {one.path for one in loaded_files()}
    return tuple(root / name for name in names if (root / name).resolve() in loaded)


def left_out(names: Sequence[str]) -> list[str]:
    """Those of the named plugins that are not loaded."""
    loaded = {one.path.name for one in loaded_files()}
    return [name for name in names if Path(name).name not in loaded]
