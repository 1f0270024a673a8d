"""Tries what each extra is for, with the interpreter of a clean environment that `release.py` has made.

The arguments are the extras that are installed. With its extra, a use has to work. Without it, a use has to raise an
error that says which extra to install; without any extra, each of them does.
"""

from __future__ import annotations

import json
import os
import pkgutil
import re
import subprocess
import sys
import sysconfig
import tempfile
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

DISTRIBUTION: Final = "stemp-sdk"
#: A call whose scope an audit finds.
CALLER: Final = "from stemp_sdk import Stemp\n\n\ndef first(client: Stemp) -> None:\n    client.users.get('usr_1')\n"
#: The pages that the sandbox serves from files of the package.
PAGES: Final = ("/outbox", "/webhooks", "/apps")
_TEST: Final = """\
def test_a_fixture(stemp_client, stemp_clock):
    assert list(stemp_client.users.list()) == []
"""


class ExtraError(Exception):
    """What a command or a report says instead of raising ImportError."""


class Use(NamedTuple):
    """A use of an extra, and the other extras without which it cannot be tried."""

    extra: str
    try_it: Callable[[], None]
    besides: frozenset[str] = frozenset()


def command(*arguments: str) -> str:
    """The output of the command ``stemp``."""
    stemp = [str(Path(sysconfig.get_path("scripts"), "stemp")), *arguments]
    done = subprocess.run(stemp, capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise ExtraError(done.stderr + done.stdout)
    return done.stdout


@contextmanager
def served(*stemp: str) -> Iterator[str]:
    """The origin of a sandbox that a command serves."""
    line = [*stemp, "sandbox", "--port", "0", "--json"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as server:
        assert server.stdout
        assert server.stderr
        try:
            printed = ""
            while not printed.endswith("\n}\n") and (more := server.stdout.readline()):
                printed += more
            if not printed.endswith("\n}\n"):
                raise ExtraError(printed + server.stderr.read())
            yield json.loads(printed)["base_url"].removesuffix("/api")
        finally:
            server.terminate()


def pages(*stemp: str) -> dict[str, str]:
    """The pages of a sandbox that a command serves, by path."""
    with served(*stemp) as origin:
        return {path: urllib.request.urlopen(origin + path).read().decode() for path in PAGES}


def try_command() -> None:
    """``stemp``: its version is that of the distribution."""
    assert command("--version") == f"stemp-sdk {metadata(DISTRIBUTION)['Version']}\n"
    assert command("demo")
    assert command("operations")


def try_audit() -> None:
    """``stemp_sdk.audit`` finds a use."""
    from stemp_sdk.audit import audit

    with tempfile.TemporaryDirectory() as folder:
        caller = Path(folder, "caller.py")
        caller.write_text(CALLER, "utf-8")
        report = audit(caller, base=folder)
    if report.skipped:
        raise ExtraError(report.skipped[0].reason)
    assert str(report.used) == "user:read"


def try_audit_command() -> None:
    """``stemp scopes audit`` finds a use."""
    with tempfile.TemporaryDirectory() as folder:
        caller = Path(folder, "caller.py")
        caller.write_text(CALLER, "utf-8")
        assert "user:read" in command("scopes", "audit", str(caller))


def try_encryption() -> None:
    """An encrypted store takes a key."""
    from stemp_sdk.oauth import EncryptedTokenStore, MemoryTokenStore

    EncryptedTokenStore(MemoryTokenStore(), "A" * 43 + "=")


def try_sqlite_store() -> None:
    """An SQLite store creates its file."""
    from stemp_sdk.oauth import SQLiteTokenStore

    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteTokenStore(Path(folder, "tokens.db"))
        store.save("key", b"value")
        assert store.load("key") == b"value"


def try_server() -> None:
    """The sandbox serves a request."""
    from stemp_sdk.sandbox import Sandbox, serving

    with serving(Sandbox()) as url:
        assert urllib.request.urlopen(url.removesuffix("/api") + "/outbox").status == 200


def try_server_command() -> None:
    """``stemp sandbox`` serves its pages."""
    assert all(pages(str(Path(sysconfig.get_path("scripts"), "stemp"))).values())


def try_redis() -> None:
    """The stores and rate limiters take a client."""
    import redis

    from stemp_sdk import RedisRateLimiter
    from stemp_sdk.oauth import RedisTokenStore

    RedisTokenStore(redis.Redis())
    RedisRateLimiter(redis.Redis())


def try_opentelemetry() -> None:
    """An observer for OpenTelemetry is created."""
    from stemp_sdk import OpenTelemetryObserver

    OpenTelemetryObserver()


def try_sentry() -> None:
    """An observer for Sentry is created."""
    from stemp_sdk import SentryObserver

    SentryObserver()


def try_tools() -> None:
    """``stemp mcp`` serves until its input ends."""
    os.environ |= {"STEMP_TOKEN": "sk_live_probe", "STEMP_SCOPES": "POS"}
    try:
        command("mcp")
    finally:
        del os.environ["STEMP_TOKEN"], os.environ["STEMP_SCOPES"]


def try_keyring() -> None:
    """The library of the keyring is there."""
    import keyring

    keyring.get_keyring()


def try_cassette() -> None:
    """A cassette that does not exist is an error of its own."""
    from stemp_sdk.testing import CassetteError, cassette

    try:
        with cassette("no-such-cassette.yaml"):
            pass
    except CassetteError:
        return
    raise AssertionError("a missing cassette was replayed")


def try_fixtures() -> None:
    """Pytest loads the plugin."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_a.py").write_text(_TEST, "utf-8")
        pytest = [sys.executable, "-I", "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        done = subprocess.run(pytest, capture_output=True, encoding="utf-8", check=False, cwd=folder)
    assert not done.returncode, done.stdout + done.stderr


CLI: Final = frozenset({"cli"})
USES: Final = (
    Use("cli", try_command),
    Use("audit", try_audit),
    Use("audit", try_audit_command, CLI),
    Use("encryption", try_encryption),
    Use("mcp", try_tools, CLI),
    Use("oauth", try_sqlite_store),
    Use("otel", try_opentelemetry),
    Use("sandbox", try_server),
    Use("sandbox", try_server_command, CLI),
    Use("sentry", try_sentry),
    Use("testing", try_cassette),
    # Without their extra, users cannot even write these: they bring a client of Redis, and run pytest.
    Use("redis", try_redis, frozenset({"redis"})),
    Use("testing", try_fixtures, frozenset({"testing"})),
    # Without it, the command keeps tokens in a file, and says so.
    Use("keyring", try_keyring, frozenset({"keyring"})),
)


def named(error: object) -> str | None:
    """The extra that an error says to install."""
    found = re.search(r'pip\s+install\s+"stemp-sdk\[(\w+)\]"', str(error))
    return found and found[1]


def public(package: str) -> Iterator[str]:
    """A package and the public ones in it."""
    yield package
    for found in pkgutil.iter_modules(getattr(import_module(package), "__path__", ())):
        if not found.name.startswith("_"):
            yield from public(f"{package}.{found.name}")


def wrong_imports(extras: frozenset[str], there: frozenset[str]) -> Iterator[str]:
    """What is wrong with the import of each public name."""
    for package in public("stemp_sdk"):
        module = import_module(package)
        for name in module.__all__:
            try:
                getattr(module, name)
            except ImportError as error:
                extra = named(error)
                if extra not in extras or extra in there:
                    yield f"{package}.{name}: {type(error).__name__}: {error}"


def wrong_uses(extras: frozenset[str], there: frozenset[str], uses: tuple[Use, ...] = USES) -> Iterator[str]:
    """What is wrong with the uses of the extras."""
    for extra in sorted(extras - {use.extra for use in uses}):
        yield f"{extra}: an extra of the metadata that nothing here tries"
    for extra, try_it, besides in uses:
        if not besides <= there:
            continue
        try:
            try_it()
        except (ImportError, ExtraError) as error:
            if extra in there:
                yield f"{try_it.__name__}: fails with its extra {extra}: {type(error).__name__}: {error}"
            elif named(error) != extra:
                yield f"{try_it.__name__}: does not name the extra {extra}: {type(error).__name__}: {error}"
        except Exception:  # noqa: BLE001  (each use is tried)
            yield f"{try_it.__name__}: {traceback.format_exc()}"
        else:
            if not there:
                yield f"{try_it.__name__}: works without {extra}, so that extra is not needed or not tried"


def provided() -> frozenset[str]:
    """The extras in the metadata, except the one of all others."""
    return frozenset(metadata(DISTRIBUTION).get_all("Provides-Extra") or ()) - {"all"}


def main(installed: list[str]) -> int:
    """Try everything. Returns 1 if anything is wrong, else 0."""
    extras = provided()
    there = extras if installed == ["all"] else frozenset(installed)
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), "/usr/bin", "/bin"])
    spec = find_spec("stemp_sdk")
    if not spec or not spec.origin or not Path(spec.origin).is_relative_to(sys.prefix):
        print(f"stemp_sdk is not that of the environment: {spec and spec.origin}")
        return 1
    problems = [*wrong_imports(extras, there), *wrong_uses(extras, there)]
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
