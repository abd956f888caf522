mediated = established (the direct effect is not significant)
mixed = established, but whether the direct effect is also significant depends on the level of the treatment
not-mediated = not established
partially-mediated = established (the direct effect is also significant)
suppression = suppression (the indirect effect offsets the direct effect)
