"""Types that no value has, for arguments whose scope the client lacks: type checkers name them in their error."""


class NeedsUserCreate:
    """Only a client that holds ``user:create`` may pass this argument."""
