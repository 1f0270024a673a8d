"""What the browser brings back from the consent screen."""

from __future__ import annotations

import hmac
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from urllib.parse import parse_qsl

import attrs

from ..core.clock import Clock
from ..core.problems import Words
from ..core.secret import Secret
from ._errors import CallbackError, ConsentDeniedError
from ._pending import PendingAuthorization

_LIFETIME: Final = 600.0  # seconds


class Callbacks:
    """Reads the addresses that browsers come back to, and lets each be used once.

    A server may take back what a code gave if the code comes again (RFC 6749 §4.1.2), as it does where somebody loads
    the page anew. So an answer that was used is refused here, before the server hears of it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._uses: dict[str, _Use] = {}  # of no authorization that is stale anyway

    def code(self, callback_url: str, pending: PendingAuthorization) -> Secret:
        """The code of a callback that is the answer to ``pending``.

        Raises:
            ConsentDeniedError: the person said no.
            CallbackError: it is no answer to it, or not in time, or has no code.
        """
        if not isinstance(callback_url, str):
            raise TypeError(f"callback_url must be a str, not {type(callback_url).__name__}")
        if not isinstance(pending, PendingAuthorization):
            raise TypeError(f"pending must be a PendingAuthorization, not {type(pending).__name__}")
        parameters = parse_qsl(callback_url.partition("?")[2].partition("#")[0])
        answer = dict(parameters)
        if not hmac.compare_digest(_encoded(answer.get("state", "")), _encoded(pending.state)):
            raise CallbackError("its state is not the one that was sent out, so it may be forged")
        if len(answer) < len(parameters):
            raise CallbackError("it names a parameter twice")
        if self._is_stale(pending.created_at):
            raise CallbackError("the authorization was begun more than ten minutes ago")
        if (error := answer.get("error")) is not None:
            raise _refusal(error, answer.get("error_description"))
        if "code" not in answer:
            raise CallbackError("it has no code")
        return Secret(answer["code"])

    @contextmanager
    def once(self, pending: PendingAuthorization) -> Generator[None]:
        """Use the answer to ``pending``; where that fails, it may be tried again.

        Raises:
            CallbackError: it was used, or is in use.
        """
        for state, use in [*self._uses.items()]:
            if self._is_stale(use.begun_at):
                self._uses.pop(state, None)
        mine = _Use(pending.created_at)
        if self._uses.setdefault(pending.state, mine) is not mine:
            raise CallbackError("it was used before")
        try:
            yield
        except BaseException:
            del self._uses[pending.state]
            raise

    def _is_stale(self, begun_at: float) -> bool:
        return self._clock.now() - begun_at > _LIFETIME


@attrs.frozen(eq=False)
class _Use:
    """One use of an answer, like no other."""

    begun_at: float


def _refusal(error: str, description: str | None) -> CallbackError | ConsentDeniedError:
    words = Words(())
    told = None if description is None else words.cut(description)
    if error == "access_denied":
        return ConsentDeniedError(told)
    return CallbackError(f"the server says {words.cut(error)}{f', {told}' if told else ''}")


def _encoded(state: str) -> bytes:
    return state.encode("utf-8", "surrogatepass")
