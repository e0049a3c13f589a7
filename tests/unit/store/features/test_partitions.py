"""Partitions: evenly spread over the slots, each in one of them, and of one view alone."""

from collections import Counter

from rankd.store.features.partitions import PARTITION_COUNT, Partitions, places_of
from rankd.store.features.shards import SLOT_COUNT, Shards, slot_of


def names(view: str) -> list[tuple[int, bytes]]:
    partitions = Partitions(Shards("redis-cluster://nobody", 1), view)
    return [(each.slot, each.prefix) for each in partitions.names_of(b"00ff")]


def test_each_partition_has_a_slot_in_its_own_share_of_all_slots() -> None:
    for view in ("0a0b0c0d:0123456789abcdef", "ffffffff:0000000000000000"):
        slots = [slot for slot, _ in names(view)]
        assert [slot * PARTITION_COUNT // SLOT_COUNT for slot in slots] == list(range(PARTITION_COUNT))


def test_all_keys_of_a_partition_are_in_its_slot() -> None:
    for slot, prefix in names("0a0b0c0d:0123456789abcdef"):
        assert prefix.startswith(b"rankd:{0a0b0c0d:0123456789abcdef:32:")
        assert prefix.endswith(b"}:00ff:")
        assert slot_of(prefix[prefix.index(b"{") + 1 : prefix.index(b"}")]) == slot


def test_another_view_has_other_keys() -> None:
    assert not set(names("0a0b0c0d:0123456789abcdef")) & set(names("0a0b0c0d:0123456789abcdee"))


def test_keys_are_spread_over_all_partitions() -> None:
    counted = Counter(places_of(b"\x01item:%d" % number for number in range(32_000)))
    assert sorted(counted) == list(range(PARTITION_COUNT))
    assert 800 < min(counted.values()) <= max(counted.values()) < 1_200
