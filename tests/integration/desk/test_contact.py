"""A number that staff corrected is not the one that somebody proved to be theirs."""

from __future__ import annotations

from uuid import UUID

import pytest

from clients.verification import NoTryLeft, NotVerified, Verification
from tests.integration.clients.conftest import DemoCore
from tests.integration.desk.conftest import Office
from tests.integration.desk.one_client import PHONE, prove, sms, take

__all__ = ["sms"]


@pytest.mark.usefixtures("sms")
async def test_proofs_from_the_old_number_end(
    office: Office, verification: Verification, core: DemoCore
) -> None:
    talk = await office.hand_over(who="+8613800000000", channel="sms")
    await prove(verification, core, talk, channel="sms")
    await verification.send_code(UUID(talk), PHONE)
    anna, boss = await office.sign_in("anna"), await office.sign_in("super")
    client = f"clients/{(await take(anna, talk))['client']['id']}"
    (identity,) = (await boss.get(client))["identities"]
    path = f"{client}/identities/{identity['id']}/address"
    asked = {"address": "13912345678", "reason": "客户换了号码"}
    assert (await anna.ask("POST", path, asked)).status == 403
    assert await boss.do(path, asked) == {"shown": "139****5678"}
    with pytest.raises(NotVerified):
        await verification.access_client_for(UUID(talk), "account")
    with pytest.raises(NoTryLeft):
        await verification.check_code(UUID(talk), await core.read_code(), channel="sms")
    (kept,) = (await boss.get(client))["identities"]
    assert (kept["id"], kept["bound_at"]) == (identity["id"], None)
