"""Making visible: what nobody would see, and a terminal would obey, is written as an escape."""

import re

# Control characters (C0, delete, C1), those that change the direction of what follows, and halves of characters, as
# which Python reads the bytes of a file's name that are no UTF-8.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(value: str) -> str:
    """Return a text with an escape in place of each character that nobody would see."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", value)
