"""Records that public functions return, for annotations and ``isinstance``."""

from integrade.surface import RESULTS, lazily

__getattr__, __dir__ = lazily("integrade.results", RESULTS)
