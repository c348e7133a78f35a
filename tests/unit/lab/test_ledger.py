from __future__ import annotations

import json
from pathlib import Path

from kernel.clock import FakeClock
from lab.ledger import Ledger
from lab.wechat.template import TemplateDesk


def test_entries_keep_their_order_and_say_that_they_are_the_labs(clock: FakeClock) -> None:
    ledger = Ledger(clock)
    for number in range(3):
        ledger.record("wechat", "custom", account="demo", address=f"lab_o{number}", msgtype="text")
    assert [entry["id"] for entry in ledger.read()] == ["lab-1", "lab-2", "lab-3"]
    assert [entry["n"] for entry in ledger.read(after=1)] == [2, 3]
    assert ledger.read(after=9) == []


def test_file_holds_every_entry_before_the_answer(clock: FakeClock, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger.open(clock, path)
    ledger.record("wechat", "passive", account="demo", address="lab_o1", body={"content": "您好"})
    assert [json.loads(line)["body"] for line in path.read_text().splitlines()] == [
        {"content": "您好"}
    ]
    ledger.close()
    again = Ledger.open(clock, path)
    again.record("wechat", "custom", account="demo", address="lab_o1")
    again.close()
    assert len(path.read_text().splitlines()) == 2


def test_template_is_once_for_its_id_within_ten_minutes(clock: FakeClock) -> None:
    desk = TemplateDesk()
    first = desk.record("lab_o1", "c1", clock.now())
    assert desk.find_repeat("lab_o1", "c1", clock.now()) == first
    assert desk.find_repeat("lab_o2", "c1", clock.now()) is None
    clock.advance(minutes=10)
    assert desk.find_repeat("lab_o1", "c1", clock.now()) is None
    desk.record("lab_o1", "", clock.now())
    assert desk.find_repeat("lab_o1", "", clock.now()) is None
