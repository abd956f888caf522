given = given by the user
prices = the prices
panel = the panel
demo = default: about that of the demo's economy
default = default: a convention, not measured
