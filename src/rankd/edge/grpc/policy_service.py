"""PolicyService: which policies rank, in the words that members read, and how the service is."""

from collections.abc import Callable
from importlib.metadata import version

from rankd.core.errors import RankdError, RecordError, RequestError
from rankd.core.exact.canonical import digest_text, parse_digest
from rankd.core.log.note import NoteVerifier
from rankd.core.policy.baseline import BASELINE, BASELINE_DIGEST
from rankd.core.policy.describe import describe
from rankd.core.policy.policy import Limits, Policy
from rankd.core.ranking.signal import HeadSignal
from rankd.core.words.language import Language
from rankd.core.words.ranking import BASELINE_IN_WORDS
from rankd.edge.config import Role
from rankd.edge.grpc.answers import baseline_ref, file_ref, model_ref, policy_ref, ratified_ref, timestamp
from rankd.edge.grpc.dispatch import Call, Method
from rankd.edge.grpc.load import Lane
from rankd.store.archive import Archive
from rankd.usecases.serve.book import Book
from rankd.usecases.serve.desk import Desk
from rankd.usecases.serve.gate import GateStatus
from rankd.v1 import policy_service_pb2 as wire
from rankd.v1.types_pb2 import PolicyRef

NAME = "rankd.v1.PolicyService"
DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1_000

_ANYBODY: frozenset[Role] = frozenset()


class PolicyCalls:
    """What the methods of PolicyService do.

    Args:
        book: What each surface is served with.
        desk: Where decisions are recorded, and under which epoch.
        log: The log's key.
        archive: Where policies that were served before are found.
        clock_ms: The server's clock, milliseconds since 1970.
        recording: Whether decisions can be recorded, as far as is known.
        gate: How the gate is; None: there is none.
    """

    def __init__(
        self,
        book: Book,
        desk: Desk,
        log: NoteVerifier,
        archive: Archive,
        clock_ms: Callable[[], int],
        recording: Callable[[], bool],
        gate: Callable[[], GateStatus] | None = None,
    ) -> None:
        self._book = book
        self._desk = desk
        self._log = log
        self._archive = archive
        self._clock_ms = clock_ms
        self._recording = recording
        self._gate = gate

    def methods(self, read_lane: Lane) -> tuple[Method, ...]:
        """Return the methods; GetPolicy reads files, so it has a lane."""
        return (
            Method("GetPolicy", wire.GetPolicyRequest, _ANYBODY, read_lane, self.get_policy),
            Method("ListPolicies", wire.ListPoliciesRequest, _ANYBODY, None, self.list_policies),
            Method("GetStatus", wire.GetStatusRequest, _ANYBODY, None, self.get_status),
        )

    def get_policy(self, message: wire.GetPolicyRequest, _call: Call) -> wire.GetPolicyResponse:
        """Return the policy in force, or one that was served before."""
        snapshot = self._book.snapshot(message.surface)
        digest = _digest(message.canon_digest) if message.canon_digest else snapshot.policy_digest
        if digest == BASELINE_DIGEST:
            return wire.GetPolicyResponse(
                policy=baseline_ref(message.surface, snapshot.standing, snapshot.minutes_size),
                canonical=BASELINE,
                description_fr=BASELINE_IN_WORDS.fr,
                description_en=BASELINE_IN_WORDS.en,
            )
        if snapshot.policy is not None and snapshot.model is not None and digest == snapshot.policy_digest:
            heads = tuple(head.signal for head in snapshot.model.manifest.heads)
            return _policy(policy_ref(snapshot), snapshot.policy, snapshot.policy_file, snapshot.limits, heads)
        try:
            policy = self._archive.policy(digest)
            data = self._archive.policy_file(digest)
        except RecordError as error:
            if error.reason != "ARCHIVE_MISSING":
                raise
            raise _unknown(message) from None
        standing = self._book.standing_with(message.surface, digest)
        if policy.surface != message.surface or (snapshot.standing is not None and standing is None):
            raise _unknown(message)
        ref = file_ref(policy) if standing is None else ratified_ref(standing, snapshot.minutes_size)
        return _policy(ref, policy, data, snapshot.limits, None)

    def list_policies(self, message: wire.ListPoliciesRequest, _call: Call) -> wire.ListPoliciesResponse:
        """Return the policies in force, page by page; a page begins after the surface that its token names."""
        if not 0 <= message.page_size <= MAX_PAGE_SIZE:
            raise RequestError("PAGE_SIZE_OUT_OF_RANGE", field="page_size", found=message.page_size, most=MAX_PAGE_SIZE)
        surfaces = self._book.surfaces()
        if message.page_token and message.page_token not in surfaces:
            raise RequestError("PAGE_TOKEN_UNKNOWN", field="page_token")
        rest = [surface for surface in surfaces if surface > message.page_token]
        page = rest[: message.page_size or DEFAULT_PAGE_SIZE]
        return wire.ListPoliciesResponse(
            policies=[policy_ref(self._book.snapshot(surface)) for surface in page],
            next_page_token=page[-1] if len(page) < len(rest) else "",
        )

    def get_status(self, _message: wire.GetStatusRequest, _call: Call) -> wire.GetStatusResponse:
        """Say what is served, why, and what was refused since."""
        names = self._book.surfaces()
        surfaces = [self._surface_status(surface) for surface in names]
        newest = max((self._book.snapshot(surface) for surface in names), key=lambda s: s.active_time_ms)
        return wire.GetStatusResponse(
            surfaces=surfaces,
            version=version("rankd"),
            server_time=timestamp(self._clock_ms()),
            origin=self._desk.decisions.origin,
            decision_count=self._desk.decisions.count,
            constitution_digest=digest_text(newest.limits.canon_digest),
            recording=self._recording(),
            log_key=self._log.vkey,
            published_size=self._desk.journal.published_size,
            committed_size=self._desk.journal.count,
            epoch_digest=digest_text(self._desk.epochs.digest),
            assembly=None if self._gate is None else _assembly_status(self._gate()),
        )

    def _surface_status(self, surface: str) -> wire.SurfaceStatus:
        snapshot, refusal = self._book.snapshot(surface), self._book.refusal(surface)
        return wire.SurfaceStatus(
            surface=surface,
            policy=policy_ref(snapshot),
            model=model_ref(snapshot),
            active_time=timestamp(snapshot.active_time_ms),
            silent_objectives=snapshot.silent,
            refused=_words(refusal),
            refused_reason="" if refusal is None else refusal.reason,
        )


