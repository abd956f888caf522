mediated = full mediation
mixed = established, but its type (full, partial or suppression) depends on the level of the treatment
not-mediated = not established
partially-mediated = partial mediation
suppression = suppression (the indirect effect offsets the direct effect)
