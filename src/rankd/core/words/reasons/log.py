"""Reasons about trees, proofs, tiles, notes and checkpoints."""

from collections.abc import Mapping

from rankd.core.words.reasons.reason import Kind, Reason, reason

_ASK_FR = "Demandez-la de nouveau à la source, puis comparez; gardez ce que vous avez reçu."
_ASK_EN = "Ask the source for it again and compare; keep what you were given."
_KEEP_FR = "Gardez les deux : c’est peut-être la preuve que le journal a été réécrit."
_KEEP_EN = "Keep both: this may be the evidence that the log was rewritten."
_KEY_FR = "Reprenez la clé publique de son propriétaire, par une voie sûre."
_KEY_EN = "Get the public key from its owner again, over a channel that you trust."
_COPY_FR = "Reprenez le fichier d’une copie intacte; ne réparez pas l’original."
_COPY_EN = "Take the file from an intact copy; do not repair the original."

_PROOFS: Mapping[str, Reason] = {
    "PROOF_SIZE": reason(
        Kind.INVALID,
        fr="Un arbre ne peut pas avoir {size} feuilles (0 à {most}).",
        en="A tree cannot have {size} leaves (0 to {most}).",
        do_fr="Reprenez la taille dans un point de contrôle signé.",
        do_en="Take the size from a signed checkpoint.",
    ),
    "PROOF_INDEX_RANGE": reason(
        Kind.INVALID,
        fr="Il n’y a pas de feuille {index} dans un arbre de {size} feuilles.",
        en="There is no leaf {index} in a tree of {size} leaves.",
        do_fr="Les numéros commencent à 0; demandez un arbre assez grand.",
        do_en="Indexes begin at 0; ask for a tree that is large enough.",
    ),
    "PROOF_SIZE_ORDER": reason(
        Kind.INVALID,
        fr="Un arbre de {second} feuilles ne peut pas en prolonger un de {first}.",
        en="A tree of {second} leaves cannot continue one of {first}.",
        do_fr="Donnez la plus petite taille en premier; si le plus récent est le plus petit, le journal a reculé.",
        do_en="Give the smaller size first; if the newer tree is the smaller one, the log went backwards.",
    ),
    "PROOF_HASH_LENGTH": reason(
        Kind.INVALID,
        fr="Une empreinte de la preuve compte {found} octets, pas {wanted}.",
        en="A hash of the proof has {found} bytes, not {wanted}.",
        do_fr=_ASK_FR,
        do_en=_ASK_EN,
    ),
    "PROOF_LENGTH": reason(
        Kind.INVALID,
        fr="La preuve compte {found} empreintes; pour ces tailles, il en faut {wanted}.",
        en="The proof has {found} hashes; for these sizes it needs {wanted}.",
        do_fr=_ASK_FR,
        do_en=_ASK_EN,
    ),
    "PROOF_ROOT_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="La preuve mène à la racine {found}, mais l’arbre de {size} feuilles a pour racine {wanted}.",
        en="The proof leads to the root {found}, but the tree of {size} leaves has the root {wanted}.",
        do_fr=_KEEP_FR,
        do_en=_KEEP_EN,
    ),
}

_TILES: Mapping[str, Reason] = {
    "TILE_PATH_MALFORMED": reason(
        Kind.INVALID,
        fr="« {path} » n’est le chemin d’aucune tuile.",
        en="“{path}” is the path of no tile.",
        do_fr="Écrivez-le comme tlog-tiles le veut : tile/0/x001/234, et .p/7 à la fin d’une tuile de largeur 7.",
        do_en="Write it as tlog-tiles says: tile/0/x001/234, with .p/7 behind it for a tile of width 7.",
    ),
    "TILE_OUTSIDE": reason(
        Kind.INVALID,
        fr="Un arbre de {size} feuilles n’a pas ce qui est demandé de {path}.",
        en="A tree of {size} leaves does not have what is asked of {path}.",
        do_fr="Prenez un point de contrôle plus récent.",
        do_en="Take a newer checkpoint.",
    ),
    "TILE_MISSING": reason(
        Kind.DATA_LOSS,
        fr="Il manque {path}.",
        en="{path} is missing.",
        do_fr=_COPY_FR,
        do_en=_COPY_EN,
    ),
    "TILE_DIFFERS": reason(
        Kind.DATA_LOSS,
        fr="{path} n’est pas ce que le point de contrôle a signé.",
        en="{path} is not what the checkpoint signed.",
        do_fr=_COPY_FR,
        do_en=_COPY_EN,
    ),
    "ENTRIES_MALFORMED": reason(
        Kind.DATA_LOSS,
        fr="Ces {size_bytes} octets ne sont pas un lot de {width} entrées.",
        en="These {size_bytes} bytes are not a bundle of {width} entries.",
        do_fr=_COPY_FR,
        do_en=_COPY_EN,
    ),
    "ENTRY_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="L’entrée compte {size_bytes} octets; il y en a au plus {most_bytes}.",
        en="The entry has {size_bytes} bytes; there are at most {most_bytes}.",
        do_fr="Mettez moins dans la feuille : le reste va dans le corps.",
        do_en="Put less into the leaf: the rest goes into the body.",
    ),
}

