from collections.abc import Mapping
from typing import Any

def launch_gateway(conf: Any = ..., popen_kwargs: Mapping[str, Any] | None = ...) -> Any: ...
