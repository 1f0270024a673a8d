"""Bulk work by Celery: several worker processes, one rate limit, and no customer or card twice.

``python -m examples.celery_bulk`` starts a Redis server, a sandbox and four workers, ends one of them by force while it
works, and compares what is in the sandbox with the file. It needs redis-server, and ``pip install celery redis``.
"""
