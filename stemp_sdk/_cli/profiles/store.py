"""The profiles on this machine. Tokens are in the keyring, or else in a file that only the user can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs
import platformdirs
from attrs.validators import in_, instance_of, optional

from ..._core.errors import StempError
from ..._core.secret import Secret
from ..._core.sqlite import private_problem
from ...scopes import ScopeSet
from ...scopes._configured import configured_scopes
from ..screen import replace_file

DEFAULT: Final = "default"
"""The name of the profile if none is given."""

_SERVICE: Final = "stemp"
"""The name under which the keyring has the tokens."""

Place: TypeAlias = Literal["keyring", "file"]


class ConfigurationError(StempError):
    """The environment, a profile or an option is wrong. Nothing was sent."""


def _readable(_: object, __: object, value: str | None) -> None:
    if value is not None:
        configured_scopes(value)


@attrs.frozen(kw_only=True)
class Profile:
    """A profile, without its token."""

    name: str
    base_url: str = attrs.field(validator=instance_of(str))
    scopes: str | None = attrs.field(validator=[optional(instance_of(str)), _readable])
    """The scopes of its token, as they were given; None if they are unknown."""
    place: Place = attrs.field(validator=in_(get_args(Place)))
    """Where its token is."""

    @property
    def scope_set(self) -> ScopeSet | None:
        """The scopes."""
        return None if self.scopes is None else configured_scopes(self.scopes)


@attrs.frozen
class Profiles:
    """The profiles of the user."""

    folder: Path
    by_name: Mapping[str, Profile]

    @classmethod
    def read(cls) -> Profiles:
        """Read them.

        Raises:
            ConfigurationError: the file cannot be read.
        """
        folder = platformdirs.user_config_path("stemp", appauthor=False)
        content = _read(folder / "profiles.json")
        try:
            profiles = {name: Profile(name=name, **fields) for name, fields in content.items()}
        except (TypeError, ValueError):
            raise ConfigurationError(
                f"{folder / 'profiles.json'} is not a file of this version: delete it, and run stemp login"
            ) from None
        return cls(folder, profiles)

    @property
    def tokens_file(self) -> Path:
        """The file of the tokens that are in no keyring."""
        return self.folder / "tokens.json"

    def token(self, profile: Profile) -> Secret:
        """The token of a profile.

        Raises:
            ConfigurationError: it is gone, or the keyring cannot be read.
        """
        if profile.place == "keyring":
            found = _in_keyring("get_password", profile.name)
        else:
            found = self._tokens().get(profile.name)
        if not isinstance(found, str):
            raise ConfigurationError(
                f"the token of the profile {profile.name} is gone: run stemp login --profile {profile.name}"
            )
        return Secret(found)

    def keep(self, name: str, base_url: str, scopes: str | None, token: Secret) -> Profile:
        """Add a profile, or replace the one with this name. If that fails, the one before is kept.

        Raises:
            ConfigurationError: it cannot be stored.
        """
        place: Place = "keyring" if _kept_in_keyring(name, token) else "file"
        if place == "file":
            _write(self.tokens_file, {**self._tokens(), name: token.reveal()})
        profile = Profile(name=name, base_url=base_url, scopes=scopes, place=place)
        self._write({**self.by_name, name: profile})
        before = self.by_name.get(name)
        if before is not None and before.place != place:
            self._forget(before)
        return profile

    def remove(self, name: str) -> None:
        """Remove a profile and its token.

        Raises:
            ConfigurationError: there is no such profile, or its token cannot be removed.
        """
        if name not in self.by_name:
            raise ConfigurationError(f"there is no profile {name!r}")
        self._forget(self.by_name[name])
        self._write({each: profile for each, profile in self.by_name.items() if each != name})

    def _forget(self, profile: Profile) -> None:
        """Remove the token of a profile."""
        if profile.place == "file":
            _write(self.tokens_file, {name: token for name, token in self._tokens().items() if name != profile.name})
        elif _in_keyring("get_password", profile.name) is not None:
            _in_keyring("delete_password", profile.name)

    def _tokens(self) -> Mapping[str, Any]:
        try:
            problem = private_problem(self.tokens_file)
        except OSError:  # there is none, or what reads it says why it cannot
            problem = None
        if problem is not None:
            raise ConfigurationError(f"{self.tokens_file} {problem}")
        return _read(self.tokens_file)

    def _write(self, profiles: Mapping[str, Profile]) -> None:
        fields = {
            name: {"base_url": each.base_url, "scopes": each.scopes, "place": each.place}
            for name, each in profiles.items()
        }
        _write(self.folder / "profiles.json", fields)


def _keyring() -> ModuleType | None:
    """The library keyring; None if the extra is missing."""
    try:
        import keyring
    except ImportError:
        return None
    return keyring


def _kept_in_keyring(name: str, token: Secret) -> bool:
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(_SERVICE, name, token.reveal())
    except keyring.errors.KeyringError:  # this machine has none, or it is locked
        return False
    return True


def _in_keyring(function: str, name: str) -> Any:
    keyring = _keyring()
    if keyring is None:
        raise ConfigurationError('the token is in the keyring, which needs an extra: pip install "stemp-sdk[keyring]"')
    try:
        return getattr(keyring, function)(_SERVICE, name)
    except keyring.errors.KeyringError as error:
        raise ConfigurationError(f"the keyring cannot be used: {error}") from None


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path} is not JSON: delete it, and run stemp login")
    return cast("dict[str, Any]", content)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file that only its owner can read, in one step."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, json.dumps(content, indent=2), mode=0o600)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None
