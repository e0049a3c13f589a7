"""Where members, secretary and guardians sign: the record is read, the key unlocked, the entry judged and handed over.

Nothing is signed by a record that has faults, and nothing is handed over that would not count where the record is
current: it is judged first, by the same rules as the minutes.
"""

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rankd.core.assembly.entries import NONCE_BYTES, Co, EntryKind, Payload, kind_of
from rankd.core.assembly.leaf_codec import decode_leaf
from rankd.core.assembly.signing import envelope_bytes, sign_entry
from rankd.core.errors import AssemblyError, KeyFileError, ServiceError
from rankd.core.exact.canonical import sha256
from rankd.core.words.assembly_desk import DESK
from rankd.core.words.assembly_terms import KINDS
from rankd.core.words.language import Language
from rankd.core.words.moment import moment_words
from rankd.edge.cli.answer import write_json
from rankd.edge.cli.govern.assembly_record import AtOption, GenesisOption, Record, RecordOption
from rankd.edge.cli.keys import PassphraseFileOption
from rankd.edge.cli.language import default_language, said
from rankd.edge.cli.options import JsonOption, LangOption, with_options
from rankd.edge.cli.passphrase import PASSPHRASE_VARIABLE, known_passphrase
from rankd.store.atomic import sync_directory
from rankd.store.key_file import KeyFile, KeyKind, read_key
from rankd.usecases.govern.kept import Kept, write_kept

