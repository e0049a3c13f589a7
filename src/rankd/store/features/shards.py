"""The shards of a Valkey Cluster: which node holds which slot, and one exchange with all of them at the same time.

A cluster cuts its 16,384 slots into shares, one for each shard, and tells anybody who asks the wrong node (`MOVED`) or
asks while a slot is on its way (`ASK`, `TRYAGAIN`) where to ask instead. The map that is kept here is asked for when it
is first needed, and again after whatever speaks against it.

Source: https://valkey.io/topics/cluster-spec/
"""

import binascii
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import parse_qs

from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    ResponseError,
    TryAgainError,
)

from rankd.core.errors import FeatureStoreError
from rankd.store.features.link import TLS_OPTIONS, Command, Links, Reply, Server, error_code

SLOT_COUNT = 16_384
_SCHEMES = {"redis-cluster": "redis", "valkey-cluster": "redis", "rediss-cluster": "rediss"}
_PAUSE_S = 0.001
# A map that is asked for leaves time to ask another node where this one does not answer.
_MAP_SHARE = 0.5

Node: TypeAlias = tuple[str, int]
Asked: TypeAlias = tuple[int, Command]


def is_cluster(url: str) -> bool:
    """Tell whether an address is a cluster's."""
    return url.split("://", 1)[0] in _SCHEMES


def slot_of(tag: bytes) -> int:
    """Return the slot of all keys with a hash tag."""
    # The specification's CRC16 is the library's, which calls it CRC-CCITT.
    return binascii.crc_hqx(tag, 0) % SLOT_COUNT


