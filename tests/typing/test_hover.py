"""What an editor shows on hovering a method: pyright's language server is asked as an editor asks it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import pytest

from stemp_sdk import User
from tests.support.paths import ROOT

SOURCE: Final = """\
from stemp_sdk import Stemp, presets
till = Stemp("t", scopes=presets.POS)
till.loyalty.add_stamp("p")
till.templates.delete("t")
till.users.get("u").external_id
"""


class Editor:
    """An editor with one open file: just enough of the Language Server Protocol to hover."""

    def __init__(self, server: subprocess.Popen[bytes], folder: Path) -> None:
        assert server.stdin
        assert server.stdout
        self._input: IO[bytes] = server.stdin
        self._output: IO[bytes] = server.stdout
        self._uri = (folder / "till.py").as_uri()
        workspace = {"uri": folder.as_uri(), "name": folder.name}
        self._ask("initialize", workspaceFolders=[workspace], processId=None, capabilities={})
        self._send(method="initialized", params={})
        document = {"uri": self._uri, "languageId": "python", "version": 1, "text": SOURCE}
        self._send(method="textDocument/didOpen", params={"textDocument": document})

    def hover(self, name: str) -> str:
        """What is shown where ``name`` stands first."""
        line, text = next((n, text) for n, text in enumerate(SOURCE.splitlines()) if name in text)
        position = {"line": line, "character": text.index(name)}
        shown: str = self._ask("textDocument/hover", textDocument={"uri": self._uri}, position=position)["contents"][
            "value"
        ]
        return shown

    def _ask(self, method: str, **params: object) -> Any:
        self._send(id=method, method=method, params=params)
        while (answer := self._receive()).get("id") != method:
            if "id" in answer:  # the server asks something: it gets the default
                self._send(id=answer["id"], result=None)
        return answer["result"]

    def _send(self, **message: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._input.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._input.flush()

    def _receive(self) -> dict[str, Any]:
        length = 0
        while header := self._output.readline().strip():
            name, _, value = header.partition(b":")
            if name == b"Content-Length":
                length = int(value)
        assert length, "the language server ended"
        message: dict[str, Any] = json.loads(self._output.read(length))
        return message


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("editor")
    settings = {"venvPath": str(Path(sys.prefix).parent), "venv": Path(sys.prefix).name, "extraPaths": [str(ROOT)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    program = Path(sys.executable).with_name("pyright-langserver")
    with subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        yield Editor(server, folder)
        server.kill()


def test_an_allowed_method_shows_its_scope(editor: Editor) -> None:
    assert "Scopes: loyalty:manage" in editor.hover("add_stamp")


def test_a_refused_method_shows_the_scope_in_its_signature_too(editor: Editor) -> None:
    shown = editor.hover("delete")
    assert "self: Needs[ScopeSet[Literal['template:delete']]]" in shown
    assert "Scopes: template:delete" in shown


def test_a_field_shows_its_description(editor: Editor) -> None:
    assert str(User.model_fields["external_id"].description) in editor.hover("external_id")


def test_a_client_shows_what_it_holds(editor: Editor) -> None:
    assert "till: Stemp[ScopeSet[PosNames]]" in editor.hover("till")
