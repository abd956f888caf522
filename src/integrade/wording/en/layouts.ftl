more = Other rows, standard errors and tests: Table { $number }.
more-apart = Other rows, standard errors and tests are in a separate table.
diagnostics-of = Diagnostics: { $title }
in-full = Other rows, standard errors and tests are printed with layout = "full".
errors = Standard errors: { $kind }.
clustered = { $kind } standard errors clustered by { $clusters }.
more-columns = Columns { $first } to { $last }
