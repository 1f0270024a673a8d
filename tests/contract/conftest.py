"""The programs that ``make contract`` installs, on loopback: Prism as a mock server of the document."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

from .conformance import closed

INSTALLED = Path(os.environ.get("STEMP_CONTRACT", ROOT / ".cache" / "contract"))
PATIENCE = 60  # seconds


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a Prism that refuses each request that the document does not have; bodies are closed."""
    file = tmp_path_factory.mktemp("prism") / "openapi.json"
    document = closed(results=False)
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Page"):  # the counts that Prism makes up say that there is more, which no empty page may
            schema["properties"]["content"]["minItems"] = 1
    file.write_text(json.dumps(document))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    program = INSTALLED / "node_modules" / ".bin" / "prism"
    command = [str(program), "mock", "--errors", "--seed", "7", "--port", str(port), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        printed: list[str] = []
        listens = threading.Event()

        def read() -> None:
            assert server.stdout is not None
            for line in server.stdout:  # to its end, as a full pipe would stop the server
                printed.append(line)
                if "Prism is listening" in line:
                    listens.set()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            assert listens.wait(PATIENCE), "".join(printed)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            reader.join()
