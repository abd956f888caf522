from typing import Any

class SparkSession:
    builder: Any
    @classmethod
    def getActiveSession(cls) -> Any: ...

class Window:
    @staticmethod
    def partitionBy(*columns: Any) -> Any: ...
