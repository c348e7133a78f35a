"""What an app at JPush needs, and how a channel is made of it."""

from __future__ import annotations

from channels.account import Account, Detail, Provider
from channels.contract import Channel
from channels.push.device import Devices
from channels.push.jpush.channel import App, JpushChannel
from channels.push.sentence import NAME
from kernel.errors import InvalidInput

JPUSH = "jpush"
API_BASE = "https://api.jpush.cn"


def make_provider(devices: Devices) -> Provider:
    """Return the kind of account, with the memory that its channels share."""

    def build(account: Account) -> Channel:
        public = account.public
        if not public["api_base"].startswith(("https://", "http://127.0.0.1")):
            raise InvalidInput("api_base begins with https://.", zh="接口地址应以 https:// 开头。")
        app = App(
            account.name,
            public["app_key"],
            account.secret["master_secret"],
            public["title"],
            public["api_base"].rstrip("/"),
            public["production"] != "false",
        )
        return JpushChannel(app, devices)

    return Provider(
        channel=NAME,
        name=JPUSH,
        zh="极光推送（App）",
        en="JPush (app)",
        details=(
            Detail("app_key", "AppKey", "the app's key"),
            Detail("master_secret", "Master Secret", "the app's master secret", is_secret=True),
            Detail("title", "通知标题", "what pushes are headed with: the house's name"),
            Detail("production", "苹果正式环境", "false for a test build on iOS", default="true"),
            Detail("api_base", "接口地址", "the API's address", default=API_BASE),
        ),
        build=build,
        path="",
    )
