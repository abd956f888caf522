"""Perform the steps from raw files to the panel: prices, integration, quality, panel, one module each."""
