"""The LightGBM engine: the library's own prediction on sealed texts, checked to be exact."""

import lightgbm
import numpy as np

from rankd.core.errors import ModelError
from rankd.forest.matrix import FeatureMatrix, Margins, check_matrix
from rankd.forest.sealed import SealedModel
from rankd.forest.trees import LEAF_BITS, MARGIN_LIMIT

_ONE = float(1 << LEAF_BITS)


class LightGBMForest:
    """Margins by `Booster.predict(raw_score=True)`.

    Sums of sealed leaves are exact in float64 in any order, so multiplying by 2²⁴ gives integers; a result that is
    not one is refused, never rounded.

    Args:
        model: A sealed model; its texts are loaded as they are.
        threads: OpenMP threads for one call, a setting of the whole process in this library. The server ranks
            requests side by side, so one is the default.

    Raises:
        ModelError: ENGINE_REFUSES if the library does not load a text.
    """

    name = "lightgbm"

    def __init__(self, model: SealedModel, threads: int = 1) -> None:
        self._feature_count = len(model.manifest.features)
        self._threads = threads
        self._boosters = []
        for head, text in zip(model.manifest.heads, model.texts, strict=True):
            try:
                booster = lightgbm.Booster(model_str=text.decode("ascii"))
            except lightgbm.basic.LightGBMError as error:
                raise ModelError("ENGINE_REFUSES", file=head.file, detail=str(error)[:200]) from error
            self._boosters.append((head.file, booster))

    def margins(self, features: FeatureMatrix) -> Margins:
        """Return every head's margin of every row; see `Engine.margins`.

        Raises:
            ModelError: ENGINE_INEXACT if a margin is not a whole number of units within int32.
        """
        check_matrix(features, self._feature_count)
        margins = np.empty((len(self._boosters), len(features)), dtype=np.int32)
        if len(features) == 0:
            return margins
        for at, (file, booster) in enumerate(self._boosters):
            # verbosity belongs to each call: the library keeps its log level per thread.
            raw = booster.predict(features, raw_score=True, num_threads=self._threads, verbosity=-1)
            units = np.multiply(raw, _ONE)
            exact = (np.abs(units) < MARGIN_LIMIT) & (np.rint(units) == units)
            if not exact.all():
                row = int(np.argmin(exact))
                raise ModelError("ENGINE_INEXACT", file=file, row=row, found=repr(float(raw[row])))
            margins[at] = units
        return margins
