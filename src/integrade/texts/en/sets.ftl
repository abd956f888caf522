every-value = unbounded: every value, the data say nothing
everything = everything
from-on = from { $low } on
from-to = from { $low } to { $high }
in-pieces = in pieces: { $pieces }
no-value = empty: no value agrees with all instruments
unbounded = unbounded: { $pieces }
up-to = up to { $high }
