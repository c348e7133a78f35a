"""ACS3-HMAC-SHA256 beside a request that alibabacloud_dysmsapi20170525 4.6 signed and sent."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

from channels.sms.aliyun.signature import AccessKey, Call, compute_signature, sign, write_query

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
QUERY = (
    "OutId=0190&PhoneNumbers=13800138000&SignName=%E6%99%BA%E8%BE%BE%E6%9C%9F%E8%B4%A7"
    "&TemplateCode=SMS_1"
    "&TemplateParam=%7B%22link%22%3A%22https%3A%2F%2Fa.b%2Fc%3Fd%3D1%26e%3D~%2A%22%7D"
)
SENT_BY_THE_SDK = {
    "host": "127.0.0.1:33509",
    "x-acs-version": "2017-05-25",
    "x-acs-action": "SendSms",
    "user-agent": "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2",
    "x-acs-date": "2026-11-22T09:41:45Z",
    "x-acs-signature-nonce": "27546fb448d876e7df9b4667f5b54a40",
    "accept": "application/json",
    "x-acs-content-sha256": EMPTY,
    "x-acs-credentials-provider": "static_ak",
}
SIGNED_BY_THE_SDK = "fde8a34772ec2cb2c3e25f22a1cedb49ed63c8518d3b107f813266f85fc7302e"


def test_the_official_sdk_signs_alike() -> None:
    assert compute_signature("testsecret", QUERY, SENT_BY_THE_SDK) == SIGNED_BY_THE_SDK
    assert compute_signature("testsecret2", QUERY, SENT_BY_THE_SDK) != SIGNED_BY_THE_SDK


def test_a_query_is_written_as_the_official_sdk_writes_it() -> None:
    params = dict(reversed(parse_qsl(QUERY)))
    assert write_query(params) == QUERY


def test_the_headers_name_what_they_sign() -> None:
    at = datetime(2026, 11, 22, 9, 41, 45, tzinfo=UTC)
    call = Call("dysmsapi.aliyuncs.com", "SendSms", "2017-05-25", "OutId=1", at, "nonce")
    headers = sign(AccessKey("id", "secret"), call)
    words = headers.pop("Authorization")
    assert words.startswith("ACS3-HMAC-SHA256 Credential=id,SignedHeaders=host;x-acs-action;")
    assert words.endswith(compute_signature("secret", "OutId=1", headers))
    assert headers["x-acs-date"] == "2026-11-22T09:41:45Z"