class Shards:
    """The nodes of a cluster. Safe to use from many threads at once; connects when it is first asked.

    Args:
        url: `redis-cluster://[user:password@]host[:port][,host[:port]…]`, `valkey-cluster://…`, or `rediss-cluster://…`
            with TLS: one or more nodes to ask for the others.
        link_count: How many connections to each node at most.

    Attributes:
        address: For people: hosts and ports, never user or password.

    Raises:
        FeatureStoreError: FEATURE_STORE_URL.
    """

    def __init__(self, url: str, link_count: int) -> None:
        self._server_at, self._seeds = _read(url)
        self.address = ",".join(f"{host}:{port}" for host, port in self._seeds)
        self._link_count = link_count
        self._lock = threading.Lock()
        self._links: dict[Node, Links] = {}
        self._owners: Sequence[Node | None] = ()
        # Nodes that did not answer last time are asked for the map after the others.
        self._suspects: set[Node] = set()
        # Who is said to know better than the map.
        self._knows: Node | None = None
        self._is_stale = True
        self._mapping = threading.Lock()
        self._closed = False

    def exchange(self, asked: Sequence[Asked], deadline_s: float) -> list[Reply]:
        """Send commands to where their slots are, all nodes at the same time, and return the replies.

        What a node does not do because a slot is elsewhere is asked of the other one, until the deadline.

        Args:
            asked: Slots, and what to ask there; commands about one slot are done in this order.
            deadline_s: By when, in the time of `time.monotonic`.

        Returns:
            For each command its reply; `NoScriptError` where the node does not know the script.

        Raises:
            FeatureStoreError: FEATURE_STORE_DOWN, _SLOW, _REFUSED, _DAMAGED. Other commands may have been done.
        """
        replies: list[Reply] = [None] * len(asked)
        elsewhere: dict[int, Node] = {}
        left: Sequence[int] = range(len(asked))
        while left:
            owners = self._map(deadline_s)
            groups: dict[Node, list[int]] = {}
            for at in left:
                node = elsewhere.get(at) or owners[asked[at][0]]
                if node is None:
                    self._is_stale = True
                    raise self._down("CLUSTERDOWN")
                groups.setdefault(node, []).append(at)
            for node, ats, found in self._round(asked, groups, elsewhere, deadline_s):
                for at, reply in zip(ats, found, strict=True):
                    replies[at] = reply
                    elsewhere.pop(at, None)
                    if isinstance(reply, AskError):
                        named = reply.host or node[0], int(reply.port)
                        if isinstance(reply, MovedError):
                            self._is_stale, self._knows = True, named
                        else:
                            elsewhere[at] = named
            left = [at for at in left if isinstance(replies[at], AskError | TryAgainError)]
            if left:
                time.sleep(_PAUSE_S)
        return replies

    def exchange_with(self, node: Node, commands: Sequence[Command], deadline_s: float) -> list[Reply]:
        """Send commands to one node; see `Links.exchange`."""
        return self._links_to(node).exchange(commands, deadline_s)

    def nodes(self, deadline_s: float) -> list[Node]:
        """Return the nodes that hold slots, as the cluster says now.

        Raises:
            FeatureStoreError: As `exchange`.
        """
        self._is_stale = True
        return sorted({node for node in self._map(deadline_s) if node is not None})

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            self._closed = True
            links, self._links = list(self._links.values()), {}
        for each in links:
            each.close()

    def _round(
        self,
        asked: Sequence[Asked],
        groups: Mapping[Node, list[int]],
        elsewhere: Mapping[int, Node],
        deadline_s: float,
    ) -> list[tuple[Node, list[int], list[Reply]]]:
        """Ask every node its part: send all of it, then take what comes."""
        begun, done = [], []
        failure: FeatureStoreError | None = None
        for node, ats in groups.items():
            commands: list[Command] = []
            for at in ats:
                commands += [("ASKING",), asked[at][1]] if at in elsewhere else [asked[at][1]]
            try:
                begun.append((node, ats, self._links_to(node).begin(commands, deadline_s)))
            except FeatureStoreError as error:
                failure = self._suspect(node, error)
                break
        for node, ats, exchange in begun:
            try:
                replies = iter(exchange.end())
            except FeatureStoreError as error:
                failure = failure or self._suspect(node, error)
                continue
            found: list[Reply] = []
            for at in ats:
                if at in elsewhere:
                    next(replies)
                found.append(next(replies))
            done.append((node, ats, found))
            failure = failure or self._refusal(node, found)
        if failure is not None:
            raise failure
        return done

    def _refusal(self, node: Node, replies: Sequence[Reply]) -> FeatureStoreError | None:
        """Return what to say of the first reply that is neither an answer nor a direction where to ask."""
        for reply in replies:
            if isinstance(reply, ClusterDownError):
                self._is_stale = True
                return self._down("CLUSTERDOWN")
            if isinstance(reply, ResponseError) and not isinstance(reply, AskError | TryAgainError | NoScriptError):
                # A master that became a replica in this moment says so; the map has its successor.
                self._is_stale = self._is_stale or error_code(reply) == "READONLY"
                return self._links_to(node).refusal(reply, 0.0)
        return None

    def _suspect(self, node: Node, error: FeatureStoreError) -> FeatureStoreError:
        self._is_stale = True
        self._suspects.add(node)
        return error

    def _map(self, deadline_s: float) -> Sequence[Node | None]:
        """Return each slot's node, asked for where the map that is known may be wrong."""
        if not self._is_stale:
            return self._owners
        if not self._mapping.acquire(timeout=max(0.0, deadline_s - time.monotonic())):
            raise self._slow()
        try:
            if self._is_stale:
                self._owners = self._asked_for(deadline_s)
                self._is_stale = False
            return self._owners
        finally:
            self._mapping.release()

    def _asked_for(self, deadline_s: float) -> Sequence[Node | None]:
        named, self._knows = self._knows, None
        known = dict.fromkeys(node for node in (named, *self._owners, *self._seeds) if node is not None)
        failure: FeatureStoreError | None = None
        for node in sorted(known, key=self._suspects.__contains__):
            now_s = time.monotonic()
            try:
                (shares,) = self.exchange_with(
                    node, [("CLUSTER", "SLOTS")], now_s + max(0.0, deadline_s - now_s) * _MAP_SHARE
                )
            except FeatureStoreError as error:
                self._suspects.add(node)
                failure = error
                continue
            self._suspects.discard(node)
            owners: list[Node | None] = [None] * SLOT_COUNT
            for first, last, holder, *_ in shares:
                # A node that does not know by what name others reach it means: by the one that it was asked under.
                host = holder[0].decode() if holder[0] not in (None, b"", b"?") else node[0]
                owners[first : last + 1] = [(host, int(holder[1]))] * (last + 1 - first)
            self._forget_all_but({*owners, *self._seeds})
            return owners
        raise failure or self._down("CLUSTERDOWN")

    def _links_to(self, node: Node) -> Links:
        with self._lock:
            if self._closed:
                raise self._down("close")
            if node not in self._links:
                self._links[node] = Links(self._server_at(node), self._link_count)
            return self._links[node]

    def _forget_all_but(self, nodes: set[Node | None]) -> None:
        with self._lock:
            gone = [self._links.pop(node) for node in list(self._links) if node not in nodes]
            self._suspects.intersection_update(node for node in nodes if node is not None)
        for links in gone:
            links.close()

    def _down(self, detail: str) -> FeatureStoreError:
        return FeatureStoreError("FEATURE_STORE_DOWN", address=self.address, detail=detail)

    def _slow(self) -> FeatureStoreError:
        return FeatureStoreError("FEATURE_STORE_SLOW", address=self.address, timeout_ms=1)


def _read(url: str) -> tuple[Callable[[Node], Server], tuple[Node, ...]]:
    """Return how to reach any node of a cluster, and the nodes that its address names."""
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    account, at, hosts = rest.rpartition("@")
    hosts = hosts.removesuffix("/")
    if scheme not in _SCHEMES or "/" in hosts or not all(hosts.split(",")):
        raise FeatureStoreError("FEATURE_STORE_URL", detail="redis-cluster:// valkey-cluster:// rediss-cluster://")
    if unknown := sorted(set(parse_qs(query, keep_blank_values=True)) - TLS_OPTIONS):
        raise FeatureStoreError("FEATURE_STORE_URL", detail=unknown[0])

    def server(place: str) -> Server:
        return Server(f"{_SCHEMES[scheme]}://{account}{at}{place}{'?' * bool(query)}{query}")

    def server_at(node: Node) -> Server:
        host, port = node
        return server(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")

    seeds = []
    for place in hosts.split(","):
        host, _, port = server(place).address.rpartition(":")
        seeds.append((host, int(port)))
    return server_at, tuple(seeds)
