# Print tables of regressions of data.csv with R's packages, and write beside each what stands in it.
#
# Rscript make.R            all again
# Rscript make.R texreg     one package's
#
# Needs jsonlite and the packages named at the end; a package that is not installed is said and left out.

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)[1]))
suppressMessages(setwd(if (is.na(here)) "." else here))
d <- read.csv("data.csv")
TEN <- c("*" = 0.1, "**" = 0.05, "***" = 0.01)
FIVE <- c("*" = 0.05, "**" = 0.01, "***" = 0.001)

# --- what stands in a table -------------------------------------------------------------------------------------------

fixed <- function(digits = 3) function(x) sub("^-(0\\.?0*)$", "\\1", formatC(x, digits = digits, format = "f"))

# More decimals, up to two, where the usual ones would be zeros only.
longer <- function(digits = 3) function(x) {
  for (k in digits:(digits + 2)) {
    text <- fixed(k)(x)
    if (grepl("[1-9]", text)) return(text)
  }
  fixed(digits)(x)
}

# stargazer rounds p values up: 0.0231 is printed as 0.024.
upwards <- function(x) {
  k <- 3
  while (round(x, k) == 0 && k < 5) k <- k + 1
  r <- round(x, k)
  if (r < x) r <- if (x > 10^-(k + 1)) r + 10^-k else 0
  if (r == 0) "0.000" else fixed(k)(r)
}

# Four significant digits, at most four decimals.
signif4 <- function(x) fixed(min(4, max(0, 3 - floor(log10(abs(x))))))(x)

marks <- function(p, levels) {
  due <- levels[p < levels]
  if (length(due)) names(due)[which.min(due)] else ""
}

fit <- function(outcome, model, vcov, nobs, df, b, se, t, p, lo, hi, names, ...) {
  terms <- lapply(seq_along(b), function(i) list(b = b[[i]], se = se[[i]], t = t[[i]], p = p[[i]], lo = lo[[i]], hi = hi[[i]]))
  names(terms) <- names
  c(list(model = model, outcome = outcome, vcov = vcov, nobs = nobs, df = df), list(...), list(estimates = terms))
}

of_lm <- function(m, outcome) {
  s <- summary(m)
  k <- s$coefficients
  ci <- confint.default(m) # stargazer and texreg print the normal interval; modelsummary's is taken from itself
  fit(outcome, "OLS", "iid", length(residuals(m)), m$df.residual, k[, 1], k[, 2], k[, 3], k[, 4], ci[, 1], ci[, 2], rownames(k),
    r2 = s$r.squared, adj_r2 = s$adj.r.squared, f = unname(s$fstatistic[1]),
    f_p = unname(pf(s$fstatistic[1], s$fstatistic[2], s$fstatistic[3], lower.tail = FALSE)))
}

of_glm <- function(m, outcome) {
  k <- summary(m)$coefficients
  ci <- confint.default(m)
  fit(outcome, "logit", "iid", length(residuals(m)), NULL, k[, 1], k[, 2], k[, 3], k[, 4], ci[, 1], ci[, 2], rownames(k),
    ll = as.numeric(logLik(m)), aic = AIC(m))
}

col <- function(made, levels = TEN, under = list(se = "(%s)"), shape = list(), labels = c(), drop = c(), ...) {
  write <- function(name) if (is.null(shape[[name]])) fixed(3) else shape[[name]]
  out <- list()
  for (term in setdiff(names(made$estimates), drop)) {
    e <- made$estimates[[term]]
    one <- list(b = paste0(write("b")(e$b), marks(e$p, levels)))
    for (name in names(under)) {
      if (name == "ci") one$ci <- list(write("ci")(e$lo), write("ci")(e$hi))
      else one[[name]] <- sprintf(under[[name]], write(name)(e[[if (name == "z") "t" else name]]))
    }
    out[[if (term %in% names(labels)) labels[[term]] else term]] <- one
  }
  more <- list(...)
  base <- list(outcome = made$outcome, nobs = made$nobs)
  for (name in names(more)) base[name] <- more[name]
  c(base, list(estimates = out))
}

regressions <- function(columns, levels = TEN, brackets = list("(" = "se"), stated = list("levels"), ...) {
  empty <- structure(list(), names = character())
  list(kind = "regressions", levels = if ("levels" %in% stated && length(levels)) as.list(levels) else empty,
    levels_used = if (length(levels)) as.list(levels) else empty, brackets = if (length(brackets)) brackets else empty,
    stated = stated, ..., columns = columns)
}

put <- function(x, path) {
  text <- jsonlite::toJSON(x, auto_unbox = TRUE, digits = NA, null = "null", pretty = 1)
  writeLines(text, path, useBytes = TRUE)
}

keep <- function(package, name, text, truth) {
  dir.create(package, showWarnings = FALSE)
  if (!is.null(text)) writeLines(enc2utf8(text), file.path(package, name), useBytes = TRUE)
  put(truth, file.path(package, paste0(sub("\\.[a-z]+$", "", name), ".json")))
}

keep_fits <- function(package, fits) {
  dir.create(package, showWarnings = FALSE)
  put(fits, file.path(package, "fits.json"))
}

quiet <- function(x) suppressMessages(suppressWarnings(x))
printed <- function(x) capture.output(quiet(x))

# --- the models -------------------------------------------------------------------------------------------------------

