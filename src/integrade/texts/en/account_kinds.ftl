in = in
dropped = dropped
merged = merged
filled = filled
clipped = clipped
out = out
note = note
