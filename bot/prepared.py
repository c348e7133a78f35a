"""Actions whose result the house worked out before it asked: no way back to it is needed.

Rasa still decides which action runs. When it is one of these, what came with the request is said
instead of asking the action server, which would say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from rasa.core.actions.action import Action, RemoteAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

Results = Mapping[str, Mapping[str, Any]]
"""An action server's answer (`{"events", "responses"}`) by the name of the action."""


class PreparedAction(RemoteAction):
    """Says what was prepared, and asks nobody."""

    def __init__(self, name: str, result: Mapping[str, Any]) -> None:
        super().__init__(name, None)
        self._result = result

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        """Gives the prepared messages and events."""
        responses = [dict(one) for one in self._result["responses"]]
        said = await self._utter_responses(responses, output_channel, nlg, tracker)
        return [*said, *read_events(self._result["events"])]


def read_events(data: Iterable[Mapping[str, Any]]) -> list[Event]:
    """Makes events of their JSON; Rasa looks through all its kinds anew for each.

    Raises:
        ValueError: for a kind of event that Rasa does not know.
    """
    made = [_find_kind(one["event"])._from_parameters(dict(one)) for one in data]
    return [event for event in made if event is not None]


@lru_cache(maxsize=64)
def _find_kind(name: str) -> type[Event]:
    kind = Event.resolve_by_type(name)
    if kind is None:
        raise ValueError(f"events of kind {name!r} are no longer made")
    return kind


def choose(action: Action, prepared: Results) -> Action:
    """Returns the prepared form of a remote action, or the action itself."""
    result = prepared.get(action.name())
    if result is None or not isinstance(action, RemoteAction):
        return action
    return PreparedAction(action.name(), result)
