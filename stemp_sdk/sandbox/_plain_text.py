"""The plain text of an HTML email, which stemp generates if none is sent."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

# The HTML may be broken, so no pattern here backtracks: an element or a tag that is not closed extends to the end.
# (``html.parser`` takes quadratic time for such a string.)
_UNSEEN: Final = re.compile(r"<(head|script|style|title)\b[^>]*>?(?:.*?</\1[^>]*>?|.*)", re.IGNORECASE | re.DOTALL)
_BLOCK: Final = re.compile(r"</?(?:blockquote|br|div|h[1-6]|hr|li|ol|p|table|tr|ul)\b[^>]*>?", re.IGNORECASE)
_TAG: Final = re.compile(r"<[a-z/!?][^>]*>?", re.IGNORECASE)


def plain_text(html: str) -> str:
    """The visible text, each block on its own line. The feature is documented, the algorithm is not."""
    seen = _BLOCK.sub("\n", " ".join(_UNSEEN.sub("", html).split()))
    lines = (" ".join(line.split()) for line in unescape(_TAG.sub("", seen)).split("\n"))
    return "\n".join(filter(None, lines))
