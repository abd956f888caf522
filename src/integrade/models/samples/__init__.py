"""The regression on other rows, outcomes, indices, effects and weights."""
