"""Do groups differ? Stacked regressions, permutation, several tests at once."""
