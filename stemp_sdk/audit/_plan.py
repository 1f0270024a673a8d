"""The consents that a release needs from the organizations that have installed an app."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

import attrs

from ..scopes import ScopeSet
from ._questions import unlocked_by

if TYPE_CHECKING:
    from ..oauth import Installation


@attrs.frozen
class InstallationPlan:
    """The consent that a release needs from one organization."""

    installation_id: str
    granted: ScopeSet | None
    """The scopes that it granted; None if they are not known."""
    needs_consent: bool | None
    """Whether it has to be authorized again; None if that cannot be said, as it is not known what was granted."""
    new: ScopeSet
    """The scopes that it was never asked for, so that a person has to consent. If ``needs_consent`` is None, those that
    may be among them."""
    lacking: ScopeSet
    """The scopes that the release may use and it did not grant, as before: declined, or not asked for yet. They need no
    new consent: the old release worked without them."""
    superfluous: ScopeSet
    """The scopes that it granted and the release does not ask for. A consent without them would narrow the app."""


@attrs.frozen
class Plan:
    """The consents that a release needs from the organizations that have installed an app."""

    before: ScopeSet | None
    """The scopes that the old release asked for; None if that was not given."""
    after: ScopeSet
    """The scopes that the new release asks for."""
    installations: tuple[InstallationPlan, ...]
    unlocks: Mapping[str, tuple[str, ...]]
    """Each scope that is new to an installation, with the calls that need it: the reason to ask."""

    @property
    def consenting(self) -> tuple[InstallationPlan, ...]:
        """Those that have to consent again."""
        return tuple(each for each in self.installations if each.needs_consent)

    @property
    def unknown(self) -> tuple[InstallationPlan, ...]:
        """Those of which it is not known."""
        return tuple(each for each in self.installations if each.needs_consent is None)

    @property
    def narrowable(self) -> tuple[InstallationPlan, ...]:
        """Those that granted more than the release asks for."""
        return tuple(each for each in self.installations if each.superfluous)


def plan(
    after: ScopeSet,
    installations: Iterable[Installation] | Mapping[str, ScopeSet | None],
    *,
    before: ScopeSet | None = None,
) -> Plan:
    """Which installations have to consent again for a release of an app, why, and which could be narrowed.

    ::

        plan(from_file("stemp-scopes.toml", part="app"), app.installations(), before=OLD_SCOPES)

    An installation has to consent if the release asks for a scope that it did not grant and was never asked for. With
    ``before``, what the old release asked for does not count as new, whether it was declined or is asked for when it is
    needed.

    Args:
        after: What the new release asks for.
        installations: From ``OAuthApp.installations``, or the id of each with the scopes that it granted; None where it
            is not known. For an ``Installation`` of which it is not known, all that it was asked for counts as granted.
        before: What the old release asked for, if that is known.

    Raises:
        TypeError: an argument has the wrong type.
    """
    _check("after", after)
    if before is not None:
        _check("before", before)
    if isinstance(installations, Mapping):
        by_id = cast("Mapping[str, ScopeSet | None]", installations)
        plans = [_of_grant(key, granted, before, after) for key, granted in by_id.items()]
    else:
        plans = [_of_installation(each, before, after) for each in installations]
    new = ScopeSet(*(name for each in plans for name in each.new))
    return Plan(before, after, tuple(plans), unlocked_by(new))


def _of_installation(installation: Installation, before: ScopeSet | None, after: ScopeSet) -> InstallationPlan:
    difference = installation.diff(after)
    new = difference.new - (before or ScopeSet())
    return InstallationPlan(
        installation_id=installation.id,
        granted=installation.scopes,
        needs_consent=bool(new),
        new=new,
        lacking=after - installation.scopes_to_keep - new,
        superfluous=difference.dropped,
    )


def _of_grant(key: str, granted: ScopeSet | None, before: ScopeSet | None, after: ScopeSet) -> InstallationPlan:
    if granted is None:
        # It may hold what is new, from a release that is older still. Where nothing is new, nothing changes for it.
        new = after if before is None else after - before
        return InstallationPlan(key, None, None if new else False, new, ScopeSet(), ScopeSet())
    _check(f"installations[{key!r}]", granted)
    new = after - granted - (before or ScopeSet())
    return InstallationPlan(key, granted, bool(new), new, after - granted - new, granted - after)


def _check(name: str, scopes: object) -> None:
    if not isinstance(scopes, ScopeSet):
        raise TypeError(f"{name} must be a ScopeSet, not {type(scopes).__name__}")
