class DefaultPolicy:
    def __init__(
        self, *, max_retries: int, initial_backoff: int, backoff_multiplier: float, max_backoff: int
    ) -> None: ...
