"""The master key: where it comes from and what is derived from it."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from onefold.core.errors import CorruptionError, FormatError, Place, Problem, UserError
from onefold.core.ports import Storage

FILE = "master.key"
VARIABLE = "ONEFOLD_MASTER_KEY"
KEY_BYTES = 32
_FORM, _VERSION = "onefold-master-key", "1"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The keys of a workspace, all derived from one secret of 32 bytes by HKDF-SHA256; none shows in its
    repr.

    ``wrapping`` wraps the data keys, ``workspace_key`` makes pseudonyms, ``digest_key`` digests bodies, and
    ``check`` (16 bytes, no secret) tells whether two master keys are the same.
    """

    wrapping: bytes = field(repr=False)
    workspace_key: bytes = field(repr=False)
    digest_key: bytes = field(repr=False)
    check: bytes

    @classmethod
    def derive(cls, secret: bytes) -> MasterKey:
        """Derive all keys from the secret."""
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        wrapping, workspace, digest, check = (
            HKDF(SHA256(), KEY_BYTES, salt=None, info=b"onefold 1 " + label).derive(secret)
            for label in (b"wrapping", b"workspace", b"digest", b"check")
        )
        return cls(wrapping, workspace, digest, check[:16])


def load_master(storage: Storage, environment: Mapping[str, str]) -> MasterKey:
    """Take the master key from ``ONEFOLD_MASTER_KEY`` (base64 of 32 bytes), else from ``master.key`` of the
    keys folder.

    Without either, a new one is made, unless the folder holds keys already: then :class:`UserError`, for a
    new key could open none of them.
    """
    if stated := environment.get(VARIABLE, "").strip():
        return MasterKey.derive(_decode(stated, f"the environment variable {VARIABLE}"))
    names = storage.names()
    if FILE in names:
        return MasterKey.derive(_parse(storage.read(FILE)))
    if any(name.startswith("keys-") for name in names):
        why = "the folder holds data keys, but the master key that opens them is missing"
        raise UserError(Problem("no master key", why, f"Restore {FILE} or set {VARIABLE}.", Place(FILE)))
    secret = os.urandom(KEY_BYTES)
    storage.replace(FILE, _render(secret))
    return MasterKey.derive(secret)


def _render(secret: bytes) -> bytes:
    text = base64.b64encode(secret).decode()
    return f"{_FORM} {_VERSION} {text} {crc32(secret):08x}\n".encode()


def _parse(data: bytes) -> bytes:
    form, version, text, check, *rest = [*data.decode("ascii", "replace").split(), *[""] * 4]
    if form != _FORM or any(rest):
        raise CorruptionError(FILE, 0, "this is not a master key file")
    if version != _VERSION:
        raise FormatError(f"{FILE}: its format version is {version}, this release reads {_VERSION}.")
    try:
        secret = base64.b64decode(text, validate=True)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES or f"{crc32(secret):08x}" != check:
        raise CorruptionError(FILE, len(_FORM) + 3, "the key does not match its checksum")
    return secret


def _decode(text: str, where: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        remedy = "Make one with `head -c 32 /dev/urandom | base64`, or unset it to use the key file."
        raise UserError(Problem(where, "it is not the base64 of 32 bytes", remedy))
    return secret
