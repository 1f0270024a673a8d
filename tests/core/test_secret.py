from __future__ import annotations

from typing import Any

import pytest

from stemp_sdk._core.secret import Secret, check_secret, checked_secret, masked
from tests.support.frames import locals_of

BAD = [
    ("", "is empty"),
    (" \t\n", "is empty"),
    ("\ufeffkept-secret", "begins with a byte order mark (BOM); was it read from a file? Read it as utf-8-sig"),
    ("kept-secret\n", "ends with a line break; was it read from a file? Use .strip()"),
    ("kept-secret\r\n", "ends with a line break; was it read from a file? Use .strip()"),
    ('"kept-secret"', "has quotes around it; was it pasted with them? Leave them out"),
    ("'kept-secret'", "has quotes around it; was it pasted with them? Leave them out"),
    ("\u201ckept-secret\u201d", "has quotes around it; was it pasted with them? Leave them out"),
    ("kept-secret ", "has a space, a line break or another blank in it, which no secret has"),
    ("kept\u00a0secret", "has a space, a line break or another blank in it, which no secret has"),
    ("kept\nsecret", "has a space, a line break or another blank in it, which no secret has"),
    ("kept-\ud800secret", "is not valid Unicode"),
    ("kept\x00secret", "has a control character or an invisible character in it, which no secret has"),
    ("kept\u200bsecret", "has a control character or an invisible character in it, which no secret has"),
]


@pytest.mark.parametrize(("value", "problem"), BAD)
def test_what_is_not_a_secret_is_refused_and_not_quoted(value: str, problem: str) -> None:
    assert check_secret("client_secret", value) == f"client_secret {problem}"
    with pytest.raises(ValueError, match=r"^client_secret ") as caught:
        checked_secret("client_secret", masked(value))
    assert str(caught.value) == f"client_secret {problem}"
    assert "kept" not in locals_of(caught.tb)


@pytest.mark.parametrize("value", ["whsec_abc", "x", '"', "a'b\"c", "\u043a\u043b\u044e\u0447", "~!@#$%^&*()"])
def test_a_secret_is_taken_as_it_is(value: str) -> None:
    assert checked_secret("secret", masked(value)) == Secret(value)


def test_a_secret_for_a_header_is_ascii() -> None:
    assert check_secret("token", "sk_live_\u0436", in_header=True) == (
        "token has a character that is not ASCII, which no header may carry"
    )
    assert check_secret("token", "sk_live_x", in_header=True) is None


@pytest.mark.parametrize(("given", "name"), [(None, "None"), (b"kept-secret", "bytes"), (17, "int")])
def test_a_secret_that_is_not_a_string_is_refused_by_its_type(given: Any, name: str) -> None:
    with pytest.raises(TypeError, match=rf"^secret must be a str, not {name}$"):
        checked_secret("secret", masked(given))
