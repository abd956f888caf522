"""The shape of the effect: bins, two lines, sizes of effects, who is past the turning point."""
