"""A worker of notices in a process of its own, to be killed: `python -m tests.faults.climber URL`.

Its providers write each call into the file that the second argument names, before they accept.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass

from channels.contract import Alike, Capabilities, Channels
from channels.deliver import Deliverer
from channels.live import Hub
from kernel.message import Accepted, Outbound, SendResult
from orchestrator.ladder import Ladder
from orchestrator.notice import NoticeWorker
from store.cipher import Cipher
from store.engine import Database

NAMES = ("push", "sms", "voice")
CAN = Capabilities(receipts=frozenset({"read"}))


@dataclass(slots=True)
class FileChannel(Alike):
    """A provider that is a file: one line a call, the address and our name of the message."""

    name: str
    file: int
    account: str = "demo"
    capabilities: Capabilities = CAN

    async def send(self, outbound: Outbound) -> SendResult:
        line = f"{self.name} {outbound.address.address} {outbound.outbox_id}\n"
        os.write(self.file, line.encode())
        await asyncio.sleep(0.002)
        return Accepted(str(outbound.outbox_id))

    async def close(self) -> None:
        """Close nothing."""


async def main(url: str, path: str) -> None:
    database, hub, channels = Database(url), Hub(None), Channels()
    cipher = Cipher(keys={1: b"k" * 32}, index_key=b"i" * 32)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for name in NAMES:
        channels.add(FileChannel(name, file))
    ladder = Ladder(database, cipher, channels, hub)
    workers = (
        NoticeWorker(ladder, database, cipher, hub).run(),
        Deliverer(database, cipher, channels, hub, "climber").run(),
    )
    await asyncio.gather(*workers)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
