good = { $chinese ->
   *[other] { $name }
}