short <- lm(lnexp ~ integ + integ_sq, d)
long <- lm(lnexp ~ integ + integ_sq + size + lev, d)
quality <- lm(lnqual ~ integ + lnexp + size, d)
years <- lm(lnexp ~ integ + integ_sq + size + factor(year), d)
logit <- glm(exporter ~ integ + size + lev, binomial, d)
FITS <- list(short = of_lm(short, "lnexp"), long = of_lm(long, "lnexp"), quality = of_lm(quality, "lnqual"),
  years = of_lm(years, "lnexp"), logit = of_glm(logit, "exporter"))
CONSTANT <- c("(Intercept)" = "Constant")

# --- stargazer --------------------------------------------------------------------------------------------------------

make_stargazer <- function() {
  library(stargazer)
  keep_fits("stargazer", FITS)
  gaze <- function(..., type) printed(stargazer(..., type = type, header = FALSE))
  star <- function(made, name, levels = TEN, shape = list(), ...) {
    write <- if (is.null(shape$b)) fixed(3) else shape$b
    more <- if (!is.null(made$r2)) list(r2 = write(made$r2), adj_r2 = write(made$adj_r2), f = paste0(write(made$f), marks(made$f_p, levels)))
    else list(ll = write(made$ll), aic = write(made$aic))
    labels <- list(...)$labels
    rest <- list(...)
    rest$labels <- NULL
    more <- more[setdiff(names(more), names(rest))]
    shape <- modifyList(list(b = longer(3), se = longer(3), t = longer(3), p = upwards, ci = longer(3)), shape)
    do.call(col, c(list(made, levels, shape = shape, labels = c(CONSTANT, labels), name = name), more, rest))
  }
  three <- list(star(FITS$short, "(1)", group = "OLS"), star(FITS$long, "(2)", group = "OLS"), star(FITS$logit, "(3)", group = "logistic"))
  truth <- regressions(three, fits = c("short", "long", "logit"))
  for (type in c("text", "latex", "html")) {
    ext <- c(text = "txt", latex = "tex", html = "html")[[type]]
    keep("stargazer", paste0("default.", ext), gaze(short, long, logit, type = type), truth)
  }
  styles <- list(aer = list(TEN, "latex", "tex"), qje = list(TEN, "html", "html"), ajs = list(FIVE, "text", "txt"), asr = list(FIVE, "latex", "tex"),
    apsr = list(TEN, "text", "txt"))
  for (style in names(styles)) {
    s <- styles[[style]]
    bare <- function(x) sub("^(-?)0\\.", "\\1.", longer(3)(x))
    shape <- if (style == "ajs") list(b = bare, se = bare) else list()
    under <- if (style == "asr") list() else list(se = "(%s)")
    numbers <- if (style == "ajs") c("1", "2") else c("(1)", "(2)")
    columns <- list(star(FITS$short, numbers[1], s[[1]], shape, under = under), star(FITS$logit, numbers[2], s[[1]], shape, under = under))
    if (style == "ajs") for (i in 1:2) columns[[i]]$outcome <- toupper(columns[[i]]$outcome)
    keep("stargazer", paste0("style_", style, ".", s[[3]]), gaze(short, logit, type = s[[2]], style = style),
      regressions(columns, s[[1]], brackets = if (style == "asr") list() else list("(" = "se"), fits = c("short", "logit")))
  }
  pair <- function(...) list(star(FITS$short, "(1)", ...), star(FITS$long, "(2)", ...))
  both <- c("short", "long")
  keep("stargazer", "report_vcstp.txt", gaze(short, long, type = "text", report = "vc*stp"),
    regressions(pair(under = list(se = "(%s)", t = "t = %s", p = "p = %s")), fits = both))
  keep("stargazer", "report_t.tex", gaze(short, long, type = "latex", report = "vc*t", dep.var.labels = "Log exports", no.space = TRUE),
    regressions(pair(under = list(t = "t = %s"), outcome = "Log exports"), brackets = list(), fits = both))
  interval <- regressions(pair(under = list(ci = "")), brackets = list("(" = "ci"), fits = both)
  keep("stargazer", "interval_beside.txt", gaze(short, long, type = "text", ci = TRUE, single.row = TRUE), interval)
  keep("stargazer", "interval_below.html", gaze(short, long, type = "html", ci = TRUE), interval)
  comma <- function(x) sub(".", ",", longer(3)(x), fixed = TRUE)
  columns <- pair(shape = list(b = comma, se = comma))
  keep("stargazer", "decimal_comma.txt", gaze(short, long, type = "text", decimal.mark = ",", digit.separator = "."),
    regressions(columns, fits = both, decimal = ","))
  keep("stargazer", "decimal_comma.tex", gaze(short, long, type = "latex", decimal.mark = ",", digit.separator = "."),
    regressions(columns, fits = both, decimal = ","))
  letters <- c(c = 0.1, b = 0.05, a = 0.01)
  keep("stargazer", "letters.html", gaze(short, long, type = "html", star.char = c("c", "b", "a"),
    notes = "a, b, c: significant at 1%, 5%, 10%. Standard errors in parentheses.", notes.append = FALSE),
    regressions(pair(levels = letters), letters, fits = both, stated = list("levels", "brackets")))
  names <- c(integ = "Market integration", integ_sq = "Market integration$^2$", size = "Firm size", lev = "Leverage")
  columns <- list(star(FITS$short, "(1)", shape = list(b = fixed(4), se = fixed(4)), labels = c(names, integ_sq = "Market integration2"), outcome = NULL, group = "Base", marks = list("Region FE" = "No", "Year FE" = "No"), adj_r2 = NULL, f = NULL),
    star(FITS$long, "(2)", shape = list(b = fixed(4), se = fixed(4)), labels = c(names, integ_sq = "Market integration2"), outcome = NULL, group = "Controls", marks = list("Region FE" = "No", "Year FE" = "Yes"), adj_r2 = NULL, f = NULL))
  for (i in 1:2) names(columns[[i]]$estimates) <- sub("$^2$", "^2", names(columns[[i]]$estimates), fixed = TRUE)
  keep("stargazer", "labelled.tex", gaze(short, long, type = "latex", digits = 4, covariate.labels = unname(c(names[1:4])),
    dep.var.caption = "", dep.var.labels.include = FALSE, column.labels = c("Base", "Controls"), keep.stat = c("n", "rsq"),
    add.lines = list(c("Region FE", "No", "No"), c("Year FE", "No", "Yes")), title = "Exports and integration", label = "tab:base"),
    regressions(columns, fits = both, title = "Exports and integration"))
  wanted <- c("lnexp", "integ", "size", "lev")
  rows <- lapply(wanted, function(v) {
    x <- d[[v]][!is.na(d[[v]])]
    f <- fixed(3)
    list(label = v, n = as.character(length(x)), mean = f(mean(x)), sd = f(sd(x)), min = f(min(x)), median = f(median(x)), max = f(max(x)))
  })
  truth <- list(kind = "descriptives", levels = structure(list(), names = character()), brackets = structure(list(), names = character()), rows = rows)
  for (type in c("text", "latex", "html")) {
    ext <- c(text = "txt", latex = "tex", html = "html")[[type]]
    keep("stargazer", paste0("described.", ext), gaze(d[, wanted], type = type, median = TRUE), truth)
  }
  m <- cor(d[, wanted], use = "pairwise.complete.obs")
  keep("stargazer", "correlations.txt", gaze(m, type = "text"), correlations(wanted, m, both = TRUE, one = "1"))
  keep("stargazer", "correlations.html", gaze(m, type = "html"), correlations(wanted, m, both = TRUE, one = "1"))
}

