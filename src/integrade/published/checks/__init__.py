"""The checks: each takes tables as they were read and yields findings with the arithmetic they rest on."""
