"""The site for language models: ``llms.txt``, ``llms-full.txt``, and the Markdown of each page beside its HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath, relpath
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
_CONTENTS: Final = re.compile(r"(?ms)^```\{toctree\}\n(?:^:.*?\n)*(.*?)^```\n?")
#: Code is matched first, as it may have what looks like a link.
_LINK: Final = re.compile(r"(?ms)^```.*?^```$|`[^`\n]*`|(?P<before>\]\(|href=\")(?P<target>[^)\"\s]+)(?P<after>\)|\")")
_DIRECTIVE: Final = re.compile(r"(?ms)^(`{3,}|:{3,})\{.*?^\1\n?")


def files(pages: Mapping[str, str], repository: str) -> dict[str, str]:
    """The files by path.

    Args:
        pages: The Markdown of the pages by name.
        repository: The address of the files of the repository, to which links lead that leave the site.
    """
    plain = {name: _plain(name, text, pages) for name, text in pages.items()}
    contents = "\n".join(f"- [{_title(text)}]({name}.md): {_first(text)}" for name, text in plain.items())
    whole = "".join(f"\n---\n\n{_linked(text, dirname(name), '', repository)}" for name, text in plain.items())
    return {
        "llms.txt": f"{_ABOUT}\n## Pages\n\n{contents}\n",
        "llms-full.txt": _ABOUT + whole,
        **{f"{name}.md": _linked(text, dirname(name), dirname(name), repository) for name, text in plain.items()},
    }


def _plain(name: str, text: str, pages: Mapping[str, str]) -> str:
    """A page without comments, directives and targets. Its contents become a list of links."""

    def contents(tree: re.Match[str]) -> str:
        listed = [(entry, pages.get(normpath(join(dirname(name), entry)))) for entry in tree[1].split()]
        return "".join(f"- [{_title(page)}]({entry}.md)\n" for entry, page in listed if page is not None)

    text = _DIRECTIVE.sub("", _CONTENTS.sub(contents, _HIDDEN.sub("", text)))
    return re.sub(r"(?m)^\(.+\)=\n\n?", "", text).strip() + "\n"


def _linked(text: str, folder: str, place: str, repository: str) -> str:
    """A page whose links lead to the same files from another folder.

    Args:
        text: The page.
        folder: The folder that its links are relative to.
        place: The folder that the file is in.
        repository: As for ``files``.
    """

    def moved(link: re.Match[str]) -> str:
        if link["target"] is None or re.match(r"[a-z]+:|[#/]", link["target"]):
            return link[0]  # code, or a link that is right from everywhere
        target = normpath(join(folder, link["target"]))
        if target.startswith("../"):
            return f"{link['before']}{repository}/{target.removeprefix('../')}{link['after']}"
        return f"{link['before']}{relpath(target, place or '.')}{link['after']}"

    return _LINK.sub(moved, text)


def _title(text: str) -> str:
    found = re.search(r"(?m)^# (.+)$", text)
    return found[1] if found else ""


def _first(text: str) -> str:
    """The first sentence of a page."""
    paragraphs = [each for each in _CODE.sub("", text).split("\n\n") if each.strip() and each[0] not in "#|<-"]
    first = re.split(r"(?<=\.)\s", " ".join((paragraphs or [""])[0].split()))[0]
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", first)
