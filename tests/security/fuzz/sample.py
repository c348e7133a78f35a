"""Genuine inputs that the fuzzer begins with, written after each provider's documents."""

from __future__ import annotations

ACCOUNT_SID = "AC" + "0" * 32
_HEAD = b"<xml><ToUserName>gh_1</ToUserName><FromUserName>openid-1</FromUserName>"
_AT = b"<CreateTime>1795400000</CreateTime>"

WECHAT = [
    _HEAD + _AT + rest + b"</xml>"
    for rest in (
        b"<MsgType>text</MsgType><Content><![CDATA[hello]]></Content><MsgId>1</MsgId>",
        b"<MsgType>image</MsgType><PicUrl>http://x</PicUrl><MediaId>m</MediaId><MsgId>2</MsgId>",
        b"<MsgType>location</MsgType><Location_X>23.1</Location_X><Location_Y>113.3</Location_Y>"
        b"<Scale>20</Scale><Label>x</Label><MsgId>3</MsgId>",
        b"<MsgType>text</MsgType><Content>a</Content><bizmsgmenuid>/human</bizmsgmenuid>"
        b"<MsgId>4</MsgId>",
        b"<MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_1</EventKey>",
        b"<MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>9</MsgID>"
        b"<Status>success</Status>",
        b"<MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event>"
        b"<SubscribeMsgSentEvent><List><TemplateId>t</TemplateId><MsgID>1</MsgID>"
        b"<ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List>"
        b"</SubscribeMsgSentEvent>",
    )
]
_KF = b'{"msgid":"m1","open_kfid":"wk1","external_userid":"wm1","send_time":1795400000,"origin":3,'
_KF_EVENT = b'{"msgid":"m2","open_kfid":"wk1","send_time":1795400000,"origin":4,"msgtype":"event",'
KF = [
    b'{"errcode":0,"next_cursor":"c","has_more":0,"msg_list":[' + item + b"]}"
    for item in (
        _KF + b'"msgtype":"text","text":{"content":"hello","menu_id":"/human"}}',
        _KF + b'"msgtype":"image","image":{"media_id":"x"}}',
        _KF + b'"msgtype":"location","location":{"latitude":23.1,"longitude":1.5,"name":"x"}}',
        _KF + b'"msgtype":"link","link":{"title":"t","desc":"d","url":"http://x"}}',
        _KF_EVENT + b'"event":{"event_type":"enter_session","external_userid":"wm1","scene":"s",'
        b'"welcome_code":"w"}}',
        _KF_EVENT + b'"event":{"event_type":"msg_send_fail","external_userid":"wm1",'
        b'"fail_msgid":"0192f0c1000070008000000000000001","fail_type":6}}',
    )
]
_FORM = f"AccountSid={ACCOUNT_SID}&".encode()
_SID = b"0" * 32
FORMS = [
    _FORM + b"MessageSid=SM" + _SID + b"&From=%2B8613800000000&To=%2B15005550006&Body=hello",
    _FORM + b"MessageSid=SM" + _SID + b"&From=%2B8613800000000&Body=STOP&OptOutType=STOP",
    _FORM + b"MessageSid=SM" + _SID + b"&MessageStatus=delivered&ErrorCode=30007",
    _FORM + b"CallSid=CA" + _SID + b"&CallStatus=completed&AnsweredBy=human",
    _FORM + b"CallSid=CA" + _SID + b"&Digits=1",
]
ALIYUN = [
    b'[{"phone_number":"13800000000","success":true,"biz_id":"b","err_code":"DELIVERED",'
    b'"report_time":"2026-11-22 10:00:00","out_id":"0192f0c1-0000-7000-8000-000000000001"}]',
    b'[{"phone_number":"13800000000","content":"TD","sequence_id":1,"dest_code":"10690001",'
    b'"send_time":"2026-11-22 10:00:00"}]',
]
_MAIL = b"From: =?utf-8?B?5byg?= <a@example.cn>\r\nTo: s@x.cn\r\nSubject: =?gb18030?Q?=C4=E3?=\r\n"
MAILS = [
    _MAIL + b"Message-ID: <1@x>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0800\r\n\r\nhello\r\n> old\r\n",
    _MAIL + b"Content-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"PHA+aGk8L3A+\r\n",
    _MAIL + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n=E4=BD=A0\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment;"
    b" filename*=utf-8''%E4%BD%A0.pdf\r\n\r\nx\r\n--b--\r\n",
    b"From: mailer-daemon@x\r\nAuto-Submitted: auto-replied\r\nContent-Type: multipart/report;"
    b" report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nno\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n\r\n"
    b"Final-Recipient: rfc822;a@x\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    b"Diagnostic-Code: smtp;550 no\r\n\r\n--b--\r\n",
]
DELIVERED = [b'{"from":"a@x.cn","to":["reply+a@x.cn"],"dmarc":"pass","raw":"RnJvbTogYQ=="}']
PAGES = [
    b"<html><head><style>p{}</style></head><body><p>a&amp;b<br>c</p><script>x</script></body>",
    b'<div class="gmail_quote">old</div><blockquote>old</blockquote><a href="x">y</a><!-- z -->',
]
FRAMES = [
    b'{"type":"hello","after":3,"language":"zh"}',
    b'{"type":"send","client_msg_id":"0192f0c1-0000","text":"hello","language":"en"}',
    b'{"type":"send","client_msg_id":"0192f0c1-0000","payload":"/human"}',
    b'{"type":"feedback","seq":3,"helpful":true}',
    b'{"type":"read","seq":9}',
]
_KEY = b"BAAA" + b"A" * 83
PUSHES = [
    b'{"endpoint":"https://fcm.googleapis.com/fcm/send/x","expirationTime":null,"keys":{"p256dh":"'
    + _KEY
    + b'","auth":"AAAAAAAAAAAAAAAAAAAAAA"}}',
    b'{"error":{"code":1011,"message":"cannot find user by this audience"}}',
]
