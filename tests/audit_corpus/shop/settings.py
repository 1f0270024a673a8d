"""Settings of the shop."""

from stemp_sdk.scopes import USER_READ

NEEDS = USER_READ
