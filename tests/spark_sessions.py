"""Sessions of Spark on machines that tests do not have: who their master or server is, and what their workers see."""

from __future__ import annotations

import shutil
from types import SimpleNamespace


class Session:
    """A session whose workers copy a file, or raise, or write it to a disk of their own."""

    def __init__(
        self,
        *,
        master: str = "",
        server: str = "",
        fails: str = "",
        writes: bool = True,
        kind: type[Exception] = RuntimeError,
    ) -> None:
        self.fails, self.writes, self.kind, self.probes, self.copied = fails, writes, kind, 0, ""
        self.sparkContext = SimpleNamespace(master=master)
        self.conf = SimpleNamespace(get=lambda _, default: master or default)
        if server:
            self.client = SimpleNamespace(host=server)
        else:
            self._jsparkSession = None
        self.read = self.write = self

    def text(self, path: str) -> Session:
        if self.fails:
            raise self.kind(f"{self.fails}\nJVM stacktrace: ...")
        if not self.copied:
            self.probes, self.copied = self.probes + 1, path
            return self
        if self.writes:
            shutil.copy(self.copied, path)
        self.copied = ""
        return self
