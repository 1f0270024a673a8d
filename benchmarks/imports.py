"""What it takes to import the package and to have a client ready, each time in a fresh process."""

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
    # pydantic loads most of itself when BaseModel is first touched.
    _PARTS: "import httpx, pydantic, attrs; pydantic.BaseModel",
    _READY: f"from stemp_sdk import Stemp; Stemp({TOKEN!r})",
    "import stripe": "import stripe",
    "stripe, client ready": f"import stripe; stripe.StripeClient({TOKEN!r})",
    "import openai": "import openai",
    "openai, client ready": f"import openai; openai.OpenAI(api_key={TOKEN!r})",
}


def _first_answers(url: str) -> dict[str, str]:
    """Programs that also get one object, for which a client has to load all that it had put off."""
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
    """Run each program once a round."""
    answers = _first_answers(url)
    not_collected = {
        f"{name}{_NOT_COLLECTED}": f"import gc; gc.disable()\n{answers[name]}" for name in (_ANSWER, _BY_HAND)
    }
    programs = _PROGRAMS | answers | not_collected
    times = interleave({name: _process(code) for name, code in programs.items()}, rounds, 1)
    return Section((_table(times, programs),), _verdicts(times))


def _process(code: str) -> Timer:
    # Installed packages come compiled; a setting against it would make this one compile anew each time.
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
        "A fresh process each time; the time of bare python is taken off. × is over the import of httpx, pydantic and "
        "attrs, which the SDK is built on. What a client puts off when it is made (its models, TLS) is in its "
        "first answer. The budgets are: for the import 60 ms or 0.29 of those three, whichever is more; for the first "
        "answer a ratio of whole processes, bare python included. How many objects there are decides whether a full "
        "garbage collection comes before the first answer, so that one more library may pay for all of them: "
        "`no collector` is the same program without it.",
        ("Program", "ms", "p10–p90", "×"),
        tuple(
            row(name, times.more(name, _BARE, 1e3), times.ratio_above(name, _PARTS, _BARE))
            for name in programs
            if name != _BARE
        ),
    )
