good = { $name ->
   *[other] { $chinese }
}
