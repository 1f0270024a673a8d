"""Clients whose scopes are chosen at run time."""

import os

from stemp_sdk import Stemp, presets
from stemp_sdk.scopes import USER_CREATE, parse

is_admin = bool(os.environ.get("ADMIN"))
scopes = presets.ORG_ADMIN if is_admin else presets.POS
client = Stemp("sk_live_x", scopes=scopes)
client.org.update(name="x")  # use: org.update
client.loyalty.add_stamp("wp_1")  # use: loyalty.add_stamp

other = Stemp("sk_live_x", scopes=presets.POS | USER_CREATE) if is_admin else Stemp("sk_live_y", scopes=presets.POS)
other.users.create(email="a@example.com")  # use: users.create
other.users.list()  # use: users.list

read = Stemp("sk_live_x", scopes=parse(os.environ["SCOPES"]))
read.passes.list()  # use: passes.list


def pick(kind: str) -> Stemp:
    return {"till": Stemp("sk_live_x", scopes=presets.POS), "crm": Stemp("sk_live_y", scopes=presets.CRM_SYNC)}[kind]


pick("till").passes.get("wp_1")  # use: passes.get
Stemp.from_api_token("sk_live_x", scopes=presets.CRM_SYNC).users.update("usr_1")  # use: users.update
Stemp.from_app_token("x", scopes=presets.EMAIL_APP).emails.logs()  # use: emails.logs
