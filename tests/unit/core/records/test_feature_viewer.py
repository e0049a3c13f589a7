import hashlib
import hmac

from rankd.core.records.feature_viewer import feature_viewer
from rankd.core.records.pseudonym import pseudonym

KEY = bytes(range(32))


def test_it_is_half_of_a_mac_over_the_viewer_id_under_its_own_label() -> None:
    label, viewer = b"rankd.feature-viewer.v1", "zoé".encode()
    text = len(label).to_bytes(4, "big") + label + len(viewer).to_bytes(4, "big") + viewer
    assert feature_viewer(KEY, "zoé") == hmac.digest(KEY, text, hashlib.sha256)[:16]


def test_viewers_and_keys_are_told_apart_and_no_pseudonym_is_alike() -> None:
    found = {feature_viewer(KEY, "a"), feature_viewer(KEY, "b"), feature_viewer(bytes(32), "a")}
    assert len(found) == 3
    assert feature_viewer(KEY, "a").hex() not in pseudonym(KEY, 1, "a")
