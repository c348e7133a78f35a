"""Twilio's error codes with the HTTP status and the sentence that it answers.

Source: twilio.com/docs/api/errors.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

MESSAGES: Mapping[int, tuple[int, str]] = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20422: (400, "Invalid Parameter"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service is unavailable. Please try again."),
    21211: (400, "The 'To' number is not a valid phone number."),
    21266: (400, "'To' and 'From' number cannot be the same."),
    21408: (400, "Permission to send an SMS has not been enabled for the region of this number."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number is not a valid, message-capable Twilio phone number."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
    30001: (400, "Queue overflow"),
    30007: (400, "Message filtered"),
}


class Wrong(Exception):
    """Twilio answers with an error."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def answer(self) -> web.Response:
        """Return the answer that Twilio gives."""
        status, sentence = MESSAGES[self.code]
        body = {
            "code": self.code,
            "message": sentence,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": status,
        }
        return web.json_response(body, status=status)
