explains-nothing = { $term } was dropped ({ $why }) and explains nothing
slope-of = slope of { $term } at { $at }
