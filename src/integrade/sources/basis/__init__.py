"""The basis of price indices: detected from numbers, read from words, settled."""
