"""Reading the file of ``stemp wire``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .document import Document
from .openapi import read_openapi
from .parsing import DocumentError, as_map, parse, plain
from .postman import read_postman

_LARGEST: Final = 32 * 1024 * 1024
"""The maximum size of a file in bytes."""


def read_file(path: Path, base_url: str) -> Document:
    """Read the API description in a file.

    Args:
        path: The file.
        base_url: The SDK's own base URL.

    Raises:
        DocumentError: the file cannot be read, or is not an API description of a supported format.
    """
    try:
        return _read(path, base_url)
    except OSError as error:
        raise DocumentError(f"the file cannot be read: {error.strerror}") from None
    except ModuleNotFoundError as error:
        if error.name != "yaml":
            raise
        raise DocumentError('it is not JSON, and YAML needs an extra: pip install "stemp-sdk[cli]"') from None


def _read(path: Path, base_url: str) -> Document:
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise DocumentError(f"it is larger than {_LARGEST // 1024**2} MiB")
    value = parse(content)
    if not isinstance(value, dict):
        raise DocumentError("it must contain an object, such as an OpenAPI document")
    found = as_map(value)
    if "collection" in found and "info" not in found:  # as Postman's API returns it
        found = as_map(found["collection"])
    if "openapi" in found:
        return read_openapi(found, base_url)
    if "swagger" in found:
        raise DocumentError(
            f"it is Swagger {plain(found['swagger'], 20)}, which is not supported: convert it to OpenAPI 3, for "
            "example with editor.swagger.io or swagger2openapi"
        )
    if "_postman_id" in as_map(found.get("info")) or "item" in found or "requests" in found:
        return read_postman(found, base_url)
    raise DocumentError('it is neither an OpenAPI document (with "openapi") nor a Postman collection (with "info")')
