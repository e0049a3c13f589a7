"""From a working folder to the files of a sealed model."""

from rankd.core.exact.canonical import sha256
from rankd.forest.manifest import MANIFEST_FILE, Head, manifest_json
from rankd.forest.sealed import SealedModel, open_sealed
from rankd.forest.sealing import seal_head
from rankd.usecases.learn.card import model_card
from rankd.usecases.learn.definitions import FEATURES
from rankd.usecases.learn.working_folder import LICENSE_FILE, SURFACE, WorkingFolder

CARD_FILE = "MODEL_CARD.md"


def sealed_files(working: WorkingFolder) -> tuple[SealedModel, dict[str, bytes]]:
    """Return a sealed model and its files by name, opened and checked as a stranger would.

    Raises:
        ModelError: A head cannot be sealed; the reason says why.
    """
    files: dict[str, bytes] = {}
    heads = []
    for trained in working.heads:
        name = f"{trained.signal.objective}.txt"
        files[name] = seal_head(trained.text, FEATURES, file=name)
        heads.append(Head(trained.signal, name, sha256(files[name]), trained.silent_reason))
    files[CARD_FILE] = model_card(FEATURES, heads, working.record).encode("utf-8")
    files[LICENSE_FILE] = working.license
    files[MANIFEST_FILE] = manifest_json(
        surface=SURFACE,
        features=FEATURES,
        heads=heads,
        documents=[(name, sha256(files[name])) for name in (CARD_FILE, LICENSE_FILE)],
        training=working.record,
    )
    return open_sealed(files), files
