mediated = mediated
mixed = the direction depends on the level of the treatment
not-mediated = not mediated
partially-mediated = partially mediated
suppression = suppression (the indirect effect offsets the direct effect)
