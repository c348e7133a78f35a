"""What a kf account may say to each client: the session's state, five messages in 48 hours.

Source: developer.work.weixin.qq.com/document/path/94677 (发送消息), 94669 (分配客服会话), 95122
(发送欢迎语等事件响应消息).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.clock import Clock
from kernel.message import Json
from lab.wecom.code import Wrong

QUOTA = 5
LASTS = timedelta(hours=48)
WELCOME_LASTS = timedelta(seconds=20)
NEW, ASSISTANT, WAITING, PERSON, ENDED = range(5)
_MOVES = {
    NEW: {ASSISTANT, WAITING, PERSON, ENDED},
    ASSISTANT: {WAITING, PERSON, ENDED},
    WAITING: {ASSISTANT, PERSON, ENDED},
    PERSON: {WAITING, PERSON, ENDED},
    ENDED: set(),
}


@dataclass(slots=True)
class Session:
    """One client towards one kf account."""

    state: int = NEW
    left: int = 0
    expires_at: datetime | None = None
    spoke_at: datetime | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the session as the control API shows it."""
        until = self.expires_at.isoformat() if self.expires_at else None
        return {"state": self.state, "left": self.left, "expires_at": until}


@dataclass(slots=True)
class SessionDesk:
    """Every session, and the codes with which an event may be answered."""

    clock: Clock
    _sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    _codes: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)

    def get(self, open_kfid: str, user: str) -> Session:
        """Return a client's session, or raise Wrong for one who was never here."""
        try:
            return self._sessions[open_kfid, user]
        except KeyError:
            raise Wrong(40003) from None

    def speak(self, open_kfid: str, user: str) -> None:
        """Let a client write: five messages more, and a session that had ended begins anew."""
        session = self._sessions.setdefault((open_kfid, user), Session())
        session.state = NEW if session.state == ENDED else session.state
        session.left, session.spoke_at = QUOTA, self.clock.now()
        session.expires_at = session.spoke_at + LASTS

    def enter(self, open_kfid: str, user: str) -> str:
        """Let a client open the chat; returns a welcome code if they have not written lately."""
        session = self._sessions.setdefault((open_kfid, user), Session())
        now = self.clock.now()
        if session.spoke_at and now - session.spoke_at < LASTS:
            return ""
        code = "lab-code-" + secrets.token_urlsafe(12)
        self._codes[code] = (open_kfid, user, now + WELCOME_LASTS)
        return code

    def check_code(self, code: str) -> tuple[str, str]:
        """Take a code, once: returns the kf account and the client, or raises Wrong."""
        open_kfid, user, ends = self._codes.pop(code, ("", "", self.clock.now()))
        if not user or ends <= self.clock.now():
            raise Wrong(40058, "code")
        return open_kfid, user

    def check_send(self, open_kfid: str, user: str) -> Session:
        """Raise Wrong unless the API may send to this client now."""
        session = self.get(open_kfid, user)
        if session.state not in {NEW, ASSISTANT}:
            raise Wrong(95018)
        if session.expires_at is None or session.expires_at <= self.clock.now():
            raise Wrong(95002)
        if session.left <= 0:
            raise Wrong(95001)
        return session

    def move(self, open_kfid: str, user: str, state: int) -> None:
        """Put a session into another state, as the API may."""
        session = self.get(open_kfid, user)
        if state not in _MOVES[session.state]:
            raise Wrong(95016)
        session.state = state
