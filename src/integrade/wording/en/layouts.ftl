more = Other rows, standard errors and tests: Table { $number }.
more-apart = Other rows, standard errors and tests are in a separate table.
diagnostics-of = Diagnostics: { $title }
in-full = Other rows, standard errors and tests are printed with layout = "full".
errors = Standard errors: { $kind }.
clustered = Standard errors clustered by { $clusters } ({ $kind }).
more-columns = Columns { $first } to { $last }
