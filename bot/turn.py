"""One turn of a conversation through Rasa, loud about every failure.

Rasa's own processor logs a failed action and goes on with nothing to say; here a failure ends the
turn with `TurnFailed`, and nothing is stored: the tracker lives as long as the turn.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rasa.core.actions.action import Action, ActionExecutionRejection, action_for_name_or_text
from rasa.core.actions.loops import LoopAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.extraction import Extraction
from bot.prediction import PredictionMemory
from bot.prepared import choose
from bot.reply import Collector
from bot.runner import StraightGraphRunner


class TurnFailed(Exception):
    """The assistant could not finish this turn."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class TurnProcessor(MessageProcessor):
    """Runs one message over a tracker that was built for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._predictions = PredictionMemory(self.domain)
        self._extraction = Extraction(self.domain)
        self._actions: dict[str, Action] = {}

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        with TemporaryDirectory() as folder:
            metadata, runner = load_predict_graph_runner(
                Path(folder), Path(model_path), LocalModelStorage, StraightGraphRunner
            )
        return Path(model_path).name, metadata, runner

    async def answer(self, message: UserMessage, tracker: DialogueStateTracker) -> list[str]:
        """Understands the message and acts until the bot listens again.

        What is said goes to `message.output_channel`; the tracker moves on in place.

        Returns:
            The names of the actions that ran, forms included, without listening.

        Raises:
            TurnFailed: when no rule applies, an action fails or actions go in circles.
        """
        start = len(tracker.events)
        await self._handle_message_with_tracker(message, tracker)
        if self._extraction.may_fill(tracker):
            await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)
        ran = [
            one.action_name
            for one in list(tracker.events)[start:]
            if isinstance(one, ActionExecuted)
        ]
        return [name for name in ran if name and name != ACTION_LISTEN_NAME]

    def _check_for_unseen_features(self, parse_data: dict[str, Any]) -> None:
        """Passes: intents and entities are the model's own; Rasa builds a domain to compare."""

    def predict_next_with_tracker_if_should(
        self, tracker: DialogueStateTracker
    ) -> tuple[Action, PolicyPrediction]:
        """Predicts the next action; a policy that has none is a failure.

        Raises:
            TurnFailed: when no rule applies or actions go in circles.
        """
        goes_on = self.should_predict_another_action(tracker.latest_action_name)
        if self.is_action_limit_reached(tracker, goes_on):
            raise TurnFailed("endless", "actions went in circles")
        prediction = self._predict_next_with_tracker(tracker)
        if prediction.max_confidence <= 0.0:
            intent = tracker.latest_message.intent.get("name") if tracker.latest_message else None
            after = tracker.latest_action_name
            raise TurnFailed("no_rule", f"no rule for intent {intent} after {after}")
        name = self.domain.action_names_or_texts[prediction.max_confidence_index]
        return self._get_action(name), prediction

    def _predict_next_with_tracker(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        predict = super()._predict_next_with_tracker
        if tracker.followup_action:
            return predict(tracker)
        return self._predictions.find(tracker, lambda: predict(tracker))

    def _get_action(self, name: str) -> Action:
        """Gives an action; those that keep nothing between runs are made once."""
        action = self._actions.get(name)
        if action is None:
            action = action_for_name_or_text(name, self.domain, self.action_endpoint)
            if not isinstance(action, LoopAction):
                self._actions[name] = action
        return action

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        if isinstance(output_channel, Collector):
            action = choose(action, output_channel.prepared)
        name = action.name()
        if name == ACTION_LISTEN_NAME:
            tracker.update(action.event_for_successful_execution(prediction))
            return False
        shown = _copy(tracker, prediction, self) if isinstance(action, LoopAction) else tracker
        try:
            events = await action.run(output_channel, nlg, shown, self.domain)
        except ActionExecutionRejection:
            rejected = ActionExecutionRejected(
                name, prediction.policy_name, prediction.max_confidence
            )
            tracker.update(rejected)
            return True
        except Exception as error:
            raise TurnFailed("action_failed", f"{name}: {error or type(error).__name__}") from error
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self._send_bot_messages(events or [], tracker, output_channel)
        return self.should_predict_another_action(name)

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        # As Rasa does, without two deep copies for its debug log.
        if not any(isinstance(one, ActionExecutionRejected) for one in events or []):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events or [], self.domain)


def _copy(
    tracker: DialogueStateTracker, prediction: PolicyPrediction, processor: MessageProcessor
) -> DialogueStateTracker:
    """Copies the tracker for a form, with the policy's events that a rejection would discard."""
    copied = tracker.copy()
    copied.update_with_events(prediction.events, processor.domain)
    return copied


def load_assistant(model: Path, endpoint: EndpointConfig) -> Agent:
    """Loads a trained model into an agent whose processor is a `TurnProcessor`.

    Raises:
        FileNotFoundError: when there is no model; the message says how to train one.
    """
    if not model.is_file():
        raise FileNotFoundError(f"no trained assistant at {model}: run `zhida train`")
    agent = Agent(action_endpoint=endpoint)
    agent.processor = TurnProcessor(
        model_path=str(model),
        tracker_store=agent.tracker_store,
        lock_store=agent.lock_store,
        generator=agent.nlg,
        action_endpoint=endpoint,
    )
    agent.domain = agent.processor.domain
    agent.nlg.responses = agent.domain.responses
    return agent
