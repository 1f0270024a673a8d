from __future__ import annotations

import base64
import json
import logging
import pickle
import subprocess
from typing import Any

import pytest

from stemp_sdk import StempError
from stemp_sdk.webhooks import (
    MalformedEventError,
    MalformedSignatureError,
    MissingSignatureError,
    UserCreated,
    Verifier,
    WebhookError,
    WrongSignatureError,
)
from tests.webhooks.deliveries import SECRET, body_of, headers_of, signature

VERIFIER = Verifier(SECRET)
BODY = body_of()
GOOD = signature(BODY)


def refusal(value: str) -> WebhookError:
    with pytest.raises(WebhookError) as caught:
        VERIFIER.verify(BODY, {"X-Stemp-Signature": value})
    return caught.value


def test_a_right_signature_gives_the_event() -> None:
    event = VERIFIER.verify(BODY, headers_of(BODY))
    assert isinstance(event, UserCreated)
    assert event.data.email == "jane@example.com"


@pytest.mark.parametrize("name", ["x-stemp-signature", "X-STEMP-SIGNATURE", "X-Stemp-Signature", "x-sTEMP-sIGNATURE"])
def test_the_header_s_name_may_be_in_any_case(name: str) -> None:
    assert VERIFIER.verify(BODY, {"Host": "a.example", name: GOOD}).id == "evt_1"


def test_a_bytearray_is_bytes_too() -> None:
    assert VERIFIER.verify(bytearray(BODY), headers_of(BODY)).id == "evt_1"


@pytest.mark.parametrize("secret", [SECRET, "old", "older", "ключ"])
def test_old_secrets_are_good_while_a_new_one_is_brought_in(secret: str) -> None:
    verifier = Verifier(SECRET, "old", "older", "ключ")
    assert verifier.verify(BODY, headers_of(BODY, secret=secret)).id == "evt_1"


def test_every_secret_is_tried_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bytes] = []

    def compare(one: bytes, other: bytes) -> bool:
        tried.append(one)
        return one == other

    monkeypatch.setattr("hmac.compare_digest", compare)
    Verifier(SECRET, "old", "older").verify(BODY, headers_of(BODY))
    assert len(set(tried)) == 3


def test_no_header() -> None:
    with pytest.raises(MissingSignatureError, match="no X-Stemp-Signature header"):
        VERIFIER.verify(BODY, {"X-Stemp-Delivery": "dlv_1"})


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "does not begin with sha256="),
        (GOOD.removeprefix("sha256="), "does not begin with sha256="),
        (GOOD.replace("sha256", "SHA256"), "does not begin with sha256="),
        (GOOD.replace("sha256", "sha512"), "does not begin with sha256="),
        (f" {GOOD}", "does not begin with sha256="),
        ("sha256=", "has 0 characters after"),
        (GOOD[:-1], "has 63 characters after"),
        (f"{GOOD}\n", "has 65 characters after"),
        (f"{GOOD},{GOOD}", "characters after"),
        ("sha256=" + GOOD.removeprefix("sha256=").upper(), "has other characters after"),
        (GOOD[:-1] + "\u0661", "has other characters after"),
        (GOOD[:-1] + "\udcff", "has other characters after"),
    ],
)
def test_a_header_of_another_form(value: str, why: str) -> None:
    error = refusal(value)
    assert isinstance(error, MalformedSignatureError)
    assert why in str(error)


def test_a_header_that_comes_twice() -> None:
    with pytest.raises(MalformedSignatureError, match="came 2 times"):
        VERIFIER.verify(BODY, {"X-Stemp-Signature": GOOD, "x-stemp-signature": GOOD})


def test_a_wrong_signature() -> None:
    assert isinstance(refusal(signature(BODY, "another")), WrongSignatureError)
    assert isinstance(refusal(signature(BODY + b" ")), WrongSignatureError)


def test_a_body_that_was_parsed_and_written_again_does_not_fit() -> None:
    again = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    with pytest.raises(WrongSignatureError, match="parsed and written again"):
        VERIFIER.verify(again, headers_of(BODY))


@pytest.mark.parametrize("body", [BODY.decode(), json.loads(BODY), None, memoryview(BODY)])
def test_anything_but_raw_bytes_is_refused_with_the_reason(body: Any) -> None:
    with pytest.raises(
        TypeError, match=f"raw bytes of the request, not {type(body).__name__}: they are what is signed"
    ):
        VERIFIER.verify(body, headers_of(BODY))


