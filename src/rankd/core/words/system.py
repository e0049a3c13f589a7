"""What an operating system says, in French; it says it in English to everybody."""

from collections.abc import Mapping

SYSTEM_WORDS: Mapping[str, str] = {
    "Address already in use": "l’adresse est déjà prise",
    "File exists": "il y a déjà quelque chose de ce nom",
    "File name too long": "le nom est trop long",
    "Input/output error": "le disque ne répond pas comme il faut",
    "Is a directory": "c’est un dossier",
    "No space left on device": "le disque est plein",
    "No such file or directory": "rien ne porte ce nom",
    "Not a directory": "ce n’est pas un dossier",
    "Permission denied": "ce compte n’y a pas droit",
    "Read-only file system": "on ne peut que lire ce disque",
}
"""What `strerror` says most often; anything else stays as it is."""
