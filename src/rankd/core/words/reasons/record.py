"""Reasons about a decision’s record."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

REASONS: Mapping[str, Reason] = {
    "RECORD_MALFORMED": reason(
        Kind.DATA_LOSS,
        fr="{field} : ce n’est pas un enregistrement de décision ({found}).",
        en="{field}: this is no record of a decision ({found}).",
        do_fr="Comparez le fichier avec une copie; il a été modifié ou abîmé.",
        do_en="Compare the file with a copy; it was changed or damaged.",
    ),
}
