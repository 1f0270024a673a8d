"""``stemp wire``: compares an API description in a file with what the SDK knows of the wire.

``files`` reads the file and ``report`` prints the result. The modules between them do neither: ``parsing`` (JSON and
YAML), ``openapi`` and ``postman`` (conversion to a ``Document``), ``knowledge`` (the SDK's own facts), ``matching``
(which endpoint is which operation) and ``comparing`` (fields, query parameters, scopes).
"""