# every printed correlation: row, column, text
correlations <- function(variables, m, both = FALSE, digits = 3, write = fixed(digits), upper = FALSE, one = NULL, ...) {
  cells <- list()
  for (i in seq_along(variables)) for (j in seq_along(variables)) {
    if (both || (upper && j >= i) || (!upper && j <= i)) cells[[length(cells) + 1]] <- list(variables[i], variables[j], if (i == j && !is.null(one)) one else write(m[i, j]))
  }
  empty <- structure(list(), names = character())
  list(kind = "correlations", levels = empty, brackets = empty, variables = as.list(variables), triangle = if (both) "both" else if (upper) "upper" else "lower", ..., cells = cells)
}

# --- texreg -----------------------------------------------------------------------------------------------------------

make_texreg <- function() {
  quiet(library(texreg))
  keep_fits("texreg", FITS)
  two <- fixed(2)
  write <- list(b = two, se = two, t = two, p = two, ci = two)
  reg <- function(f, name, levels = FIVE, shape = write, ...) {
    more <- if (!is.null(f$r2)) list(r2 = shape$b(f$r2), adj_r2 = shape$b(f$adj_r2)) else list(ll = shape$b(f$ll), aic = shape$b(f$aic))
    do.call(col, c(list(f, levels, shape = shape, outcome = NULL, name = name), more, list(...)))
  }
  models <- list(short, long, logit)
  three <- list(reg(FITS$short, "Model 1"), reg(FITS$long, "Model 2"), reg(FITS$logit, "Model 3"))
  truth <- regressions(three, FIVE, fits = c("short", "long", "logit"))
  keep("texreg", "default.txt", printed(print(screenreg(models))), truth)
  keep("texreg", "default.html", printed(cat(htmlreg(models, doctype = TRUE, html.tag = TRUE, head.tag = TRUE, body.tag = TRUE))), truth)
  keep("texreg", "default.tex", printed(cat(texreg(models, use.packages = FALSE))), truth)
  keep("texreg", "siunitx.tex", printed(cat(texreg(models, booktabs = TRUE, siunitx = TRUE, use.packages = FALSE))), truth)
  keep("texreg", "dcolumn.tex", printed(cat(texreg(models, booktabs = TRUE, dcolumn = TRUE, use.packages = FALSE, caption = "Exports", caption.above = TRUE, threeparttable = TRUE))), truth)
  inside <- regressions(list(
    reg(FITS$short, "Model 1", levels = c(), under = list(ci = "")), reg(FITS$logit, "Model 2", levels = c(), under = list(ci = ""))),
    c(), list("[" = "ci"), stated = list("levels"), fits = c("short", "logit"), note = "one star: the interval is without 0")
  for (i in 1:2) for (term in names(inside$columns[[i]]$estimates)) {
    e <- FITS[[c("short", "logit")[i]]]$estimates[[term]]
    if (e$lo > 0 || e$hi < 0) inside$columns[[i]]$estimates[[term]]$b <- paste0(inside$columns[[i]]$estimates[[term]]$b, "*")
  }
  keep("texreg", "interval.txt", printed(print(screenreg(list(short, logit), ci.force = TRUE))), inside)
  keep("texreg", "interval.html", printed(cat(htmlreg(list(short, logit), ci.force = TRUE))), inside)
  four <- c("+" = 0.1, FIVE)
  wide <- regressions(list(reg(FITS$short, "Model 1", four), reg(FITS$quality, "Model 2", four)), four, fits = c("short", "quality"), layout = "beside")
  keep("texreg", "single_row.txt", printed(print(screenreg(list(short, quality), single.row = TRUE, stars = c(0.001, 0.01, 0.05, 0.1), symbol = "+"))), wide)
  keep("texreg", "single_row.tex", printed(cat(texreg(list(short, quality), single.row = TRUE, stars = c(0.001, 0.01, 0.05, 0.1), symbol = "+", use.packages = FALSE))), wide)
  keep("texreg", "single_row.html", printed(cat(htmlreg(list(short, quality), single.row = TRUE, stars = c(0.001, 0.01, 0.05, 0.1), symbol = "+"))), wide)
  three <- list(b = fixed(3), se = fixed(3))
  names <- list("integ" = "Integration", "integ_sq" = "Integration squared", "size" = "Size", "lev" = "Leverage")
  labelled <- regressions(list(
    reg(FITS$short, "(1)", TEN, three, labels = names, drop = "(Intercept)", group = "Exports"),
    reg(FITS$long, "(2)", TEN, three, labels = names, drop = "(Intercept)", group = "Exports"),
    reg(FITS$quality, "(3)", TEN, three, labels = c(unlist(names), lnexp = "Exports"), drop = "(Intercept)", group = "Quality")),
    TEN, fits = c("short", "long", "quality"), stated = list("levels", "brackets"))
  options <- list(l = list(short, long, quality), digits = 3, stars = c(0.01, 0.05, 0.1), custom.coef.map = c(names, list("lnexp" = "Exports")),
    custom.model.names = c("(1)", "(2)", "(3)"), custom.header = list("Exports" = 1:2, "Quality" = 3),
    custom.note = "%stars. Standard errors in parentheses.", include.rmse = FALSE)
  keep("texreg", "labelled.txt", printed(print(do.call(screenreg, options))), labelled)
  keep("texreg", "labelled.tex", printed(cat(do.call(texreg, c(options, list(booktabs = TRUE, use.packages = FALSE, scalebox = 0.9))))), labelled)
  keep("texreg", "labelled.html", printed(cat(do.call(htmlreg, options))), labelled)
  m <- matrixreg(models, output.type = "ascii")
  keep("texreg", "matrix_bare.csv", printed(write.table(m, row.names = FALSE, col.names = FALSE, sep = ",")), regressions(truth$columns, FIVE, fits = c("short", "long", "logit"), stated = list()))
}

