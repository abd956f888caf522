# Olley-Pakes, Levinsohn-Petrin and Ackerberg-Caves-Frazer of tests/panel/productivity/test_control_function.py, written
# anew with lm, nls, optimize and optim. Usage: Rscript production.R production.csv > production.json     (R 4.5, jsonlite)
# "prodest" in the stored output is by that package of Rovigatti and Mollisi (2018), version 1.0.1, which Debian lacks:
# prodestLP(y, l, k, m, firm, year) and, with investment for m, the same for Olley-Pakes; prodestACF(..., G = 2, A = 1).
suppressMessages(library(jsonlite))
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = FALSE, colClasses = c(firm = "character"))
y <- log(d$value_added); l <- log(d$employees); k <- log(d$capital)
before <- function(v) v[match(paste(d$firm, d$year - 1), paste(d$firm, d$year))]
out <- list()
two_stage <- function(p, markov, years) {
  s <- if (years) lm(y ~ l + poly(k, p, degree = 2, raw = TRUE) + factor(d$year)) else lm(y ~ l + poly(k, p, degree = 2, raw = TRUE))
  bl <- unname(coef(s)["l"]); phi <- fitted(s) - bl * l; net <- y - bl * l; last <- before(phi); k1 <- before(k)
  lost <- function(b) { w <- last - b * k1; v <- net - b * k
    g <- if (years) lm(v ~ poly(w, markov, raw = TRUE) + factor(d$year), subset = !is.na(w)) else lm(v ~ poly(w, markov, raw = TRUE), subset = !is.na(w))
    sum(resid(g)^2) }
  c(bl, optimize(lost, c(0, 1), tol = 1e-10)$minimum)
}
acf <- function(p, markov) {
  phi <- fitted(lm(y ~ poly(l, k, p, degree = 2, raw = TRUE))); last <- before(phi); l1 <- before(l); k1 <- before(k); ok <- !is.na(last)
  lost <- function(b) { w <- (phi - b[1] * l - b[2] * k)[ok]; w1 <- (last - b[1] * l1 - b[2] * k1)[ok]
    xi <- resid(lm(w ~ poly(w1, markov, raw = TRUE)))
    cor(xi, l1[ok])^2 + cor(xi, k[ok])^2 }
  b <- c(0.6, 0.4)
  for (i in 1:5) b <- optim(b, lost, control = list(reltol = 1e-16, maxit = 5000))$par
  b
}
out$op <- two_stage(log(d$investment), 1, FALSE)
out$lp <- two_stage(log(d$intermediate_inputs), 1, FALSE)
out$lp_markov <- two_stage(log(d$intermediate_inputs), 3, TRUE)
out$acf <- acf(log(d$intermediate_inputs), 1)
out$acf_markov <- acf(log(d$intermediate_inputs), 2)
out$ols <- unname(coef(lm(y ~ l + k + factor(d$year)))[2:3])
out$fe <- unname(coef(lm(y ~ l + k + factor(d$year) + d$firm))[2:3])
cat(toJSON(out, digits = 15, pretty = TRUE))
