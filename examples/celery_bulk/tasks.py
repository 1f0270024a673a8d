"""The tasks. A task may run twice: when a worker dies, and when its message is delivered again."""

from __future__ import annotations

import os
from typing import Any

import redis
from celery import Celery  # type: ignore[import-untyped]

from stemp_sdk import APIConnectionError, RateLimitError, RedisRateLimiter, ServerError, Stemp

SOCKET = os.environ["DEMO_REDIS_SOCKET"]

app: Any = Celery("stemp", broker=f"redis+socket://{SOCKET}", backend=f"redis+socket://{SOCKET}")
app.conf.update(
    # A message is acknowledged after its task, and goes to another worker if the process of the task dies. If the whole
    # machine dies, Redis waits for the visibility timeout of an hour.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)

# STEMP_TOKEN, STEMP_SCOPES and STEMP_BASE_URL are in the environment. All workers wait for turns in one budget.
limiter = RedisRateLimiter(redis.Redis(unix_socket_path=SOCKET, socket_timeout=5))
client = Stemp(rate_limiter=limiter.background(), deadline=300)


@app.task(autoretry_for=(APIConnectionError, RateLimitError, ServerError), retry_backoff=True, max_retries=8)  # type: ignore[untyped-decorator]
def enrol(external_id: str, email: str, name: str) -> str:
    """Enrol a customer. It may run twice: ``get_or_create`` looks before it writes, and after a lost response."""
    return client.users.get_or_create(external_id, email=email, name=name).id
