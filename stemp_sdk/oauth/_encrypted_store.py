"""Encryption at rest, around any store."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..core.secret import SecretBytes
from ._errors import TokenStoreError
from ._stores import TokenStore


class EncryptedTokenStore:
    """Encrypts what another store keeps, with Fernet (extra ``encryption``: cryptography).

    To change the key, put the new one first and keep the old one behind it: what the old one wrote can still be read,
    and is written anew under the new one by each save, or at once by ``rotate``.

    Args:
        store: Where the encrypted values go.
        key: The key to write with, from ``cryptography.fernet.Fernet.generate_key()``.
        old_keys: Keys that may still be needed to read.

    Raises:
        ImportError: the extra is missing.
        ValueError: a key is not a Fernet key.
    """

    def __init__(self, store: TokenStore, key: str | bytes, *old_keys: str | bytes) -> None:
        try:
            from cryptography.fernet import Fernet, MultiFernet
        except ImportError as error:
            raise ImportError('EncryptedTokenStore needs an extra: pip install "stemp-sdk[encryption]"') from error
        try:
            self._fernet = MultiFernet([Fernet(each) for each in (key, *old_keys)])
        except ValueError:
            raise ValueError("key must be a Fernet key: 32 bytes in URL-safe base64") from None
        self._store = store

    def load(self, key: str) -> bytes | None:
        """The value; None if there is none.

        Raises:
            TokenStoreError: no key can read it.
        """
        from cryptography.fernet import InvalidToken

        value = self._store.load(key)
        try:
            return None if value is None else SecretBytes(self._fernet.decrypt(value))
        except InvalidToken:
            raise TokenStoreError(f"none of the keys can read what is stored for installation {key}") from None

    def save(self, key: str, value: bytes) -> None:
        """Encrypt and keep the value."""
        self._store.save(key, self._fernet.encrypt(value))

    def delete(self, key: str) -> None:
        """Forget the value, if there is one."""
        self._store.delete(key)

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        return self._store.keys()

    def lock(self, key: str) -> AbstractContextManager[object]:
        """A lock of this key, by the store inside."""
        return self._store.lock(key)

    def rotate(self) -> None:
        """Write everything anew under the first key.

        Raises:
            TokenStoreError: no key can read one of the values; it is left as it is.
        """
        for key in self.keys():
            with self.lock(key):
                if (value := self.load(key)) is not None:
                    self.save(key, value)
