"""The texts of the house's own contents that the lab's account has had approved, by code."""

from __future__ import annotations

from collections.abc import Mapping

HOUSE: Mapping[str, str] = {
    "SMS_200000001": "您的期货账户需要追加保证金，逾期可能被强行平仓。请立即登录APP查看并处理。",
    "SMS_200000002": "您的期货账户即将触发强行平仓，请立即登录APP追加保证金或减仓。",
    "SMS_200000003": "您的期货账户已被执行强行平仓，明细请登录APP查看。",
    "SMS_200000004": "您的期货账户保证金占用偏高，请登录APP关注持仓风险。",
    "SMS_200000005": "您的期货账户今日波动较大，请登录APP查看风险提示。",
    "SMS_200000006": "您的期货账户发生大额异动，如非本人操作请立即登录APP或联系客服。",
    "SMS_200000007": "您的交易权限即将到期，请登录APP办理续期，以免影响交易。",
    "SMS_200000008": "您的风险测评即将到期，到期后部分业务可能受限，请登录APP重新测评。",
    "SMS_200000009": "您的入金已到账，请登录APP查看。",
    "SMS_200000010": "您的出金已处理完成，到账时间以银行为准，详情请登录APP查看。",
    "SMS_200000011": "您申请的交易权限已开通，请登录APP查看。",
    "SMS_200000012": "您的咨询有新进展，请登录APP查看。",
    "SMS_200000013": "您的投诉已受理，专人将跟进并反馈处理结果。",
    "SMS_200000014": "欢迎开户！新手视频和客户经理联系方式请登录APP查看。投资有风险，入市需谨慎。",
    "SMS_200000015": "您已完成开户，入金教程请登录APP在“入金”页查看，如需帮助请联系客服。",
    "SMS_200000016": "近期市场热点已更新，欢迎登录APP查看。拒收请回复R",
    "SMS_200000017": "您关注的品种有新的研究观点，欢迎登录APP查看。拒收请回复R",
    "SMS_200000019": "最新研究周报已发布，欢迎登录APP查看。拒收请回复R",
    "SMS_200000020": "诚邀您参加投资者交流活动，详情请登录APP查看。拒收请回复R",
    "SMS_200000101": (
        "Your futures account needs more margin; positions may be closed. Please open the app now."
    ),
    "SMS_200000102": (
        "Your futures account is close to forced liquidation. Please open the app and act now."
    ),
    "SMS_200000103": (
        "Positions of your futures account were closed by us. Please see the app for details."
    ),
    "SMS_200000104": (
        "The margin in use of your futures account is high. Please check your positions in the app."
    ),
    "SMS_200000105": (
        "Your futures account moved strongly today. Please see the risk notice in the app."
    ),
    "SMS_200000106": (
        "Unusual activity in your futures account. If it was not you, open the app at once."
    ),
    "SMS_200000107": "A trading permission of yours expires soon. Please renew it in the app.",
    "SMS_200000108": "Your risk assessment expires soon. Please repeat it in the app.",
    "SMS_200000109": "Your deposit has arrived. Please see the app.",
    "SMS_200000110": "Your withdrawal is done. Please see the app for details.",
    "SMS_200000111": "The trading permission that you asked for is open. Please see the app.",
    "SMS_200000112": "There is news on your enquiry. Please see the app.",
    "SMS_200000113": "Your complaint was received; a person follows it up.",
    "SMS_200000114": (
        "Welcome! A video and your manager's contact are in the app. Investing involves risk."
    ),
    "SMS_200000115": (
        "Your account is open. The deposit tutorial is in the app; we are glad to help."
    ),
    "SMS_200000116": "New market topics are in the app. Reply STOP to opt out.",
    "SMS_200000117": "New research on what you follow is in the app. Reply STOP to opt out.",
    "SMS_200000119": "The research weekly is out, see the app. Reply STOP to opt out.",
    "SMS_200000120": (
        "You are invited to an investors' meeting, see the app. Reply STOP to opt out."
    ),
}
