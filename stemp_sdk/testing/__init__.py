"""Tools for testing programs that use the SDK: a pytest plugin, a clock, mocks, cassettes, and a record of scopes.

pytest loads the plugin automatically. Its fixtures are ``stemp_clock``, ``stemp_sandbox``, ``stemp_client``,
``stemp_async_client``, ``stemp_admin``, ``stemp_webhooks`` and ``stemp_server``::

    @pytest.mark.stemp_scopes(presets.POS)                          # the scopes of the clients' token
    @pytest.mark.stemp_fault(status=503, times=2)                   # as for Sandbox.fail_next
    def test_a_stamp(stemp_client, stemp_clock):
        ...
        assert stemp_clock.slept == [0.5, 1.0]                      # without any real waiting

``@pytest.mark.stemp_sandbox(rate_limit=2)`` creates the sandbox with other options, such as
``faults=Faults(seed=4711, lost_after=0.1)``; ``docs/faults.md`` lists all faults. With
``@pytest.mark.stemp_cassette`` the clients call the real API once: see ``cassette``. ``--stemp-scopes`` reports the
scopes that the tests used.

Names are loaded at their first use, so an unused plugin costs little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import loader

if TYPE_CHECKING:
    from ._autospec import autospec
    from ._cassette import CassetteError, cassette
    from ._clock import Clock
    from ._recording import ScopeRecording, ScopeUse, record_scopes
    from ._webhooks import AppWebhooks
else:
    __getattr__ = loader(
        __name__,
        {
            "._autospec": "autospec",
            "._cassette": "CassetteError cassette",
            "._clock": "Clock",
            "._recording": "ScopeRecording ScopeUse record_scopes",
            "._webhooks": "AppWebhooks",
        },
    )

__all__ = [
    "AppWebhooks",
    "CassetteError",
    "Clock",
    "ScopeRecording",
    "ScopeUse",
    "autospec",
    "cassette",
    "record_scopes",
]


def __dir__() -> list[str]:
    return [*__all__]
