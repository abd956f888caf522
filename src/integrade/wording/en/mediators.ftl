mediated = mediated
mixed = mixed
not-mediated = not mediated
partially-mediated = partially mediated
suppression = suppression
