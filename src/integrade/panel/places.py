"""Separate provinces and prefecture-level cities of China from the rest of a firm name that starts with them."""

from __future__ import annotations

import re

import polars as pl

from integrade.geography import PROVINCES

_CITIES = """
石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安 锡林郭勒 阿拉善
沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛
长春 四平 辽源 通化 白山 松原 白城 延边
哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭
南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁
杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 巢湖 六安 亳州 池州 宣城
福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 莱芜 临沂 德州 聊城 滨州 菏泽
郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源
武汉 黄石 十堰 宜昌 襄阳 襄樊 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施
长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西
广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮
南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
海口 三亚 三沙 儋州
成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山
贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南
昆明 曲靖 玉溪 保山 昭通 丽江 普洱 思茅 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆
拉萨 日喀则 昌都 林芝 山南 那曲 阿里
西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南
西宁 海东 海北 黄南 海南 果洛 玉树 海西
银川 石嘴山 吴忠 固原 中卫
乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 克孜勒苏 喀什 和田 伊犁 塔城 阿勒泰
"""
CITIES: tuple[str, ...] = tuple(_CITIES.split())
"""Prefecture-level cities, prefectures and leagues, with the former names 襄樊, 巢湖, 思茅 and 莱芜."""


def _either(names: list[str]) -> str:
    return "|".join(sorted(names, key=lambda name: (-len(name), name)))


_CITY = _either(list(CITIES))
_PROVINCE = _either([p.chinese_long for p in PROVINCES] + [p.chinese_short for p in PROVINCES])
_WORDS = "地区|市|盟"
_SHORT = {p.chinese_long: p.chinese_short for p in PROVINCES}
HEAD = re.compile(rf"^(?P<province>{_PROVINCE})?省?(?:(?P<city>{_CITY})(?![区县]))?(?:{_WORDS})?(?=..)")
"""The province and the city at the start of a normalised name, either or both, with their administrative words.

A city name before 区 or 县 is the name of a district instead: 北京市朝阳区 is in Beijing, not in the city of 朝阳.
"""

_GREEDY = rf"^(?P<province>{_PROVINCE})?省?(?P<city>{_CITY})?(?P<words>{_WORDS})?(?s:(?P<stem>.*))$"
"""The pattern `HEAD` without lookaheads, which Polars lacks; names that a lookahead would reject are split one by one.
"""


def split_places(names: pl.Series) -> pl.DataFrame:
    """Split names as `split_place` does, into the columns province, city and stem, one row per name.

    No name may be missing.

    Example:
        >>> split_places(pl.Series(["广东省深圳市华大电子"])).rows()
        [('广东', '深圳', '华大电子')]
    """
    parts = names.str.extract_groups(_GREEDY).struct.unnest()
    district = pl.col("city").is_not_null() & pl.col("words").is_null() & pl.col("stem").str.contains("^[区县]")
    beyond = parts.select(~pl.col("stem").str.contains("^..") | district).to_series()
    bare = pl.col("province").is_null() & pl.col("city").is_null()
    parts = parts.select(
        pl.col("province").replace(_SHORT).fill_null(""),
        pl.col("city").fill_null(""),
        stem=pl.when(bare).then(names).otherwise("stem"),
    )
    at = beyond.arg_true()
    again = pl.DataFrame([split_place(name) for name in names.gather(at)], schema=parts.schema, orient="row")
    return parts.select(c.scatter(at, again[c.name]) for c in parts)


def split_place(name: str) -> tuple[str, str, str]:
    """Split a name into (province, city, rest); province and city are empty if the name starts with neither.

    Example:
        >>> split_place("广东省深圳市华大电子")
        ('广东', '深圳', '华大电子')
    """
    match = HEAD.match(name)
    if match is None or not (match["province"] or match["city"]):
        return "", "", name
    province = match["province"] or ""
    return _SHORT.get(province, province), match["city"] or "", name[match.end() :]