def _assembly_status(status: GateStatus) -> wire.AssemblyStatus:
    return wire.AssemblyStatus(
        origin=status.origin,
        genesis_digest=digest_text(status.genesis),
        size=status.size,
        activation_number=status.activation,
        evidence_time=None if status.evidence_ms is None else timestamp(status.evidence_ms),
        stale=status.is_stale,
        refused=_words(status.refusal),
        refused_reason="" if status.refusal is None else status.refusal.reason,
        restored=status.is_restored,
    )


def _words(refusal: RankdError | None) -> str:
    return "" if refusal is None else f"{refusal.say('fr')}\n{refusal.say('en')}"


def _policy(
    ref: PolicyRef, policy: Policy, data: bytes, limits: Limits, heads: tuple[HeadSignal, ...] | None
) -> wire.GetPolicyResponse:
    def words(language: Language) -> str:
        return describe(policy, limits, language, heads)

    return wire.GetPolicyResponse(
        policy=ref,
        file=data,
        canonical=policy.canonical,
        description_fr=words("fr"),
        description_en=words("en"),
    )


def _digest(text: str) -> bytes:
    try:
        return parse_digest(text)
    except ValueError:
        raise RequestError("DIGEST_MALFORMED", field="canon_digest") from None


def _unknown(message: wire.GetPolicyRequest) -> RequestError:
    return RequestError("POLICY_UNKNOWN", field="canon_digest", surface=message.surface)
