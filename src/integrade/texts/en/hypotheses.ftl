by-rule = The rule in the study file is { $rule }. The estimates: { $numbers }.
false = { $quantity } is false
missing = { $quantity } is missing
true = { $quantity } is true
against = for contradicted: { $what }
part = { $condition }: { $numbers }
rule = supported where { $rule }; else not supported; not tested where a missing result decides.
rule-and-opposite = supported where { $rule }; else contradicted where { $contradicted }; else not supported; not tested where a missing result decides.
