"""The time to import the package, make a client and get a first response, each time in a new process."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter
from typing import Final

from . import budgets
from .budgets import Verdict
from .report import Section, Table, row
from .server import TOKEN
from .timing import Rounds, Timer, interleave

_BARE: Final = "bare python"
_PARTS: Final = "httpx, pydantic, attrs"
_IMPORT: Final = "import stemp_sdk"
_READY: Final = "stemp, client ready"
_ANSWER: Final = "stemp, first answer"
_BY_HAND: Final = "httpx and a model, first answer"
_NOT_COLLECTED: Final = ", no collector"

_PROGRAMS: Final = {
    _BARE: "pass",
    _IMPORT: "import stemp_sdk",
    # pydantic loads most of its modules at the first access to BaseModel.
    _PARTS: "import httpx, pydantic, attrs; pydantic.BaseModel",
    _READY: f"from stemp_sdk import Stemp; Stemp({TOKEN!r})",
    "import stripe": "import stripe",
    "stripe, client ready": f"import stripe; stripe.StripeClient({TOKEN!r})",
    "import openai": "import openai",
    "openai, client ready": f"import openai; openai.OpenAI(api_key={TOKEN!r})",
}


def _first_answers(url: str) -> dict[str, str]:
    """Programs that also get one object, for which a client loads the modules that it had deferred."""
    return {
        _ANSWER: f"from stemp_sdk import Stemp; Stemp({TOKEN!r}, base_url='{url}/api').users.get('usr_1')",
        "httpx, first answer": f"import httpx; httpx.Client().get('{url}/api/v1/users/usr_1').json()",
        # By hand, on the same libraries.
        _BY_HAND: "import httpx, pydantic\n"
        "class User(pydantic.BaseModel):\n  id: str\n"
        f"User.model_validate_json(httpx.Client().get('{url}/api/v1/users/usr_1').content)",
        "stripe, first answer": f"import stripe; stripe.StripeClient({TOKEN!r}, base_addresses={{'api': '{url}'}})"
        ".v1.customers.retrieve('cus_1')",
        "openai, first answer": f"import openai; openai.OpenAI(api_key={TOKEN!r}, base_url='{url}/openai')"
        ".vector_stores.retrieve('vs_1')",
    }


def measure(url: str, rounds: int) -> Section:
    """Run each program once in each round."""
    answers = _first_answers(url)
    not_collected = {
        f"{name}{_NOT_COLLECTED}": f"import gc; gc.disable()\n{answers[name]}" for name in (_ANSWER, _BY_HAND)
    }
    programs = _PROGRAMS | answers | not_collected
    times = interleave({name: _process(code) for name, code in programs.items()}, rounds, 1)
    return Section((_table(times, programs),), _verdicts(times))


def _process(code: str) -> Timer:
    # Installed packages are compiled; this setting would make the SDK compile again each time.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def timer(times: int) -> float:
        started = perf_counter()
        for _ in range(times):
            subprocess.run([sys.executable, "-c", code], env=environment, check=True)
        return perf_counter() - started

    return timer


def _verdicts(times: Rounds) -> tuple[Verdict, ...]:
    parts = times.more(_PARTS, _BARE, 1e3).median
    import_limit = max(budgets.IMPORT_MS, budgets.IMPORT_RATIO * parts)
    return (
        Verdict("import stemp_sdk, over bare python", times.more(_IMPORT, _BARE, 1e3), import_limit, "ms"),
        Verdict(
            "process to first answer / httpx and a model",
            times.ratio(_ANSWER, _BY_HAND),
            budgets.FIRST_ANSWER_RATIO,
            "×",
        ),
    )


def _table(times: Rounds, programs: dict[str, str]) -> Table:
    return Table(
        "Import and start",
        "A new process each time; the time of bare python is subtracted. × is relative to the import of httpx, "
        "pydantic and attrs, on which the SDK is built. Work that a client defers when it is made (its models, "
        "TLS) is in its first answer. The budgets are: for the import 60 ms or 0.29 of those three, whichever is "
        "more; for the first answer a ratio of whole processes, including bare python. The number of objects "
        "decides whether a full garbage collection runs before the first answer, so one more library may trigger "
        "the cost for all of them: `no collector` is the same program without it.",
        ("Program", "ms", "p10–p90", "×"),
        tuple(
            row(name, times.more(name, _BARE, 1e3), times.ratio_above(name, _PARTS, _BARE))
            for name in programs
            if name != _BARE
        ),
    )
