"""The demo's host app signs with a secret, and says so when it has none."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.clock import FakeClock
from lab.broker.host import CannotSign, HostSigner


def test_a_public_key_signs_nothing() -> None:
    public = Ed25519PrivateKey.generate().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(CannotSign):
        HostSigner(pem, "i", "a", FakeClock()).sign("86000001")


def test_the_generator_of_tokens_never_repeats_one() -> None:
    signer = HostSigner("k" * 32, "i", "a", FakeClock())
    assert signer.sign("86000001") != signer.sign("86000001")
