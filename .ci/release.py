"""Builds a release, and checks it in clean environments, as users install it.

``build`` writes the wheel and the sdist into ``dist``. Builds from a copy of the files in git, and from the sdist, have
to be the same byte for byte. The others take the wheel from there:

``check`` installs it on each Python version without extras, with each extra, and with all; ``--quick`` on the running
version without extras and with all, at the pinned versions. ``bundles`` makes a zipapp (pex) and a program
(PyInstaller) of the command, which have to print what the command prints. ``sbom`` writes the CycloneDX document of the
wheel and all that it installs with all extras. ``tag`` checks that a tag is that of the version, the changelog and the
repository.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

from pythons import RUNNING, interpreter, promised
from release_probes import CALLER, pages

ROOT: Final = Path(__file__).resolve().parents[1]
DIST: Final = ROOT / "dist"
#: Where bundles and SBOM are written.
MADE: Final = ROOT / ".cache" / "release"
PROBES: Final = ROOT / ".ci" / "release_probes.py"
PINNED: Final = ROOT / "requirements-dev.txt"
TOOLS: Final = ROOT / ".ci" / "requirements-release.txt"

#: What the bundles print, as the installed command does. CALLER stands for a file to audit.
COMMANDS: Final = (
    ("--version",),
    ("demo",),
    ("operations",),
    ("presets",),
    ("openapi",),
    ("scopes", "matrix", "--format", "html"),
    ("scopes", "audit", "caller.py"),
)


class ReleaseError(Exception):
    """Something is wrong with the release; the message says what."""


def output(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """What a command prints.

    Raises:
        ReleaseError: it fails.
    """
    line = [str(part) for part in command]
    done = subprocess.run(
        line, cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise ReleaseError(f"{' '.join(line)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


# --- build


def built(folder: Path, into: Path, **environment: str) -> list[Path]:
    """The files that a build of a folder writes."""
    output(sys.executable, "-m", "hatchling", "build", "-d", into, cwd=folder, env={**os.environ, **environment})
    return sorted(into.iterdir())


def contents(archive: Path) -> dict[str, bytes]:
    """The files in a wheel or an sdist."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as sdist:
        return {member.name: file.read() for member in sdist if (file := sdist.extractfile(member))}


def compare(one: Path, other: Path, of: str) -> None:
    """Check that two archives are the same.

    Raises:
        ReleaseError: they differ; the message names the files in them that do.
    """
    if one.read_bytes() == other.read_bytes():
        return
    before, after = contents(one), contents(other)
    differing = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    raise ReleaseError(f"{one.name} differs from that {of}: {', '.join(differing) or 'in dates, modes or order'}")


