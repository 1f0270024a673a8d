"""The summary and the arguments in the docstring of a method."""

from __future__ import annotations

import inspect

import pytest

from stemp_sdk._resources._docstrings import arguments_in, summary_in

_AS_WRITTEN = """Add a stamp, or several
        at once.

        More about it.

        Args:
            pass_id: The card.
            note: A note, which goes on
                in a second line.

        Returns:
            card: The state of the card.
        """


@pytest.mark.parametrize("docstring", [_AS_WRITTEN, inspect.cleandoc(_AS_WRITTEN)], ids=["as written", "as in 3.13"])
def test_a_docstring_is_read_with_and_without_its_indentation(docstring: str) -> None:
    assert summary_in(docstring) == "Add a stamp, or several at once."
    assert arguments_in(docstring) == {"pass_id": "The card.", "note": "A note, which goes on in a second line."}


@pytest.mark.parametrize("docstring", [None, ""])
def test_there_may_be_no_docstring(docstring: str | None) -> None:
    assert summary_in(docstring) == ""
    assert arguments_in(docstring) == {}
