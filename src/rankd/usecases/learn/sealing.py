"""From a working folder to the files of a sealed model."""

from rankd.core.exact.canonical import sha256
from rankd.core.features.reader import FILE_NAME
from rankd.forest.manifest import MANIFEST_FILE, Head, manifest_json
from rankd.forest.sealed import SealedModel, open_sealed
from rankd.forest.sealing import seal_head
from rankd.usecases.learn.card import model_card
from rankd.usecases.learn.plots import plots
from rankd.usecases.learn.working_folder import LICENSE_FILE, WorkingFolder

CARD_FILE = "MODEL_CARD.md"


def sealed_files(working: WorkingFolder) -> tuple[SealedModel, dict[str, bytes]]:
    """Return a sealed model and its files by name, opened and checked as a stranger would.

    Raises:
        ModelError: A head cannot be sealed; the reason says why.
    """
    features = working.declaration.columns
    files: dict[str, bytes] = {}
    heads = []
    for trained in working.heads:
        name = f"{trained.signal.objective}.txt"
        files[name] = seal_head(trained.text, features, file=name)
        heads.append(Head(trained.signal, name, sha256(files[name]), trained.silent_reason))
    documents = {
        CARD_FILE: model_card(working.surface, working.declaration, heads, working.record).encode("utf-8"),
        FILE_NAME: working.features,
        LICENSE_FILE: working.license,
        **{name: text.encode("utf-8") for name, text in plots(working.record).items()},
    }
    files |= documents
    files[MANIFEST_FILE] = manifest_json(
        surface=working.surface,
        features=features,
        heads=heads,
        documents=[(name, sha256(data)) for name, data in documents.items()],
        training=working.record,
    )
    return open_sealed(files), files
