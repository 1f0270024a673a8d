"""The OpenAPI 3.1 document of the API as this SDK knows it, which ``stemp openapi`` prints.

No fact about the API is repeated here: operations, scopes and provenance come from ``OPERATIONS``, bodies and results
from the models and the signatures of the methods, statuses, errors and the list envelope from the sandbox.
"""

from ._document import document

__all__ = ["document"]