# --- fixest -----------------------------------------------------------------------------------------------------------

of_fixest <- function(m, vcov, model = "OLS") {
  k <- coeftable(m)
  ci <- confint(m)
  fit(deparse(m$fml[[2]]), model, vcov, nobs(m), degrees_freedom(m, "t"), k[, 1], k[, 2], k[, 3], k[, 4], ci[, 1], ci[, 2],
    sub("^fit_", "", rownames(k)), r2 = unname(r2(m, "r2")), within_r2 = unname(quiet(r2(m, "wr2"))))
}

make_fixest <- function() {
  quiet(library(fixest))
  setFixest_notes(FALSE)
  setFixest_nthreads(1)
  models <- list(
    robust = feols(lnexp ~ integ + integ_sq + size + lev, d, vcov = "hetero"),
    twoway = feols(lnexp ~ integ + integ_sq + size + lev | firm + year, d, cluster = ~firm),
    iv = feols(lnexp ~ size + lev | firm + year | integ ~ distance, d, cluster = ~firm),
    quality = feols(lnqual ~ integ * reform + lnexp | firm + year, d, cluster = ~firm),
    poisson = fepois(exporter ~ integ + size | year, d, cluster = ~firm))
  vcovs <- c(robust = "hetero", twoway = "cluster firm", iv = "cluster firm", quality = "cluster firm", poisson = "cluster firm")
  fits <- lapply(names(models), function(n) of_fixest(models[[n]], vcovs[[n]], c(iv = "IV", poisson = "Poisson")[n]))
  names(fits) <- names(models)
  fits$poisson["df"] <- list(NULL)
  for (n in names(fits)) if (is.na(fits[[n]]$model)) fits[[n]]$model <- "OLS"
  keep_fits("fixest", fits)
  console <- c("." = 0.1, FIVE)
  five <- fixed(5)
  has <- function(n) !is.null(models[[n]]$fixef_vars)
  one <- function(n, name, levels, shape = list(b = signif4, se = signif4, t = signif4, p = signif4, ci = signif4), fe = list(), ...) {
    more <- list(name = name)
    if (!is.na(fits[[n]]$r2)) more$r2 <- five(fits[[n]]$r2)
    if (has(n) && n != "poisson") more$within_r2 <- five(fits[[n]]$within_r2)
    if (length(fe)) more$marks <- fe
    do.call(col, c(list(fits[[n]], levels, shape = shape, labels = CONSTANT), more, list(...)))
  }
  chosen <- c("robust", "twoway", "iv")
  columns <- lapply(seq_along(chosen), function(i) one(chosen[i], paste0("m", i), console, fe = if (has(chosen[i])) list(firm = "Yes", year = "Yes") else list(firm = "No", year = "No")))
  m1 <- models$robust; m2 <- models$twoway; m3 <- models$iv
  keep("fixest", "console.txt", printed(print(etable(m1, m2, m3))), regressions(columns, console, fits = chosen, layout = "beside"))
  columns <- lapply(seq_along(chosen), function(i) one(chosen[i], paste0("(", i, ")"), TEN, fe = if (has(chosen[i])) list(firm = "Yes", year = "Yes") else list()))
  keep("fixest", "default.tex", printed(print(etable(m1, m2, m3, tex = TRUE))), regressions(columns, TEN, fits = chosen))
  three <- list(b = fixed(3), se = fixed(3), t = fixed(3), p = fixed(3), ci = fixed(3))
  columns <- lapply(1:2, function(i) one(chosen[i], paste0("m", i), console, three, under = list(t = "(%s)")))
  keep("fixest", "console_t.txt", printed(print(etable(m1, m2, coefstat = "tstat", se.below = TRUE, digits = "r3"))), regressions(columns, console, list("(" = "t"), fits = chosen[1:2]))
  columns <- lapply(1:2, function(i) one(chosen[i], paste0("(", i, ")"), TEN, under = list(ci = "")))
  keep("fixest", "aer_interval.tex", printed(print(etable(m1, m2, tex = TRUE, coefstat = "confint", style.tex = style.tex("aer", signif.code = TEN)))), regressions(columns, TEN, list("[" = "ci"), fits = chosen[1:2], stated = list()))
  dict <- c(lnexp = "Log exports", lnqual = "Quality", integ = "Integration", integ_sq = "Integration squared", size = "Size", lev = "Leverage", reform = "Reform", firm = "Firm", year = "Year", exporter = "Exporter")
  chosen <- c("twoway", "iv", "quality", "poisson")
  labels <- c(dict, CONSTANT, "integ:reform" = "Integration × Reform")
  columns <- lapply(seq_along(chosen), function(i) {
    n <- chosen[i]
    out <- one(n, paste0("(", i, ")"), TEN, fe = if (n == "poisson") list(Year = "Yes") else list(Firm = "Yes", Year = "Yes"))
    names(out$estimates) <- ifelse(names(out$estimates) %in% names(labels), labels[names(out$estimates)], names(out$estimates))
    out$outcome <- unname(dict[out$outcome])
    out$r2 <- NULL
    out$within_r2 <- NULL
    out
  })
  keep("fixest", "labelled.tex", printed(print(etable(models$twoway, models$iv, models$quality, models$poisson, tex = TRUE, dict = dict, fitstat = ~n, title = "Integration and trade", label = "tab:trade",
    notes = "Standard errors clustered by firm in parentheses."))), regressions(columns, TEN, fits = chosen, stated = list("levels", "brackets"), se = list(type = "clustered", by = "firm"), title = "Integration and trade"))
  frame <- etable(m1, m2, m3)
  columns <- lapply(seq_along(c("robust", "twoway", "iv")), function(i) one(c("robust", "twoway", "iv")[i], paste0("m", i), console))
  keep("fixest", "frame_bare.csv", printed(write.csv(frame, row.names = TRUE)), regressions(columns, console, fits = c("robust", "twoway", "iv"), stated = list(), layout = "beside"))
}

