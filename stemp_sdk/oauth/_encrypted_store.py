"""Encryption at rest for any token store."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from .._core.secret import Secret, SecretBytes, checked_secret, masked
from .._forking import unforked
from ._errors import DamagedInstallationError
from ._stores import TokenStore

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class EncryptedTokenStore:
    """Encrypts the values of another store, with Fernet (extra ``encryption``: cryptography).

    To change the key, pass the new one as ``key`` and the old one in ``old_keys``. Values under the old key can still
    be read; each save encrypts under the new one, and ``rotate`` does so for all values at once.

    Args:
        store: The store for the encrypted values.
        key: The key for writing, from ``cryptography.fernet.Fernet.generate_key()``.
        old_keys: Further keys for reading.

    Raises:
        ImportError: the extra is missing.
        TypeError: a key is neither a string nor bytes.
        ValueError: a key is not a Fernet key.
    """

    def __init__(self, store: TokenStore, key: str | bytes, *old_keys: str | bytes) -> None:
        given, key, old_keys = [_masked(each) for each in (key, *old_keys)], "", ()
        try:
            from cryptography.fernet import MultiFernet
        except ImportError as error:
            raise ImportError('EncryptedTokenStore needs an extra: pip install "stemp-sdk[encryption]"') from error
        keys = [_fernet(checked_secret("key", each)) for each in given]
        usable = [each for each in keys if each is not None]
        if len(usable) < len(keys):
            raise ValueError("key must be a Fernet key: 32 bytes in URL-safe base64")
        self._fernet = MultiFernet(usable)
        self._store = store

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none.

        Raises:
            DamagedInstallationError: no key can read it.
        """
        value = self._store.load(key)
        if value is None:
            return None
        if (decrypted := self._decrypted(value)) is None:
            # Raised outside the handler, as the traceback of the decryption error would show keys.
            raise DamagedInstallationError(
                f"none of the keys can read what is stored for installation {key}", installation_id=key
            )
        return decrypted

    def save(self, key: str, value: bytes) -> None:
        """Encrypt and store the value."""
        value = SecretBytes(value)
        with unforked():
            encrypted = self._fernet.encrypt(value)
        self._store.save(key, encrypted)

    def delete(self, key: str) -> None:
        """Delete the value, if there is one."""
        self._store.delete(key)

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        return self._store.keys()

    def lock(self, key: str) -> AbstractContextManager[object]:
        """The lock of this key in the inner store."""
        return self._store.lock(key)

    def rotate(self) -> None:
        """Encrypt all values under the first key.

        Raises:
            DamagedInstallationError: no key can read one of the values, which stays unchanged.
        """
        for key in self.keys():
            with self.lock(key):
                if (value := self.load(key)) is not None:
                    self.save(key, value)

    def _decrypted(self, value: bytes) -> SecretBytes | None:
        from cryptography.fernet import InvalidToken

        try:
            with unforked():
                return SecretBytes(self._fernet.decrypt(value))
        except InvalidToken:
            return None


def _masked(key: object) -> Secret | type:
    return masked(key.decode("latin-1") if isinstance(key, bytes) else key)


def _fernet(key: Secret) -> Fernet | None:
    """The cipher for a key; None if the key is invalid."""
    from cryptography.fernet import Fernet

    try:
        with unforked():
            return Fernet(key.reveal())
    except ValueError:
        return None
