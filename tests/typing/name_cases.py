"""As ``cases.py``, of names: packages that load theirs at the first use accept none that is misspelt."""

from typing import assert_type

import stemp_sdk.models
import stemp_sdk.sandbox
import stemp_sdk.testing

stemp_sdk.MissingScopesError  # E01
stemp_sdk.models.Users  # E02
stemp_sdk.sandbox.Sandboxes  # E03
stemp_sdk.testing.autospecs  # E04
assert_type(stemp_sdk.models.User(id="u").id, str)
assert_type(stemp_sdk.Stemp("t").users.get("u"), stemp_sdk.User)
