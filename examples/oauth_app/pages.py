"""The pages. All data from outside is escaped here."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote

from stemp_sdk import AwaitedListing, User
from stemp_sdk.models import Organization
from stemp_sdk.scopes import CATALOG, ScopeSet

_STYLE: Final = Path(__file__).with_name("style.css").read_text("utf-8")
_STYLE_HASH: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def security_headers(consent_screen: str) -> dict[str, str]:
    """Headers for every page. Browsers apply `form-action` to redirects after a form as well."""
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
        f"form-action 'self' {consent_screen}; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def landing(csrf: str, notice: str | None) -> str:
    """The page for a browser that is not connected."""
    return _page(
        "Thank your customers",
        f"""{_notice(notice)}
<section class="hero">
<h1>Thank your customers, kindly</h1>
<p>Kindly sends a personal thank-you to the people in your stemp organization.</p>
{_button("/connect", csrf, "Connect your stemp organization", "primary")}
<p class="quiet">stemp shows you what Kindly asks for, and you decide.</p>
</section>
<ul class="points">
<li><strong>Little to begin with</strong> It starts with your organization's name and your customers.</li>
<li><strong>Asks when it matters</strong> Email is a separate permission. You are asked when you first send one.</li>
<li><strong>No means no</strong> What you decline stays off, and you are not asked again.</li>
</ul>""",
    )


def connected(
    *,
    csrf: str,
    notice: str | None,
    organization: Organization | None,
    customers: AwaitedListing[User] | None,
    granted: ScopeSet,
    declined: ScopeSet,
) -> str:
    """The page for a browser that is connected."""
    name = escape((organization and organization.name) or "Your organization")
    scopes = [_scope(scope, "Granted") for scope in granted] + [_scope(scope, "Declined") for scope in declined]
    return _page(
        name,
        f"""{_notice(notice)}
<header><div><p class="quiet">Connected to</p><h1>{name}</h1></div>{_button("/disconnect", csrf, "Disconnect")}</header>
<section aria-labelledby="customers">
<h2 id="customers">Customers</h2>
{_customers(customers, csrf, may_ask="platform:email:send" not in declined, granted=granted)}
</section>
<section aria-labelledby="permissions">
<h2 id="permissions">What Kindly may do</h2>
<ul class="scopes">{"".join(scopes)}</ul>
{_button("/connect", csrf, "Review permissions")}
</section>""",
    )


def problem(heading: str, reason: str) -> str:
    """The page for an error."""
    return _page(
        heading,
        f'<section class="hero"><h1>{escape(heading)}</h1><p>{escape(reason)}</p>'
        '<p><a class="button" href="/">Back to Kindly</a></p></section>',
    )


def _customers(customers: AwaitedListing[User] | None, csrf: str, *, may_ask: bool, granted: ScopeSet) -> str:
    if customers is None:
        return '<p class="empty">Your organization does not let Kindly see its customers.</p>'
    if not customers.items:
        return '<p class="empty">There are no customers yet.</p>'
    rows = "".join(_row(customer, csrf, may_ask=may_ask) for customer in customers.items)
    if not may_ask:
        note = "Email is switched off: your organization declined it. You can change that under “Review permissions”."
    elif "platform:email:send" in granted:
        note = "stemp sends the emails, in the name of your organization."
    else:
        note = "The first email needs one more permission. stemp will ask you for it."
    if customers.total is not None and customers.total > len(customers.items):
        note = f"These are the first {len(customers.items)} of {customers.total}. {note}"
    action = '<th scope="col"><span class="hidden">Action</span></th>' if may_ask else ""
    return (
        f'<table><thead><tr><th scope="col">Name</th><th scope="col">Email</th>{action}</tr></thead>'
        f'<tbody>{rows}</tbody></table><p class="quiet">{note}</p>'
    )


def _row(customer: User, csrf: str, *, may_ask: bool) -> str:
    name = escape(customer.name or "No name")
    label = f'Email this customer<span class="hidden">: {name}</span>'
    action = f"<td>{_button(f'/customers/{quote(customer.id)}/mail', csrf, label, 'small')}</td>" if may_ask else ""
    return f'<tr><th scope="row">{name}</th><td>{escape(customer.email or "")}</td>{action}</tr>'


def _scope(scope: str, state: str) -> str:
    info = CATALOG.get(scope)
    description = escape(info.description if info else "A permission that is new to Kindly")
    badge = f'<span class="badge {state.lower()}">{state}</span>'
    return f"<li><span>{description} <code>{escape(scope)}</code></span>{badge}</li>"


def _button(action: str, csrf: str, label: str, kind: str = "") -> str:
    csrf_field = f'<input type="hidden" name="csrf" value="{csrf}">'
    return f'<form method="post" action="{action}">{csrf_field}<button class="{kind}">{label}</button></form>'


def _notice(notice: str | None) -> str:
    return "" if notice is None else f'<p class="notice" role="status">{escape(notice)}</p>'


def _page(title: str, content: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Kindly</title>
<style>{_STYLE}</style>
</head>
<body>
<div class="top"><a href="/">Kindly</a></div>
<main>{content}</main>
</body>
</html>"""
