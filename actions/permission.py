"""Trading permissions: what is open, what may be opened, and the application."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.figure import show_day
from actions.form import LEAVE, Form, Slots
from actions.product import parse_product, show_product
from actions.reply import Events, Outcome, Reply, card, clear_slots, hand_over, human_choice
from actions.session import Session, read_session
from actions.talk import Personal
from clients.account import Eligibility, Permission, Product
from clients.broker import Broker, CoreRefused, CoreUncertain
from clients.verification import NotVerified, Verification, VerifiedClient
from kernel.errors import ProviderError
from kernel.message import Card, Choice


class PermissionForm(Form):
    """Reads which permission is meant."""

    NAME = "validate_permission_form"
    SLOTS = ("product",)

    async def validate_product(
        self, value: object, dispatcher: CollectingDispatcher, tracker: Tracker, _: object
    ) -> Slots:
        """Take one of the seven, or ask again."""
        product = parse_product(value)
        if product is None:
            _say_unknown(read_session(tracker), dispatcher)
        return {"product": product}


class ApplyPermissionForm(Form):
    """Reads which permission is wanted; who cannot have it is not asked to confirm."""

    NAME = "validate_apply_permission_form"
    SLOTS = ("product", "apply_confirm")
    CORRECTED = "product"

    def __init__(self, verification: Verification, broker: Broker) -> None:
        self._verification = verification
        self._broker = broker

    async def validate_product(
        self, value: object, dispatcher: CollectingDispatcher, tracker: Tracker, _: object
    ) -> Slots:
        """Take one of the seven; leave the form when it cannot be applied for."""
        session = read_session(tracker)
        product = parse_product(value)
        if product is None:
            _say_unknown(session, dispatcher)
            return {"product": None}
        if await self._may_apply(session, product):
            return {"product": product, "apply_confirm": None}
        return {"product": product, "apply_confirm": None, **LEAVE}

    async def validate_apply_confirm(
        self, value: object, _dispatcher: CollectingDispatcher, _tracker: Tracker, _: object
    ) -> Slots:
        """Take yes or no."""
        return {"apply_confirm": value if isinstance(value, bool) else None}

    async def _may_apply(self, session: Session, product: Product) -> bool:
        """Tell whether a confirmation is worth asking for; the action explains when it is not."""
        try:
            client = await self._verification.access_client_for(session.conversation_id, "account")
            state = await _find_state(self._broker, client, product)
            if state.state in {"open", "pending"}:
                return False
            return (await self._broker.get_eligibility(client.client_no, product)).eligible
        except (NotVerified, ProviderError):
            return False


class CheckPermission(Personal):
    """Tells whether a permission is open, and otherwise what is still missing for it."""

    NAME = "action_check_permission"
    TALK = "check_permission"
    TOPIC = "trading_permission"

    def __init__(self, verification: Verification, broker: Broker) -> None:
        super().__init__(verification)
        self._broker = broker

    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Tell the state, and hold the client against each condition."""
        product = parse_product(session.slots.get("product"))
        if product is None:
            text = session.say(zh="请问是哪个权限？", en="Which permission do you mean?")
            return Outcome(Reply(text, _product_choices(session)))
        reply = await _tell_state(session, client, product, broker=self._broker)
        return Outcome(reply, clear_slots("product"))


class ApplyPermission(Personal):
    """Hands in the application that the client has confirmed."""

    NAME = "action_apply_permission"
    TALK = "apply_permission"
    TOPIC = "trading_permission"

    def __init__(self, verification: Verification, broker: Broker) -> None:
        super().__init__(verification)
        self._broker = broker

    def on_failure(self) -> Events:
        """Forget the confirmation: it was for an application that did not come about."""
        return clear_slots("product", "apply_confirm")

    async def tell(self, session: Session, client: VerifiedClient) -> Outcome:
        """Apply after a yes; after a no, or where it cannot be, say so."""
        product = parse_product(session.slots.get("product"))
        confirmed = session.get_answer("apply_confirm")
        if product is None:
            text = session.say(zh="好的，未提交任何申请。", en="All right, nothing was submitted.")
            return Outcome(Reply(text), self.on_failure())
        if confirmed is False:
            name = show_product(product, session.language)
            text = session.say(
                zh=f"好的，{name}权限申请未提交。", en=f"All right, I did not apply for {name}."
            )
            return Outcome(Reply(text), self.on_failure())
        if confirmed is None:
            reply = await _tell_state(session, client, product, broker=self._broker)
            return Outcome(reply, self.on_failure())
        return Outcome(await self._apply(session, client, product), self.on_failure())

    async def _apply(self, session: Session, client: VerifiedClient, product: Product) -> Reply:
        name = show_product(product, session.language)
        key = f"apply:{session.turn_id}:{product}"
        try:
            done = await self._broker.send_application(client.client_no, product, key=key)
        except CoreUncertain:
            return _tell_uncertain(session)
        except CoreRefused as error:
            if error.reason not in {"not_eligible", "already_there"}:
                raise
            return await _tell_state(session, client, product, broker=self._broker)
        text = session.say(
            zh=f"{name}权限申请已提交，受理号 {done.application_id}。"
            "请在APP中阅读并签署风险揭示书，审核结果会通知您。",
            en=f"Your application for {name} is in, number {done.application_id}. Please read and "
            "sign the risk disclosure in the app; you will be told the result.",
        )
        return Reply(text)


