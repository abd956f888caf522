"""A download is whole or refused: announced lengths, chunked answers, and another attempt where one breaks off."""

from __future__ import annotations

import contextlib
import errno
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest

from each import each
from integrade.cli import run
from integrade.errors import IntegradeError, SystemRefusal, Unreachable, UsageError
from integrade.sources import read_canonical
from integrade.sources.files import objects
from integrade.sources.origins.addresses import Address
from integrade.study.performing import perform_all
from integrade.study.progress import Watch
from integrade.study.steps import Step
from secure_server import certificate, secure

ROWS = 20_000
TEXT = ("firm,year,assets\n" + "".join(f"F{i},2004,{i}\n" for i in range(ROWS))).encode()
HALF = TEXT[: TEXT.rindex(b"\n", 0, len(TEXT) // 2) + 1]
"""Whole rows: nothing in the text itself says that it is cut short."""
QUIET = Watch(lambda _: None, lambda _: None)
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
def server(
    *answers: Answer, status: int = 200, path: str = "firms.csv", told: Mapping[str, str] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """An address on this machine that answers in this order, the last one again and again; and what was asked.

    ``told``: what it says of the file when it is asked for no more; None where it does not answer that.
    """
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
            self.send_response(status)
            answer(self)

        def do_HEAD(self) -> None:
            self.close_connection = True
            if told is None:
                self.send_error(501)
                return
            self.send_response(200)
            for name, value in told.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/{path}", asked
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


def test_a_server_for_which_nobody_vouches_is_told_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, private = certificate(tmp_path)
    with secure(TEXT, public, private) as url:
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED") as caught:
            read_canonical("firms", url)
        assert "SSL_CERT_FILE" in caught.value.remedy
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        assert read_canonical("firms", url).polars().height == ROWS


def test_a_full_disk_is_no_fault_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(objects, "_copy", full)
    with server(whole) as (url, asked), pytest.raises(SystemRefusal, match="no space"):
        read_canonical("firms", url)
    assert len(asked) == 1, "another attempt does not help"


def endless(to: BaseHTTPRequestHandler) -> None:
    """Rows without end, and no word of how many."""
    to.end_headers()
    with contextlib.suppress(OSError):
        while True:
            to.wfile.write(TEXT)


def large(to: BaseHTTPRequestHandler) -> None:
    """Announces more than anybody wants."""
    to.send_header("Content-Length", str(1 << 50))
    to.end_headers()
    endless(to)


def dripping(to: BaseHTTPRequestHandler) -> None:
    """A letter now and then, without end."""
    to.end_headers()
    with contextlib.suppress(OSError):
        while True:
            to.wfile.write(b"x")
            time.sleep(0.05)


def head_without_end(to: BaseHTTPRequestHandler) -> None:
    """A letter of the head of the answer now and then."""
    with contextlib.suppress(OSError):
        while True:
            to.wfile.write(b"X")
            time.sleep(0.05)


@pytest.mark.parametrize("answer", [endless, large])
def test_more_bytes_than_the_budget_are_refused_with_the_setting(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTEGRADE_MOST_BYTES", "1MB")
    written: list[int] = []
    opened = Path.open

    def watched(path: Path, *args: Any, **options: Any) -> Any:
        file = opened(path, *args, **options)
        if path.name.endswith(".part"):
            write = file.write
            return contextlib.closing(SimpleNamespace(write=lambda b: written.append(write(b)), close=file.close))
        return file

    monkeypatch.setattr(Path, "open", watched)
    with server(answer) as (url, asked), pytest.raises(Unreachable, match="at most 1,048,576") as caught:
        read_canonical("firms", url)
    assert sum(written) <= (1 << 20) + objects.PIECE, "no more is written to the disk"
    assert len(asked) == 1, "another attempt does not help"
    assert "INTEGRADE_MOST_BYTES=" in caught.value.remedy


@pytest.mark.parametrize("answer", [dripping, head_without_end])
def test_a_server_that_sends_next_to_nothing_counts_as_gone(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "PATIENCE", 0.3)
    monkeypatch.setattr(objects, "ATTEMPTS", 2)
    with server(answer) as (url, asked), pytest.raises(Unreachable, match=r"0\.3 seconds"):
        read_canonical("firms", url)
    assert len(asked) == 2


def test_a_download_without_end_is_refused_by_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEGRADE_MOST_SECONDS", "1")
    with server(dripping) as (url, _), pytest.raises(Unreachable, match="longer than 1 seconds") as caught:
        read_canonical("firms", url)
    assert "INTEGRADE_MOST_SECONDS=2" in caught.value.remedy


def test_the_head_of_an_answer_is_bounded_by_the_seconds_of_a_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEGRADE_MOST_SECONDS", "1")
    monkeypatch.setattr(objects, "ATTEMPTS", 1)
    with server(head_without_end) as (url, _), pytest.raises(Unreachable, match="no answer in 1 seconds"):
        read_canonical("firms", url)


@each(
    ("name", "value"),
    [("INTEGRADE_MOST_SECONDS", v) for v in ("0", "-1", "1.5", "soon", "9" * 10, "１")]
    + [("INTEGRADE_MOST_BYTES", v) for v in ("0", "many", "1", "1KB", "9" * 30 + "T")],
)
def test_a_budget_that_is_none_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with server(whole) as (url, _), pytest.raises(UsageError, match=name):
        read_canonical("firms", url)


@pytest.mark.parametrize("first", [cut, chunked_cut, busy])
def test_another_attempt_may_be_whole(first: Answer) -> None:
    with server(first, whole) as (url, asked):
        assert read_canonical("firms", url).polars().height == ROWS
        assert len(asked) == 2


def test_what_is_not_there_is_not_asked_for_again() -> None:
    with server(gone) as (url, asked), pytest.raises(Unreachable, match="404"):
        read_canonical("firms", url)
    assert len(asked) == 1


@each("status", [204, 206, 304, 400, 401, 403, 410, 451])
def test_another_status_is_no_file(status: int) -> None:
    """Part of a file, or none, is not taken for the whole."""

    def partly(to: BaseHTTPRequestHandler) -> None:
        to.send_header("Content-Length", "0" if status in (204, 304) else str(len(HALF)))
        to.end_headers()
        to.wfile.write(b"" if status in (204, 304) else HALF)

    with server(partly, status=status) as (url, _), pytest.raises(Unreachable, match=str(status)) as caught:
        read_canonical("firms", url)
    assert caught.value.remedy


def nonsense(to: BaseHTTPRequestHandler) -> None:
    """An answer whose first line is none."""
    to._headers_buffer = [b"what?\r\n\r\n"]  # type: ignore[attr-defined]
    to.flush_headers()


def bad_chunk(to: BaseHTTPRequestHandler) -> None:
    to.send_header("Transfer-Encoding", "chunked")
    to.end_headers()
    to.wfile.write(b"zz\r\nfirm,year\r\n")


@pytest.mark.parametrize("answer", [nonsense, bad_chunk])
def test_an_answer_that_is_none_is_refused(answer: Answer) -> None:
    with server(answer) as (url, _), pytest.raises(Unreachable, match="cannot be read"):
        read_canonical("firms", url)


@pytest.mark.parametrize("name", ["price index 2004.csv", "企业 2004.csv", "a%20b.csv", "a+b&c=d.csv?x=é 1"])
def test_blanks_and_letters_of_an_address(name: str) -> None:
    with server(whole, path=name) as (url, asked):
        assert read_canonical("firms", url).polars().height == ROWS
    assert asked[0].isascii()
    assert " " not in asked[0]
    assert unquote(asked[0]) == unquote(f"/{name}")


@pytest.mark.parametrize("path", ["..%2f..%2fx.csv", "%00.csv", "x" * 300 + ".csv"])
def test_a_name_that_no_file_can_have(path: str) -> None:
    with server(whole, path=path) as (url, _):
        assert read_canonical("firms", url).polars().height == ROWS


def test_an_address_that_is_none_is_refused() -> None:
    for wrong in ("http://[::1/x.csv", "http://host:port/x.csv", "https:///x.csv"):
        with pytest.raises(IntegradeError):
            read_canonical("firms", wrong)


@pytest.mark.parametrize("told", [None, {}, {"Content-Length": str(len(TEXT))}])
def test_without_tag_and_date_the_content_is_hashed(told: Mapping[str, str] | None) -> None:
    """Another file of the same length is another file."""

    def changed(to: BaseHTTPRequestHandler) -> None:
        to.send_header("Content-Length", str(len(TEXT)))
        to.end_headers()
        to.wfile.write(TEXT.replace(b"F1,2004,1\n", b"F1,2004,7\n"))

    asked = (whole, whole) if told is None else (whole,)  # without HEAD, headers come with a file
    with server(*asked, changed, told=told) as (url, _):
        address = Address("object", url)
        with objects.one_copy_each():
            before = objects.fingerprint(address)
            assert before == objects.fingerprint(address), "within a run it is fetched once"
        after = objects.fingerprint(address)
        assert before != after
        assert objects.fingerprint(address) == after


def altered(n: int) -> Answer:
    """The text with another number in one row."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        text = TEXT.replace(b"F1,2004,1\n", f"F1,2004,{n}\n".encode())
        to.send_header("Content-Length", str(len(text)))
        to.end_headers()
        to.wfile.write(text)

    return answer


def test_each_reading_of_a_process_sees_what_is_there_now() -> None:
    with server(*map(altered, range(2, 9))) as (url, asked):
        found = [read_canonical("firms", url).polars().filter(firm="F1")["assets"].item() for _ in range(3)]
        assert found == [2, 3, 4]
        assert len(asked) == 3, "one reading fetches once"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_reads_the_copy_that_it_hashed_and_the_next_one_fetches_again(jobs: int, tmp_path: Path) -> None:
    """A server that tells neither tag nor date, and another content at every question."""
    read = list[float]()

    def step(name: str, url: str) -> Step:
        def write(out: Path, _: dict[str, Path]) -> None:
            rows = read_canonical("firms", url).polars()
            read.append(rows.filter(firm="F1")["assets"].item())
            (out / "rows.csv").write_text(str(read[-1]))

        return Step(name, (), None, (Address("object", url),), (), write)

    with server(*map(altered, range(2, 99)), told={}) as (url, asked):
        firsts = perform_all([step("prices", url), step("customs", url)], tmp_path, QUIET, jobs=jobs)
        assert len(asked) == 1
        assert read == [2.0, 2.0]
        seconds = perform_all([step("prices", url), step("customs", url)], tmp_path, QUIET, jobs=jobs)
        assert len(asked) == 2
        assert read[2:] == [3.0, 3.0]
        assert {d.key for d in firsts.values()}.isdisjoint(d.key for d in seconds.values())


def test_with_a_tag_or_a_date_nothing_is_fetched() -> None:
    for told in ({"ETag": '"1"'}, {"Last-Modified": "Sat, 28 Nov 2026 00:00:00 GMT"}):
        with server(whole, told=told) as (url, asked):
            assert objects.fingerprint(Address("object", url))
            assert asked == []


def test_on_the_command_line_nothing_is_written(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out.csv"
    with server(cut) as (url, _):
        assert run(["clean", url, "--rules", "cai_liu", "--out", str(out)]) == 1
    assert "D212" in capsys.readouterr().err
    assert not out.exists()


def test_a_store_is_asked_with_options_that_its_reader_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there: what is wrong is the connection, not how it is asked for."""
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "c",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Unreachable) as caught:
        objects.scan_object(Address("object", "s3://bucket/rows.parquet"), "polars")
    assert "invalid" not in caught.value.what


def test_a_bucket_whose_region_is_not_set_is_no_raw_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polars warned in its own words that it asks the store for the region."""
    for name in objects.REGIONS:
        monkeypatch.delenv(name, raising=False)

    def asked(*_: Any, **__: Any) -> Any:
        warnings.warn("'(default_)region' not set; polars will try to get it from bucket", UserWarning, stacklevel=2)
        raise OSError("no such bucket")

    monkeypatch.setattr("polars.scan_parquet", asked)
    monkeypatch.setattr("polars.read_parquet_metadata", asked)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Unreachable, match="AWS_REGION are not set"):
            objects.scan_object(Address("object", "s3://bucket/rows.parquet"), "polars")
