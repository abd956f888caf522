"""Define what can be wrong with a file, as errors of `plainwords.errors`."""

from __future__ import annotations

from plainwords.errors import DataError, SystemRefusal, UsageError


class FileMissing(UsageError):
    """No file at that path; the message gives the nearest name in the folder."""

    code = "U104"


class Unreadable(DataError):
    """The file is damaged, truncated, encrypted or of another format than its name suggests."""

    code = "D208"


class NotAFile(SystemRefusal, OSError):
    """A pipe, a socket, a device or a circle of links where a file is needed, or too large a file; name another one.

    It is also an `OSError`, so that code which skips unreadable files also skips this one.
    """
