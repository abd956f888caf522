"""A download is whole or refused: announced lengths, chunked answers, and another attempt where one breaks off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from integrade.cli import run
from integrade.errors import Unreachable
from integrade.sources import objects, read_canonical

ROWS = 20_000
TEXT = ("firm,year,assets\n" + "".join(f"F{i},2004,{i}\n" for i in range(ROWS))).encode()
HALF = TEXT[: TEXT.rindex(b"\n", 0, len(TEXT) // 2) + 1]
"""Whole rows: nothing in the text itself says that it is cut short."""
Answer = Callable[[BaseHTTPRequestHandler], None]


def whole(to: BaseHTTPRequestHandler) -> None:
    to.send_header("Content-Length", str(len(TEXT)))
    to.end_headers()
    to.wfile.write(TEXT)


def cut(to: BaseHTTPRequestHandler) -> None:
    """Announces every byte and closes after half of them."""
    to.send_header("Content-Length", str(len(TEXT)))
    to.end_headers()
    to.wfile.write(HALF)


def chunk(to: BaseHTTPRequestHandler, data: bytes) -> None:
    to.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def chunked(to: BaseHTTPRequestHandler) -> None:
    to.send_header("Transfer-Encoding", "chunked")
    to.end_headers()
    chunk(to, HALF)
    chunk(to, TEXT[len(HALF) :])
    to.wfile.write(b"0\r\n\r\n")


def chunked_cut(to: BaseHTTPRequestHandler) -> None:
    """A whole chunk, and no chunk of length zero after it."""
    to.send_header("Transfer-Encoding", "chunked")
    to.end_headers()
    chunk(to, HALF)


@contextmanager
def server(*answers: Answer) -> Iterator[tuple[str, list[str]]]:
    """An address on this machine that answers in this order, the last one again and again; and what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            self.close_connection = True
            answer = answers[min(len(asked), len(answers)) - 1]
            if answer in (busy, gone):
                answer(self)
                return
            self.send_response(200)
            answer(self)

        def log_message(self, *_: Any) -> None:
            return

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/firms.csv", asked
    finally:
        listening.shutdown()
        listening.server_close()


def busy(to: BaseHTTPRequestHandler) -> None:
    to.send_error(503)


def gone(to: BaseHTTPRequestHandler) -> None:
    to.send_error(404)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "PAUSE", 0.0)


@pytest.mark.parametrize("answer", [whole, chunked])
def test_a_whole_answer_is_read(answer: Answer) -> None:
    with server(answer) as (url, asked):
        assert read_canonical("firms", url).polars().height == ROWS
        assert len(asked) == 1


@pytest.mark.parametrize("answer", [cut, chunked_cut])
def test_an_answer_that_is_cut_short_is_refused(answer: Answer) -> None:
    with server(answer) as (url, asked), pytest.raises(Unreachable, match="cut short") as caught:
        read_canonical("firms", url)
    assert len(asked) == objects.ATTEMPTS
    assert caught.value.code == "D212"
    if answer is cut:
        assert f"{len(HALF):,} of {len(TEXT):,} bytes" in caught.value.what


@pytest.mark.parametrize("first", [cut, chunked_cut, busy])
def test_another_attempt_may_be_whole(first: Answer) -> None:
    with server(first, whole) as (url, asked):
        assert read_canonical("firms", url).polars().height == ROWS
        assert len(asked) == 2


def test_what_is_not_there_is_not_asked_for_again() -> None:
    with server(gone) as (url, asked), pytest.raises(Unreachable, match="404"):
        read_canonical("firms", url)
    assert len(asked) == 1


def test_on_the_command_line_nothing_is_written(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out.csv"
    with server(cut) as (url, _):
        assert run(["clean", url, "--rules", "cai_liu", "--out", str(out)]) == 1
    assert "D212" in capsys.readouterr().err
    assert not out.exists()
