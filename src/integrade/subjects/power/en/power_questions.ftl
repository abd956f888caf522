effect = Effect of the index
curvature = Curvature (square of the index)
path = Mediator: effect on the outcome
indirect = Mediator: indirect effect
groups = Difference between two groups
