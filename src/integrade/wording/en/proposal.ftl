looks-at = { $file } is looked at, { $number } of { $of }