# --- modelsummary -----------------------------------------------------------------------------------------------------

make_modelsummary <- function() {
  quiet({library(modelsummary); library(tinytable)})
  options(modelsummary_factory_default = "tinytable")
  models <- list("OLS 1" = short, "OLS 2" = long, "Logit" = logit)
  fits <- FITS[c("short", "long", "logit", "quality")]
  for (n in names(fits)) {
    ci <- quiet(confint(list(short = short, long = long, logit = logit, quality = quality)[[n]]))
    if (n == "logit") ci <- as.data.frame(quiet(parameters::ci(logit))[, c("CI_low", "CI_high")])
    for (i in seq_along(fits[[n]]$estimates)) fits[[n]]$estimates[[i]][c("lo", "hi")] <- list(ci[i, 1], ci[i, 2])
  }
  keep_fits("modelsummary", fits)
  PLUS <- c("+" = 0.1, FIVE)
  ms <- function(n, name, levels = c(), ..., adjusted = TRUE) {
    f <- fits[[n]]
    do.call(col, c(list(f, levels, outcome = NULL, name = name), if (!is.null(f$r2)) c(list(r2 = fixed(3)(f$r2)), if (adjusted) list(adj_r2 = fixed(3)(f$adj_r2))), list(...)))
  }
  three <- c("short", "long", "logit")
  write_as <- function(stem, models, exts, truth, ...) for (ext in exts) {
    out <- c(md = "markdown", tex = "latex", html = "html", csv = "data.frame", txt = "markdown")[[ext]]
    made <- quiet(modelsummary(models, output = if (ext == "csv") "dataframe" else out, ...))
    text <- if (ext == "csv") printed(write.csv(made, row.names = FALSE)) else strsplit(if (ext == "html") tinytable::save_tt(made, "html") else if (ext == "tex") tinytable::save_tt(made, "latex") else tinytable::save_tt(made, "markdown"), "\n")[[1]]
    keep("modelsummary", paste0(stem, ".", ext), text, truth)
  }
  names <- c("OLS 1", "OLS 2", "Logit")
  plain <- lapply(1:3, function(i) ms(three[i], names[i]))
  write_as("default", models, c("md", "tex", "html"), regressions(plain, c(), stated = list(), fits = three))
  starred <- lapply(1:3, function(i) ms(three[i], names[i], PLUS))
  write_as("stars", models, c("md", "tex", "html"), regressions(starred, PLUS, fits = three), stars = TRUE)
  both <- lapply(1:3, function(i) ms(three[i], names[i], under = list(se = "(%s)", ci = "")))
  write_as("interval", models, c("md", "html"), regressions(both, c(), list("(" = "se", "[" = "ci"), stated = list(), fits = three), statistic = "({std.error}), [{conf.low}, {conf.high}]")
  rows <- lapply(1:3, function(i) ms(three[i], names[i], PLUS, under = list(t = "(%s)", p = "(%s)"), shape = list(t = fixed(3), p = function(x) if (x < 0.001) "<0.001" else fixed(3)(x))))
  write_as("t_and_p", models, c("tex", "md"), regressions(rows, PLUS, list("(" = c("t", "p")), fits = three), stars = TRUE, statistic = c("statistic", "p.value"), fmt = 3) 
  columns <- lapply(1:2, function(i) ms(three[i], names[i], TEN, under = list(se = "%s")))
  write_as("wide", models[1:2], c("md", "html"), regressions(columns, TEN, list(), fits = three[1:2], layout = "beside, a column each"), shape = term ~ model + statistic, stars = c("*" = 0.1, "**" = 0.05, "***" = 0.01))
  renamed <- c("integ" = "Market integration", "integ_sq" = "Market integration squared", "size" = "Size", "lev" = "Leverage", "lnexp" = "Exports")
  two <- c("long", "quality")
  columns <- lapply(1:2, function(i) ms(two[i], c("(1)", "(2)")[i], TEN, labels = renamed, drop = "(Intercept)", adjusted = FALSE, group = c("Exports", "Quality")[i]))
  truth <- regressions(columns, TEN, list("(" = "se"), fits = two, stated = list("levels", "brackets"), title = "Integration, exports and quality")
  options <- list(models = list("Exports" = list("(1)" = long), "Quality" = list("(2)" = quality)), coef_map = renamed, gof_map = c("nobs", "r.squared"), stars = c("*" = 0.1, "**" = 0.05, "***" = 0.01), title = "Integration, exports and quality",
    notes = "Standard errors in parentheses.", shape = "cbind")
  for (ext in c("tex", "html", "md")) {
    made <- quiet(do.call(modelsummary, c(options, list(output = "tinytable"))))
    keep("modelsummary", paste0("labelled.", ext), strsplit(tinytable::save_tt(made, c(tex = "latex", html = "html", md = "markdown")[[ext]]), "\n")[[1]], truth)
  }
  made <- quiet(modelsummary(models, output = "flextable", stars = TRUE))
  quiet(flextable::save_as_docx(made, path = file.path("modelsummary", "stars.docx")))
  quiet(modelsummary(models, output = file.path("modelsummary", "stars_bare.xlsx"), stars = TRUE))
  keep("modelsummary", "stars_bare.xlsx", NULL, regressions(starred, PLUS, fits = three, stated = list()))
  made <- quiet(modelsummary(models, output = "dataframe", stars = TRUE))
  keep("modelsummary", "stars_bare.csv", printed(write.csv(made, row.names = FALSE)), regressions(starred, PLUS, fits = three, stated = list()))
  made <- quiet(modelsummary(models, output = "latex_tabular", stars = TRUE))
  text <- if (is.character(made)) as.character(made) else tinytable::save_tt(made, "latex")
  keep("modelsummary", "tabular_bare.tex", strsplit(text, "\n")[[1]], regressions(starred, PLUS, fits = three, stated = list()))
  kbl <- quiet(modelsummary(models, output = "kableExtra", stars = TRUE))
  keep("modelsummary", "stars_kable.html", strsplit(as.character(kbl), "\n")[[1]], regressions(starred, PLUS, fits = three))

  wanted <- c("lnexp", "integ", "size", "lev")
  some <- d[, wanted]
  m <- cor(some, use = "pairwise.complete.obs")
  bare <- function(x) sub("^(-?)0\\.", "\\1.", fixed(2)(x))
  truth <- correlations(wanted, m, write = bare, one = "1")
  for (ext in c("md", "tex", "html")) {
    made <- quiet(datasummary_correlation(some, output = "tinytable"))
    keep("modelsummary", paste0("correlations.", ext), strsplit(tinytable::save_tt(made, c(tex = "latex", html = "html", md = "markdown")[[ext]]), "\n")[[1]], truth)
  }
  one <- fixed(1)
  rows <- lapply(wanted, function(v) {
    x <- d[[v]][!is.na(d[[v]])]
    list(label = v, mean = one(mean(x)), sd = one(sd(x)), min = one(min(x)), median = one(median(x)), max = one(max(x)))
  })
  empty <- structure(list(), names = character())
  made <- quiet(datasummary_skim(some, output = "tinytable", fun_numeric = list(Unique = NUnique, "Missing Pct." = PercentMissing, Mean = Mean, SD = SD, Min = Min, Median = Median, Max = Max)))
  for (ext in c("md", "html")) keep("modelsummary", paste0("skim.", ext), strsplit(tinytable::save_tt(made, c(html = "html", md = "markdown")[[ext]]), "\n")[[1]],
    list(kind = "descriptives", levels = empty, brackets = empty, rows = rows))
  made <- quiet(datasummary(lnexp + integ + size + lev ~ factor(reform) * (N + Mean + SD), data = d, fmt = 3, output = "tinytable"))
  rows <- list()
  for (v in wanted) for (g in 0:1) {
    x <- d[[v]][d$reform == g]
    x <- x[!is.na(x)]
    rows[[length(rows) + 1]] <- list(label = v, group = as.character(g), n = as.character(length(x)), mean = fixed(3)(mean(x)), sd = fixed(3)(sd(x)))
  }
  for (ext in c("md", "tex")) keep("modelsummary", paste0("by_group.", ext), strsplit(tinytable::save_tt(made, c(tex = "latex", md = "markdown")[[ext]]), "\n")[[1]],
    list(kind = "descriptives", levels = empty, brackets = empty, rows = rows))
}

