"""Compares the public API with its record, ``api.json``: public names, and the scopes of each method and preset.

A method that needs other scopes breaks programs whose tokens lack them, and a changed preset changes the scopes that
programs ask for. So ``--write`` records such a change only if the newest section of ``CHANGELOG.md`` names the method
or preset under "### Scopes"; a removed public name has to be named under "### Removed". Without ``--write`` the script
fails if code and record differ.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
RECORD: Final = ROOT / ".ci" / "api.json"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
MOST_SHOWN: Final = 8

#: By kind (methods, presets, names): the scopes of each method and preset, the public names of each package.
Api = Mapping[str, Mapping[str, Sequence[str]]]


def current() -> Api:
    """The API of the code."""
    from stemp_sdk import OPERATIONS, Stemp
    from stemp_sdk.scopes import presets

    methods: dict[str, Sequence[str]] = {}
    with Stemp("record") as client:
        stated = {name.rpartition(".")[0] for name, operation in OPERATIONS.items() if not operation.anonymous}
        for resource in {*stated, "journal"}:  # which calls the operations of others
            owner = type(attrgetter(resource)(client))
            for name in dir(owner):
                # A test compares this line with the annotation of `self`.
                if not name.startswith("_") and (
                    line := re.search(r"Scopes: (.+)", getattr(owner, name).__doc__ or "")
                ):
                    methods[f"{resource}.{name}"] = line[1].split()
    return {
        "methods": dict(sorted(methods.items())),
        "presets": {name: [*preset.scopes] for name, preset in sorted(presets.PRESETS.items())},
        "names": {name: sorted(import_module(name).__all__) for name in public_modules()},
    }


def public_modules() -> Sequence[str]:
    """The packages and modules without an underscore in their names."""
    files = [file.relative_to(ROOT).with_suffix("").parts for file in (ROOT / "stemp_sdk").rglob("*.py")]
    names = [parts[:-1] if parts[-1] == "__init__" else parts for parts in files]
    return sorted(".".join(name) for name in names if not any(part.startswith("_") for part in name))


def newest_section(heading: str) -> str:
    """The entries under a heading in the newest section of the changelog."""
    newest = re.split(r"(?m)^## ", CHANGELOG.read_text("utf-8"))[1]
    parts: dict[str, str] = dict(re.findall(r"(?ms)^### (\w+)\n(.*?)(?=^### |\Z)", newest))
    return parts.get(heading, "")


def unexplained(old: Api, new: Api) -> Iterator[str]:
    """The changes that the changelog has to explain, but does not."""
    scopes, removed = newest_section("Scopes"), newest_section("Removed")
    for kind in ("methods", "presets"):
        for name, before in old[kind].items():
            after = new[kind].get(name)
            if after is not None and after != before and f"`{name}`" not in scopes:
                yield f"`{name}`: from {' '.join(before)} to {' '.join(after)}; say so in CHANGELOG.md under ### Scopes"
            if after is None and f"`{name}`" not in removed:
                yield f"`{name}` was removed; say so in CHANGELOG.md under ### Removed"
    for module, names in old["names"].items():
        for name in sorted({*names} - {*new["names"].get(module, ())}):
            if f"`{name}`" not in removed:
                yield f"`{name}` of {module} was removed; say so in CHANGELOG.md under ### Removed"


def differences(old: Api, new: Api) -> Iterator[str]:
    """The additions, removals and changes since the record was written, a line for each method, preset or package."""
    for kind in sorted(old.keys() | new.keys()):
        before, after = old.get(kind, {}), new.get(kind, {})
        for name in sorted(before.keys() | after.keys()):
            if name not in before:
                yield f"+ {name}: {shown(after[name])}"
            elif name not in after:
                yield f"- {name}"
            elif before[name] != after[name]:
                changes = [
                    f"{verb} {shown(sorted(these))}"
                    for verb, these in (
                        ("added", {*after[name]} - {*before[name]}),
                        ("removed", {*before[name]} - {*after[name]}),
                    )
                    if these
                ]
                yield f"~ {name}: {'; '.join(changes) or 'another order'}"


def shown(names: Sequence[str]) -> str:
    """The names, or the first of many."""
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return (", ".join(names[:MOST_SHOWN]) or "no scope") + more


def main(arguments: Sequence[str]) -> int:
    """Compare, and with ``--write`` write the record if every change is explained."""
    new = current()
    old: Api = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {"methods": {}, "presets": {}, "names": {}}
    problems = [*unexplained(old, new)]
    if problems:
        problems.append("CHANGELOG.md has to explain these changes; then run `make api`")
    elif "--write" in arguments:
        RECORD.write_text(json.dumps(new, indent=1) + "\n", "utf-8")
    elif changes := [*differences(old, new)]:
        problems = [
            "The public API differs from .ci/api.json:",
            *changes,
            "If this is intended, run `make api` and commit the file; otherwise correct the code",
        ]
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
