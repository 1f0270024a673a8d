"""Bulk work: one operation for each row of a file, checked before the first request, paced, and resumable.

::

    from stemp_sdk import bulk

    report = bulk.run(client.users.get_or_create, bulk.read("customers.csv"), journal="customers.job")
    print(report)

``arun`` is the same for ``AsyncStemp``.
"""

from __future__ import annotations

from .._public import publish
from ._async import arun
from ._checking import RowsError
from ._files import read
from ._journal import JournalError
from ._report import BulkReport
from ._result import RowResult, RowStatus
from ._sync import run

__all__ = ["BulkReport", "JournalError", "RowResult", "RowStatus", "RowsError", "arun", "read", "run"]

publish("stemp_sdk.bulk", globals())
