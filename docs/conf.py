"""How Sphinx builds the site: ``make docs``."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from docs._reference import llms, write  # noqa: E402  # once the repository can be found
from stemp_sdk import __version__  # noqa: E402
from stemp_sdk._cli.matrix.page import page  # noqa: E402
from stemp_sdk._cli.matrix.rows import rows  # noqa: E402

_PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "stemp-sdk"
copyright = "the authors of stemp-sdk, MIT licence"  # noqa: A001  # Sphinx's name
release = version = __version__
extensions = ["myst_parser", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
# Pages for developers of the SDK, which link to files of the repository.
exclude_patterns = ["architecture.md", "releasing.md", "requirements.*"]
html_theme = "furo"
html_title = "stemp-sdk"
html_baseurl = _PROJECT["urls"]["Documentation"]
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
copybutton_exclude = ".linenos, .gp, .go"
suppress_warnings = ["myst.header"]  # the generated pages have headings of the second level after tables
nitpicky = True

# What the playground loads. `make docs` writes it: Pyodide, and the package for it.
html_extra_path = ["../.cache/docs/extra"]

_OUTSIDE = re.compile(r"\]\(\.\./((?!\.\./)[^)]+)\)")
_FILES = f"{_PROJECT['urls']['Source']}/blob/main"


def _write_reference(_app: Any) -> None:
    write(HERE / "reference")


def _link_repository(_app: Any, name: str, source: list[str]) -> None:
    """Files of the repository are not part of the site: links to them lead to the repository."""
    if "/" not in name:
        source[0] = _OUTSIDE.sub(rf"]({_FILES}/\1)", source[0])


def _widen_scopes(_app: Any, name: str, source: list[str]) -> None:
    """The wide tables of the matrix need the place of the contents at the right."""
    if name == "scopes":
        source[0] = f"---\nhide-toc: true\n---\n\n{source[0]}"


def _fill_playground(_app: Any, name: str, source: list[str]) -> None:
    """The examples of the playground are the programs that are shown, and tested, below it."""
    if name == "playground":
        programs = re.findall(r"(?ms)^```python\n(.*?)^```", source[0])
        examples = json.dumps(dict(zip(("till", "lost", "network"), programs, strict=True))).replace("<", "\\u003c")
        source[0] = source[0].replace("PLAYGROUND_EXAMPLES", examples)


def _write_beside_the_pages(app: Any, exception: Exception | None) -> None:
    """Write the matrix with its filters, and the site for language models: its contents, and all text in one file."""
    if exception is None and app.builder.name == "html":
        names = _in_order(app, [app.config.root_doc])
        pages = {name: Path(app.env.doc2path(name)).read_text(encoding="utf-8") for name in names}
        matrix = page(rows(), None, documentation="index.html")
        (Path(app.outdir) / "scope-matrix.html").write_text(matrix, encoding="utf-8")
        for name, text in llms.files(pages, _FILES).items():
            path = Path(app.outdir) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def _in_order(app: Any, names: list[str]) -> list[str]:
    """The pages in the order of the contents."""
    found: list[str] = []
    for name in names:
        found += [name, *_in_order(app, app.env.toctree_includes.get(name, []))]
    return list(dict.fromkeys(found))


def setup(app: Any) -> None:
    """Connect what is special here to Sphinx."""
    app.connect("builder-inited", _write_reference)
    app.connect("source-read", _link_repository)
    app.connect("source-read", _widen_scopes)
    app.connect("source-read", _fill_playground)
    app.connect("build-finished", _write_beside_the_pages)
