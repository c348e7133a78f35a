"""Mails as people's programs really write them, and mails that nobody should have written."""

from __future__ import annotations

import base64
import quopri
from email.header import Header

import pytest

from channels.email.bounce import MailKind, find_kind, parse_reports
from channels.email.letter import make_key, read_words
from channels.email.markup import read_html
from channels.email.mime import PARTS_LIMIT, RAW_LIMIT, parse_mail
from channels.email.quote import cut_quoted
from kernel.errors import Malformed

WORDS = "怎么出金？“龙”😀"


def mail(body: bytes, head: str = "Content-Type: text/plain; charset=utf-8") -> bytes:
    lines = f"From: =?utf-8?b?546L?= <A@Example.cn>\r\nTo: b@zhida.test\r\nSubject: s\r\n{head}"
    return lines.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("gb2312", "gbk"),
        ("GBK", "gbk"),
        ("gb18030", "gb18030"),
        ("GB_2312-80", "gb2312"),
        ("x-unknown", "gb18030"),
        ("", "gb18030"),
        ("us-ascii", "utf-8"),
        ("utf-8", "gbk"),
        ("utf-16", "utf-16"),
        ("hex", "utf-8"),
        ("idna", "utf-8"),
    ],
)
def test_charset_is_understood_also_where_its_label_is_wrong(label: str, codec: str) -> None:
    words = "怎么出金？龙门镕堃" if codec != "gb2312" else "怎么出金？龙门"
    raw = mail(words.encode(codec), f"Content-Type: text/plain; charset={label}")
    assert parse_mail(raw).text == words


def test_traditional_characters() -> None:
    raw = mail("請問如何出金".encode("big5"), "Content-Type: text/plain; charset=big5")
    assert parse_mail(raw).text == "請問如何出金"


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit", "7bit", "binary", "x"])
def test_transfer_encodings(encoding: str) -> None:
    raw = WORDS.encode()
    if encoding == "base64":
        raw = base64.encodebytes(raw)
    if encoding == "quoted-printable":
        raw = quopri.encodestring(raw)
    head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}"
    assert parse_mail(mail(raw, head)).text.strip() == WORDS


@pytest.mark.parametrize("body", ["====", "YWJj*", "\xff\xfe", "YQ"])
def test_broken_base64_is_no_error(body: str) -> None:
    head = "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64"
    assert isinstance(parse_mail(mail(body.encode("latin-1"), head)).text, str)


@pytest.mark.parametrize(
    "subject",
    [
        Header("关于出金的问题", "utf-8").encode(),
        Header("关于出金的问题", "gb2312").encode(),
        "=?gbk?Q?=B9=D8=D3=DA=B3=F6=BD=F0=B5=C4=CE=CA=CC=E2?=",
        "=?UTF-8?B?5YWz5LqO5Ye66YeR?= =?UTF-8?B?55qE6Zeu6aKY?=",
        "关于出金的问题",
        "关于出金的问题".encode("gbk").decode("utf-8", "surrogateescape"),
    ],
)
def test_subjects(subject: str) -> None:
    raw = mail(b"x").replace(
        b"Subject: s", b"Subject: " + subject.encode("utf-8", "surrogateescape")
    )
    assert parse_mail(raw).subject == "关于出金的问题"


@pytest.mark.parametrize(
    "subject", ["=?utf-8?b?%%%?=", "=?x?q?a?=", "=?utf-8?b?5YWz", "a\r\n b", "\x00\x07", "=??b??="]
)
def test_broken_subjects_are_no_error(subject: str) -> None:
    shown = parse_mail(mail(b"x").replace(b"Subject: s", f"Subject: {subject}".encode())).subject
    assert all(one.isprintable() for one in shown)


def test_sender_is_bare_and_small() -> None:
    assert parse_mail(mail(b"x")).sender == "a@example.cn"


def multipart(*parts: str, kind: str = "mixed") -> bytes:
    inside = "".join(f"--BB\r\n{part}\r\n" for part in parts)
    head = f'Content-Type: multipart/{kind}; boundary="BB"'
    return mail(f"{inside}--BB--\r\n".encode(), head)


TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\n问题在这里"
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>问题在<b>网页</b>里</p>"
PDF = (
    "Content-Type: application/pdf\r\nContent-Disposition: attachment; "
    "filename*=utf-8''%E5%AF%B9%E8%B4%A6%E5%8D%95.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.b64encode(b"x" * 5000).decode()
)


def test_plain_text_wins_and_attachments_are_noted() -> None:
    found = parse_mail(multipart(TEXT, HTML, PDF))
    assert found.text.strip() == "问题在这里"
    assert [(one.name, one.size) for one in found.attachments] == [("对账单.pdf", 5000)]
    assert read_words(found) == "问题在这里\n[附件：对账单.pdf（4 KB）]"


def test_html_alone_becomes_text() -> None:
    found = parse_mail(multipart(HTML, kind="alternative"))
    assert (found.text, found.is_html) == ("问题在网页里", True)


def test_attached_mail_is_no_text_of_this_one() -> None:
    forwarded = "Content-Type: message/rfc822\r\n\r\nFrom: x@y.cn\r\n\r\n别人的话"
    found = parse_mail(multipart(TEXT, forwarded))
    assert found.text.strip() == "问题在这里"
    assert len(found.attachments) == 1


