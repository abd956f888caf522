"""The benchmark with other outcomes, indices and samples."""
