"""What archived models declare: read once each, without keeping their trees."""

from rankd.core.errors import RankdError
from rankd.core.features.declaration import Declaration
from rankd.store.archive import Archive


class Declarations:
    """The declarations of one archive.

    Args:
        archive: The archive.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[bytes, Declaration | RankdError | None] = {}
        self._key_columns: dict[str, tuple[frozenset[str], ...]] = {}

    def read(self, model: bytes) -> Declaration | None:
        """Return what a model declares; None where requests bring all its columns.

        Raises:
            RankdError: The model is not there, or not what its digest says.
        """
        if model not in self._known:
            try:
                self._known[model] = self._archive.model(model).declaration
            except RankdError as error:
                self._known[model] = error
        found = self._known[model]
        if isinstance(found, RankdError):
            raise found
        return found

    def key_columns(self, surface: str) -> tuple[frozenset[str], ...]:
        """Return the columns that are parts of entities, for each model that a surface may have been served with."""
        if surface not in self._key_columns:
            found: set[frozenset[str]] = set()
            for digest in self._archive.models():
                try:
                    if self._archive.manifest(digest).surface == surface:
                        declaration = self.read(digest)
                        found.add(frozenset(() if declaration is None else declaration.key_columns))
                except RankdError:
                    # Decisions that need it name it; here it is one that nothing follows from.
                    continue
            self._key_columns[surface] = tuple(sorted(found or {frozenset()}, key=sorted))
        return self._key_columns[surface]
