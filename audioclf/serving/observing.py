"""What an operator may know of each request: how long, how large, how it ended. Never what was sent.

request ─▶ Observer ─▶ REST API
             ├─ one JSON line in the log "audioclf.access"
             └─ Prometheus metrics
"""

import json
import logging
import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCESS_LOG = logging.getLogger("audioclf.access")

LATENCY_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
PASS_CLIPS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The figures at /metrics. Each API has its own, so that two in one process don't mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "audioclf_requests", "Requests, by how they ended", ("path", "status"), registry=self.registry
        )
        self.latency = Histogram(
            "audioclf_request_seconds",
            "From the request's first byte to the answer's last",
            ("path",),
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )
        self.labels = Counter("audioclf_answers", "Answers, by their label", ("label",), registry=self.registry)
        self.passes = Histogram(
            "audioclf_pass_clips",
            "Clips that shared a pass through the network",
            buckets=PASS_CLIPS,
            registry=self.registry,
        )


class Observer:
    """ASGI middleware around the REST API.

    Args:
        app: The API.
        metrics: Where the figures go.
        paths: The API's own paths; any other is counted as "other", so that nobody can fill the memory.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: frozenset[str]):
        self.app = app
        self.metrics = metrics
        self.paths = paths
        if not ACCESS_LOG.hasHandlers():
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter("%(message)s"))
            ACCESS_LOG.addHandler(handler)
            ACCESS_LOG.setLevel(logging.INFO)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, arrived = time.perf_counter(), 500, 0

        async def receiving() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receiving, sending)
        finally:
            seconds = time.perf_counter() - started
            path = scope["path"] if scope["path"] in self.paths else "other"
            self.metrics.requests.labels(path, str(status)).inc()
            self.metrics.latency.labels(path).observe(seconds)
            line = {
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "method": scope["method"][:8],
                "path": path,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "bytes": arrived,
            }
            ACCESS_LOG.info(json.dumps(line))
