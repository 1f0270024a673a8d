"""The warning for an operation that the server is going to remove."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
import respx

from stemp_sdk import DeprecatedOperationWarning
from stemp_sdk._core import deprecations
from tests.support import twins
from tests.support.twins import TOKEN, Twin

from .answers import USER

HINT = "Look for a newer version of stemp-sdk, or correct the operation with paths=."


@pytest.fixture(autouse=True)
def nothing_warned() -> Iterator[None]:
    deprecations.warned.clear()
    yield
    deprecations.warned.clear()


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"Deprecation": "@1688169599"}, " since 2023-06-30. "),
        ({"Deprecation": "Fri, 30 Jun 2023 23:59:59 GMT"}, " since 2023-06-30. "),
        ({"Deprecation": "true"}, ". "),
        ({"Deprecation": "soon"}, " since soon. "),
        ({"Deprecation": "@99999999999"}, " since 5138-11-16. "),
        ({"Deprecation": "@-99999999999"}, " since @-99999999999. "),
        ({"Sunset": "Sat, 01 Jan 2028 00:00:00 GMT"}, ", and may stop working on 2028-01-01. "),
        (
            {
                "Deprecation": "@1688169599",
                "Sunset": "Sat, 01 Jan 2028 00:00:00 GMT",
                "Link": '<https://docs.stemp.app/v2>; rel="deprecation"; type="text/html"',
            },
            " since 2023-06-30, and may stop working on 2028-01-01; see https://docs.stemp.app/v2. ",
        ),
        ({"Deprecation": "?1", "Link": '<https://docs.stemp.app/>; rel="next"'}, ". "),
    ],
)
def test_the_headers_of_a_response_are_a_warning(
    twin: Twin, wire: respx.Router, headers: dict[str, str], says: str
) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER, headers=headers)
    with pytest.warns(DeprecatedOperationWarning) as warned:
        twin.run(twin.client().users.get("usr_1"))
    assert [str(each.message) for each in warned] == [f"users.get is deprecated by the server{says}{HINT}"]


def test_a_secret_that_the_server_echoes_is_in_no_warning(twin: Twin, wire: respx.Router) -> None:
    headers = {"Sunset": f"tok {TOKEN}", "Link": f'<https://x.example/?t={TOKEN}>; rel="sunset"'}
    wire.get("/v1/users/usr_1").respond(json=USER, headers=headers)
    with pytest.warns(DeprecatedOperationWarning) as warned:
        twin.run(twin.client().users.get("usr_1"))
    (warning,) = warned
    assert ", and may stop working on tok ***; see https://x.example/?t=***. " in str(warning.message)


def test_each_operation_is_warned_of_once(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER, headers={"Deprecation": "@1688169599"})
    wire.get("/v1/walletpasses/wp_1").respond(json={"id": "wp_1"}, headers={"Deprecation": "@1688169599"})
    client = twin.client()
    with pytest.warns(DeprecatedOperationWarning) as warned:
        _ = [(twin.run(client.users.get("usr_1")), twin.run(client.passes.get("wp_1"))) for _ in range(2)]
    assert [str(each.message).partition(" ")[0] for each in warned] == ["users.get", "passes.get"]


def test_the_warning_points_to_the_callers_line(twin: Twin, wire: respx.Router) -> None:
    wire.get("/v1/users/usr_1").respond(json=USER, headers={"Sunset": "Sat, 01 Jan 2028 00:00:00 GMT"})
    with pytest.warns(DeprecatedOperationWarning) as warned:
        twin.run(twin.client().users.get("usr_1"))
    assert warned[0].filename == (__file__ if twin.kind == "sync" else twins.__file__)


def test_a_warning_that_is_an_error_is_logged_and_does_not_hide_the_result(
    twin: Twin, wire: respx.Router, caplog: pytest.LogCaptureFixture
) -> None:
    wire.post("/v1/walletpasses/wp_1/stamps/add").respond(json={"currentStamps": 3}, headers={"Deprecation": "true"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert twin.run(twin.client().loyalty.add_stamp("wp_1")).current_stamps == 3
    assert caplog.messages == [f"loyalty.add_stamp is deprecated by the server. {HINT}"]
