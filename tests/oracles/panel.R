# The regressions of tests/models/fit/test_fit_oracles.py by plm, sandwich, clubSandwich and AER.
# Usage: Rscript panel.R panel.csv > panel.json     (R 4.5, plm, sandwich, clubSandwich, AER, jsonlite from Debian)
suppressMessages({library(plm); library(sandwich); library(clubSandwich); library(AER); library(jsonlite)})
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = FALSE)
d$market2 <- d$market^2
keep <- c("market", "market2", "scale")
se <- function(v) unname(sqrt(diag(as.matrix(v))[keep]))
out <- list()

m <- lm(y ~ market + market2 + scale + factor(firm) + factor(year), data = d)
out$coefficients <- unname(coef(m)[keep])
out$iid <- se(vcov(m))
for (kind in c("HC1", "HC2", "HC3")) out[[kind]] <- se(vcovHC(m, type = kind))
out$CR0 <- se(vcovCR(m, cluster = d$region, type = "CR0"))
out$CR2 <- se(vcovCR(m, cluster = d$region, type = "CR2"))
b <- coef(m)[keep]
regions <- sort(unique(d$region))
left <- sapply(regions, function(g) coef(update(m, data = d[d$region != g, ]))[keep])
out$CR3 <- unname(sqrt(rowSums((left - b)^2) * (length(regions) - 1) / length(regions)))
y <- lm(y ~ market + market2 + scale + factor(year), data = d)  # CR3 of clubSandwich needs I - H_gg regular
out$CR3_club_year <- se(vcovCR(y, cluster = d$region, type = "CR3"))
out$CR2_df <- unname(coef_test(m, vcov = "CR2", cluster = d$region, test = "Satterthwaite", coefs = keep)$df_Satt)
out$CR0_multiway <- se(vcovCL(m, cluster = d[c("region", "year")], type = "HC0", cadjust = FALSE, multi0 = FALSE))
for (multi0 in c(FALSE, TRUE))
  out[[if (multi0) "multi0" else "cgm"]] <- se(vcovCL(m, cluster = d[c("region", "year")], multi0 = multi0))

w <- lm(y ~ market + market2 + scale + factor(firm) + factor(year), data = d, weights = weight)
out$weighted <- unname(coef(w)[keep])
out$weighted_iid <- se(vcov(w))

p <- plm(y ~ market + market2 + scale, data = d, index = c("firm", "year"), effect = "twoways")
out$plm <- unname(coef(p)[keep])
out$plm_iid <- se(vcov(p))

i <- ivreg(y ~ x + scale + factor(region) | z1 + z2 + scale + factor(region), data = d)
out$iv <- unname(coef(i)[c("x", "scale")])
out$iv_iid <- unname(sqrt(diag(vcov(i))[c("x", "scale")]))
out$iv_HC1 <- unname(sqrt(diag(vcovHC(i, type = "HC1"))[c("x", "scale")]))
diagnostics <- summary(i, diagnostics = TRUE)$diagnostics
out$iv_first_f <- unname(diagnostics["Weak instruments", "statistic"])
out$iv_sargan <- unname(diagnostics["Sargan", c("statistic", "p-value")])
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