# --- panels and instruments ----------------------------------------------------------------------------------------------

make_panels <- function() {
  quiet({library(texreg); library(stargazer); library(plm); library(AER)})
  cut <- d[!is.na(d$lev), ]
  fe <- plm(lnexp ~ integ + integ_sq + size + lev, data = cut, index = c("firm", "year"), model = "within", effect = "individual")
  iv <- ivreg(lnexp ~ integ + size + lev | distance + size + lev, data = cut)
  ols <- lm(lnexp ~ integ + size + lev, cut)
  of <- function(m, model, df) {
    k <- summary(m)$coefficients
    fit("lnexp", model, "iid", length(residuals(m)), df, k[, 1], k[, 2], k[, 3], k[, 4], k[, 1] - 1.96 * k[, 2], k[, 1] + 1.96 * k[, 2], rownames(k))
  }
  fits <- list(ols = of(ols, "OLS", ols$df.residual), fe = of(fe, "within", NULL), iv = of(iv, "IV", iv$df.residual))
  keep_fits("panels", fits)
  three <- c("ols", "fe", "iv")
  columns <- lapply(1:3, function(i) col(fits[[three[i]]], FIVE, outcome = NULL, name = c("OLS", "FE", "2SLS")[i]))
  options <- list(l = list(ols, fe, iv), digits = 3, custom.model.names = c("OLS", "FE", "2SLS"))
  truth <- regressions(columns, FIVE, fits = three)
  keep("panels", "texreg.txt", printed(print(do.call(screenreg, options))), truth)
  keep("panels", "texreg.html", printed(cat(do.call(htmlreg, options))), truth)
  keep("panels", "texreg.tex", printed(cat(do.call(texreg, c(options, list(booktabs = TRUE, use.packages = FALSE))))), truth)
  shape <- list(b = longer(3), se = longer(3))
  columns <- lapply(1:3, function(i) col(fits[[three[i]]], TEN, shape = shape, labels = CONSTANT, name = sprintf("(%d)", i), group = c("OLS", "panel linear", "instrumental variable")[i]))
  truth <- regressions(columns, TEN, fits = three)
  for (type in c("text", "latex", "html")) keep("panels", paste0("stargazer.", c(text = "txt", latex = "tex", html = "html")[[type]]), printed(stargazer(ols, fe, iv, type = type, header = FALSE)), truth)
}

