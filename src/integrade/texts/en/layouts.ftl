more = Other rows, standard errors and tests: Table { $number }.
diagnostics-of = Diagnostics of Table { $number }: { $title }
errors = Standard errors: { $kind }.
clustered = Standard errors clustered by { $clusters } ({ $kind }).
under-headline = { $name }, { $errors } (of Table { $number })
more-columns = Columns { $first } to { $last }
