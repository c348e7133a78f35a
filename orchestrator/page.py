"""Draws a proof of delivery as pages: Chinese first, in a font of our own, on any machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from fpdf import FPDF
from fpdf.enums import WrapMode
from pylopdf_fonts_zh_cn import sans_path

from kernel.clock import CHINA

FONT: Final = "noto"
_MARGIN: Final = 15.0
_GREY: Final = (110, 110, 110)
_STEPS: Final[Mapping[str, str]] = {
    "raised": "通知产生 · raised",
    "renewed": "数据更新 · newer figures",
    "planned": "计划发送 · planned",
    "called": "调用服务商 · provider called",
    "receipt": "服务商回执 · receipt",
    "link": "客户打开链接 · link followed",
    "unreached": "各渠道未确认 · not confirmed",
    "escalated": "转人工任务 · task for a person",
    "task": "人工处理结果 · outcome of the task",
    "reached": "客户已知悉 · the client knows",
    "cancelled": "通知取消 · cancelled",
    "expired": "通知过期 · expired",
}
_STATES: Final[Mapping[str, str]] = {
    "open": "待发送 · open",
    "in_progress": "进行中 · in progress",
    "reached": "已知悉 · reached",
    "unreached": "未确认 · unreached",
    "escalated": "已转人工 · escalated",
    "closed": "已关闭 · closed",
    "cancelled": "已取消 · cancelled",
    "expired": "已过期 · expired",
}
_WAYS: Final[Mapping[str, str]] = {
    "press1": "电话中按 1 确认 · pressed 1 in the call",
    "link": "打开链接 · followed the link",
    "read": "已读 · read",
    "delivered": "已送达 · delivered",
    "accepted": "服务商已受理 · accepted",
    "person": "人工联系 · reached by a person",
}
_FACTS: Final = (
    ("title", "通知 · notice"),
    ("client_name", "客户 · client"),
    ("id", "编号 · id"),
    ("category", "类别 · category"),
    ("created_at", "产生时间 · raised at"),
    ("reach_by", "告知时限 · to be told by"),
    ("reached_how", "确认方式 · confirmed by"),
    ("reached_at", "确认时间 · confirmed at"),
)


def draw_proof(envelope: Mapping[str, Any], attached: bytes) -> bytes:
    """Return the PDF of a signed proof, with the signed file attached as `proof.json`."""
    pdf = FPDF(format="A4")
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(auto=True, margin=_MARGIN)
    pdf.add_font(FONT, "", str(sans_path()))
    pdf.set_title("送达证明 Proof of delivery")
    pdf.set_producer("Zhida")
    pdf.add_page()
    proof = envelope["proof"]
    _draw_head(pdf, proof)
    _draw_steps(pdf, proof["steps"])
    _draw_contents(pdf, proof["contents"])
    _draw_foot(pdf, envelope)
    pdf.embed_file(basename="proof.json", bytes=attached, mime_type="application/json")
    return bytes(pdf.output())


def _draw_head(pdf: FPDF, proof: Mapping[str, Any]) -> None:
    notice = proof["notice"]
    _line(pdf, "送达证明", size=20)
    _line(pdf, "Proof of delivery", size=10, grey=True)
    pdf.ln(3)
    _fact(pdf, "状态 · state", _STATES.get(notice["state"], notice["state"]))
    for name, label in _FACTS:
        if notice.get(name) is not None:
            value = _WAYS.get(notice[name], str(notice[name]))
            _fact(pdf, label, _clock(value) if name.endswith(("_at", "_by")) else value)
    pdf.ln(3)


def _draw_steps(pdf: FPDF, steps: Sequence[Mapping[str, Any]]) -> None:
    _line(pdf, f"经过（{len(steps)} 步） · every step", size=13)
    for one in steps:
        what = _STEPS.get(one["what"], one["what"])
        _line(pdf, f"{one['seq']}．{_clock(one['at'])}  {what}", size=10)
        shown = [f"{key} {value}" for key, value in one["detail"].items() if value is not None]
        if shown:
            _line(pdf, "，".join(shown), size=8, grey=True, indent=6)
        _line(pdf, f"SHA-256 {one['hash']}", size=7, grey=True, indent=6)
    pdf.ln(3)


def _draw_contents(pdf: FPDF, contents: Sequence[Mapping[str, Any]]) -> None:
    _line(pdf, "消息原文 · the messages", size=13)
    for one in contents:
        _line(pdf, str(one["body"].get("text") or "—"), size=10)
        _line(pdf, f"SHA-256 {one['sha256']}", size=7, grey=True)
    pdf.ln(3)


def _draw_foot(pdf: FPDF, envelope: Mapping[str, Any]) -> None:
    proof = envelope["proof"]
    _line(pdf, f"导出 · exported {_clock(proof['exported_at'])}，{proof['exported_by']}", size=8)
    _line(pdf, f"公钥 · public key (Ed25519) {envelope['key']}", size=8)
    _line(
        pdf,
        "校验 · verify: zhida proof verify FILE --key KEY （无需联网 · offline）；"
        "附件 proof.json 含全部哈希 · the attachment has every hash",
        size=8,
        grey=True,
    )


def _line(pdf: FPDF, text: str, *, size: float, grey: bool = False, indent: float = 0) -> None:
    pdf.set_font(FONT, size=size)
    pdf.set_text_color(*(_GREY if grey else (0, 0, 0)))
    pdf.set_x(_MARGIN + indent)
    pdf.multi_cell(0, size * 0.55, text, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)


def _fact(pdf: FPDF, label: str, value: str) -> None:
    pdf.set_font(FONT, size=10)
    pdf.set_text_color(*_GREY)
    pdf.cell(52, 6, label)
    pdf.set_text_color(0, 0, 0)
    pdf.multi_cell(0, 6, value, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)


def _clock(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(CHINA)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} +08:00"