# --- huxtable, gtsummary, and what R itself and xtable print of one model -------------------------------------------------

make_huxtable <- function() {
  quiet(library(huxtable))
  keep_fits("huxtable", FITS[c("short", "long", "logit")])
  models <- list(short, long, logit)
  three <- c("short", "long", "logit")
  columns <- lapply(1:3, function(i) {
    f <- FITS[[three[i]]]
    do.call(col, c(list(f, FIVE, outcome = NULL, name = sprintf("(%d)", i)), if (!is.null(f$r2)) list(r2 = fixed(3)(f$r2)) else list()))
  })
  truth <- regressions(columns, FIVE, fits = three)
  h <- quiet(huxreg(models))
  keep("huxtable", "default.txt", printed(print_screen(h, colnames = FALSE)), truth)
  keep("huxtable", "default.md", strsplit(quiet(to_md(h)), "\n")[[1]], truth)
  keep("huxtable", "default.html", strsplit(to_html(h), "\n")[[1]], truth)
  keep("huxtable", "default.tex", strsplit(to_latex(h), "\n")[[1]], truth)
  quiet(quick_docx(h, file = "huxtable/default.docx", open = FALSE))
  quiet(quick_xlsx(h, file = "huxtable/heights_na.xlsx", open = FALSE))
  keep("huxtable", "heights_na.xlsx", NULL, c(truth, note = "its row heights are NA: openpyxl does not open it"))
  columns <- lapply(1:3, function(i) col(FITS[[three[i]]], TEN, under = list(t = "[%s]"), outcome = NULL, name = c("Base", "Controls", "Logit")[i],
    labels = c(integ = "Integration", integ_sq = "Integration squared", size = "Size", lev = "Leverage"), drop = "(Intercept)"))
  h <- quiet(huxreg("Base" = short, "Controls" = long, "Logit" = logit, error_format = "[{statistic}]", error_pos = "right", stars = c("***" = 0.01, "**" = 0.05, "*" = 0.1),
    coefs = c("Integration" = "integ", "Integration squared" = "integ_sq", "Size" = "size", "Leverage" = "lev"), statistics = c("Observations" = "nobs"), note = "t statistics in brackets. {stars}."))
  truth <- regressions(columns, TEN, list("[" = "t"), fits = three, stated = list("levels", "brackets"), layout = "beside, a column each")
  keep("huxtable", "beside.html", strsplit(to_html(h), "\n")[[1]], truth)
}

