"""The project's own examples pass their own audit."""

from __future__ import annotations

from pathlib import Path

import pytest

from stemp_sdk import presets
from stemp_sdk.audit import audit
from stemp_sdk.scopes import LOYALTY_MANAGE, ORG_READ, PLATFORM_EMAIL_SEND, USER_CREATE, ScopeSet

ROOT = Path(__file__).parents[2]

#: What the clients of each example hold: that of the program, and those that prepare its sandbox.
HELD = {
    "async_listing.py": presets.POS | presets.CARD_DESIGN | presets.CARD_ISSUING,
    "crm_sync.py": presets.CRM_SYNC,
    "oauth_app": presets.EMAIL_APP | ORG_READ,
    "own_preset.py": presets.CARD_ISSUING | LOYALTY_MANAGE | presets.CARD_DESIGN,
    "pos_till.py": presets.POS | USER_CREATE | presets.CARD_DESIGN,
    "welcome_app": presets.POS | PLATFORM_EMAIL_SEND | presets.CARD_ISSUING | presets.CARD_DESIGN,
}


def test_every_example_is_audited() -> None:
    found = {path.name for path in (ROOT / "examples").iterdir() if not path.name.startswith(("_", "."))}
    assert found == HELD.keys()


@pytest.mark.parametrize(("name", "held"), HELD.items(), ids=HELD)
def test_an_example_uses_what_its_clients_hold(name: str, held: ScopeSet) -> None:
    report = audit(ROOT / "examples" / name, granted=held, base=ROOT)
    assert report.uses
    assert report.missing == ScopeSet()
    assert report.unsure == ()
    assert not report.is_partial
