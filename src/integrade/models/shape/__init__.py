"""Is it an inverted U? Slopes at both ends, turning point, two lines, a cube."""
