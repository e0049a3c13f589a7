"""Retention sample: which bodies are kept longer; neither operator nor viewer can choose them."""

from rankd.core.exact.chance import mac
from rankd.core.records.leaf import PPM, Retention


def kept_longer(epoch_secret: bytes, worker: str, counter: int, sample_ppm: int) -> bool:
    """Whether a decision is in the sample: MAC(secret; "rankd.keep.v1", worker, counter) · 10⁶ < share · 2²⁵⁶.

    Args:
        epoch_secret: 32 bytes, secret until the epoch's end.
        worker: The worker's name.
        counter: The decision's counter within the epoch, as eight big-endian bytes.
        sample_ppm: Share of decisions in the sample, 0 to 1 000 000.

    Source: MATH 4; docs/spec/log.md section 9.
    """
    lot = int.from_bytes(mac(epoch_secret, b"rankd.keep.v1", worker.encode(), counter.to_bytes(8, "big")), "big")
    return lot * PPM < sample_ppm << 256


def kept_until_ms(leaf_time_ms: int, retention: Retention, kept: bool) -> int:
    """Return the time from which a body may be erased because of its age.

    Args:
        leaf_time_ms: Time of the decision's leaf.
        retention: What its epoch promised.
        kept: Whether it is in the sample.
    """
    return leaf_time_ms + (retention.sample_ms if kept else retention.decision_ms)
