"""The signature against figures worked out by other means, and webhooks that are not Zhida's."""

from __future__ import annotations

import pytest

from kernel import signature
from zhida_client import Untrusted, verify_webhook
from zhida_client.signing import sign

SECRET = "webhook-secret-of-this-test-32-bytes"
STAMP = "1795400000"
BODY = '{"event":"notice.reached","client":"张三"}'.encode()
SIGNED = "80fc4a9be33237bae6b06a097056e97824e86b4c38001798be4d22e7cfd72e15"
"""printf '1795400000.{…}' | openssl dgst -sha256 -hmac webhook-secret-of-this-test-32-bytes"""
HEADERS = {
    "X-Zhida-Timestamp": STAMP,
    "X-Zhida-Signature": SIGNED,
    "X-Zhida-Delivery": "0197a1",
}
NOW = float(STAMP)


def test_it_is_what_openssl_says_and_what_zhida_signs() -> None:
    assert sign(STAMP, BODY, SECRET) == SIGNED == signature.sign(STAMP, BODY, SECRET)


@pytest.mark.parametrize("name", [str.lower, str.upper, str])
def test_a_webhook_of_zhida_is_known_however_headers_are_spelled(name: type[str]) -> None:
    headers = {name(key): value for key, value in HEADERS.items()}
    assert verify_webhook(headers, BODY, SECRET, NOW) == "0197a1"


def test_both_secrets_are_known_while_one_replaces_the_other() -> None:
    signatures = [sign(STAMP, BODY, "the-one-after"), SIGNED]
    headers = HEADERS | {"X-Zhida-Signature": ",".join(signatures)}
    for secret in (SECRET, "the-one-after"):
        assert verify_webhook(headers, BODY, secret, NOW) == "0197a1"
    with pytest.raises(Untrusted):
        verify_webhook(headers, BODY, "a-third", NOW)


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_five_minutes_are_allowed(late: int) -> None:
    assert verify_webhook(HEADERS, BODY, SECRET, NOW + late)


@pytest.mark.parametrize(
    ("change", "body", "secret", "late"),
    [
        ({}, BODY + b" ", SECRET, 0),
        ({}, BODY, "another", 0),
        ({}, BODY, "", 0),
        ({}, BODY, SECRET, 301),
        ({}, BODY, SECRET, -301),
        ({"X-Zhida-Signature": ""}, BODY, SECRET, 0),
        ({"X-Zhida-Signature": "签名\udc80"}, BODY, SECRET, 0),
        ({"X-Zhida-Timestamp": ""}, BODY, SECRET, 0),
        ({"X-Zhida-Timestamp": "-1795400000"}, BODY, SECRET, 0),
        ({"X-Zhida-Timestamp": "1795400001"}, BODY, SECRET, 0),
        ({"X-Zhida-Timestamp": "１７９５４０００００"}, BODY, SECRET, 0),
    ],
)
def test_what_is_forged_stale_or_changed_is_refused(
    change: dict[str, str], body: bytes, secret: str, late: int
) -> None:
    with pytest.raises(Untrusted):
        verify_webhook(HEADERS | change, body, secret, NOW + late)


def test_an_empty_secret_trusts_nobody() -> None:
    headers = HEADERS | {"X-Zhida-Signature": sign(STAMP, BODY, "")}
    with pytest.raises(Untrusted):
        verify_webhook(headers, BODY, "", NOW)
