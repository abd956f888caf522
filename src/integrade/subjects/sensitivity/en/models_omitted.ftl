explains-nothing = { $term } was dropped ({ $why }) and has no explanatory power
slope-of = slope of { $term } at { $at }
