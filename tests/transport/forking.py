"""Forks with connections open: ``python -m tests.transport.forking SCENARIO BASE_URL``.

A program of its own, so that no thread of the tests is beside the fork, and all that Python would warn of shows.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from typing import Annotated, Any
from unittest import mock

from httpx import create_ssl_context as httpx_loads
from pydantic import AfterValidator
from pydantic._internal._model_construction import complete_model_class as pydantic_builds

from stemp_sdk import AsyncStemp, Stemp
from stemp_sdk._transport._environment import route_to
from stemp_sdk.models import User, WireModel
from stemp_sdk.scopes import USER_READ


def in_child(work: Callable[[], object]) -> None:
    """Do it in a forked child that ends as any program does, and wait for that."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(f"the child ended with {os.waitstatus_to_exitcode(status)}")
    else:
        work()
        sys.exit()


def sync(base_url: str) -> None:
    with Stemp("x", base_url=base_url) as client:

        def work() -> None:
            client.users.get("child")
            client.users.get("child")
            client.close()

        client.users.get("parent")
        in_child(work)
        in_child(client.close)
        client.users.get("parent")


def while_another_thread_opens(base_url: str) -> None:
    opening, go_on = threading.Event(), threading.Event()

    def open_slowly(*arguments: Any) -> Any:
        opening.set()
        go_on.wait()
        return route_to(*arguments)

    with Stemp("x", base_url=base_url) as client:
        thread = threading.Thread(target=client.users.get, args=("parent",))
        with mock.patch("stemp_sdk._transport._sync.route_to", open_slowly):
            thread.start()
            opening.wait()
        in_child(lambda: client.users.get("child"))
        go_on.set()
        thread.join()


def while_another_thread_loads_certificates(base_url: str) -> None:
    loading, go_on, has_loaded = threading.Event(), threading.Event(), threading.Event()

    def load() -> Any:
        loading.set()
        go_on.wait()
        context = httpx_loads()
        has_loaded.set()
        return context

    # What is registered last comes first: so the loading goes on when the fork is about to wait for it.
    os.register_at_fork(before=go_on.set)
    with Stemp("x", base_url=base_url) as client, mock.patch("httpx.create_ssl_context", load):
        thread = threading.Thread(target=client.users.get, args=("parent",))
        thread.start()
        loading.wait()
        in_child(lambda: has_loaded.is_set() or sys.exit("the child was forked while certificates were loaded"))
        thread.join()
        in_child(lambda: client.users.get("child"))


def by_the_thread_that_loads_certificates(base_url: str) -> None:
    def load() -> Any:
        in_child(bool)  # as a signal handler may
        return httpx_loads()

    with (
        Stemp("x", base_url=base_url) as client,
        mock.patch("httpx.create_ssl_context", load),
    ):
        client.users.get("parent")
        in_child(lambda: client.users.get("child"))


def while_another_thread_reads_a_model(base_url: str) -> None:
    with Stemp("x", base_url=base_url) as client:
        _while_a_model_is_built(client, lambda: client.users.get("parent"))


def while_another_thread_makes_a_model(base_url: str) -> None:
    with Stemp("x", base_url=base_url) as client:
        _while_a_model_is_built(client, lambda: User(id="usr_1"))
        client.users.get("parent")


def _while_a_model_is_built(client: Stemp, build_one: Callable[[], object]) -> None:
    building, go_on, has_built = threading.Event(), threading.Event(), threading.Event()

    def build(*arguments: Any, **options: Any) -> Any:
        building.set()  # pydantic's lock is held here
        go_on.wait()
        built = pydantic_builds(*arguments, **options)
        has_built.set()
        return built

    os.register_at_fork(before=go_on.set)
    with mock.patch("pydantic._internal._model_construction.complete_model_class", build):
        thread = threading.Thread(target=build_one)
        thread.start()
        building.wait()
    in_child(lambda: has_built.is_set() or sys.exit("the child was forked while a model was built"))
    thread.join()
    in_child(lambda: client.users.get("child"))


def while_another_thread_imports_a_resource(base_url: str) -> None:
    importing, go_on = threading.Event(), threading.Event()

    class Watch(MetaPathFinder):
        """Is asked for each module that is not loaded. Finds none, so that the others are asked."""

        def find_spec(self, fullname: str, *_: object) -> None:
            if fullname == "stemp_sdk._resources._sync.users":
                importing.set()  # the interpreter's lock of the module is held here
                go_on.wait()

    os.register_at_fork(before=go_on.set)
    sys.meta_path.insert(0, Watch())
    with Stemp("x", base_url=base_url) as client:
        thread = threading.Thread(target=lambda: client.users)
        thread.start()
        importing.wait()
        in_child(lambda: client.users.get("child"))
        thread.join()
        client.users.get("parent")


def while_another_thread_reads_a_response(base_url: str) -> None:
    reading, go_on, has_read = threading.Event(), threading.Event(), threading.Event()

    def read(value: str) -> str:
        if threading.current_thread() is not threading.main_thread():
            reading.set()  # pydantic is at work here
            go_on.wait()
            has_read.set()
        return value

    class Person(WireModel):
        id: Annotated[str, AfterValidator(read)]

    def get() -> object:
        return client.request("GET", "/v1/api/users/{}", "parent", scopes=USER_READ, returns=Person)

    os.register_at_fork(before=go_on.set)
    with Stemp("x", base_url=base_url) as client:
        thread = threading.Thread(target=get)
        thread.start()
        reading.wait()
        in_child(lambda: has_read.is_set() or sys.exit("the child was forked while a response was read"))
        thread.join()
        in_child(lambda: client.users.get("child"))


def in_another_loop(base_url: str) -> None:
    client = AsyncStemp("x", base_url=base_url)
    with asyncio.Runner() as runner:
        runner.run(_get(client, "parent"))
        in_child(lambda: asyncio.run(_get_and_close(client)))
        in_child(lambda: asyncio.run(client.aclose()))
        in_child(bool)  # which ends the copy of the loop
        runner.run(_get(client, "parent"))


def in_a_copy_of_the_loop(base_url: str) -> None:
    client = AsyncStemp("x", base_url=base_url)
    with asyncio.Runner() as runner:
        runner.run(_get(client, "parent"))
        in_child(lambda: runner.run(_get_and_close(client)))
        runner.run(_get(client, "parent"))


async def _get(client: AsyncStemp, user_id: str) -> None:
    await client.users.get(user_id)


async def _get_and_close(client: AsyncStemp) -> None:
    await _get(client, "child")
    await _get(client, "child")
    await client.aclose()


if __name__ == "__main__":
    scenarios = (
        sync,
        while_another_thread_opens,
        while_another_thread_loads_certificates,
        by_the_thread_that_loads_certificates,
        while_another_thread_reads_a_model,
        while_another_thread_makes_a_model,
        while_another_thread_imports_a_resource,
        while_another_thread_reads_a_response,
        in_another_loop,
        in_a_copy_of_the_loop,
    )
    next(scenario for scenario in scenarios if scenario.__name__ == sys.argv[1])(sys.argv[2])
