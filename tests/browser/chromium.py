"""A small driver for Chromium over its debugging pipe: open a page, look at it, run script in it. No other program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


class Browser:
    """One Chromium; messages are JSON ended by a zero byte, written to its descriptor 3 and read from its 4."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._rest, self._last = b"", 0
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        self._last += 1
        message: dict[str, object] = {"id": self._last, "method": method, "params": parameters}
        os.write(self._write, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._last:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._read, 1 << 20)
            assert part, "Chromium went away"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


class Page:
    """One page at a width and a colour scheme, without a network."""

    def __init__(self, browser: Browser, width: int, scheme: str) -> None:
        self.browser = browser
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        return self.browser.ask(method, self.session, **parameters)

    def open(self, path: Path) -> None:
        self.ask("Page.navigate", url=path.as_uri())
        self.wait_for("document.documentElement && document.documentElement.dataset.ready === 'yes'")

    def wait_for(self, condition: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.value(condition):
                return
            time.sleep(0.05)
        raise AssertionError(f"never true: {condition}; said: {self.said()}")

    def value(self, expression: str, **options: object) -> Any:
        """The value of an expression in the page; through the debugger, so the page's policy does not apply."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, **options)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def isolated(self) -> int:
        """A world of its own in the page, for scripts that the page's policy would refuse."""
        frame = self.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
        return int(self.ask("Page.createIsolatedWorld", frameId=frame, worldName="test")["executionContextId"])

    def said(self) -> list[str]:
        """What the console, the log and failed requests said: policy violations and errors come here."""
        mine = [e for e in self.browser.events if e.get("sessionId") == self.session]
        found = [e["params"]["entry"]["text"] for e in mine if e["method"] == "Log.entryAdded"]
        found += [str(e["params"]["exceptionDetails"]) for e in mine if e["method"] == "Runtime.exceptionThrown"]
        found += [str(e["params"]["args"]) for e in mine if e["method"] == "Runtime.consoleAPICalled"]
        asked = [e["params"]["request"]["url"] for e in mine if e["method"] == "Network.requestWillBeSent"]
        return found + [f"request: {url}" for url in asked if not url.startswith(("file:", "data:", "blob:"))]


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Chromium with a fresh profile; it ends with the block."""
    to_child, from_us = os.pipe()
    to_us, from_child = os.pipe()

    def descriptors() -> None:
        os.dup2(to_child, 3)
        os.dup2(from_child, 4)

    command = [str(PROGRAM), *FLAGS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        command, preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(to_child)
    os.close(from_child)
    running = Browser(to_us, from_us)
    try:
        yield running
        running.ask("Browser.close")
    finally:
        os.close(from_us)
        os.close(to_us)
        process.terminate()
        process.wait(timeout=20)
