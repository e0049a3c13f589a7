"""The typed Python client of rankd: numpy columns in, a slate out."""

from rankd.client.answers import (
    AssemblyStatus,
    CandidateExplanation,
    ColumnSpec,
    DatumSpec,
    Degradation,
    Dropped,
    Explained,
    ModelRef,
    Place,
    PointsSwap,
    PolicyRef,
    PolicyText,
    Sentences,
    Slate,
    SliderRange,
    Status,
    SurfaceInfo,
    SurfaceStatus,
)
from rankd.client.assembly import EntryPage, PublicEntry, Submitted
from rankd.client.audit import ConsistencyProof, Erasure, InclusionProof, JournalDecision, LogCheckpoint
from rankd.client.client import RankdClient, TlsFiles
from rankd.client.errors import RankdCallError
from rankd.client.feedback import EventInput, EventOutcome, Feedback
from rankd.client.feedback_buffer import FeedbackBuffer
from rankd.client.request import CandidateInput
from rankd.core.ranking.request import Mode

__all__ = [
    "AssemblyStatus",
    "CandidateExplanation",
    "CandidateInput",
    "ColumnSpec",
    "ConsistencyProof",
    "DatumSpec",
    "Degradation",
    "Dropped",
    "EntryPage",
    "Erasure",
    "EventInput",
    "EventOutcome",
    "Explained",
    "Feedback",
    "FeedbackBuffer",
    "InclusionProof",
    "JournalDecision",
    "LogCheckpoint",
    "Mode",
    "ModelRef",
    "Place",
    "PointsSwap",
    "PolicyRef",
    "PolicyText",
    "PublicEntry",
    "RankdCallError",
    "RankdClient",
    "Sentences",
    "Slate",
    "SliderRange",
    "Status",
    "Submitted",
    "SurfaceInfo",
    "SurfaceStatus",
    "TlsFiles",
]
