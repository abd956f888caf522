mediated = full mediation (the direct effect is not significant)
mixed = established, but its type (full, partial or suppression) depends on the level of the treatment
not-mediated = not established
partially-mediated = partial mediation (the direct effect is also significant)
suppression = suppression (the indirect effect offsets the direct effect)