make_gtsummary <- function() {
  quiet(library(gtsummary))
  keep_fits("gtsummary", FITS[c("long", "logit")])
  labels <- list(integ ~ "Market integration", integ_sq ~ "Market integration squared", size ~ "Firm size", lev ~ "Leverage")
  made <- quiet(tbl_regression(long, label = labels))
  cells <- as.data.frame(quiet(as_tibble(made, col_labels = FALSE)))
  column <- function(cells, suffix = "", ...) {
    at <- function(name) cells[[paste0(name, suffix)]]
    estimates <- list()
    for (i in seq_len(nrow(cells))) if (!is.na(at("estimate")[i])) {
      ends <- strsplit(at("conf.low")[i], ", ")[[1]]
      estimates[[cells$label[i]]] <- list(b = at("estimate")[i], ci = as.list(ends), p = at("p.value")[i])
    }
    list(outcome = NULL, nobs = NULL, ..., estimates = estimates)
  }
  truth <- regressions(list(column(cells)), c(), list(), fits = list("long"), stated = list("columns"), layout = "one row, three columns")
  keep("gtsummary", "regression.html", strsplit(as.character(gt::as_raw_html(quiet(as_gt(made)))), "\n")[[1]], truth)
  keep("gtsummary", "regression.tex", strsplit(as.character(gt::as_latex(quiet(as_gt(made)))), "\n")[[1]], truth)
  keep("gtsummary", "regression.md", as.character(quiet(as_kable(made, format = "pipe"))), truth)
  quiet(flextable::save_as_docx(quiet(as_flex_table(made)), path = "gtsummary/regression.docx"))
  merged <- quiet(tbl_merge(list(made, tbl_regression(logit, label = labels[c(1, 3, 4)])), tab_spanner = c("**Exports**", "**Exporter**")))
  cells <- as.data.frame(quiet(as_tibble(merged, col_labels = FALSE)))
  truth <- regressions(list(column(cells, "_1", group = "Exports"), column(cells, "_2", group = "Exporter")), c(), list(), fits = list("long", "logit"), stated = list("columns"), layout = "one row, three columns")
  keep("gtsummary", "merged.html", strsplit(as.character(gt::as_raw_html(quiet(as_gt(merged)))), "\n")[[1]], truth)
  quiet(flextable::save_as_docx(quiet(as_flex_table(merged)), path = "gtsummary/merged.docx"))
}

make_base <- function() {
  keep_fits("r", FITS["short"])
  k <- summary(short)$coefficients
  p <- format.pval(k[, 4], digits = 3, eps = .Machine$double.eps)
  estimates <- lapply(seq_len(nrow(k)), function(i) list(b = fixed(4)(k[i, 1]), se = fixed(4)(k[i, 2]), t = fixed(3)(k[i, 3]), p = p[i], stars = marks(k[i, 4], c("." = 0.1, FIVE))))
  names(estimates) <- rownames(k)
  column <- list(outcome = "lnexp", nobs = NULL, df_resid = "597", r2 = fixed(4)(FITS$short$r2), adj_r2 = fixed(4)(FITS$short$adj_r2), f = fixed(2)(FITS$short$f), estimates = estimates)
  keep("r", "summary_lm.txt", printed(print(summary(short))), regressions(list(column), c("." = 0.1, FIVE), list(), fits = list("short"), stated = list("columns", "levels"), layout = "one row, four columns"))
  if (requireNamespace("broom", quietly = TRUE)) {
    full <- function(x) format(x, digits = 15, trim = TRUE)
    tidied <- as.data.frame(broom::tidy(short, conf.int = TRUE))
    estimates <- lapply(seq_len(nrow(tidied)), function(i) lapply(list(b = tidied$estimate[i], se = tidied$std.error[i], t = tidied$statistic[i], p = tidied$p.value[i]), full))
    for (i in seq_along(estimates)) estimates[[i]]$ci <- list(full(tidied$conf.low[i]), full(tidied$conf.high[i]))
    names(estimates) <- tidied$term
    keep("r", "tidy.csv", printed(write.csv(tidied, row.names = FALSE)), regressions(list(list(outcome = NULL, nobs = NULL, estimates = estimates)), c(), list(), fits = list("short"), stated = list("columns"), layout = "one row, six columns"))
    names(estimates) <- rownames(k)
  }
  if (requireNamespace("xtable", quietly = TRUE)) {
    for (i in seq_along(estimates)) estimates[[i]] <- list(b = fixed(4)(k[i, 1]), se = fixed(4)(k[i, 2]), t = fixed(2)(k[i, 3]), p = fixed(4)(k[i, 4]))
    truth <- regressions(list(list(outcome = NULL, nobs = NULL, estimates = estimates)), c(), list(), fits = list("short"), stated = list("columns"), layout = "one row, four columns")
    keep("r", "xtable_lm.tex", printed(print(xtable::xtable(short), comment = FALSE)), truth)
    keep("r", "xtable_lm.html", printed(print(xtable::xtable(short), type = "html", comment = FALSE)), truth)
  }
}

PACKAGES <- list(stargazer = make_stargazer, texreg = make_texreg, fixest = make_fixest, modelsummary = make_modelsummary,
  huxtable = make_huxtable, gtsummary = make_gtsummary, plm = make_panels, stats = make_base)

wanted <- commandArgs(trailingOnly = TRUE)
for (name in if (length(wanted)) wanted else names(PACKAGES)) {
  if (requireNamespace(name, quietly = TRUE)) PACKAGES[[name]]() else message(name, " is not installed: its tables are left as they are")
}
