against = 不利证据：{ $finding }
more = 另有 { $more } 项见报告。
outcome = { $outcome }：{ $hypotheses }。
wrong = 被模拟经济否定：{ $verdicts }
