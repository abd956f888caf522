gutters = Columns are told by white space alone, and numbers of neighbouring columns stand below each other.
across = { $text } stands over two columns.
input = { $file } is taken in by \input and was not read: give it as a file, too.
continued = A part of { $title } on a later page has other columns.
stored = Digits are as stored, not as shown.
unknown = { $n ->
    [one] One character
   *[other] { $n } characters
} of the table have no text in the PDF.
figures = Numbers without a title and without labels beside them are taken for figures and left out: pages { $pages }.
labels = Labels stand lower than the coefficients, beside or above their brackets, and are taken to belong to the coefficients.
broken = { $text } may be one number that is broken over two lines.
left-out = Left out of the folder { $folder }: { $files }.
link = a link
