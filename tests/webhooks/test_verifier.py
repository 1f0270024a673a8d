from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from stemp_sdk import StempError
from stemp_sdk.webhooks import (
    EmptyBodyError,
    MalformedEventError,
    MalformedSignatureError,
    MissingSignatureError,
    SignatureError,
    UserCreated,
    Verifier,
    WebhookError,
    WrongSignatureError,
)
from tests.support.frames import locals_of
from tests.webhooks.deliveries import SECRET, body_of, headers_of, signature

VERIFIER = Verifier(SECRET)
BODY = body_of()
GOOD = signature(BODY)


def refusal(value: str) -> WebhookError:
    with pytest.raises(WebhookError) as caught:
        VERIFIER.verify(BODY, {"X-Stemp-Signature": value})
    return caught.value


def test_a_correct_signature_gives_the_event() -> None:
    event = VERIFIER.verify(BODY, headers_of(BODY))
    assert isinstance(event, UserCreated)
    assert event.data.email == "jane@example.com"


@pytest.mark.parametrize("name", ["x-stemp-signature", "X-STEMP-SIGNATURE", "X-Stemp-Signature", "x-sTEMP-sIGNATURE"])
def test_the_signature_header_may_be_in_any_case(name: str) -> None:
    assert VERIFIER.verify(BODY, {"Host": "a.example", name: GOOD}).id == "evt_1"


def test_a_body_may_be_a_bytearray() -> None:
    assert VERIFIER.verify(bytearray(BODY), headers_of(BODY)).id == "evt_1"


@pytest.mark.parametrize("secret", [SECRET, "old", "older", "ключ"])
def test_old_secrets_are_accepted_during_a_rotation(secret: str) -> None:
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


def test_a_missing_signature_header_is_an_error() -> None:
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
def test_a_malformed_signature_header_is_an_error(value: str, why: str) -> None:
    error = refusal(value)
    assert isinstance(error, MalformedSignatureError)
    assert why in str(error)


def test_a_repeated_signature_header_is_an_error() -> None:
    with pytest.raises(MalformedSignatureError, match="was sent 2 times"):
        VERIFIER.verify(BODY, {"X-Stemp-Signature": GOOD, "x-stemp-signature": GOOD})


def test_a_wrong_signature_is_an_error() -> None:
    assert isinstance(refusal(signature(BODY, "another")), WrongSignatureError)
    assert isinstance(refusal(signature(BODY + b" ")), WrongSignatureError)


def test_a_body_that_was_parsed_and_serialized_again_does_not_verify() -> None:
    again = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    with pytest.raises(WrongSignatureError, match="parsed and serialized again"):
        VERIFIER.verify(again, headers_of(BODY))


@pytest.mark.parametrize("body", [BODY.decode(), json.loads(BODY), None, memoryview(BODY)])
def test_anything_but_raw_bytes_is_refused_with_the_reason(body: Any) -> None:
    with pytest.raises(
        TypeError, match=f"raw bytes of the request, not {type(body).__name__}: the signature is made of them"
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
def test_headers_that_are_not_strings_by_name_are_refused(headers: Any) -> None:
    message = rf"headers must be a mapping of str to str.* this {type(headers).__name__} is not one"
    with pytest.raises(TypeError, match=message) as caught:
        VERIFIER.verify(BODY, headers)
    assert GOOD not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (b"", "", "it is empty"),
        (b"{", "", "Invalid JSON: EOF while parsing an object at line 1 column 1"),
        (b"\xff", "", "Invalid JSON: expected value at line 1 column 1"),
        (b"[]", "", "it is not a JSON object"),
        (b"{}", "id", "it is missing"),
        (b'{"type": 5, "id": "evt_1"}', "type", "it is not a string"),
        (b'{"type": null, "id": "evt_1"}', "type", "it is missing"),
        (b'{"type": "user.created", "data": {"id": "usr_1"}}', "id", "it is missing"),
        (b'{"type": "user.created", "id": ["evt_1"]}', "id", "it is not a string"),
        (b'{"type": "user.created", "id": true}', "id", "it is not a string"),
        (b'{"type": "new.thing"}', "id", "it is missing"),
        (b"[" * 10_000, "", "Invalid JSON: recursion limit exceeded at line 1"),
        (b"[" * 100_000 + b"]" * 100_000, "", "Invalid JSON: recursion limit exceeded at line 1"),
    ],
)
def test_a_signed_body_that_is_not_an_event_is_malformed(body: bytes, path: str, reason: str) -> None:
    with pytest.raises(MalformedEventError) as caught:
        VERIFIER.verify(body, headers_of(body))
    assert caught.value.path == path
    assert reason in caught.value.reason
    assert (f" at {path}: " if path else "event: ") in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        MissingSignatureError(),
        MalformedSignatureError("it was sent 2 times"),
        WrongSignatureError(),
        EmptyBodyError(),
        MalformedEventError("id", "it is not a string"),
    ],
)
def test_errors_are_one_line_and_pickle(error: WebhookError) -> None:
    assert isinstance(error, StempError)
    assert "\n" not in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_nothing_shows_a_secret_or_a_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = b'{"type": ["jane@example.com"], "id": "evt_1"}'
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


