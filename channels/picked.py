"""Finds what a tapped button means in the message that showed it."""

from __future__ import annotations

from dataclasses import replace

from channels.wechat.choice import list_choices, parse_choice_id
from kernel.message import Inbound
from store import conversation
from store.cipher import Cipher
from store.engine import Connection


async def resolve(connection: Connection, cipher: Cipher, inbound: Inbound) -> Inbound:
    """Return the message with the payload of the button that it names, if it names one of ours.

    The hint `choice` carries the button's id; one that fits no message of this conversation
    leaves the message as it is: words.
    """
    picked = parse_choice_id(str(inbound.content.hints.get("choice", "")))
    if picked is None:
        return inbound
    talk = await conversation.find_by_address(connection, inbound.address)
    if talk is None:
        return inbound
    page = await conversation.read_transcript(
        connection, cipher, talk.id, after=picked.seq - 1, limit=1
    )
    if not page or page[0].seq != picked.seq or page[0].direction != "out":
        return inbound
    choices = list_choices(page[0].content)
    if picked.place >= len(choices):
        return inbound
    return replace(inbound, menu_payload=choices[picked.place]["payload"])
