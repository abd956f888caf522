place = { $name ->
   *[other] { $chinese }
}
