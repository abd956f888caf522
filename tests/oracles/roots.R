# The statistics of tests/integration/test_convergence.py by plm: IPS t-bar of deviations from the yearly mean, CIPS of the levels.
# Usage: Rscript roots.R roots.csv > roots.json     (R 4.5, plm, jsonlite from Debian)
suppressMessages({library(plm); library(jsonlite)})
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = FALSE)
d$q <- d$x - ave(d$x, d$year)
wide <- as.data.frame(split(d$q, d$region))
p <- pdata.frame(d, index = c("region", "year"))
out <- list()
for (lags in 1:2) for (trend in c(FALSE, TRUE)) {
  kind <- if (trend) "trend" else "intercept"
  ips <- purtest(wide, test = "ips", exo = kind, lags = lags, dfcor = TRUE)
  cips <- cipstest(p$x, lags = lags, type = if (trend) "trend" else "drift", model = "cmg", truncated = TRUE)
  out[[paste(lags, kind)]] <- c(mean(sapply(ips$idres, function(r) r$trho)), unname(cips$statistic))
}
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
