"""Test sends of a content to named test clients: marked as tests, on the real channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from channels.contract import Channels
from channels.live import DELIVER, Hub
from kernel.errors import InvalidInput, NotAllowed, ServiceError
from kernel.message import UNSUBSCRIBE, Address, Author, Content, Json
from orchestrator.content import find_slot, prepare
from orchestrator.field import OF_CLIENT
from orchestrator.filling import sample_values
from store import client, conversation, outbox
from store.audience_member import find_marked
from store.cipher import Cipher
from store.client_field import find_fields
from store.content import ContentRow
from store.engine import Connection, Database
from store.outbox import Draft

TEST_TAG: Final = "test"
MOST: Final = 10
MARK: Final = "【测试】"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one test send: `outbox_id`, or the reason why there is none."""

    client_id: UUID
    channel: str
    outbox_id: UUID | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class TrialDesk:
    """Sends to clients who carry the tag `test`, and to nobody else."""

    database: Database
    cipher: Cipher
    channels: Channels
    hub: Hub
    house: Mapping[str, Json]

    async def send(
        self,
        row: ContentRow,
        channels: Sequence[str],
        client_ids: Sequence[UUID],
        *,
        arm: str,
        values: Mapping[str, Json],
    ) -> list[Trial]:
        """Send a content with a campaign's values to test clients on each of the channels.

        What clients fill is the test client's own, or a sample where that is not known.

        Raises:
            InvalidInput: there are none, or more than ten.
            NotAllowed: one of them does not carry the tag `test`.
        """
        if not 1 <= len(client_ids) <= MOST:
            raise InvalidInput(
                f"Choose 1 to {MOST} test clients.", zh=f"请选择 1–{MOST} 位测试客户。"
            )
        trials: list[Trial] = []
        async with self.database.transaction() as connection:
            marked = await find_marked(connection, client_ids, TEST_TAG)
            if set(client_ids) - marked:
                raise NotAllowed(
                    f"Test sends go to clients with the tag “{TEST_TAG}” alone.",
                    zh=f"测试发送只能发给带有“{TEST_TAG}”标签的客户。",
                )
            people = await find_fields(connection, self.cipher, client_ids, OF_CLIENT)
            for one in client_ids:
                addresses = await client.find_addresses(connection, one)
                given = {**sample_values(values), **people.get(one, {}), **self.house}
                for channel in channels:
                    found = _pick(addresses, channel)
                    sent = await self._send(connection, row, one, found, (channel, arm), given)
                    trials.append(sent)
        self.hub.publish(DELIVER, once=True)
        return trials

    async def _send(
        self,
        connection: Connection,
        row: ContentRow,
        client_id: UUID,
        address: Address | None,
        way: tuple[str, str],
        values: Mapping[str, Json],
    ) -> Trial:
        channel, arm = way
        if address is None:
            return Trial(client_id, channel, None, "no_address")
        if find_slot(row.variants, channel, "zh", arm) is None:
            return Trial(client_id, channel, None, "no_variant")
        try:
            can = self.channels.get(address).describe(address)
            content = _write(row, way, values)
        except ServiceError as error:
            return Trial(client_id, channel, None, error.code)
        talk = await conversation.open_for(connection, address)
        state = "accepted" if can.is_pulled else "queued"
        draft = Draft(talk.id, Author.SYSTEM, content, state=state)
        posted = await outbox.post(connection, self.cipher, draft)
        return Trial(client_id, channel, posted.outbox_id, None)


def _write(row: ContentRow, way: tuple[str, str], values: Mapping[str, Json]) -> Content:
    written = prepare(row, way[0], "zh", way[1]).render({**values, UNSUBSCRIBE: None})
    return replace(written, text=MARK + written.text)


def _pick(addresses: Sequence[Address], channel: str) -> Address | None:
    return next((one for one in addresses if one.channel == channel), None)
