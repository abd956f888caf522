from typing import Any

__version__: str
SparkConf: Any
SparkContext: Any
