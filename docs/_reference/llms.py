"""The site for language models: ``llms.txt``, ``llms-full.txt``, and the Markdown of each page beside its HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_ABOUT: Final = """\
# stemp-sdk

> A Python client for stemp, the wallet-pass and stamp-card platform, that checks permission scopes: in the editor, at
> start-up, and before each request. It includes a sandbox, so that code can be run without a token.

Rules for code that uses it:

- State the scopes of the token: `Stemp(scopes=presets.POS)`. A missing scope raises `MissingScopeError` before any
  request.
- A stamp gets a reference: `client.loyalty.add_stamp(card_id, reference="receipt 4711")`, which is exactly once.
- After `UnknownOutcomeError`, or an error with `outcome_unknown`, read the state before the call is repeated.
- A listing iterates over all pages: `for user in client.users.list()`; with `AsyncStemp`, `async for`.
- For tests and trials, from `stemp_sdk.sandbox`: `client = Sandbox().seed_demo().client(scopes=presets.POS)`.
"""
_HIDDEN: Final = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_CODE: Final = re.compile(r"(?ms)^```.*?^```$")
_DIRECTIVE: Final = re.compile(r"(?ms)^(`{3,}|:{3,})\{.*?^\1\n?")


def files(pages: Mapping[str, str]) -> dict[str, str]:
    """The files by path, from the Markdown of the pages by name."""
    plain = {name: _plain(text) for name, text in pages.items()}
    contents = "\n".join(f"- [{_title(text)}]({name}.md): {_first(text)}" for name, text in plain.items())
    return {
        "llms.txt": f"{_ABOUT}\n## Pages\n\n{contents}\n",
        "llms-full.txt": _ABOUT + "".join(f"\n---\n\n{text}" for text in plain.values()),
        **{f"{name}.md": text for name, text in plain.items()},
    }


def _plain(text: str) -> str:
    """A page without comments, directives and targets."""
    text = _DIRECTIVE.sub("", _HIDDEN.sub("", text))
    return re.sub(r"(?m)^\(.+\)=\n\n?", "", text).strip() + "\n"


def _title(text: str) -> str:
    found = re.search(r"(?m)^# (.+)$", text)
    return found[1] if found else ""


def _first(text: str) -> str:
    """The first sentence of a page."""
    paragraphs = [each for each in _CODE.sub("", text).split("\n\n") if each.strip() and each[0] not in "#|<-"]
    return re.split(r"(?<=\.)\s", " ".join((paragraphs or [""])[0].split()))[0]
