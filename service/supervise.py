"""Keeps the children alive: starts them in order, restarts what dies, stops all, leaves none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.errors import ServiceError
from service.child import Child, kill_session, launch, send_signal
from service.journal import Journal

_POLL_S = 0.1
_WATCH_EVERY_S = 5.0
_DEAF_LIMIT = 6
_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 30.0
_CALM_S = 60.0
_TRIES = 3
_TAIL_LINES = 15


class State(StrEnum):
    """Where a child is."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    DOWN = "down"
    DONE = "done"


class CannotStart(ServiceError):
    """A part that everything needs could not be started."""

    code = "cannot_start"
    message_zh = "必需的部件无法启动。"


@dataclass(slots=True)
class Post:
    """A child at its post: its state, its process, and its last lines."""

    child: Child
    state: State = State.WAITING
    process: asyncio.subprocess.Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    ready_after_s: float | None = None
    restarts: int = 0
    tail: list[str] = field(default_factory=list)


class Supervisor:
    """Runs a crew of children until it is told to stop."""

    def __init__(
        self,
        crew: Sequence[Child],
        journal: Journal,
        *,
        on_ready: Callable[[Post], None] = lambda _: None,
    ) -> None:
        self.posts = {child.name: Post(child) for child in crew}
        self._journal = journal
        self._on_ready = on_ready
        self._stopping = asyncio.Event()
        self._began = time.monotonic()

    def stop(self) -> None:
        """Ask all children to end; `run` returns when the last one has."""
        self._stopping.set()

    async def run(self) -> None:
        """Start all and keep them alive until `stop`; no child is left when it returns.

        Raises:
            CannotStart: an essential child failed several times before it was ever ready.
        """
        watchers = [
            asyncio.create_task(self._keep(post), name=post.child.name)
            for post in self.posts.values()
        ]
        stopping = asyncio.create_task(self._stopping.wait(), name="stop")
        try:
            failed = await _first_failure(watchers, stopping)
        finally:
            self._stopping.set()
            stopping.cancel()
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, stopping, return_exceptions=True)
            await self._stop_all()
        if failed is not None:
            raise failed

    async def wait_ready(self) -> None:
        """Return when every child is ready at once for the first time."""
        for post in self.posts.values():
            await post.ready.wait()

    async def _keep(self, post: Post) -> None:
        for name in post.child.after:
            await self.posts[name].ready.wait()
        backoff, failures = _FIRST_BACKOFF_S, 0
        while True:
            up_since = await self._live(post)
            if post.state is State.DONE:
                return
            post.state = State.DOWN
            if up_since is not None and time.monotonic() - up_since > _CALM_S:
                backoff = _FIRST_BACKOFF_S
            failures += 1
            if post.child.essential and not post.ready.is_set() and failures >= _TRIES:
                raise CannotStart(self._explain(post))
            post.restarts += 1
            self._say(post, f"restart in {backoff:g} s", level="warning")
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, _LONGEST_BACKOFF_S)

    async def _live(self, post: Post) -> float | None:
        """Live one life of the child; return since when it was ready, None if it never was."""
        post.state, post.tail = State.STARTING, []
        try:
            await post.child.prepare()
            process = post.process = await launch(post.child)
        except (ServiceError, OSError) as error:
            post.tail = [str(error)]
            self._say(post, f"cannot be started: {error}", level="error")
            return None
        reader = asyncio.create_task(self._read(post, process), name=f"{post.child.name}-log")
        try:
            since = await self._await_ready(post, process)
            if since is not None:
                await self._watch(post, process)
            return since
        finally:
            # At the end of all, `_stop_all` ends the processes in their order.
            if not self._stopping.is_set():
                await _end(post.child, process)
                await asyncio.wait([reader], timeout=2.0)
            reader.cancel()

    async def _await_ready(self, post: Post, process: asyncio.subprocess.Process) -> float | None:
        child, began = post.child, time.monotonic()
        while time.monotonic() - began < child.start_s:
            if process.returncode is not None:
                return self._ended_early(post, process.returncode)
            if not child.once and await child.probe():
                return self._mark_ready(post)
            await asyncio.sleep(_POLL_S)
        self._say(post, f"was not ready after {child.start_s:.0f} s", level="error")
        return None

    def _ended_early(self, post: Post, status: int) -> float | None:
        if post.child.once and status == 0:
            since = self._mark_ready(post)
            post.state = State.DONE
            return since
        self._say(post, f"ended with status {status} before it was ready", level="error")
        return None

    def _mark_ready(self, post: Post) -> float:
        now = time.monotonic()
        post.state, post.ready_after_s = State.READY, now - self._began
        first = not post.ready.is_set()
        post.ready.set()
        self._say(post, f"ready after {post.ready_after_s:.1f} s" if first else "ready again")
        if first:
            self._on_ready(post)
        return now

    async def _watch(self, post: Post, process: asyncio.subprocess.Process) -> None:
        """Return when the child has died or does not answer any more."""
        if post.state is State.DONE:
            return
        deaf = 0
        while deaf < _DEAF_LIMIT:
            try:
                async with asyncio.timeout(_WATCH_EVERY_S):
                    status = await process.wait()
            except TimeoutError:
                deaf = 0 if await post.child.probe() else deaf + 1
            else:
                self._say(post, f"died with status {status}", level="error")
                return
        self._say(post, f"has not answered for {deaf * _WATCH_EVERY_S:.0f} s", level="error")

    async def _read(self, post: Post, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        while stream is not None:
            try:
                line = (await stream.readline()).decode("utf-8", "replace")
            except ValueError:
                line = "(a line too long to show)"
            if not line:
                return
            post.tail = [*post.tail[1 - _TAIL_LINES :], line.rstrip()]
            self._journal.write_line(post.child.name, line)

    async def _stop_all(self) -> None:
        """Stop in the opposite order, each after those that need it."""
        left = dict(self.posts)
        while left:
            needed = {name for post in left.values() for name in post.child.after}
            batch = [post for name, post in left.items() if name not in needed] or [*left.values()]
            await asyncio.gather(*(self._stop_one(post) for post in batch))
            for post in batch:
                del left[post.child.name]

    async def _stop_one(self, post: Post) -> None:
        process = post.process
        if process is None:
            return
        if process.returncode is None:
            self._say(post, "stopping", level="debug")
        drain = asyncio.create_task(self._read(post, process), name="drain")
        await _end(post.child, process)
        await asyncio.wait([drain], timeout=1.0)
        drain.cancel()
        post.state = State.DOWN

    def _explain(self, post: Post) -> str:
        tail = "\n".join(f"    | {line}" for line in post.tail)
        return f"{post.child.title} could not be started.\n{tail}"

    def _say(self, post: Post, text: str, *, level: str = "info") -> None:
        self._journal.write(post.child.name, text, level=level)


async def _first_failure(
    watchers: list[asyncio.Task[None]], stopping: asyncio.Task[bool]
) -> BaseException | None:
    """Wait until told to stop, or until a watcher fails; jobs that are done do not count."""
    waiting: set[asyncio.Task[None] | asyncio.Task[bool]] = {*watchers, stopping}
    while not stopping.done():
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task is not stopping and (error := task.exception()) is not None:
                return error
    return None


async def _end(child: Child, process: asyncio.subprocess.Process) -> None:
    """End one process: kindly, then by force, and whatever it left in its session."""
    if process.returncode is None:
        send_signal(process, child.stop_signal)
        try:
            async with asyncio.timeout(child.stop_s):
                await process.wait()
        except TimeoutError:
            pass
    kill_session(process)
    await process.wait()