async def _find_state(broker: Broker, client: VerifiedClient, product: Product) -> Permission:
    found = await broker.get_permissions(client.client_no)
    states = {permission.product: permission for permission in found.permissions}
    return states.get(product, Permission(product, "none"))


async def _tell_state(
    session: Session, client: VerifiedClient, product: Product, *, broker: Broker
) -> Reply:
    permission = await _find_state(broker, client, product)
    name = show_product(product, session.language)
    if permission.state == "open":
        since = permission.granted_at
        day = show_day(since, session.language) if since else ""
        return Reply(
            session.say(
                zh=f"您的{name}权限已开通{f'（{day}起）' if day else ''}。",
                en=f"Your permission for {name} is open{f' since {day}' if day else ''}.",
            )
        )
    if permission.state == "pending":
        return Reply(
            session.say(
                zh=f"您的{name}权限申请正在审核中，结果会通知您。",
                en=f"Your application for {name} is being reviewed; you will be told the result.",
            )
        )
    eligibility = await broker.get_eligibility(client.client_no, product)
    return _tell_eligibility(session, permission, eligibility)


def _tell_eligibility(session: Session, permission: Permission, found: Eligibility) -> Reply:
    name = show_product(permission.product, session.language)
    table = _show_conditions(session, found)
    was = session.say(zh="已过期，", en="It has expired. ") if permission.state == "expired" else ""
    if found.eligible:
        title = session.say(zh=f"申请开通{name}", en=f"Apply for {name}")
        payload = f'/apply_permission{{"product":"{permission.product}"}}'
        text = session.say(
            zh=f"您的{name}权限{was}目前未开通，各项条件均已满足，可以申请。",
            en=f"{was}Your permission for {name} is not open; you meet every condition.",
        )
        return Reply(text, (Choice(title=title, payload=payload),), table)
    missing = sum(not condition.met for condition in found.conditions)
    text = session.say(
        zh=f"您的{name}权限{was}目前未开通，还有 {missing} 项条件未满足。",
        en=f"{was}Your permission for {name} is not open; {missing} conditions are not met yet.",
    )
    return Reply(text, (human_choice(session),), table)


def _show_conditions(session: Session, found: Eligibility) -> Card:
    marks = {
        True: session.say(zh="满足", en="met"),
        False: session.say(zh="未满足", en="not met"),
    }
    rows = [
        (row.rule, f"{marks[row.met]}：{row.actual}（{row.required}）") for row in found.conditions
    ]
    sources = "；".join(dict.fromkeys(row.source for row in found.conditions))
    title = session.say(zh="开通条件", en="Conditions")
    return card(title, rows, session.say(zh=f"依据：{sources}", en=f"Source: {sources}"))


def _say_unknown(session: Session, dispatcher: CollectingDispatcher) -> None:
    text = session.say(
        zh="没有听懂是哪个权限，可以点选下面的选项。",
        en="I did not catch which permission; please choose one.",
    )
    dispatcher.utter_message(text=text)


def _product_choices(session: Session) -> tuple[Choice, ...]:
    products: tuple[Product, ...] = ("gem", "star", "bse", "hk", "option", "margin")
    return tuple(
        Choice(
            title=show_product(product, session.language),
            payload=f'/check_permission{{"product":"{product}"}}',
        )
        for product in products
    )


def _tell_uncertain(session: Session) -> Reply:
    text = session.say(
        zh="系统没有返回办理结果，申请可能已提交，也可能没有。请不要重复提交，人工会为您核实。",
        en="The system gave no result: the application may or may not be in. Please do not apply "
        "again; a person will check.",
    )
    return Reply(text, hints=hand_over("core_down", "Outcome of an application is unknown"))