def copied(folder: Path) -> Path:
    """A copy of the files in git, with other dates and modes."""
    for name in output("git", "ls-files", "-z", cwd=ROOT).split("\0"):
        if name and (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
            target.chmod(0o600)
    return folder


def metadata_of(wheel: Path) -> Message:
    """The metadata of a wheel; its body is the page that the index shows."""
    (metadata,) = (text for name, text in contents(wheel).items() if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(metadata.decode())


def check_links(wheel: Path) -> None:
    """Check that no link of the page on the index is relative.

    Raises:
        ReleaseError: one is; the message names it.
    """
    relative = re.findall(r"\]\((?![a-z]+:|#)([^)]*)\)", metadata_of(wheel).as_string())
    if relative:
        raise ReleaseError(f"the page on the index would have a relative link, which it cannot resolve: {relative[0]}")


def build() -> None:
    """Build, and compare with two other builds.

    Raises:
        ReleaseError: a build differs, or its page on the index would have a relative link.
    """
    # The date of the commit: who builds the tag again gets the same bytes.
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or output("git", "log", "-1", "--format=%ct", cwd=ROOT).strip()
    shutil.rmtree(DIST, ignore_errors=True)
    release = built(ROOT, DIST, SOURCE_DATE_EPOCH=epoch)
    check_links(release[0])
    elsewhere = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "1", "LC_ALL": "C", "SOURCE_DATE_EPOCH": epoch}
    with tempfile.TemporaryDirectory() as work:
        copy = copied(Path(work, "copy"))
        for one, other in zip(release, built(copy, Path(work, "again"), **elsewhere), strict=True):
            compare(one, other, "of the files in git")
        wheel, sdist = release
        with tarfile.open(sdist) as archive:
            archive.extractall(Path(work, "sdist"), filter="data")
        (unpacked,) = Path(work, "sdist").iterdir()
        again = built(unpacked, Path(work, "from-sdist"), **elsewhere)
        compare(wheel, again[0], "of the sdist")


# --- check


def wheel_of_dist() -> Path:
    """The wheel that was built."""
    wheels = [*DIST.glob("*.whl")]
    if len(wheels) != 1:
        raise ReleaseError("dist has no wheel: run make build")
    return wheels[0]


def extras_of(wheel: Path) -> list[str]:
    """The extras in the metadata of a wheel."""
    return metadata_of(wheel).get_all("Provides-Extra") or []


def pins() -> str:
    """The pinned versions as constraints, without hashes, as the wheel has none."""
    return "\n".join(re.findall(r"(?m)^[\w.-]+==[^\s;]+", PINNED.read_text("utf-8")))


def environment(folder: Path, python: str, *requirements: str | Path) -> Path:
    """The interpreter of a new environment with what is required."""
    output(python, "-m", "venv", "--clear", "--without-pip", folder)
    inside = folder / "bin" / "python"
    install(python, inside, *requirements)
    return inside


def install(python: str, inside: Path, *requirements: str | Path) -> None:
    """Install into an environment, with the pip of the interpreter that made it."""
    pip = (python, "-m", "pip", "--python", inside, "install", "-qq", "--disable-pip-version-check", "--no-compile")
    output(*pip, *requirements)


def check(*, quick: bool) -> Iterator[str]:
    """Check the wheel in clean environments; a line for each.

    Raises:
        ReleaseError: an environment cannot be made, or the wheel does not work in it.
    """
    wheel = wheel_of_dist()
    extras = extras_of(wheel)
    versions = [RUNNING] if quick else promised()
    missing = [version for version in versions if interpreter(version) is None]
    if missing and os.environ.get("CI") == "true":
        raise ReleaseError(f"Python {', '.join(missing)} is not installed")
    for version in missing:
        yield f"Python {version}: not installed, so not checked"
    with tempfile.TemporaryDirectory() as work:
        constraints = Path(work, "pins.txt")
        constraints.write_text(pins() if quick else "", "utf-8")
        for version in (version for version in versions if version not in missing):
            for extra in ("", "all") if quick else ("", *extras):
                python = environment(
                    Path(work, "venv"),
                    str(interpreter(version)),
                    *("--constraint", constraints),
                    f"{wheel}[{extra}]" if extra else wheel,
                )
                output(python, "-I", PROBES, *([extra] if extra else []), cwd=Path(work))
                yield f"Python {version} {f'[{extra}]' if extra else 'without extras'}: works"


# --- bundles


def bundles() -> Iterator[str]:
    """Make the zipapp and the program, and compare them with the installed command; a line for each.

    Raises:
        ReleaseError: one cannot be made, or prints something else.
    """
    wheel = wheel_of_dist()
    MADE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        (folder / "caller.py").write_text(CALLER, "utf-8")
        python = environment(folder / "venv", sys.executable, "--require-hashes", "--requirement", TOOLS)
        install(sys.executable, python, f"{wheel}[all]")
        beside = python.parent
        expected = printed(folder, beside / "stemp")
        made = {
            "zipapp": [python, zipapp(wheel, beside, MADE / "stemp.pex")],
            "program": [program(folder, beside, MADE)],
        }
        (folder / "pex").mkdir()
        for kind, command in made.items():
            compare_outputs(kind, expected, printed(folder, *command))
            yield f"{kind} {command[-1].relative_to(ROOT)}: prints what the installed command prints"


def zipapp(wheel: Path, scripts: Path, target: Path) -> Path:
    """A zipapp of the command. It unpacks itself into a cache, as compiled modules cannot be imported from a zip."""
    output(scripts / "pex", f"{wheel}[all]", "--venv", "--console-script", "stemp", "--output-file", target)
    return target


def program(folder: Path, scripts: Path, target: Path) -> Path:
    """A program of the command, in a folder with its libraries."""
    (folder / "entry.py").write_text("from stemp_sdk._cli import main\n\nmain()\n", "utf-8")
    output(
        *(scripts / "pyinstaller", "--noconfirm", "--onedir", "--name", "stemp", "--log-level", "WARN"),
        *("--distpath", target, "--workpath", folder / "build", "--specpath", folder, folder / "entry.py"),
    )
    return target / "stemp" / "stemp"


def printed(folder: Path, *command: Path) -> dict[str, str]:
    """What each command prints, and the pages that its sandbox serves, in an environment with nothing of this one."""
    # A program contains neither an interpreter nor a type checker for the audit: it looks for them on PATH.
    env = {
        "PATH": f"{folder / 'venv' / 'bin'}:/usr/bin:/bin",
        "HOME": str(folder),
        "PEX_ROOT": str(folder / "pex"),
        "VIRTUAL_ENV": str(folder / "venv"),
        "PYTHONUTF8": "1",
    }
    outputs = {" ".join(line): output(*command, *line, cwd=folder, env=env) for line in COMMANDS}
    return outputs | {f"page {path}": page for path, page in pages(*map(str, command)).items()}


def compare_outputs(kind: str, expected: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Check that a bundle prints what the installed command prints.

    Raises:
        ReleaseError: it prints something else.
    """
    for name, text in expected.items():
        if found[name] != text:
            lines = difflib.unified_diff(text.splitlines(), found[name].splitlines(), "installed", kind, lineterm="")
            raise ReleaseError("\n".join([f"{name}: the {kind} prints something else", *lines]))


# --- sbom


def sbom() -> Path:
    """Write the SBOM of the wheel with all extras, at the versions that pip installs now.

    Raises:
        ReleaseError: the environment cannot be made or described.
    """
    wheel = wheel_of_dist()
    MADE.mkdir(parents=True, exist_ok=True)
    target = MADE / "stemp-sdk.cdx.json"
    with tempfile.TemporaryDirectory() as work:
        tools = environment(Path(work, "tools"), sys.executable, "--require-hashes", "--requirement", TOOLS)
        described = environment(Path(work, "described"), sys.executable, f"{wheel}[all]")
        # It takes the version of the wheel from this file alone.
        project = Path(work, "pyproject.toml")
        version = f'version = "{wheel.name.split("-")[1]}"'
        project.write_text(
            (ROOT / "pyproject.toml").read_text("utf-8").replace('dynamic = ["readme", "version"]', version), "utf-8"
        )
        output(
            *(tools.parent / "cyclonedx-py", "environment", "--mc-type", "library", "--pyproject", project),
            *("--output-reproducible", "--output-format", "JSON", "--output-file", target, described),
        )
    return target


# --- tag


def wrong_tag(tag: str, repository: str) -> Iterator[str]:
    """What does not agree with the tag to publish, and with the address of the repository that publishes it."""
    (version,) = re.findall(r'(?m)^__version__ = "(.+)"$', (ROOT / "stemp_sdk" / "_version.py").read_text("utf-8"))
    if tag != f"v{version}":
        yield f"the tag is {tag}, and stemp_sdk/_version.py says {version}"
    if not re.search(
        rf"(?m)^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text("utf-8")
    ):
        yield f"CHANGELOG.md has no section [{version}] with a date"
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    owner, repository_name = repository.rsplit("/", 2)[1:]
    site = f"https://{owner.lower()}.github.io/{repository_name}/"
    for name, url in urls.items():
        if url not in {repository, site} and not url.startswith(f"{repository}/"):
            yield f"the project URL {name} is {url}, which is neither in {repository} nor its site {site}"


def main(arguments: Sequence[str]) -> int:
    """Run a subcommand. Returns 1 if anything is wrong, else 0."""
    try:
        match arguments:
            case ["build"]:
                build()
            case ["check", *options]:
                for line in check(quick="--quick" in options):
                    print(line, flush=True)
            case ["bundles"]:
                for line in bundles():
                    print(line, flush=True)
            case ["sbom"]:
                print(sbom().relative_to(ROOT))
            case ["tag", tag, repository]:
                problems = [*wrong_tag(tag, repository)]
                print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
                return 1 if problems else 0
            case _:
                print(__doc__)
                return 2
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
