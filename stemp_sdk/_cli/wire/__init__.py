"""``stemp wire``: an API description in a file, compared with what the SDK knows of the wire.

Reading a file is in ``files``, printing in ``report``. Everything between the two neither reads nor prints: ``parsing``
(JSON and YAML), ``openapi`` and ``postman`` (to one ``Document``), ``knowledge`` (the SDK's own facts), ``matching``
(which endpoint is which operation) and ``comparing`` (fields, query parameters, scopes).
"""
