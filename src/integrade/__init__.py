"""Market integration and export quality: from raw files to a checkable study."""

__version__ = "0.1.0"
