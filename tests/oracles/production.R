# Olley-Pakes, Levinsohn-Petrin and Ackerberg-Caves-Frazer of tests/panel/productivity/test_control_function.py, written
# anew with lm, nls, optimize and optim. Usage: Rscript production.R production.csv > production.json     (R 4.5, jsonlite)
# "prodest" in the stored output is by that package of Rovigatti and Mollisi (2018), version 1.0.1, which Debian lacks:
# prodestLP(y, l, k, m, firm, year) and, with investment for m, the same for Olley-Pakes; prodestACF(..., G = 2, A = 1).
# "rob", "wrdg", "wrdg_gmm": prodestROB, prodestWRDG and prodestWRDG_GMM(y, l, k, m, firm, year) of the same version.
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
# Wooldridge (2009): stacked moments with years as dummies in both equations, by Gauss-Newton, weight (Z'Z)^-1
wooldridge <- function(p, markov, years) {
  h <- poly(k, p, degree = 2, raw = TRUE); h1 <- apply(h, 2, before); l1 <- before(l); ok <- !is.na(l1)
  dummies <- function(at) if (years) model.matrix(~ 0 + factor(d$year[at])) else matrix(1, sum(at), 1)
  e1 <- dummies(rep(TRUE, length(y))); e2 <- dummies(ok); a <- ncol(e1); b <- ncol(e2); q <- ncol(h); n1 <- length(y); n2 <- sum(ok)
  z1 <- cbind(e1, l, h); z2 <- cbind(e2, k[ok], l1[ok], h1[ok, ])
  r1 <- chol(solve(crossprod(z1))); r2 <- chol(solve(crossprod(z2)))
  left <- function(t) { s <- drop(h1[ok, ] %*% t[3:(2 + q)]); g <- t[2 + q + 1:markov]
    list(y - t[1] * l - t[2] * k - drop(h %*% t[3:(2 + q)]) - drop(e1 %*% t[2 + q + markov + 1:a]),
         (y - t[1] * l - t[2] * k)[ok] - drop(outer(s, 1:markov, "^") %*% g) - drop(e2 %*% t[2 + q + markov + a + 1:b])) }
  moments <- function(t) { u <- left(t); c(crossprod(z1, u[[1]]), crossprod(z2, u[[2]])) }
  slopes <- function(t) { s <- drop(h1[ok, ] %*% t[3:(2 + q)]); g <- t[2 + q + 1:markov]
    rise <- drop(outer(s, 1:markov - 1, "^") %*% (g * 1:markov))
    -rbind(crossprod(z1, cbind(l, k, h, matrix(0, n1, markov), e1, matrix(0, n1, b))),
           crossprod(z2, cbind(l[ok], k[ok], h1[ok, ] * rise, outer(s, 1:markov, "^"), matrix(0, n2, a), e2))) }
  search <- function(t, root) { for (i in 1:500) { m <- root %*% moments(t); step <- qr.solve(root %*% slopes(t), -m, tol = 1e-14); half <- 1
      while (sum((root %*% moments(t + half * step))^2) > sum(m^2) && half > 1e-8) half <- half / 2
      if (half <= 1e-8 || max(abs(half * step)) < 1e-12) break; t <- t + drop(half * step) }
    t }
  root <- rbind(cbind(r1, matrix(0, ncol(z1), ncol(z2))), cbind(matrix(0, ncol(z2), ncol(z1)), r2))
  begin <- lm.fit(cbind(l, h, e1), y)$coefficients
  t <- search(c(begin[1], 0.3, begin[2:(1 + q)] - c(0.3, rep(0, q - 1)), 0.7, rep(0, markov - 1), begin[(2 + q):(1 + q + a)], begin[(2 + q):(1 + q + b)]), root)
  u <- left(t); each <- rowsum(rbind(cbind(z1 * u[[1]], matrix(0, n1, ncol(z2))), cbind(matrix(0, n2, ncol(z1)), z2 * u[[2]])), c(d$firm, d$firm[ok]))
  S <- crossprod(each); A <- qr.solve(root %*% slopes(t), diag(nrow(root))) %*% root; V <- nrow(each) / (nrow(each) - 1) * A %*% S %*% t(A)
  second <- chol(solve(S)); t2 <- search(t, second)
  list(elasticities = unname(t[1:2]), std_errors = unname(sqrt(diag(V)[1:2])), covariance = V[1, 2], j = sum((second %*% moments(t2))^2))
}
out$op <- two_stage(log(d$investment), 1, FALSE)
out$lp <- two_stage(log(d$intermediate_inputs), 1, FALSE)
out$lp_markov <- two_stage(log(d$intermediate_inputs), 3, TRUE)
out$acf <- acf(log(d$intermediate_inputs), 1)
out$acf_markov <- acf(log(d$intermediate_inputs), 2)
out$wooldridge <- wooldridge(log(d$intermediate_inputs), 1, FALSE)
out$wooldridge_markov <- wooldridge(log(d$intermediate_inputs), 2, TRUE)
out$ols <- unname(coef(lm(y ~ l + k + factor(d$year)))[2:3])
out$fe <- unname(coef(lm(y ~ l + k + factor(d$year) + d$firm))[2:3])
cat(toJSON(out, digits = 15, pretty = TRUE))
