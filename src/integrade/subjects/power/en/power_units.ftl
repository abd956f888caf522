effect = s.d. of the outcome per s.d. of the index
curvature = s.d. of the outcome per squared s.d. of the index
path = s.d. of the outcome per s.d. of the mediator
indirect = s.d. of the outcome per s.d. of the index
groups = s.d. of the outcome per s.d. of the index
