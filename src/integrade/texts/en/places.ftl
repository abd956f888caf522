place = { $chinese ->
   *[other] { $name }
}
