"""Everything that the fake WeCom knows, in one place for its parts to share."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from kernel.clock import Clock
from kernel.message import Json
from lab.fault import Fake
from lab.room import Room
from lab.wecom.account import KfAccount, WecomAccounts
from lab.wecom.code import MESSAGES, Wrong
from lab.wecom.session import SessionDesk
from lab.wecom.token import TokenDesk

FAKE = Fake(
    "wecom",
    ("token", "pull", "send", "event", "state", "message", "robot"),
    frozenset(MESSAGES),
)
HISTORY = timedelta(days=3)
TOKEN_LASTS = timedelta(minutes=10)
ROBOT_A_MINUTE = 20
_MSGID = re.compile(r"[0-9a-zA-Z_-]{1,32}", re.ASCII)

Item = Mapping[str, Json]


@dataclass(slots=True)
class WecomWorld:
    """The state of the fake WeCom."""

    accounts: WecomAccounts
    room: Room
    tokens: TokenDesk
    sessions: SessionDesk
    items: dict[str, list[Item]] = field(default_factory=dict)
    pulls: int = 0
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    """Told apart by its cursors: what a lab of before handed out is gone with it."""
    _pull_tokens: dict[str, datetime] = field(default_factory=dict)
    _msgids: set[tuple[str, str]] = field(default_factory=set)
    _robot_calls: dict[str, list[datetime]] = field(default_factory=dict)
    _app_messages: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def build(cls, accounts: WecomAccounts, room: Room) -> WecomWorld:
        """Build an empty world in the lab's room."""
        return cls(accounts, room, TokenDesk(room.clock), SessionDesk(room.clock))

    @property
    def clock(self) -> Clock:
        """The lab's clock."""
        return self.room.clock

    def find_kf(self, open_kfid: Json) -> KfAccount:
        """Return a kf account by its id, or raise Wrong."""
        for one in self.accounts.kfs.values():
            if one.open_kfid == open_kfid:
                return one
        raise Wrong(95000)

    def add_item(self, account: KfAccount, origin: int, parts: Mapping[str, Json]) -> str:
        """Keep something for `kf/sync_msg`; returns its msgid."""
        msgid = str(parts.get("msgid") or secrets.token_urlsafe(16))
        item: dict[str, Json] = {
            "msgid": msgid,
            "open_kfid": account.open_kfid,
            "send_time": int(self.clock.now().timestamp()),
            "origin": origin,
            **parts,
        }
        item["msgid"] = msgid
        self.items.setdefault(account.name, []).append(item)
        return msgid

    def issue_pull_token(self) -> str:
        """Make the Token of a callback."""
        token = "lab-pull-" + secrets.token_urlsafe(16)
        self._pull_tokens[token] = self.clock.now() + TOKEN_LASTS
        return token

    def check_pull_token(self, token: str) -> None:
        """Raise Wrong unless a callback gave this token lately."""
        ends = self._pull_tokens.get(token)
        if ends is None or ends <= self.clock.now():
            raise Wrong(95007)

    def check_msgid(self, account: KfAccount, msgid: Json) -> str:
        """Return a message's id, ours where none was given; one that was used is refused."""
        if msgid is None:
            return "lab-msg-" + secrets.token_hex(8)
        if not isinstance(msgid, str) or not _MSGID.fullmatch(msgid):
            raise Wrong(40058, "msgid")
        if (account.name, msgid) in self._msgids:
            raise Wrong(40058, "msgid exists")
        return msgid

    def record_sent(
        self, account: KfAccount, user: str, msgid: str, *, kind: str, message: Mapping[str, Json]
    ) -> None:
        """Put an accepted message onto the client's phone."""
        self._msgids.add((account.name, msgid))
        msgtype = str(message["msgtype"])
        self.room.record_sent(
            "kf",
            kind,
            account=account.name,
            address=user,
            msgid=msgid,
            outbox=_read_outbox_id(msgid),
            msgtype=msgtype,
            body=message[msgtype],
        )

    def check_robot_pace(self, key: str) -> None:
        """Count a robot's call, or raise Wrong for the 21st within a minute."""
        now = self.clock.now()
        calls = [at for at in self._robot_calls.get(key, []) if now - at < timedelta(minutes=1)]
        if len(calls) >= ROBOT_A_MINUTE:
            raise Wrong(45009)
        self._robot_calls[key] = [*calls, now]

    def find_repeat(self, message: str, seconds: int) -> bool:
        """Tell whether the very same application message was sent within `seconds`."""
        now, last = self.clock.now(), self._app_messages.get(message)
        self._app_messages[message] = now
        return last is not None and now - last < timedelta(seconds=seconds)

    def reset(self) -> None:
        """Begin anew: no sessions, no tokens, nothing to pull."""
        self.tokens.expire_all()
        self.items.clear()
        self.epoch = secrets.token_hex(4)
        self.sessions = SessionDesk(self.clock)
        self._pull_tokens.clear()
        self._robot_calls.clear()
        self._app_messages.clear()


def _read_outbox_id(msgid: str) -> str | None:
    try:
        return str(UUID(hex=msgid)) if len(msgid) == 32 else None
    except ValueError:
        return None
