"""All settings of the house, typed and frozen; each is `ZHIDA_<NAME>` or a key of zhida.toml."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import MappingProxyType

from service.setting import WechatAccount, parse_keys, parse_networks, setting

ROOT = Path(__file__).resolve().parents[1]
_NO_ACCOUNTS: Mapping[str, WechatAccount] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this installation is told; the properties below say what follows from it."""

    demo: bool = setting(
        True,
        "演示模式：演示数据、模拟渠道与演示登录；正式环境设为 false",
        "demo data, the lab and demo logins; set it to false in production",
    )
    demo_clients: int = setting(
        300,
        "演示模式生成的客户数，供营销活动试用；0 为不生成",
        "how many clients the demo makes up, for campaigns to be tried; 0: none",
    )
    brand: str = setting("智达期货", "客户看到的机构名称", "the broker's name that clients see")
    data_dir: Path = setting(
        ROOT / "var", "数据目录", "where the embedded database, secrets and logs live"
    )
    figures: str = setting(
        "",
        "本机构数字的 TOML 文件，填入知识条目的占位处；演示模式默认用演示数字",
        "TOML file of the broker's own figures for the articles; empty: the demo's, or none",
    )
    host: str = setting(
        "127.0.0.1", "公开站点监听地址", "the address that the public site listens on"
    )
    port: int = setting(5810, "公开站点端口", "port of the public site")
    encoder_port: int = setting(5811, "内嵌向量编码器端口", "port of the embedded encoder")
    core_port: int = setting(5812, "演示柜台端口", "port of the demo broker core")
    lab_port: int = setting(5813, "模拟渠道（实验室）端口", "port of the lab")
    lab_smtp_port: int = setting(5816, "实验室的邮件（SMTP）端口", "port of the lab's mail server")
    rasa_port: int = setting(5814, "内嵌 Rasa 端口", "port of the embedded Rasa")
    internal_port: int = setting(
        5815, "内部站点端口（仅本机）", "port of the internal site, loopback only"
    )
    public_url: str = setting(
        "", "客户访问的地址；空则由 host 与 port 得出", "how clients reach us; empty: host and port"
    )
    database_url: str = setting(
        "",
        "PostgreSQL 地址；空则用内嵌数据库",
        "postgresql://… with pgvector; empty: the embedded one",
        secret=True,
    )
    redis_url: str = setting(
        "",
        "Redis 或 Valkey 地址；空则用内嵌的",
        "redis://…, rediss://… or unix://…; empty: the embedded Valkey",
        secret=True,
    )
    rasa_urls: tuple[str, ...] = setting(
        (), "Rasa 地址列表；空则用内嵌的", "addresses of Rasa, separated by commas; empty: embedded"
    )
    encoder: str = setting(
        "e5",
        "向量模型：e5 为内嵌模型，或任一 sentence-transformers 模型名，或编码服务地址",
        "e5: the embedded model; or a sentence-transformers name; or the URL of an encoder",
    )
    core_url: str = setting(
        "", "柜台接口地址；空则用演示柜台", "address of the broker's core; empty: the demo core"
    )
    core_token: str = setting(
        "", "柜台接口令牌", "bearer token for the broker's core", secret=True, generated=True
    )
    workers: int = setting(4, "每个进程的会话工作者数", "conversation workers in each process")
    turn_timeout: float = setting(
        4.0, "等待助手回答的秒数", "seconds to wait for the assistant before people take over"
    )
    passive_timeout: float = setting(
        3.5, "微信被动回复等待秒数", "seconds to wait for WeChat's passive reply (limit: 5)"
    )
    ticket_close_days: float = setting(
        4.0,
        "工单解决后几天无新消息即关闭",
        "days without a word after which a resolved ticket is closed",
    )
    sms_price: float = setting(
        0.0,
        "一条短信（计费条）的价格（元），用于预估费用；0 为不预估",
        "price of one part of an SMS in yuan, for estimates; 0: no estimate",
    )
    call_price: float = setting(
        0.0,
        "一通语音通知的价格（元），用于预估费用；0 为不预估",
        "price of one call in yuan, for estimates; 0: no estimate",
    )
    wechat_accounts: Mapping[str, WechatAccount] = setting(
        _NO_ACCOUNTS,
        "微信公众号：JSON 对象，或 zhida.toml 中的 [wechat_accounts.名称]",
        "WeChat accounts: a JSON object, or [wechat_accounts.NAME] in zhida.toml",
        secret=True,
    )
    chat_jwt_key: str = setting(
        "",
        "宿主应用 JWT 的密钥（HS256）或公钥 PEM（RS256、EdDSA）",
        "key of the host app's JWT: a secret (HS256) or a public key in PEM (RS256, EdDSA)",
        secret=True,
        generated=True,
    )
    chat_jwt_issuer: str = setting("zhida-demo-app", "JWT 的 iss", "the iss that a JWT must have")
    chat_jwt_audience: str = setting("zhida", "JWT 的 aud", "the aud that a JWT must have")
    chat_origins: tuple[str, ...] = setting(
        (), "允许嵌入聊天窗的来源", "origins that may embed the chat widget, beside our own"
    )
    visitor_key: str = setting(
        "", "访客令牌的密钥", "key of our own visitor tokens", secret=True, generated=True
    )
    events_key: str = setting(
        "",
        "业务系统调用 POST /v1/events 的签名密钥；轮换时可用逗号并列新旧两个",
        "key by which the broker's systems sign POST /v1/events; new,old while it is rotated",
        secret=True,
        generated=True,
    )
    webhook_networks: tuple[str, ...] = setting(
        (),
        "webhook 可调用的内网网段，如 10.20.0.0/16；公网地址总是可以，演示模式另加本机",
        "private networks that webhooks may call, as 10.20.0.0/16; the demo adds this machine",
    )
    proof_key: str = setting(
        "",
        "送达证明的签名密钥由此导出（Ed25519）；更换后旧文件须用旧公钥校验",
        "what the key that signs proofs of delivery is derived from (Ed25519)",
        secret=True,
        generated=True,
    )
    actions_token: str = setting(
        "", "Rasa 调用动作的令牌", "token between Rasa and the actions", secret=True, generated=True
    )
    data_keys: str = setting(
        "",
        "列加密密钥，形如 1:BASE64；编号最大者用于加密",
        "keys that seal personal data, 1:BASE64,2:BASE64; the highest number seals",
        secret=True,
        generated=True,
    )
    index_key: str = setting(
        "",
        "加密列等值查找的密钥（BASE64，32 字节）",
        "key for finding sealed values (base64 of 32 bytes)",
        secret=True,
        generated=True,
    )
    demo_key: str = setting(
        "",
        "演示渠道账号的密钥由此导出",
        "what the secrets of the demo's accounts are derived from",
        secret=True,
        generated=True,
    )
    demo_password: str = setting(
        "", "演示登录的口令", "password of the demo logins", secret=True, generated=True
    )
    metrics_token: str = setting(
        "",
        "读取 /metrics 所需令牌；空则不需要",
        "bearer token that /metrics asks for; empty: none",
        secret=True,
    )
    log_level: str = setting("info", "日志级别", "debug, info, warning or error")
    log_format: str = setting("text", "日志格式：text 或 json", "text or json")

    @property
    def site_url(self) -> str:
        """Where people reach the public site, without a slash at the end."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def internal_url(self) -> str:
        """Where Rasa finds the actions."""
        return f"http://127.0.0.1:{self.internal_port}"

    @property
    def lab_url(self) -> str:
        """Where the lab's page and its fake providers are."""
        return f"http://127.0.0.1:{self.lab_port}"

    @property
    def core_address(self) -> str:
        """The broker's core: the given one, or the demo core."""
        return (self.core_url or f"http://127.0.0.1:{self.core_port}").rstrip("/")

    @property
    def encoder_url(self) -> str:
        """The encoder's address: the given one, or our own process."""
        own = f"http://127.0.0.1:{self.encoder_port}"
        return (self.encoder if _is_url(self.encoder) else own).rstrip("/")

    @property
    def has_own_encoder(self) -> bool:
        """Tell whether the encoder is a process of ours."""
        return not _is_url(self.encoder)

    @property
    def assistant_urls(self) -> tuple[str, ...]:
        """The addresses of Rasa: the given ones, or our one child."""
        return self.rasa_urls or (f"http://127.0.0.1:{self.rasa_port}",)

    @property
    def store_url(self) -> str:
        """The database's address for SQLAlchemy's asyncpg driver."""
        if not self.database_url:
            return f"postgresql+asyncpg://postgres@/zhida?host={self.runtime_dir / 'postgres'}"
        _, _, rest = self.database_url.partition("://")
        return f"postgresql+asyncpg://{rest}"

    @property
    def fanout_url(self) -> str:
        """The address of Redis or Valkey: the given one, or the embedded socket."""
        return self.redis_url or f"unix://{self.runtime_dir / 'valkey' / 'valkey.sock'}"

    @property
    def runtime_dir(self) -> Path:
        """A short folder for sockets (their paths may have some 100 bytes), one per data folder."""
        mark = hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()[:8]
        return Path("/tmp") / f"zhida-{os.getuid()}-{mark}"  # noqa: S108

    @property
    def head_path(self) -> Path:
        """The file of what was learnt from the articles."""
        return self.data_dir / "knowledge" / "head.npz"

    @property
    def cipher_keys(self) -> dict[int, bytes]:
        """The numbered data keys, 32 bytes each."""
        return parse_keys("ZHIDA_DATA_KEYS", self.data_keys)

    @property
    def cipher_index_key(self) -> bytes:
        """The key of blind indexes, 32 bytes."""
        return parse_keys("ZHIDA_INDEX_KEY", f"0:{self.index_key}")[0]

    @property
    def callable_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that webhooks may call beside public addresses."""
        own = ("127.0.0.0/8", "::1/128") if self.demo else ()
        return parse_networks("ZHIDA_WEBHOOK_NETWORKS", (*own, *self.webhook_networks))

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins that may open a chat: our own site, the lab in a demo, and the given ones."""
        own = (self.site_url, *((self.lab_url,) if self.demo else ()))
        aliases = tuple(
            one.replace("//127.0.0.1", "//localhost") for one in own if "//127.0.0.1" in one
        )
        return tuple(dict.fromkeys((*own, *aliases, *self.chat_origins)))


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))