KeyOption = Annotated[
    Path | None,
    typer.Option("--key", envvar="RANKD_KEY", help=said("Votre clé.", "Your key.")),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=said(
            "Le fichier où écrire l’entrée signée, à remettre au secrétariat.",
            "The file for the signed entry, to be handed to the secretary.",
        ),
    ),
]
ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        help=said("Le service qui tient le procès-verbal.", "The service that keeps the minutes."),
    ),
]
ReceiptOption = Annotated[
    Path | None,
    typer.Option(
        "--receipt",
        help=said(
            "Où garder le reçu du service; sans cela, à côté de la clé.",
            "Where to keep the service’s receipt; without it, beside the key.",
        ),
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option("--ca", help=said("L’autorité du certificat du service (PEM).", "The service’s authority (PEM).")),
]
CertOption = Annotated[
    Path | None,
    typer.Option("--cert", help=said("Le certificat de l’appelant (PEM).", "The caller’s certificate (PEM).")),
]
CertKeyOption = Annotated[
    Path | None,
    typer.Option("--cert-key", help=said("La clé de ce certificat (PEM).", "That certificate’s key (PEM).")),
]


@dataclass(frozen=True)
class Desk(Record):
    """What a command signs with, and where the signed entry goes; beside what `Record` has.

    Attributes:
        key_path: The key file; None: not named.
        passphrase_file: The file with its passphrase.
        out: The file for the entry.
        server: The service that takes it.
        receipt: Where its receipt is kept.
        tls: For mutual TLS: the service’s authority, the caller’s certificate and its key.
    """

    key_path: Path | None
    passphrase_file: Path | None
    out: Path | None
    server: str | None
    receipt: Path | None
    tls: tuple[Path | None, Path | None, Path | None]

    def co(self) -> Co:
        """Return which co-op an entry is for, with a fresh nonce."""
        return Co(self.assembly.origin, self.genesis, os.urandom(NONCE_BYTES))

    def key(self, *kinds: KeyKind) -> KeyFile:
        """Return the key that signs, still locked.

        Raises:
            AssemblyError: SIGNING_KEY_UNNAMED.
            KeyFileError: It cannot be read, or is of another kind.
        """
        if self.key_path is None:
            raise AssemblyError("SIGNING_KEY_UNNAMED")
        return key_of_kind(self.key_path, *kinds)

    def unlock(self, key: KeyFile) -> Ed25519PrivateKey:
        """Return the private key; its passphrase comes from the file named, the environment, or is asked."""
        phrase = known_passphrase(key, self.passphrase_file, PASSPHRASE_VARIABLE, os.environ, self.language)
        return key.unlock(phrase)

    def check_delivery(self) -> None:
        """Make sure that it is known where the entry goes, before anything is asked or signed.

        Raises:
            AssemblyError: DELIVERY_UNNAMED, DELIVERY_TWICE or OUTPUT_EXISTS.
        """
        if self.out is None and self.server is None:
            raise AssemblyError("DELIVERY_UNNAMED")
        if self.out is not None and self.server is not None:
            raise AssemblyError("DELIVERY_TWICE")
        if self.out is not None and self.out.exists():
            raise AssemblyError("OUTPUT_EXISTS", file=self.out)

    def sign(self, payload: Payload, *kinds: KeyKind) -> None:
        """Sign an entry, see that the minutes would take it, and hand it over.

        Raises:
            RankdError: It would not be taken, or cannot be handed over.
        """
        self.check_delivery()
        key = self.key(*kinds)
        assembly = self.sound
        data = envelope_bytes(sign_entry(payload, self.unlock(key)))
        assembly.judge(data, self.judging_ms)
        self.deliver(kind_of(payload), data, key)

    def deliver(self, kind: EntryKind, data: bytes, key: KeyFile | None) -> None:
        """Write the signed entry, or submit it and keep the receipt; say which.

        Args:
            kind: The kind of entry.
            data: The envelope's canonical JSON.
            key: The key that signed it, beside which the receipt goes; None: it has no file, and the receipt goes here.

        Raises:
            AssemblyError: OUTPUT_EXISTS or OUTPUT_UNWRITABLE.
        """
        if self.out is not None:
            write_new(self.out, data + b"\n")
            self._say_written(kind, data, key)
        elif self.server is not None:
            self._say_submitted(kind, *self._submit(kind, data, key))

    def submit(self, data: bytes) -> tuple[Kept, bool]:
        """Submit an entry; return what is to be kept, and whether it had been entered before.

        Raises:
            typer.Exit: The service refused it, or did not answer; that was said.
        """
        time_ms = None if self.at is None else self.judging_ms
        found = submitting().submit(self.server, self.tls, data, time_ms, self.language, as_json=self.as_json)
        origin = self.assembly.origin
        return Kept(origin, self.genesis, found.index, found.leaf, found.key, found.receipt, data), found.repeated

    def _submit(self, kind: EntryKind, data: bytes, key: KeyFile | None) -> tuple[Path, Kept]:
        kept, is_repeated = self.submit(data)
        beside = Path(kind) if key is None else key.path
        path = self.receipt or beside.with_name(f"{beside.stem}-{kept.index}.kept.json")
        # Submitted again, it is the same entry: the receipt that is kept is as good.
        if not (is_repeated and path.exists()):
            write_new(path, write_kept(kept))
        return path, kept

    def _say_written(self, kind: EntryKind, data: bytes, key: KeyFile | None) -> None:
        if self.as_json:
            write_json({"ok": True, "kind": kind, "file": str(self.out), "digest": f"sha256:{sha256(data).hex()}"})
            return
        typer.echo(DESK["written"].say(self.language, kind=KINDS[kind].say(self.language), file=self.out))
        then = DESK["enter" if key is not None and key.kind == "secretary" else "hand_over"]
        typer.echo(then.say(self.language, file=self.out), err=True)

    def _say_submitted(self, kind: EntryKind, path: Path, kept: Kept) -> None:
        if self.as_json:
            write_json({"ok": True, "kind": kind, "index": kept.index, "receipt": str(path)})
            return
        words = {"kind": KINDS[kind].say(self.language), "index": kept.index, "file": path}
        time = moment_words(decode_leaf(kept.leaf).time_ms, self.language)
        typer.echo(DESK["submitted"].say(self.language, time=time, **words))
        typer.echo(DESK["keep_receipt"].say(self.language, file=path), err=True)


def key_of_kind(path: Path, *kinds: KeyKind) -> KeyFile:
    """Return a key file of one of the kinds, still locked.

    Raises:
        KeyFileError: It cannot be read, or KEY_KIND_DIFFERS.
    """
    key = read_key(path)
    if key.kind not in kinds:
        raise KeyFileError("KEY_KIND_DIFFERS", file=path, found=key.kind, wanted=kinds[0])
    return key


def write_new(path: Path, data: bytes) -> None:
    """Write a file that does not exist yet; on return it is on disk.

    Raises:
        AssemblyError: OUTPUT_EXISTS or OUTPUT_UNWRITABLE.
    """
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        sync_directory(path.parent)
    except FileExistsError as error:
        raise AssemblyError("OUTPUT_EXISTS", file=path) from error
    except OSError as error:
        raise AssemblyError("OUTPUT_UNWRITABLE", file=path, detail=error.strerror) from error


def submitting() -> Any:
    """Return the module that calls a service; only who does needs gRPC.

    Raises:
        ServiceError: EXTRA_MISSING.
    """
    try:
        return import_module("rankd.edge.cli.govern.submitting")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("grpc", "google", "grpc_status"):
            raise
        raise ServiceError("EXTRA_MISSING", command="--server", module=package, extra="client") from error


def _desk(
    *,
    record: RecordOption = None,
    genesis: GenesisOption = None,
    key: KeyOption = None,
    out: OutOption = None,
    server: ServerOption = None,
    receipt: ReceiptOption = None,
    passphrase_file: PassphraseFileOption = None,
    ca: CaOption = None,
    cert: CertOption = None,
    cert_key: CertKeyOption = None,
    at: AtOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> Desk:
    language: Language = default_language() if lang is None else lang.value
    return Desk(
        record, genesis, at, language, as_json, key, passphrase_file, out, server, receipt, (ca, cert, cert_key)
    )


signing = with_options(_desk)
"""Gives a command the desk that it signs at, as its first argument."""
