"""Things kept for a while under an id that can't be guessed: bounded in age and in bytes. Knows no requests."""

import secrets
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Store(Generic[T]):
    """Safe to use from several threads.

    Args:
        most_bytes: The oldest leave when the rest would weigh more than this.
        seconds: How long a thing is kept.
        clock: Seconds that only rise.
    """

    def __init__(self, most_bytes: int, seconds: float, clock: Callable[[], float] = time.monotonic):
        self.most_bytes = most_bytes
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, int, T]] = {}  # oldest first: a dict keeps its order
        self.bytes = 0

    def put(self, thing: T, size: int) -> str:
        """Keep it, and give it an id.

        Args:
            thing: Anything.
            size: Its weight, bytes. One that outweighs the whole store is not kept.
        """
        name = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[name] = self._clock(), size, thing
            self.bytes += size
            while self.bytes > self.most_bytes:
                self._drop_oldest()
            self._expire()
        return name

    def get(self, name: str) -> T | None:
        """What was kept under this id; None where it is unknown, or too old."""
        with self._lock:
            self._expire()
            found = self._kept.get(name)
            return found[2] if found else None

    def _expire(self) -> None:
        while self._kept and self._clock() - next(iter(self._kept.values()))[0] > self.seconds:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        _, size, _ = self._kept.pop(next(iter(self._kept)))
        self.bytes -= size