def test_mail_without_words_says_so() -> None:
    found = parse_mail(mail(b"").replace(b"Subject: s", b"Subject: "))
    assert read_words(found) == "（空邮件 · an empty mail）"
    assert read_words(parse_mail(mail(b"").replace(b": s", ": 出金".encode()))) == "出金"


def test_limits() -> None:
    with pytest.raises(Malformed):
        parse_mail(b" " * 10)
    with pytest.raises(Malformed):
        parse_mail(mail(b"x" * RAW_LIMIT))
    with pytest.raises(Malformed):
        parse_mail(b"X: 1\r\n" * 20_000 + b"\r\nx")
    with pytest.raises(Malformed):
        parse_mail(multipart(*([TEXT] * (PARTS_LIMIT + 1))))
    deep = b"".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n'.encode()
        for n in range(3000)
    )
    with pytest.raises(Malformed):
        parse_mail(b"From: a@b.cn\r\n" + deep)


@pytest.mark.parametrize(
    "quoted",
    [
        "On Sun, Nov 22, 2026 at 10:00 AM 智达 <reply+a.b@mail.zhida.test> wrote:\n\n> 您好",
        "On Sun, Nov 22, 2026 at 10:00 AM 智达\n<reply+a.b@mail.zhida.test> wrote:\n> 您好",
        "在 2026年11月22日星期日，智达 <reply@zhida.test> 写道：\n> 您好",
        "于 2026/11/22 10:00, 智达 写道:\n> 您好",
        '------------------ 原始邮件 ------------------\n发件人: "智达"\n您好',
        "-----Original Message-----\nFrom: x\n您好",
        "________________________________\n发件人: 智达\n您好",
        "发件人: 智达 <a@b.cn>\n发送时间: 2026年11月22日\n收件人: 王\n主题: 您好\n\n您好",
        "From: 智达\nSent: Sunday\nTo: Wang\nSubject: hi\n\n您好",
        "---- Replied Message ----\n您好",
        "-- \n王小明\n电话 123",
        "发自我的iPhone",
        "Sent from my iPhone",
        "> 您好\n> 再见",
    ],
)
def test_quoted_mail_is_cut_off(quoted: str) -> None:
    assert cut_quoted(f"还要多久？\n谢谢\n\n{quoted}") == "还要多久？\n谢谢"


def test_answer_below_the_quoted_mail_is_found() -> None:
    text = "On Sun, 22 Nov 2026, 智达 wrote:\n> 您好\n> 请问\n\n还要多久？"
    assert cut_quoted(text) == "还要多久？"
    assert cut_quoted("> 您要哪个？\n第一个\n> 还有吗？\n没有了") == "第一个\n没有了"
    assert cut_quoted("> 只有引文") == "> 只有引文"


@pytest.mark.parametrize(
    "text", ["我在2026年写道路申请", "On the way I wrote a letter", "主题：出金"]
)
def test_words_that_only_look_like_a_quote_stay(text: str) -> None:
    assert cut_quoted(text) == text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a<br>b<p>c</p>d", "a\nb\n\nc\n\nd"),
        ("<style>p{}</style><script>alert(1)</script>x", "x"),
        ("x<div style='display:none'>预览</div>", "x"),
        ("答<div class='gmail_quote'>旧<div>更旧</div></div>完", "答\n完"),
        ("<blockquote type=cite>旧</blockquote>", "旧"),
        ("&lt;b&gt; &amp; &#20320;", "<b> & 你"),
        ("<ul><li>一<li>二</ul>", "- 一\n- 二"),
        ("a<![foo x", "a"),
        ("1 < 2 <b>und</b> 3 > 2", "1 < 2 und 3 > 2"),
        ("a<!-- x -->b<!-- c", "ab c"),
    ],
)
def test_html(page: str, text: str) -> None:
    assert read_html(page).split() == text.split()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["<!--", "<![CDATA[", "<", '<a b="', "<div>", "<style><b>", "</", "<?", "&", "<p "]
)
def test_any_page_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    """A quarter of a megabyte of each: the standard library's parser needs minutes for some."""
    assert isinstance(read_html(piece * (256 * 1024 // len(piece))), str)


DSN = """From: MAILER-DAEMON@x.cn
To: bounce@zhida.test
Content-Type: multipart/report; report-type=delivery-status; boundary="BB"

--BB
Content-Type: text/plain

failed
--BB
Content-Type: message/delivery-status

Reporting-MTA: dns; x.cn

Final-Recipient: rfc822; a@x.cn
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--BB--
"""


@pytest.mark.parametrize("action", ["failed", "delayed", "delivered", "relayed"])
def test_reports(action: str) -> None:
    found = parse_mail(DSN.format(action=action).encode())
    assert find_kind(found) is MailKind.BOUNCE
    (report,) = parse_reports(found)
    assert (report.action, report.status) == (action, "5.1.1")


def test_bounce_without_a_report_has_failed() -> None:
    found = parse_mail(b"From: Mailer-Daemon@x.cn\nSubject: failure notice\n\nsorry")
    assert find_kind(found) is MailKind.BOUNCE
    assert [one.action for one in parse_reports(found)] == ["failed"]


def test_same_mail_has_one_key_and_others_have_others() -> None:
    one = mail(b"x", "Message-ID: <1@x>\r\nContent-Type: text/plain")
    assert make_key(parse_mail(one), one) == make_key(parse_mail(one + b"\r\n"), one + b"\r\n")
    other = one.replace(b"A@Example.cn", b"b@example.cn")
    assert make_key(parse_mail(one), one) != make_key(parse_mail(other), other)
