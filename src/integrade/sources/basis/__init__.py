"""Find the basis of price indices: detect it from numbers, read it from words, and decide between the two."""
