"""Send integrade's own modules to Spark workers that lack them, and import them there without writing a file.

The modules are in a zip archive of about 1 MB, which is part of each task. A worker then needs only the libraries of
`LIBRARIES`. PySpark pickles the functions of this module by value, so they import nothing of integrade on a worker.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

LIBRARIES = ("narwhals", "numpy", "polars", "pyarrow", "scipy")
"""Libraries that a worker needs to compute quality by product."""
PACKAGES = ("plainwords", "rawcells", "integrade")
LATER = ("cli", "estimate", "integration", "panel", "published", "report", "simulation", "study", "verdicts")
"""Layers of integrade that quality does not import; they are not sent."""
KINDS = (".py", ".ftl", ".txt")


@cache
def archive() -> bytes:
    """Return a zip archive of the modules that quality needs, with their sentences."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for package in PACKAGES:
            for name, file in _walk(files(package), package):
                made.writestr(zipfile.ZipInfo(name), file.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _walk(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for inner in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{name}/{inner.name}"
        if inner.is_file() and path.endswith(KINDS):
            yield path, inner
        elif inner.is_dir() and path not in {f"integrade/{layer}" for layer in LATER} and name != "integrade/subjects":
            yield from _walk(inner, path)


def by_value(task: Callable[..., Any]) -> bytes:
    """Pickle a task, with the functions of this module by value."""
    from pyspark import cloudpickle

    pickle: Any = cloudpickle
    pickle.register_pickle_by_value(sys.modules[__name__])
    return bytes(pickle.dumps(task))


def with_modules(task: bytes) -> Callable[..., Any]:
    """Return a function that imports the archive's modules, then unpickles a task and runs it.

    Spark pickles the returned function, so `by_value` must have been called in this process.
    """
    package, key = archive(), hashlib.sha256(archive()).hexdigest()

    def run(*arguments: Any) -> Any:
        from pyspark import cloudpickle

        provide(package, key)
        return cloudpickle.loads(task)(*arguments)

    return run


def provide(package: bytes, key: str) -> None:
    """Make the modules of an archive importable in this process, unless integrade is installed there.

    Modules of another archive, left by an earlier session, are removed. ``key``: a hash of the archive.
    """
    import importlib.util
    import io
    import sys
    import zipfile

    held: Any = next((finder for finder in sys.meta_path if hasattr(finder, "integrade_archive")), None)
    if held is not None and held.integrade_archive == key:
        return
    if held is not None:
        sys.meta_path.remove(held)
        for name in [name for name in sys.modules if name.partition(".")[0] in held.packages]:
            del sys.modules[name]
    elif importlib.util.find_spec("integrade") is not None:
        return

    class Archived:
        """Finds and loads the modules of the archive; the archive stays in memory."""

        integrade_archive = key

        def __init__(self) -> None:
            self.zip = zipfile.ZipFile(io.BytesIO(package))
            self.names = set(self.zip.namelist())
            self.loader: Any = self
            self.packages = {name.partition("/")[0] for name in self.names}

        def find_spec(self, name: str, *_: Any) -> Any:
            place = name.replace(".", "/")
            for file in (f"{place}/__init__.py", f"{place}.py"):
                if file in self.names:
                    inner = file.endswith("/__init__.py")
                    spec = importlib.util.spec_from_loader(name, self.loader, origin=file, is_package=inner)
                    if spec is not None:
                        spec.has_location = True  # modules read __file__
                    return spec
            return None

        def create_module(self, _: Any) -> None:
            """Leave the creation of a module to Python."""

        def exec_module(self, module: Any) -> None:
            exec(compile(self.zip.read(module.__spec__.origin), module.__spec__.origin, "exec"), module.__dict__)

        def get_resource_reader(self, name: str) -> Any:
            place = zipfile.Path(self.zip, f"{name.replace('.', '/')}/")
            return type("Reader", (), {"files": lambda _: place})()

    sys.meta_path.insert(0, Archived())