_KEYS: Mapping[str, Reason] = {
    "PUBLIC_KEY_LENGTH": reason(
        Kind.INVALID,
        fr="Une clé publique Ed25519 compte 32 octets, pas {size_bytes} ({found}).",
        en="An Ed25519 public key has 32 bytes, not {size_bytes} ({found}).",
        do_fr=_KEY_FR,
        do_en=_KEY_EN,
    ),
    "PUBLIC_KEY_NOT_CANONICAL": reason(
        Kind.INVALID,
        fr="La clé publique {found} n’est pas écrite sous sa seule forme permise.",
        en="The public key {found} is not written in its only permitted form.",
        do_fr=_KEY_FR,
        do_en=_KEY_EN,
    ),
    "PUBLIC_KEY_SMALL_ORDER": reason(
        Kind.INVALID,
        fr="La clé publique {found} est de petit ordre : n’importe qui pourrait signer avec elle.",
        en="The public key {found} is of small order: anybody could sign with it.",
        do_fr="Refusez cette clé : aucun programme honnête n’en fabrique de telle.",
        do_en="Refuse this key: no honest program makes one like it.",
    ),
    "PUBLIC_KEY_NO_POINT": reason(
        Kind.INVALID,
        fr="La clé publique {found} n’est pas un point de la courbe.",
        en="The public key {found} is not a point of the curve.",
        do_fr=_KEY_FR,
        do_en=_KEY_EN,
    ),
    "VKEY_MALFORMED": reason(
        Kind.INVALID,
        fr="« {found} » n’est pas une clé de vérification valable (nom+identifiant+clé).",
        en="“{found}” is not a valid verifier key (name+id+key).",
        do_fr=f"{_KEY_FR} Copiez-la tout entière. Si c’est un fichier que vous nommez, vérifiez qu’il existe.",
        do_en=f"{_KEY_EN} Copy all of it. Where you name a file, check that it exists.",
    ),
}

_NOTES: Mapping[str, Reason] = {
    "NOTE_TOO_LARGE": reason(
        Kind.EXHAUSTED,
        fr="La note compte {size_bytes} octets; il y en a au plus {most_bytes}.",
        en="The note has {size_bytes} bytes; there are at most {most_bytes}.",
        do_fr=_ASK_FR,
        do_en=_ASK_EN,
    ),
    "NOTE_MALFORMED": reason(
        Kind.INVALID,
        fr="Ligne {line} : ce n’est pas une note signée (texte, ligne vide, lignes de signature).",
        en="Line {line}: this is no signed note (text, empty line, signature lines).",
        do_fr="Reprenez-la octet pour octet : un éditeur change volontiers les fins de ligne.",
        do_en="Fetch it again byte for byte: editors like to change line ends.",
    ),
    "NOTE_SIGNATURE_COUNT": reason(
        Kind.EXHAUSTED,
        fr="La note porte {found} signatures; il y en a au plus {most}.",
        en="The note carries {found} signatures; there are at most {most}.",
        do_fr="Retirez les signatures des témoins dont vous n’avez pas la clé.",
        do_en="Remove the signatures of witnesses whose key you do not have.",
    ),
    "NOTE_KEYS_COLLIDE": reason(
        Kind.INVALID,
        fr="Deux clés différentes portent le nom {name} et l’identifiant {key_id}.",
        en="Two different keys have the name {name} and the id {key_id}.",
        do_fr="Ne faites confiance qu’à celle que son propriétaire vous a donnée.",
        do_en="Trust only the one that its owner gave you.",
    ),
    "NOTE_SIGNATURE_WRONG": reason(
        Kind.DATA_LOSS,
        fr="La signature de {name} n’est pas bonne pour ce texte.",
        en="The signature of {name} does not fit this text.",
        do_fr="Le texte ou la signature a été changé; gardez la note et demandez-la de nouveau à sa source.",
        do_en="The text or the signature was changed; keep the note, and ask its source for it again.",
    ),
    "NOTE_KEY_UNKNOWN": reason(
        Kind.UNAUTHENTICATED,
        fr="Aucune clé connue n’a signé cette note (connues : {wanted}; signatures : {found}).",
        en="No known key signed this note (known: {wanted}; signatures: {found}).",
        do_fr="Vérifiez que la clé donnée est bien celle de ce journal.",
        do_en="Check that the key you gave is this log’s.",
    ),
}

