against = 不利证据：{ $finding }
more = 另有 { $more } 项见报告。
outcome = { $outcome }：{ $hypotheses }。
wrong = 与模拟经济的真相不符：{ $verdicts }
