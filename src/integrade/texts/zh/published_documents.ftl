gutters = 各列仅由空白区分，相邻列的数字上下重叠。
across = { $text } 横跨两列。
input = { $file } 由 \input 引入，未读取：请同时给出该文件。
continued = { $title } 在后页的部分列数不同。
stored = 数字为存储值，而非显示值。
unknown = PDF 未给出表中 { $n } 个字符的文本。
figures = 既无标题也无行标签的数字视为图，已略去：第 { $pages } 页。
labels = 行标签低于系数、位于括号旁或其上方，视为属于该系数。
