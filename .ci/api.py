"""Compares the public API with its record, ``api.json``: public names, and the scopes of each method and preset.

A method that needs other scopes breaks programs whose tokens lack them, and a changed preset changes the scopes that
programs ask for. So if one differs from the last release, ``CHANGELOG.md`` has to name it under "### Scopes" in a
section newer than that release, and a removed public name under "### Removed".

The last release is the newest tag ``v…`` in the history, with the record of its commit; before the first release it is
the record that ``--write`` replaces. ``--release`` does not count a tag of the commit itself. Without ``--write`` the
script also fails if code and record differ.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = ROOT / "stemp_sdk"
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
    files = [file.relative_to(PACKAGE.parent).with_suffix("").parts for file in PACKAGE.rglob("*.py")]
    names = [parts[:-1] if parts[-1] == "__init__" else parts for parts in files]
    return sorted(".".join(name) for name in names if not any(part.startswith("_") for part in name))


class NoTagError(Exception):
    """The changelog has a release that git has no tag of; the message says what to do."""


def git(*arguments: str) -> str | None:
    """What git prints; None if it fails."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    return None if done.returncode else done.stdout


def last_release(commit: str) -> str | None:
    """The newest tag of a release in the history of a commit; None before the first.

    Raises:
        NoTagError: the history lacks tags, as that of a shallow clone does.
    """
    found = git("describe", "--tags", "--abbrev=0", "--match=v[0-9]*", commit)
    tag = None if found is None else found.strip()
    # The newest section with a version may be the one of a release that has no tag yet.
    sections = [f"v{version}" for version in re.findall(r"(?m)^## \[(\d[^\]]*)\]", CHANGELOG.read_text("utf-8"))]
    if tag not in (sections[:2] if len(sections) > 1 else [*sections, None]):
        raise NoTagError(f"CHANGELOG.md has {sections[-1]}, but the last tag is {tag}: git fetch --tags --unshallow")
    return tag


def entries(heading: str, since: str | None) -> str:
    """The entries under a heading in the sections that are newer than a release; in the newest one, if it is None."""
    sections = re.split(r"(?m)^## ", CHANGELOG.read_text("utf-8"))[1:]
    released = [
        place for place, text in enumerate(sections) if since and text.startswith(f"[{since.removeprefix('v')}]")
    ]
    newer = "\n".join(sections[: released[0] if released else 1])
    return "\n".join(re.findall(rf"(?ms)^### {heading}\n(.*?)(?=^### |^\[|\Z)", newer))


def unexplained(old: Api, new: Api, since: str | None) -> Iterator[str]:
    """The changes since a release that the changelog has to explain, but does not."""
    scopes, removed = entries("Scopes", since), entries("Removed", since)
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
    try:
        tag = last_release("HEAD^" if "--release" in arguments else "HEAD")
    except NoTagError as error:
        print(error, file=sys.stderr)
        return 1
    released = git("show", f"{tag}:.ci/api.json") if tag else None
    problems = [*unexplained(json.loads(released) if released else old, new, tag)]
    if problems:
        since = f"since {tag}" if tag else "since .ci/api.json was written"
        problems.append(f"CHANGELOG.md has to explain these changes {since}; then run `make api`")
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
