by-rule = By the rule of the study file, { $rule }, the results say { $numbers }.
false = { $quantity } is false
missing = { $quantity } is missing
true = { $quantity } is true
