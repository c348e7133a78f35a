# Made from docs/openapi.yaml by `python -m tools.sdk`: change that, not this.
"""What systems of the broker call."""

from __future__ import annotations

from uuid import UUID

from zhida_client.calls import Calls, segment
from zhida_client.schemas import EventBatch, EventFates, MessageOrder, MessageOrdered, Ordered


class SystemCalls(Calls):
    """What systems of the broker call."""

    def take_events(self, body: EventBatch) -> EventFates:
        """Takes up to 1,000 events of clients from a system of the broker, each once.

        `X-Zhida-Timestamp` is Unix seconds, at most 5 min from now; `X-Zhida-Signature` is the hex
        HMAC-SHA-256 of `<timestamp>.` and the body under `ZHIDA_EVENTS_KEY`. An event is known by
        `source` and `key` for ever: sent again it is `repeated`. An unknown client or type is kept,
        and handled once the client or type is known. A wrong event is `refused` alone, with why.
        """
        return self._ask(EventFates, "POST", "/v1/events", body=body)

    def order_message(self, body: MessageOrder) -> MessageOrdered:
        """Orders one message to one client, with an urgency; the same key orders it once.

        Signed like `POST /v1/events`. It becomes a notice, which climbs the ladder of its urgency;
        what becomes of it is at `/v1/messages/{notice_id}`, and webhooks are told. `values` are the
        content's fields.
        """
        return self._ask(MessageOrdered, "POST", "/v1/messages", body=body)

    def get_ordered(self, notice_id: UUID, *, source: str) -> Ordered:
        """Says what became of what this source ordered; no content, no address.

        As there is no body, the signature is over the path with its query, as it is sent: `HMAC-
        SHA256(key, "<timestamp>." + "/v1/messages/<notice_id>?source=<source>")`. What another
        source ordered is not found.
        """
        return self._ask(
            Ordered, "GET", f"/v1/messages/{segment(notice_id)}", query={"source": source}
        )