@pytest.mark.parametrize(
    ("secrets", "error", "message"),
    [
        (("",), ValueError, "secret is empty"),
        ((" \n",), ValueError, "secret is empty"),
        ((SECRET, ""), ValueError, "old_secrets[0] is empty"),
        ((f"{SECRET}\n",), ValueError, "secret ends with a line break; was it read from a file? Use .strip()"),
        ((SECRET, "old", f"{SECRET}\r\n"), ValueError, "old_secrets[1] ends with a line break"),
        ((f'"{SECRET}"',), ValueError, "secret has quotes around it"),
        ((f"\ufeff{SECRET}",), ValueError, "secret begins with a byte order mark"),
        ((f"{SECRET} ",), ValueError, "secret has a space"),
        ((f"{SECRET}\udc00",), ValueError, "secret is not valid Unicode"),
        ((SECRET.encode(),), TypeError, "secret must be a str, not bytes"),
        ((None,), TypeError, "secret must be a str, not None"),
        ((SECRET, 5), TypeError, "old_secrets[0] must be a str, not int"),
    ],
)
def test_a_webhook_secret_that_is_not_one_is_refused_by_its_name(
    secrets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Verifier(*secrets)
    assert str(caught.value).startswith(message)
    assert SECRET not in str(caught.value)
    assert SECRET not in locals_of(caught.tb)


@pytest.mark.parametrize("pack", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_verifier_is_not_pickled(pack: Callable[[Verifier], object]) -> None:
    with pytest.raises(TypeError, match=r"^a Verifier cannot be pickled or copied, as it contains secrets"):
        pack(VERIFIER)


def test_sign_makes_a_signature_for_tests() -> None:
    assert VERIFIER.sign(BODY) == VERIFIER.sign(bytearray(BODY)) == GOOD
    assert Verifier("new", SECRET).sign(BODY) == signature(BODY, "new"), "the first secret signs"
    assert VERIFIER.verify(BODY, {"X-Stemp-Signature": VERIFIER.sign(BODY)}).id == "evt_1"
    text: Any = BODY.decode()
    with pytest.raises(TypeError, match="raw bytes"):
        VERIFIER.sign(text)


def test_an_empty_body_is_reported_as_empty() -> None:
    with pytest.raises(EmptyBodyError, match="the body is empty, which stemp never sends"):
        VERIFIER.verify(b"", headers_of(BODY))
    with pytest.raises(MissingSignatureError):
        VERIFIER.verify(b"", {})


@pytest.mark.parametrize(
    ("error", "is_of_signature"),
    [
        (MissingSignatureError(), True),
        (MalformedSignatureError("it was sent 2 times"), True),
        (WrongSignatureError(), True),
        (EmptyBodyError(), False),
        (MalformedEventError("id", "it is missing"), False),
    ],
)
def test_errors_of_signatures_have_a_common_base(error: WebhookError, is_of_signature: bool) -> None:
    assert isinstance(error, SignatureError) is is_of_signature


def test_a_signature_made_by_node_verifies() -> None:
    """A process of another language, with its own idea of JSON."""
    script = """
        const {createHmac} = require("node:crypto");
        const data = {id: "usr_1", name: "Zoë 🎟", note: "a/b"};
        const body = Buffer.from(JSON.stringify({id: "evt_7", type: "user.created", data}));
        const signature = "sha256=" + createHmac("sha256", process.argv[1]).update(body).digest("hex");
        console.log(JSON.stringify({body: body.toString("base64"), signature}));
    """
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run([node, "-e", script, SECRET], capture_output=True, check=True)
    made = json.loads(done.stdout)
    body = base64.b64decode(made["body"])
    event = VERIFIER.verify(body, {"x-stemp-signature": made["signature"]})
    assert isinstance(event, UserCreated)
    assert event.data.name == "Zoë 🎟"
    assert event.data.model_extra == {"note": "a/b"}
