given = given
prices = the prices
panel = the panel
default = default, not measured
