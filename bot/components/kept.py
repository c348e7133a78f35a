"""A component that keeps what it learned in the model: made, loaded and written in one way."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, Type, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

_Made = TypeVar("_Made", bound="KeptComponent")


class KeptComponent(GraphComponent):
    """Knows its configuration and its folder in the model; a subclass says what lies in it."""

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource

    @classmethod
    def create(
        cls: Type[_Made],
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> _Made:
        """Makes an untrained component as Rasa asks for it."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls: Type[_Made],
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> _Made:
        """Makes the component and gives it what was kept at training."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            made.restore(Path(folder))
        return made

    def restore(self, folder: Path) -> None:
        """Reads from the component's folder in the model what `write` put there.

        Raises:
            NotImplementedError: in a subclass that does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} must say what it keeps")

    @contextmanager
    def write(self) -> Iterator[Path]:
        """Opens the component's folder in the model that is being trained."""
        with self._storage.write_to(self._resource) as folder:
            yield Path(folder)
