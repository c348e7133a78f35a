"""What was said, as the widget and the desk see it, and what a mask hid during a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from channels.live import DELIVER, DESK, EVENT, Frame, Hub, talk_topic
from kernel.masking import mask, show_text
from kernel.message import Author, Content, Json, Outbound
from store import conversation
from store.campaign_post import Fetched
from store.cipher import Cipher
from store.conversation import Said
from store.engine import Database
from store.outbox import Posted

BOT_NAME = {"zh": "智能助手", "en": "Assistant"}


def show_said(said: Said, *, inside: bool = False) -> dict[str, Json]:
    """Return a message as the contract's JSON; `inside` adds hints and state for the desk."""
    shown: dict[str, Json] = {
        "seq": said.seq,
        "id": str(said.id),
        "author": said.author,
        "name": said.author_name,
        "at": said.at.isoformat(),
        "content": (_for_staff(said) if inside else said.content).to_json(inside=inside),
    }
    if said.client_msg_id and (inside or said.direction == "in"):
        shown["client_msg_id"] = said.client_msg_id
    if inside:
        shown |= {"state": said.state, "why": said.reason, "direction": said.direction}
    return shown


def _for_staff(said: Said) -> Content:
    """Hide the middle of a client's personal data; who needs it reveals it, which is audited."""
    if said.author != Author.CLIENT:
        return said.content
    return replace(said.content, text=show_text(said.content.text))


def show_posted(posted: Posted, name: str | None = None) -> dict[str, Json]:
    """Return a message that was just written as the frame `message` of the contract."""
    draft = posted.draft
    return {
        "type": "message",
        "seq": posted.seq,
        "id": str(posted.message_id),
        "author": draft.author.value,
        "name": name,
        "at": posted.at.isoformat(),
        "content": draft.content.to_json(),
        **({"client_msg_id": draft.client_msg_id} if draft.client_msg_id else {}),
    }


def to_outbound(posted: Posted) -> Outbound:
    """Return what a channel needs to send a message that was just written."""
    return Outbound(
        outbox_id=posted.outbox_id,
        address=posted.address,
        content=posted.draft.content,
        author=Author(posted.draft.author),
        conversation_id=posted.conversation_id,
        message_id=posted.message_id,
        seq=posted.seq,
        reply_to=posted.draft.reply_to,
    )


def tell_posted(hub: Hub, posted: Posted, name: str | None = None) -> None:
    """Tell sockets, desks and deliverers of a message that was just committed."""
    frame = show_posted(posted, name)
    talk = str(posted.conversation_id)
    hub.publish(talk_topic(talk), frame)
    hub.publish(DESK, {"type": "message", "conversation_id": talk, "message": frame})
    if posted.draft.state == "queued":
        hub.publish(DELIVER, once=True)
    hub.publish(EVENT, once=True)


def tell_fetched(hub: Hub, fetched: Fetched) -> None:
    """Tell a client's open chat of a campaign's letter; desks hear of it when they next ask."""
    said = fetched.outbound
    frame: Frame = {
        "type": "message",
        "seq": fetched.seq,
        "id": str(fetched.message_id),
        "author": said.author.value,
        "name": None,
        "at": fetched.at.isoformat(),
        "content": said.content.to_json(),
    }
    hub.publish(talk_topic(fetched.conversation_id), frame)


def tell_floor(hub: Hub, conversation_id: UUID, floor: str, epoch: int) -> None:
    """Tell sockets and desks that the floor has moved."""
    frame: Frame = {
        "type": "floor",
        "conversation_id": str(conversation_id),
        "floor": floor,
        "floor_epoch": epoch,
    }
    hub.publish(talk_topic(conversation_id), frame)
    hub.publish(DESK, frame)
    hub.publish(EVENT, once=True)


@dataclass(frozen=True, slots=True)
class Turns:
    """Gives the actions what the mask hid from the assistant, for one message at a time."""

    database: Database
    cipher: Cipher

    async def revealed(self, conversation_id: UUID, message_id: UUID) -> Mapping[str, str]:
        """Return what each token of a message of this conversation stands for; empty if none."""
        async with self.database.transaction() as connection:
            content = await conversation.find_content(
                connection, self.cipher, conversation_id, message_id
            )
        return mask(content.text, code_expected=True).found if content else {}
