"""Other libraries and the project's own classes, with the same names. None of these is a use."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import httpx
from django.contrib.auth.models import User
from django.http import HttpRequest

from stemp_sdk import Stemp, models


class Users:
    def get(self, name: str) -> str:
        return name

    def list(self) -> list[str]:
        return []


class OtherClient:
    users = Users()
    templates: dict[str, str] = {}
    passes: Mapping[str, str] = {}

    @property
    def loyalty(self) -> Users:
        return self.users

    def request(self, method: str, *, scopes: str) -> None: ...


class FakeStemp:
    """A stand-in that is not a client."""

    def __init__(self) -> None:
        self.users = {"usr_1": 1}
        self.emails: list[str] = []

    def run(self) -> None:
        self.users.get("usr_1")
        self.emails.list()


def other(client: OtherClient, users: dict[str, str], http: httpx.Client, request: HttpRequest) -> None:
    client.users.get("usr_1")
    client.users.list()
    client.templates.get("tpl_1")
    client.passes.get("wp_1")
    client.loyalty.get("x")
    client.request("GET", scopes="x")
    users.get("usr_1")
    http.get("https://example.com")
    http.request("GET", "https://example.com")
    request.GET.get("users")
    User.objects.get(pk=1)
    User.objects.get_or_create(username="x")
    User.objects.create(username="x")


users = {"usr_1": 1}
users.get("usr_1")
passes = defaultdict(list)
passes.get("wp_1")
made = OtherClient()
made.users.get("usr_1")
OtherClient().templates.get("tpl_1")
parsed: dict[str, Any] = json.loads("{}")
parsed.get("users")
models.User.model_validate({}).email
getattr(made.users, "get")("usr_1")
getattr(users, "get")("usr_1")
Stemp().close()
Stemp().can("users.get")
print("client.users.get")  # client.users.get
