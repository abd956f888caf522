in = in
dropped = dropped
merged = merged
filled = filled
clipped = clipped
out = out
warning = warning
note = note
