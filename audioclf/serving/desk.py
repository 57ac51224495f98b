"""Who may come in: a bounded queue in front of a few threads. Knows no sound."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import HTTPException

T = TypeVar("T")

WORKERS = 32
"""Requests worked on at once: enough for full passes, with more clips decoded meanwhile. Most of them only wait."""

PLACES = 64
"""Requests taken in at once, arriving, waiting and being worked on."""

PLACES_BYTES = 256_000_000
"""What all of them may have sent, together."""

RETRY_SECONDS = 2


def full() -> HTTPException:
    return HTTPException(
        503, "Too many recordings at once: try again in a moment.", {"Retry-After": str(RETRY_SECONDS)}
    )


class Place:
    """One request's place in the queue."""

    def __init__(self, desk: "Desk"):
        self._desk = desk
        self.bytes = 0

    def weigh(self, size: int) -> None:
        """Count bytes that have arrived.

        Raises:
            HTTPException: 503, where all places together hold too much.
        """
        self.bytes += size
        self._desk.bytes += size
        if self._desk.bytes > PLACES_BYTES:
            raise full()


class Desk:
    """Takes requests in while there is room, and works on them off the event loop.

    Args:
        places: Requests taken in at once.
        workers: Threads.
    """

    def __init__(self, places: int = PLACES, workers: int = WORKERS):
        self.places = places
        self.taken = self.bytes = 0
        self._workers = ThreadPoolExecutor(workers, "request")

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncGenerator[Place, None]:
        """A place in the queue.

        Raises:
            HTTPException: 503 with Retry-After, where there is none left.
        """
        if self.taken >= self.places:
            raise full()
        self.taken += 1
        place = Place(self)
        try:
            yield place
        finally:
            self.taken -= 1
            self.bytes -= place.bytes

    async def work(self, function: Callable[[], T]) -> T:
        """Run a function in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, function)
