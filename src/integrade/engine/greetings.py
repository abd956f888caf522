"""Ask a server for the first bytes of its protocol, which show within seconds whether it is the server that is wanted.

A Spark Connect server speaks HTTP/2 (RFC 9113): both sides begin with a frame of settings. A master of Spark answers a
request for a file that it does not have. A Kubernetes server answers a TLS handshake. No request carries a token.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import Literal

Greeting = Literal["expected", "silent", "web", "plain", "tls", "closed", "other"]
"""Answer of a server to the first bytes of a client.

expected: the protocol that is wanted. silent: no byte in time. web: HTTP/1. plain: TLS was asked of a server without
it. tls: the server asks for TLS. closed: the connection was closed without a byte. other: any other bytes.
"""
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
"""The beginning of HTTP/2 with an empty frame of settings (RFC 9113, 3.4)."""
_HEAD, _SETTINGS = 9, 4  # bytes of the head of an HTTP/2 frame, and the type of a frame of settings
_ALERT = b"\x15\x03"  # the head of a TLS alert (RFC 8446, 5.1)
_STREAM_REQUEST, _ANSWERS = 6, (7, 8)
"""Types of messages of Spark's network layer: a request for a file, and its two answers (`Message.Type`)."""
_END_OF_LINES = b"\r\n\r\n"
"""A web server answers only complete lines; Spark takes these bytes for the beginning of a second message."""
_NOWHERE = b"/files/integrade-asks-whether-this-is-a-master"


def of_connect(connection: socket.socket, host: str, *, encrypted: bool) -> Greeting:
    """Return how a server answers a client of Spark Connect; the connection has a time-out for every answer.

    ``encrypted``: whether the client uses TLS. The certificate is not checked here; PySpark checks it later.
    """
    if not encrypted:
        return _of_http2(connection)
    secured = _secured(connection, host)
    if isinstance(secured, str):
        return secured
    with secured:
        return _of_http2(secured)


def of_kubernetes(connection: socket.socket, host: str) -> Greeting:
    """Return whether a server answers a TLS handshake."""
    secured = _secured(connection, host)
    if isinstance(secured, str):
        return secured
    secured.close()
    return "expected"


def of_master(connection: socket.socket) -> Greeting:
    """Return how a server answers a request of Spark's network layer for a file that does not exist.

    A master that requires authentication may close the connection instead.
    """
    message = bytes([_STREAM_REQUEST]) + len(_NOWHERE).to_bytes(4) + _NOWHERE
    frame = (8 + len(message)).to_bytes(8) + message
    answer = _asked(connection, frame + _END_OF_LINES, 9)
    if isinstance(answer, str):
        return answer
    return "expected" if len(answer) == 9 and answer[8] in _ANSWERS else _named(answer)


def _secured(connection: socket.socket, host: str) -> ssl.SSLSocket | Greeting:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    try:
        return context.wrap_socket(connection, server_hostname=host)
    except TimeoutError:
        return "silent"
    except ssl.SSLError:
        return "plain"
    except OSError:
        return "closed"


def _of_http2(connection: socket.socket) -> Greeting:
    answer = _asked(connection, _PREFACE, _HEAD)
    if isinstance(answer, str):
        return answer
    return "expected" if len(answer) == _HEAD and answer[3] == _SETTINGS else _named(answer)


def _asked(connection: socket.socket, request: bytes, size: int) -> bytes | Greeting:
    """Send bytes and return the first ``size`` bytes of the answer, or why there are none."""
    answer = b""
    try:
        connection.sendall(request)
        while len(answer) < size and (piece := connection.recv(size - len(answer))):
            answer += piece
    except TimeoutError:
        return _named(answer) if answer else "silent"
    except OSError:
        return _named(answer) if answer else "closed"
    return answer or "closed"


def _named(answer: bytes) -> Greeting:
    if answer.startswith((b"HTTP/", b"<")):  # some web servers answer unknown requests with a page only
        return "web"
    return "tls" if answer.startswith(_ALERT) else "other"


def ended(connection: socket.socket) -> None:
    """Close both directions of a connection, so that the server does not wait for more."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