@pytest.mark.parametrize(
    "headers",
    [
        None,
        [("X-Stemp-Signature", GOOD)],
        {"X-Stemp-Signature": None},
        {"X-Stemp-Signature": GOOD.encode()},
        {"X-Stemp-Signature": [GOOD]},
        {b"x-stemp-signature": GOOD.encode()},
        {1: GOOD},
    ],
)
def test_headers_that_are_no_texts_by_name(headers: Any) -> None:
    message = rf"headers must be a mapping of str to str.* this {type(headers).__name__} is none"
    with pytest.raises(TypeError, match=message) as caught:
        VERIFIER.verify(BODY, headers)
    assert GOOD not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (b"", "", "it is empty"),
        (b"{", "", "Invalid JSON"),
        (b"\xff", "", "Invalid JSON"),
        (b"[]", "", "an object"),
        (b"{}", "", "'type'"),
        (b'{"type": 5, "id": "evt_1"}', "type", "valid string"),
        (b'{"type": "user.created", "data": {"id": "usr_1"}}', "id", "required"),
        (b'{"type": "user.created", "id": "evt_1"}', "data", "required"),
        (b'{"type": "new.thing"}', "id", "required"),
        (body_of(data={"id": "usr_1", "email": 5}), "data.email", "valid string"),
        (b"[" * 10_000, "", "Invalid JSON"),
    ],
)
def test_a_signed_body_that_is_no_event(body: bytes, path: str, reason: str) -> None:
    with pytest.raises(MalformedEventError) as caught:
        VERIFIER.verify(body, headers_of(body))
    assert caught.value.path == path
    assert reason in caught.value.reason
    assert (f" at {path}: " if path else "event: ") in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        MissingSignatureError(),
        MalformedSignatureError("it came 2 times"),
        WrongSignatureError(),
        MalformedEventError("data.email", "Input should be a valid string"),
    ],
)
def test_errors_are_one_line_and_pickle(error: WebhookError) -> None:
    assert isinstance(error, StempError)
    assert "\n" not in str(error)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(copy), str(copy)) == (type(error), str(error))


def test_nothing_shows_a_secret_or_a_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = body_of(data={"id": "usr_1", "email": ["jane@example.com"]})
    with pytest.raises(MalformedEventError) as malformed:
        VERIFIER.verify(body, headers_of(body))
    with pytest.raises(WrongSignatureError) as wrong:
        VERIFIER.verify(body, headers_of(BODY))
    seen = [repr(vars(VERIFIER)), repr(malformed.value), str(malformed.value), repr(wrong.value), caplog.text]
    frames = [entry.frame.f_locals for entry in wrong.traceback if "stemp_sdk" in str(entry.path)]
    assert frames
    for text in [*seen, repr(frames)]:
        assert SECRET not in text
        assert signature(body) not in text
    assert not [text for text in seen if "jane" in text]
    assert malformed.value.__context__ is None


@pytest.mark.parametrize("secrets", [("",), (" \n",), ("good", "")])
def test_an_empty_secret_is_refused(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="secret is empty"):
        Verifier(*secrets)


def test_a_secret_that_is_no_text_is_refused() -> None:
    secret: Any = b"bytes"
    with pytest.raises(TypeError, match="secret must be a str, not bytes"):
        Verifier(secret)
    with pytest.raises(ValueError, match="not valid Unicode") as caught:
        Verifier("whsec\udc00")
    assert "whsec" not in repr(caught.value)


def test_what_node_signs() -> None:
    """A process of another language, with its own idea of JSON."""
    script = """
        const {createHmac} = require("node:crypto");
        const data = {id: "usr_1", name: "Zoë 🎟", note: "a/b"};
        const body = Buffer.from(JSON.stringify({id: "evt_7", type: "user.created", data}));
        const signature = "sha256=" + createHmac("sha256", process.argv[1]).update(body).digest("hex");
        console.log(JSON.stringify({body: body.toString("base64"), signature}));
    """
    done = subprocess.run(["node", "-e", script, SECRET], capture_output=True, check=True)  # noqa: S607
    made = json.loads(done.stdout)
    body = base64.b64decode(made["body"])
    event = VERIFIER.verify(body, {"x-stemp-signature": made["signature"]})
    assert isinstance(event, UserCreated)
    assert event.data.name == "Zoë 🎟"
    assert event.data.model_extra == {"note": "a/b"}
