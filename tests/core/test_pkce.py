"""PKCE, against the example of RFC 7636."""

from __future__ import annotations

from stemp_sdk._core.pkce import s256_challenge
from stemp_sdk._core.secret import Secret


def test_the_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert s256_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
