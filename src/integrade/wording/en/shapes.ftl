inverted-u = inverted U
neither = neither
one-inverted-u = an inverted U
one-neither = neither shape
one-u = a U
u = U
negative = negative
positive = positive
