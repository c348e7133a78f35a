"""What staff accounts need to be set up, one kind for each way to reach people."""

from __future__ import annotations

from typing import Final

from channels.account import Account, Detail, Provider
from channels.staff.channel import NAME, StaffChannel
from channels.staff.dingtalk import API_BASE as DINGTALK_BASE
from channels.staff.dingtalk import DingtalkRobot
from channels.staff.notice import ALL_TOPICS, read_topics
from channels.staff.wecom import WecomApp, WecomRobot
from channels.wechat.wire import ErrcodeWire
from channels.wecom.client import API_BASE, WecomClient
from kernel.clock import SystemClock
from kernel.errors import InvalidInput
from store.staff_notice import Pace

PACE: Final = Pace(20, 65.0)
"""Robots may speak 20 times a minute, as WeCom tells an employee at most 30 messages a minute;
five seconds more, because calls arrive later than they are counted."""

_TOPICS = Detail(
    "topics", "订阅内容", "what it is told of: ticket, breach, provider", default=ALL_TOPICS
)


def _build_app(account: Account) -> StaffChannel:
    read_topics(account)
    public, agent = account.public, account.public["agent_id"]
    if not (agent.isascii() and agent.isdigit() and len(agent) <= 12):
        raise InvalidInput("agent_id is a number.", zh="AgentId 必须是数字。")
    client = WecomClient(public["corp_id"], account.secret["secret"], api_base=public["api_base"])
    return StaffChannel(account.name, WecomApp(client, int(agent), public["to"]), PACE)


def _build_robot(account: Account) -> StaffChannel:
    read_topics(account)
    robot = WecomRobot(account.secret["key"], account.public["api_base"], ErrcodeWire())
    return StaffChannel(account.name, robot, PACE)


def _build_dingtalk(account: Account) -> StaffChannel:
    read_topics(account)
    robot = DingtalkRobot(
        account.secret["access_token"],
        account.secret["secret"],
        account.public["api_base"],
        ErrcodeWire(),
        SystemClock(),
    )
    return StaffChannel(account.name, robot, PACE)


WECOM_APP = Provider(
    channel=NAME,
    name="wecom_app",
    zh="企业微信应用消息",
    en="WeCom application message",
    details=(
        Detail("corp_id", "企业 ID", "the CorpId, on “My company” of the WeCom console"),
        Detail("agent_id", "AgentId", "the application's AgentId"),
        Detail("secret", "应用 Secret", "the application's secret", True),
        Detail("to", "接收人", "employees, separated by |, or @all", default="@all"),
        _TOPICS,
        Detail("api_base", "接口地址", "the API's address", default=API_BASE),
    ),
    build=_build_app,
    path="",
)
WECOM_ROBOT = Provider(
    channel=NAME,
    name="wecom_robot",
    zh="企业微信群机器人",
    en="WeCom group robot",
    details=(
        Detail("key", "机器人 key", "the key in the robot's webhook address", True),
        _TOPICS,
        Detail("api_base", "接口地址", "the API's address", default=API_BASE),
    ),
    build=_build_robot,
    path="",
)
DINGTALK = Provider(
    channel=NAME,
    name="dingtalk",
    zh="钉钉群机器人",
    en="DingTalk group robot",
    details=(
        Detail("access_token", "access_token", "the token in the robot's address", True),
        Detail("secret", "加签密钥", "the secret of the signature (SEC…)", True),
        _TOPICS,
        Detail("api_base", "接口地址", "the API's address", default=DINGTALK_BASE),
    ),
    build=_build_dingtalk,
    path="",
)
