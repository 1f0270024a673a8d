"""Whatever a caller passes, it is sent or refused by name: no error of a library's, and none that tells nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from stemp_sdk import OMIT, Attachment, StempError, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import PLATFORM_EMAIL_SEND

SANDBOX = Sandbox(seed=1)
API, APP = SANDBOX.client(max_retries=0), SANDBOX.client(scopes=PLATFORM_EMAIL_SEND, max_retries=0)

LONG_TEXTS = st.sampled_from("aé").map(lambda char: char * 70_000)
TEXTS = st.text(max_size=8) | st.sampled_from(["..", "a\r\nb", "\ud800", "a@b.c"]) | LONG_TEXTS
LONG_NUMBERS = st.builds(pow, st.sampled_from([10, -10]), st.sampled_from([19, 400, 5001]))
NUMBERS = st.integers() | st.floats() | st.booleans() | LONG_NUMBERS
OTHERS = st.sampled_from(
    [None, OMIT, b"x", Decimal(1), datetime.now(UTC), object(), int, ..., 3j, presets.POS, {1}, range(3), Attachment]
)
ATTACHMENTS = st.lists(TEXTS, max_size=2).map(lambda names: [_image(name) for name in names])
ANYTHING = st.recursive(
    TEXTS | NUMBERS | OTHERS | ATTACHMENTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | NUMBERS, inner, max_size=3),
    max_leaves=5,
)


def _image(name: str) -> Attachment:
    return Attachment.from_bytes(b"x", filename=name, content_type="image/png")


def methods() -> Iterator[Callable[..., Any]]:
    """Every method of every resource."""
    groups: list[object] = [API.templates, API.passes, API.loyalty, API.users, API.org, API.org.settings]
    for group in (*groups, API.org.members, API.api_tokens, APP.emails):
        for name, method in inspect.getmembers(group, inspect.ismethod):
            if not name.startswith("_"):
                yield method


METHODS = [*methods()]


def name_of(method: Callable[..., Any]) -> str:
    return method.__qualname__


@pytest.mark.parametrize("method", METHODS, ids=name_of)
@given(data=st.data())
@settings(max_examples=25)
def test_any_argument_is_sent_or_refused_by_name(method: Callable[..., Any], data: st.DataObject) -> None:
    parameters = inspect.signature(method).parameters.values()
    given_ = {
        one.name: data.draw(ANYTHING if one.annotation != "int" else NUMBERS | ANYTHING, one.name)
        for one in parameters
        if one.kind is not one.VAR_KEYWORD and (one.default is one.empty or data.draw(st.booleans()))
    }
    refusal = refused(lambda: method(**given_))
    if refusal is not None:
        assert not isinstance(refusal, (ValidationError, UnicodeError))
        assert str(refusal).startswith(tuple(given_))
        assert len(str(refusal)) < 2_000


def refused(call: Callable[[], object]) -> TypeError | ValueError | None:
    """Why nothing was sent; None if it was, whatever the server said."""
    try:
        call()
    except (TypeError, ValueError) as error:
        return error
    except StempError:
        return None
    return None
