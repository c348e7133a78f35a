"""The one tree of errors. The docstring of a class is its default message.

`code` is for programs, `status` is what HTTP answers, `retry` says whether the same
call may succeed later. Anything outside this tree is a bug.
"""

from __future__ import annotations

from typing import ClassVar


class ServiceError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retry: ClassVar[bool] = False
    message_zh: ClassVar[str] = "出错了。"

    def __init__(self, message: str | None = None, *, zh: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip().splitlines()[0]
        self.zh = zh or self.message_zh
        super().__init__(self.message)


class Refused(ServiceError):
    """The request cannot be granted."""

    code = "refused"
    status = 400
    message_zh = "请求无法受理。"


class InvalidInput(Refused):
    """The input is not valid."""

    code = "invalid_input"
    message_zh = "输入内容有误。"


class NotSignedIn(Refused):
    """Please sign in first."""

    code = "not_signed_in"
    status = 401
    message_zh = "请先登录。"


class NotAllowed(Refused):
    """You may not do that with this account."""

    code = "not_allowed"
    status = 403
    message_zh = "您没有该操作的权限。"


class NotFound(Refused):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"
    status = 404
    message_zh = "未找到，或不在您的权限范围内。"


class Conflict(Refused):
    """Somebody else was faster; please look again and retry."""

    code = "conflict"
    status = 409
    message_zh = "内容已被他人更新，请刷新后重试。"


class FloorMoved(Conflict):
    """The floor has moved to somebody else; nothing was sent."""

    code = "floor_moved"
    message_zh = "会话已由他人接管，消息未发送。"


class WindowClosed(Conflict):
    """The channel's reply window is closed or used up; nothing was sent."""

    code = "window_closed"
    message_zh = "该渠道的回复窗口已关闭或额度已用完，消息未发送。"


class TooMany(Refused):
    """Too many requests; please wait a moment."""

    code = "too_many"
    status = 429
    retry = True
    message_zh = "操作过于频繁，请稍候再试。"

    def __init__(
        self, message: str | None = None, *, zh: str | None = None, retry_after: float = 1.0
    ) -> None:
        super().__init__(message, zh=zh)
        self.retry_after = retry_after


class TooLarge(InvalidInput):
    """The content is larger than this channel takes."""

    code = "too_large"
    status = 413
    message_zh = "内容过大。"


class Untrusted(ServiceError):
    """The callback cannot be trusted."""

    code = "untrusted"
    status = 403
    message_zh = "回调不可信。"


class BadSignature(Untrusted):
    """The signature does not match."""

    code = "bad_signature"
    message_zh = "签名不匹配。"


class Stale(Untrusted):
    """The request is too old or comes from the future; check the clock."""

    code = "stale"
    message_zh = "请求时间超出允许范围，请检查时钟。"


class Malformed(Untrusted):
    """The body is not what the provider's documents describe."""

    code = "malformed"
    status = 400
    message_zh = "报文格式不正确。"


class UnknownEvent(Untrusted):
    """The event is of a kind that we do not handle; it was counted."""

    code = "unknown_event"
    status = 200
    message_zh = "未知事件类型，已计数。"


class Duplicate(Untrusted):
    """The same event came before; it has no further effect."""

    code = "duplicate"
    status = 200
    message_zh = "重复事件，已忽略。"


class NotPermitted(ServiceError):
    """A rule of the trade forbids this message."""

    code = "not_permitted"
    status = 409
    message_zh = "业务规则不允许发送。"


class NoConsent(NotPermitted):
    """The client has not consented to this kind of message."""

    code = "no_consent"


class QuietHours(NotPermitted):
    """It is the client's quiet time."""

    code = "quiet_hours"


class NotSuitable(NotPermitted):
    """The content is above the client's risk level."""

    code = "not_suitable"


class NotApproved(NotPermitted):
    """The content has not been approved by a second person."""

    code = "not_approved"


class OverQuota(NotPermitted):
    """The quota of this channel is used up."""

    code = "over_quota"


class MissingField(NotPermitted):
    """A field that the content shows has no value for this client."""

    code = "missing_field"
    message_zh = "该客户缺少内容所需的字段。"

    def __init__(
        self, message: str | None = None, *, zh: str | None = None, field: str = ""
    ) -> None:
        super().__init__(message, zh=zh)
        self.field = field


class NoVariant(NotPermitted):
    """The content has no words for this channel."""

    code = "no_variant"
    message_zh = "该内容没有适用于此渠道的版本。"


class ProviderError(ServiceError):
    """The other side failed."""

    code = "provider_error"
    status = 502
    message_zh = "外部系统异常。"


class Transient(ProviderError):
    """The other side is busy or unreachable; trying again later may work."""

    code = "provider_transient"
    status = 503
    retry = True
    message_zh = "外部系统暂时不可用，请稍后再试。"


class Permanent(ProviderError):
    """The other side refused, and will refuse again."""

    code = "provider_permanent"
    message_zh = "外部系统拒绝了请求。"


class OutcomeUnknown(ProviderError):
    """The other side may or may not have done it; it is never repeated blindly."""

    code = "outcome_unknown"
    message_zh = "外部系统结果未知，不会盲目重试。"
