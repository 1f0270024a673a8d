"""The option ``--faults`` of ``stemp sandbox``: what goes wrong in it."""

from __future__ import annotations

import logging

from .._core.arguments import shown
from ..sandbox import Faults


def faults_from(option: str) -> Faults:
    """The faults that the option describes, which are printed to stderr from now on, each as it happens.

    Args:
        option: ``name=value``, separated by commas, or the path of a TOML or JSON file.

    Raises:
        TypeError: a value has the wrong type.
        ValueError: the file cannot be read, or a name or value is unknown.
    """
    try:
        faults = Faults.parse(option) if "=" in option else Faults.from_file(option)
    except OSError as error:
        raise ValueError(f"{shown(option)} is neither NAME=VALUE nor a readable file: {error.strerror}") from None
    log = logging.getLogger("stemp_sdk.sandbox")
    log.addHandler(logging.StreamHandler())
    log.setLevel(logging.INFO)
    return faults
