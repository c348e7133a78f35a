"""The one screen that says where to click, once everything is ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.settings import Settings
from service.supervise import Post

DEMO_LOGINS = (
    ("agent", "客户经理 · agent"),
    ("supervisor", "主管 · supervisor"),
    ("admin", "管理员 · admin"),
    ("marketing", "市场 · marketing"),
    ("approver", "审批 · approver"),
)
_A_LINE = 3
"""So many logins stand on a line."""
_WIDTH = 78


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown: addresses, logins, and how long each part took."""

    settings: Settings
    posts: Sequence[Post]
    seconds: float

    def format(self) -> str:
        """Return the screen as text."""
        site, rule = self.settings.site_url, "─" * _WIDTH
        lines = [rule, f"  智达已就绪 · Zhida is ready   ({self.seconds:.1f} s)", rule]
        if self.settings.demo:
            lines += ["  实验室：扮演客户的手机 · lab: play the client's phone"]
            lines += [f"      {self.settings.lab_url}/"]
        lines += ["  聊天窗演示 · chat widget", f"      {site}/chat/demo"]
        lines += ["  坐席工作台 · agent desk", f"      {site}/desk/"]
        if self.settings.demo:
            lines += self._logins()
        else:
            lines += ["      建立员工账号 · add a login: zhida staff add --help"]
        lines += ["  状态 · state", f"      {site}/healthz   {site}/metrics", ""]
        lines += [f"  {self._times()}", "  Ctrl-C 停止全部 · stops everything", rule, ""]
        return "\n".join(lines)

    def _logins(self) -> list[str]:
        shown = [f"{login}（{title}）" for login, title in DEMO_LOGINS]
        lines = ["  ".join(shown[n : n + _A_LINE]) for n in range(0, len(shown), _A_LINE)]
        return [
            f"      登录 · login: {lines[0]}",
            *(f"                    {one}" for one in lines[1:]),
            f"      口令 · password: {self.settings.demo_password}",
        ]

    def _times(self) -> str:
        timed = sorted(
            (post.ready_after_s, post.child.name)
            for post in self.posts
            if post.ready_after_s is not None
        )
        return "  ".join(f"{name} {seconds:.1f} s" for seconds, name in timed)
