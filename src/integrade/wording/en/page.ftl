answer = Answer
close = Close
close-all = Close all sections
contents = Contents
copied = Copied
copy = Copy
copying-refused = Copying was refused by the browser
dark = Dark
dark-page = Dark page
hint = Click a number to see where it comes from; with the keyboard: Tab to a table, arrows, Enter.
light = Light
light-page = Light page
made-with-integrade = Made with integrade. This page works without a network and sends nothing.
needs-javascript = The figures need JavaScript; every number they show is also in a table.
not-drawn = This figure could not be drawn: { $problem }
open-all = Open all sections
refused = Refused
save = Save
sections = Sections
the-answer = The answer
to-the-content = To the content
where-from = Where from?
figures = { $n ->
    [one] { $n } figure
   *[other] { $n } figures
}
findings = { $n ->
    [one] { $n } objection
   *[other] { $n } objections
}
of-outcome = { $outcome }: { $names }
list = { $name }: { $n }
tables = { $n ->
    [one] { $n } table
   *[other] { $n } tables
}
abstract = Abstract
points = { $n ->
    [one] one point
   *[other] { $n } points
}
