gutters = Only white space separates the columns, and numbers of neighbouring columns overlap vertically.
across = { $text } spans two columns.
input = { $file } is included by \input and was not read: give this file as well.
continued = The part of { $title } on a later page has different columns.
stored = Digits are as stored, not as shown.
unknown = { $n ->
    [one] One character
   *[other] { $n } characters
} of the table have no text in the PDF.
figures = Numbers without a title and without labels are treated as figures and left out: pages { $pages }.
labels = Labels are printed lower than the coefficients, next to or above their brackets. They are assigned to the coefficients.
broken = { $text } may be one number broken over two lines.
missed = Captioned and not read: { $n } of { $all } tables ({ $tables }).
short = Some rows have fewer cells than the table has columns. They are read from the left.
left-out = Not read in the folder { $folder }: { $files }.
link = a link
