"""Market integration and export quality: from raw files to a checkable study."""
