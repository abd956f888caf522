mediated = full mediation
mixed = the type of mediation depends on the level of the treatment
not-mediated = not established
partially-mediated = partial mediation
suppression = suppression (the indirect effect offsets the direct effect)
