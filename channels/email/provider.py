"""What a mail account needs, and how a channel is made of it."""

from __future__ import annotations

from channels.account import Account, Detail, Provider
from channels.contract import Channel
from channels.email.address import ReturnDesk
from channels.email.channel import NAME, PATH, EmailChannel, is_mailbox
from channels.email.client import Server, SmtpClient
from channels.email.render import Letterhead
from kernel.errors import InvalidInput

SMTP = "smtp"
SECURITIES = ("starttls", "tls", "none")


def build_email(account: Account) -> Channel:
    """Make the channel of a mail account.

    Raises:
        InvalidInput: the port, the security or the sender's address cannot be used.
    """
    public, secret = account.public, account.secret
    if not (public["port"].isdecimal() and 0 < int(public["port"]) < 65_536):
        raise InvalidInput("port is a number from 1 to 65535.", zh="端口应为 1 到 65535 的数字。")
    if public["security"] not in SECURITIES:
        raise InvalidInput(
            f"security is one of {', '.join(SECURITIES)}.",
            zh="加密方式应为 starttls、tls 或 none。",
        )
    if not is_mailbox(public["sender"]):
        raise InvalidInput("sender is a mail address.", zh="发件地址不是有效的邮箱地址。")
    server = Server(
        public["host"], int(public["port"]), public["security"], public["user"], secret["password"]
    )
    site = public["site"].rstrip("/")
    letterhead = Letterhead(account.name, public["sender"], public["sender_name"], site)
    return EmailChannel(account.name, letterhead, find_returns(account), SmtpClient(server))


def find_returns(account: Account) -> ReturnDesk:
    """Return the desk that makes and reads this account's return addresses."""
    keys = [account.secret["reply_key"], account.previous.get("reply_key", "")]
    domain = account.public["reply_domain"] or account.public["sender"].rpartition("@")[2]
    return ReturnDesk(account.name, domain, [key for key in keys if key])


PROVIDER = Provider(
    channel=NAME,
    name=SMTP,
    zh="电子邮件（SMTP）",
    en="E-mail (SMTP)",
    details=(
        Detail("host", "发信服务器", "the SMTP server's name"),
        Detail("port", "发信端口", "the SMTP server's port", default="587"),
        Detail("security", "加密方式", "starttls, tls or none", default="starttls"),
        Detail("user", "用户名", "the SMTP login, if one is asked for", default=""),
        Detail("password", "密码", "the SMTP password", is_secret=True, default=""),
        Detail("sender", "发件地址", "the address that clients see"),
        Detail("sender_name", "发件人名称", "the name that clients see", default="智达"),
        Detail(
            "reply_domain",
            "回信域名",
            "the domain whose mail is handed to our webhook; empty: the sender's",
            default="",
        ),
        Detail("site", "公网地址", "our public address, for unsubscribe links", default=""),
        Detail("reply_key", "回信地址密钥", "signs reply and bounce addresses", is_secret=True),
        Detail("webhook_key", "回调密钥", "signs what the mail server posts", is_secret=True),
    ),
    build=build_email,
    path=PATH,
)
