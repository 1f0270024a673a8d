"""Checks the callback URLs that browsers return to from the consent screen."""

from __future__ import annotations

import hmac
from collections.abc import Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl

from .._core.clock import Clock
from .._core.errors import StempError
from .._core.redacting import Redactor
from .._core.secret import Secret
from ._errors import CallbackError, ConsentDeniedError
from ._pending import PendingAuthorization
from ._stores import NOTE, CheckedStore

_LIFETIME: Final = 600.0  # seconds
_LOCK: Final = "used callbacks"


class Callbacks:
    """Reads callback URLs, and lets each be used once.

    A server may revoke the tokens of a code that it receives again (RFC 6749 §4.1.2), as when a user reloads the page.
    So a used callback is refused here, before the server sees it. Used callbacks are noted in the token store, which
    all processes of an app share.
    """

    def __init__(self, clock: Clock, store: CheckedStore) -> None:
        self._clock = clock
        self._store = store

    def code(self, callback_url: Secret | type, pending: PendingAuthorization) -> Secret:
        """The code of a callback for ``pending``.

        Args:
            callback_url: The masked argument.
            pending: The authorization.

        Raises:
            ConsentDeniedError: the user denied the request.
            CallbackError: the callback is for another authorization, too late, or has no code.
        """
        if not isinstance(callback_url, Secret):
            raise TypeError(f"callback_url must be a str, not {callback_url.__name__}")
        if not isinstance(pending, PendingAuthorization):
            raise TypeError(f"pending must be a PendingAuthorization, not {type(pending).__name__}")
        answer, is_clear = _parameters(callback_url)
        if not hmac.compare_digest(_encoded(answer.get("state")), _encoded(Secret(pending.state))):
            raise CallbackError("state mismatch, so it may be forged")
        if not is_clear:
            raise CallbackError("it names a parameter twice")
        if self._clock.now() - pending.created_at > _LIFETIME:
            raise CallbackError("the authorization was started more than ten minutes ago")
        if (error := answer.get("error")) is not None:
            raise _refusal(error, answer.get("error_description"))
        if "code" not in answer:
            raise CallbackError("it has no code")
        return answer["code"]

    @contextmanager
    def once(self, pending: PendingAuthorization) -> Generator[None]:
        """Use the callback for ``pending``. It may be used again if the block fails and certainly did not use the code.

        Raises:
            CallbackError: it was used, or is in use.
            TokenStoreError: the use cannot be noted.
        """
        note = f"{NOTE}{pending.created_at:.0f} {sha256(_encoded(Secret(pending.state))).hexdigest()}"
        with self._store.lock(_LOCK):
            self._forget_old()
            if self._store.load(note) is not None:
                raise CallbackError("it was used before")
            self._store.save(note, b"used")
        try:
            yield
        except Exception as error:
            if not (isinstance(error, StempError) and error.outcome_unknown):
                with suppress(StempError):
                    self._store.delete(note)
            raise

    def _forget_old(self) -> None:
        """Delete the notes on callbacks that have expired even on a wrong clock."""
        stored = self._store.keys()
        for note in stored:
            if note.startswith(NOTE) and self._clock.now() - float(note.split()[2]) > 2 * _LIFETIME:
                self._store.delete(note)


def _parameters(url: Secret) -> tuple[dict[str, Secret], bool]:
    """The parameters of a URL's query, and whether it names each of them once."""
    given = parse_qsl(url.reveal().partition("?")[2].partition("#")[0])
    parameters = {name: Secret(value) for name, value in given}
    return parameters, len(parameters) == len(given)


def _refusal(error: Secret, description: Secret | None) -> CallbackError | ConsentDeniedError:
    redactor = Redactor(())
    code = redactor.clean(error.reveal())
    told = None if description is None else redactor.clean(description.reveal())
    if code == "access_denied":
        return ConsentDeniedError(told)
    return CallbackError(f"the server says {code}{f', {told}' if told else ''}", code)


def _encoded(state: Secret | None) -> bytes:
    return b"" if state is None else state.reveal().encode("utf-8", "surrogatepass")