_CHECKPOINTS: Mapping[str, Reason] = {
    "CHECKPOINT_MALFORMED": reason(
        Kind.INVALID,
        fr="Ligne {line} : ce n’est pas un point de contrôle (origine, taille, racine).",
        en="Line {line}: this is no checkpoint (origin, size, root).",
        do_fr="Vérifiez qu’il s’agit du fichier checkpoint du journal.",
        do_en="Check that this is the log’s checkpoint file.",
    ),
    "CHECKPOINT_ORIGIN": reason(
        Kind.DATA_LOSS,
        fr="Ce point de contrôle vient de {found}, pas de {wanted}.",
        en="This checkpoint is from {found}, not from {wanted}.",
        do_fr="Prenez le point de contrôle et la clé du même journal.",
        do_en="Take checkpoint and key of the same log.",
    ),
    "CHECKPOINT_UNSIGNED": reason(
        Kind.UNAUTHENTICATED,
        fr="Le journal {name} n’a pas signé ce point de contrôle.",
        en="The log {name} did not sign this checkpoint.",
        do_fr="La signature d’un témoin ne remplace pas celle du journal; vérifiez la clé.",
        do_en="A witness’s signature does not stand in for the log’s; check the key.",
    ),
    "CHECKPOINT_QUORUM": reason(
        Kind.STATE,
        fr="Témoins connus qui ont cosigné : {found}; il en faut {wanted}.",
        en="{found} of the known witnesses cosigned; {wanted} are needed.",
        do_fr="Attendez un point de contrôle cosigné (pour un paquet : rankd bundle --witnessed), ou demandez aux "
        "témoins pourquoi ils ne signent pas.",
        do_en="Wait for a cosigned checkpoint (for a bundle: rankd bundle --witnessed), or ask the "
        "witnesses why they do not sign.",
    ),
    "WITNESS_REFUSED": reason(
        Kind.INVALID,
        fr="La clé de {name} ne compte pas comme témoin : elle n’est pas faite pour cosigner, ou elle est déjà là.",
        en="The key of {name} does not count as a witness: it is not made to cosign, or it is there already.",
        do_fr="Donnez une clé de cosignature différente pour chaque témoin, autre que celle du journal.",
        do_en="Give a different cosigning key for each witness, none of them the log’s.",
    ),
    "TLOG_PROOF_MALFORMED": reason(
        Kind.INVALID,
        fr="Ligne {line} : ce n’est pas une preuve tlog-proof.",
        en="Line {line}: this is no tlog-proof.",
        do_fr=_ASK_FR,
        do_en=_ASK_EN,
    ),
}

_ENVELOPES: Mapping[str, Reason] = {
    "ENVELOPE_MALFORMED": reason(
        Kind.INVALID,
        fr="{field} : ce n’est pas une enveloppe DSSE à une signature.",
        en="{field}: this is no DSSE envelope with one signature.",
        do_fr="Refaites-la avec rankd, ou suivez docs/spec/log.md.",
        do_en="Make it again with rankd, or follow docs/spec/log.md.",
    ),
    "ENVELOPE_TYPE": reason(
        Kind.INVALID,
        fr="L’enveloppe contient « {found} » là où « {wanted} » est attendu.",
        en="The envelope holds “{found}” where “{wanted}” is expected.",
        do_fr="Donnez l’enveloppe qui convient ici.",
        do_en="Give the envelope that belongs here.",
    ),
    "ENVELOPE_KEY_UNKNOWN": reason(
        Kind.FORBIDDEN,
        fr="La clé {found} n’a pas le droit de signer cela.",
        en="The key {found} may not sign this.",
        do_fr="Signez avec une clé inscrite, ou faites inscrire celle-ci.",
        do_en="Sign with a key that is enrolled, or have this one enrolled.",
    ),
    "ENVELOPE_SIGNATURE_WRONG": reason(
        Kind.DATA_LOSS,
        fr="La signature de {found} n’est pas bonne pour ce contenu.",
        en="The signature of {found} does not fit this content.",
        do_fr="Le contenu ou la signature a été changé; demandez l’original à qui l’a signé.",
        do_en="The content or the signature was changed; ask whoever signed it for the original.",
    ),
}

REASONS: Mapping[str, Reason] = {**_PROOFS, **_TILES, **_KEYS, **_NOTES, **_CHECKPOINTS, **_ENVELOPES}
