"""The composition root: makes every part once, from the settings, and hands each what it needs."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from actions.feedback import StoredFeedback
from actions.prepared import PreparedKnowledge
from actions.server import Handler, Services, build_actions, build_executor, build_handler
from channels.account import Accounts
from channels.chat.channel import ChatChannel
from channels.chat.signature import ChatKeys
from channels.contract import Channels
from channels.deliver import Deliverer
from channels.live import Hub
from channels.passive import PassiveLines
from channels.push.device import StoredDevices
from channels.receive import Receiver
from channels.roster import Roster
from channels.staff.trouble import Trouble
from channels.wechat.channel import WechatChannel
from channels.wechat.client import WechatClient
from channels.wechat.signature import Keys, Signature
from channels.wechat.webhook import Webhook
from clients.broker import Broker
from clients.verification import Verification
from conversations.assistant import Assistant, RasaAssistant
from conversations.memory import RememberingAssistant
from conversations.reply import Replier
from conversations.transcript import Turns
from conversations.turn import TurnWorker
from desk.progress import TicketProgress
from kernel.clock import Clock, SystemClock
from knowledge.encoder import Encoder
from knowledge.gap import Gaps, WatchedKnowledge
from knowledge.search import Knowledge
from orchestrator.letter import ContentWriter
from service.account import build_accounts
from service.figures import load_figures
from service.settings import Settings
from service.writer import make_writer
from store.cipher import Cipher
from store.engine import Database
from web.talk import Talks


@dataclass(frozen=True, slots=True)
class House:
    """Everything that one process is made of."""

    settings: Settings
    clock: Clock
    database: Database
    cipher: Cipher
    hub: Hub
    session: aiohttp.ClientSession
    encoder: Encoder
    knowledge: Knowledge
    broker: Broker
    verification: Verification
    turns: Turns
    channels: Channels
    accounts: Accounts
    roster: Roster
    trouble: Trouble
    writer: ContentWriter
    lines: PassiveLines
    receiver: Receiver
    deliverer: Deliverer
    worker: TurnWorker
    talks: Talks

    async def close(self) -> None:
        """Close what holds connections, the database last."""
        for channel in self.channels:
            await channel.close()
        await self.encoder.close()
        await self.hub.close()
        await self.session.close()
        await self.database.close()


async def build(settings: Settings, *, worker: str) -> House:
    """Make the house; nothing is connected to yet."""
    clock = SystemClock()
    database = Database(settings.store_url)
    cipher = Cipher(settings.cipher_keys, settings.cipher_index_key)
    hub, lines, channels = Hub(settings.fanout_url), PassiveLines(), _make_channels(settings)
    accounts = build_accounts(settings, channels, StoredDevices(database, cipher))
    session = aiohttp.ClientSession()
    encoder = Encoder(settings.encoder_url)
    knowledge = Knowledge(database, encoder, settings.head_path, figures=load_figures(settings))
    broker = Broker(session, settings.core_address, token=settings.core_token)
    verification = Verification(database, cipher, broker)
    receiver, trouble = Receiver(database, cipher, channels, hub), Trouble(accounts, clock)
    writer = make_writer(settings, cipher)
    replier = Replier(_make_assistant(settings, encoder, session, knowledge), settings.brand)
    return House(
        settings=settings,
        clock=clock,
        database=database,
        cipher=cipher,
        hub=hub,
        session=session,
        encoder=encoder,
        knowledge=knowledge,
        broker=broker,
        verification=verification,
        turns=Turns(database, cipher),
        channels=channels,
        accounts=accounts,
        roster=Roster(database, cipher, accounts),
        trouble=trouble,
        writer=writer,
        lines=lines,
        receiver=receiver,
        deliverer=Deliverer(database, cipher, channels, hub, worker, watch=trouble, writer=writer),
        worker=TurnWorker(database, cipher, channels, hub, lines, replier, worker),
        talks=Talks(
            database,
            cipher,
            hub,
            receiver,
            verification,
            chat_keys(settings),
            clock,
            settings.brand,
        ),
    )


def _make_assistant(
    settings: Settings, encoder: Encoder, session: aiohttp.ClientSession, knowledge: Knowledge
) -> Assistant:
    """Set up Rasa's client, which takes along what Rasa would ask for and remembers answers."""
    assistant = RasaAssistant(
        settings.assistant_urls,
        key=settings.actions_token,
        encoder=encoder,
        session=session,
        prepare=PreparedKnowledge(knowledge),
    )
    return RememberingAssistant(assistant)


def _make_channels(settings: Settings) -> Channels:
    """Set up the chat and every WeChat account that the settings name."""
    channels = Channels()
    channels.add(ChatChannel())
    for name, account in settings.wechat_accounts.items():
        client = WechatClient(account.appid, account.secret, api_base=account.api_base)
        channels.add(WechatChannel(name, client))
    return channels


def build_actions_door(house: House) -> Handler:
    """Make the handler that Rasa posts its actions to."""
    gaps = Gaps(house.database, house.knowledge, house.encoder)
    services = Services(
        broker=house.broker,
        verification=house.verification,
        knowledge=WatchedKnowledge(house.knowledge, gaps),
        turns=house.turns,
        tickets=TicketProgress(house.database),
        feedback=StoredFeedback(house.database),
        clock=house.clock,
    )
    executor = build_executor(build_actions(services))
    return build_handler(executor, token=house.settings.actions_token)


def build_webhook(house: House) -> Webhook:
    """Make WeChat's door, with the keys of every account that is set up."""
    signatures = {
        name: Signature(Keys(one.appid, one.token, one.aes_key, one.previous_aes_key), house.clock)
        for name, one in house.settings.wechat_accounts.items()
    }
    return Webhook(
        signatures=signatures,
        receiver=house.receiver,
        lines=house.lines,
        record_passive=house.deliverer.record_passive,
        database=house.database,
        cipher=house.cipher,
        hub=house.hub,
        clock=house.clock,
        patience=house.settings.passive_timeout,
    )


def chat_keys(settings: Settings) -> ChatKeys:
    """Return what chat tokens are checked with."""
    return ChatKeys(
        host_key=settings.chat_jwt_key,
        issuer=settings.chat_jwt_issuer,
        audience=settings.chat_jwt_audience,
        visitor_key=settings.visitor_key,
        origins=settings.allowed_origins,
    )
