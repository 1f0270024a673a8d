"""The commands for this machine, ``stemp login`` to ``stemp doctor``, and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from .commands import AsJson, ProfileOption, ScopesOption

_Name = Annotated[
    str, typer.Option("--profile", help="The name of the profile.", metavar="NAME", envvar="STEMP_PROFILE")
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands to ``stemp``."""
    for command in (login, logout, profiles, listen, trigger, doctor):
        app.command()(command)


def login(
    *,
    profile: _Name = "default",
    base_url: Annotated[
        str | None, typer.Option(help="The server; unless given, STEMP_BASE_URL, or else stemp.", metavar="URL")
    ] = None,
    scopes: ScopesOption = None,
    verify: Annotated[bool, typer.Option(help="Try the token at the server, with each read.")] = True,
) -> None:
    """Keep an API token for the commands that call.

    The token is read without an echo, or from the standard input: `stemp login < token.txt`. It cannot be an argument,
    as that would stay in the shell's history. It is kept in the keyring of the system, with pip install
    "stemp-sdk[keyring]"; otherwise in a file that only you can read.

    With --scopes, a command whose scopes the token does not hold is refused before any request.
    """
    from .profiles.commands import login as run

    run(profile, base_url, scopes, verify=verify)


def logout(*, profile: _Name = "default") -> None:
    """Remove a profile and its token from this machine."""
    from .profiles.commands import logout as run

    run(profile)


def profiles(*, as_json: AsJson = False) -> None:
    """List the profiles of stemp login.

    With --json it prints a list of objects: name, base_url, scopes, place (of the token: keyring or file).
    """
    from .profiles.commands import show_profiles

    show_profiles(as_json=as_json)


def listen(
    *,
    forward: Annotated[str, typer.Option(help="Where to send the events.", metavar="URL")],
    count: Annotated[int | None, typer.Option(min=1, help="End after this many attempts.")] = None,
    profile: ProfileOption = None,
    as_json: AsJson = False,
) -> None:
    """Send a running sandbox's events to a local URL.

    They are signed, and each delivery is printed.

    The sandbox is the one of --profile, of STEMP_TOKEN and STEMP_BASE_URL, or of STEMP_PROFILE; with none of these, the
    one of STEMP_BASE_URL, or else the one at http://127.0.0.1:8787. The deliveries are signed with
    STEMP_WEBHOOK_SECRET, or else with a new secret, which is printed. At its end the sandbox forgets the URL.

    With --json it prints a line for each attempt: at, type, event_id, delivery_id, status, answer, next_attempt_at.
    """
    from .events.listening import listen as run

    run(forward, profile, count, as_json=as_json)


def known_events(incomplete: str) -> list[str]:
    """Those event types that begin so."""
    from .events.changes import CHANGES

    return [name for name in CHANGES if name.startswith(incomplete)]


def trigger(
    event: Annotated[
        str, typer.Argument(help="The type of the event, such as user.created.", autocompletion=known_events)
    ],
    *,
    profile: ProfileOption = None,
    as_json: AsJson = False,
) -> None:
    """Make a running sandbox send an event.

    It makes a change that causes the event, with new objects: a customer, and a card where one is needed. So other
    events come first, such as user.created before pass.created. The sandbox is found as for stemp listen.

    With --json it prints an object: type, changed (the object), endpoints (the URLs that get it).
    """
    from .events.triggering import trigger as run

    run(event, profile, as_json=as_json)


def doctor(*, profile: ProfileOption = None, as_json: AsJson = False) -> None:
    """Check token, scopes, connection and editor settings.

    Clock, TLS, versions and extras are checked as well, and each line says what to do. Reads are sent to the server,
    and never a write. The exit status is 1 if a check failed; warnings do not count.

    With --json it prints a list of objects: check, result (ok, warn or fail), detail, advice (or null).
    """
    from .doctor.command import run

    run(profile, as_json=as_json)
