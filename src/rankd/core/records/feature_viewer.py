"""Feature viewer: who a person is in events and in what is counted of them; it lasts as long as its key."""

from rankd.core.exact.chance import mac

FEATURE_VIEWER_BYTES = 16


def feature_viewer(key: bytes, viewer_id: str) -> bytes:
    """Return the sixteen bytes under which events and counts know a viewer.

    Unlike a pseudonym it stays the same from one period to the next: what somebody did last month is to count today.

    Args:
        key: The key of feature viewers, 32 bytes.
        viewer_id: The viewer as the caller names it.

    Source: docs/spec/events.md section 4.
    """
    return mac(key, b"rankd.feature-viewer.v1", viewer_id.encode())[:FEATURE_VIEWER_BYTES]
