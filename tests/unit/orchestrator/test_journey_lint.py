"""What is wrong with a journey is said at its line, in Chinese and English."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kernel.errors import InvalidInput
from orchestrator.journey_lint import check_journey, parse_journey
from orchestrator.shipped import read_contents

SHIPPED = sorted((Path(__file__).parents[3] / "orchestrator" / "journeys").glob("*.yaml"))

HEAD = """key: try
title: 试 · Try
trigger: {event: account_opened}
steps:
"""


def steps(text: str) -> str:
    return HEAD + text


GOOD = steps("""  - id: welcome
    send: {content: welcome, category: service}
  - id: rest
    wait: 3d
  - id: done
    exit: over
""")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_sound_and_names_contents_that_ship(path: Path) -> None:
    contents = [one.key for one in read_contents()]
    assert check_journey(path.read_text(encoding="utf-8"), contents).problems == ()
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["key"] == path.stem


def test_the_old_name_of_the_layer_is_read_with_advice() -> None:
    branch = """  - id: which
    branch: {{ways: [{{when: "{field} = 'vip'", go: done}}], otherwise: done}}
  - id: done
    exit: over
"""
    old = check_journey(steps(branch.format(field="client.tier")))
    assert [(one.line, one.is_warning) for one in old.problems] == [(5, True)]
    assert "tier.layer" in old.problems[0].zh
    assert old.journey is not None
    assert check_journey(steps(branch.format(field="tier.layer"))).problems == ()


def test_a_sound_journey_has_its_steps_in_order() -> None:
    journey = parse_journey(GOOD)
    assert journey.first == "welcome"
    assert [one.next for one in journey.steps.values()] == ["rest", "done", "end"]
    assert not journey.needs_facts


@pytest.mark.parametrize(
    ("text", "line", "zh", "en"),
    [
        ("key: [", 1, "YAML", "Not valid YAML"),
        ("- a", 1, "键值对", "mapping"),
        ("key: a\nkey: b", 2, "重复", "twice"),
        ("a: &x 1\nb: *x", 2, "引用", "Aliases"),
        ("a: !!python/name:os.system ''", 1, "标记", "tag"),
        ("x" * 70_000, 1, "过长", "64000"),
        (GOOD.replace("account_opened", "acount_opened"), 3, "没有事件", "no event"),
        (GOOD.replace("    wait: 3d", "    wiat: 3d"), 8, "拼写", "not permitted"),
        (GOOD.replace("3d", "three days"), 8, "不是时长", "not a stretch of time"),
        (GOOD.replace("3d", "0d"), 8, "不是时长", "not a stretch of time"),
        (GOOD.replace("3d", "900d"), 8, "最长两年", "two years"),
        (GOOD.replace("category: service", "category: Service"), 6, "符合", "match"),
        (GOOD.replace("service}", "service, channels: [fax]}"), 6, "'push'", "'push'"),
        (GOOD.replace("service}", "service, channels: [sms, sms]}"), 6, "不能重复", "once"),
        (GOOD.replace("service}", "service, urgency: low, channels: [sms]}"), 6, "摘要", "digest"),
        (GOOD.replace("    exit: over", "    exit: over\n    wait: 1d"), 9, "只做一件", "exactly"),
        (GOOD.replace("    exit: over", "    exit: over\n    next: rest"), 9, "没有下一步", "next"),
        (GOOD.replace("id: rest", "id: welcome"), 7, "重复", "twice"),
        (GOOD.replace("id: rest", "id: start"), 7, "保留", "reserved"),
        (GOOD.replace("  - id: done\n    exit: over\n", ""), 7, "没有出口", "stops here"),
        (GOOD.replace("wait: 3d", "wait: 3d\n    next: gone"), 7, "没有步骤", "no step gone"),
        (GOOD.replace("wait: 3d", "wait: 3d\n    next: rest"), 10, "没有任何路径", "No way"),
        (
            GOOD.replace("wait: 3d", "wait: 3d\n    next: welcome"),
            5,
            "无法到达出口",
            "no way leads to an exit",
        ),
        (
            GOOD.replace("    wait: 3d", "    wait_for: {event: first_deposit}"),
            8,
            "缺少",
            "required",
        ),
        (
            GOOD.replace(
                "    wait: 3d", "    wait_for: {event: drawdown, timeout: 1d, when: event.x > 1}"
            ),
            8,
            "没有字段",
            "no field event.x",
        ),
        (
            GOOD.replace(
                "    wait: 3d",
                "    branch:\n      ways:\n        - {when: figure.assets > 1, go: welcome}\n"
                "      otherwise: done",
            ),
            5,
            "不经等待地循环",
            "without a wait",
        ),
        (GOOD.replace("category: service", "category: service, vars: {foo: x}"), 6, "foo", "foo"),
        (
            GOOD.replace("category: service", "category: service, vars: {topic: event.ratio}"),
            6,
            "没有字段 event.ratio",
            "no field event.ratio",
        ),
        (
            GOOD.replace("category: service", "category: marketing, urgency: high"),
            6,
            "免打扰",
            "quiet hours",
        ),
        (
            GOOD.replace("    wait: 3d", "    wait_until: {days: 1, at: '08:30'}"),
            8,
            "交易所",
            "exch",
        ),
        (
            GOOD.replace("    wait: 3d", "    wait_until: {at: '25:00'}"),
            8,
            "不是时刻",
            "time of day",
        ),
        (GOOD.replace("{event: account_opened}", "{}"), 3, "二选一", "either"),
        (
            GOOD.replace("{event: account_opened}", "{audience: {kind: no}, daily_at: 9:30}"),
            3,
            "不是时刻",
            "time of day",
        ),
        (
            GOOD.replace("{event: account_opened}", "{audience: {kind: no}, daily_at: 14:30}"),
            3,
            "",
            "",
        ),
    ],
)
def test_each_mistake_is_said_at_its_line(text: str, line: int, zh: str, en: str) -> None:
    checked = check_journey(text)
    assert checked.journey is None
    found = [one for one in checked.errors if one.line == line and zh in one.zh and en in one.en]
    assert found, [one.show() for one in checked.problems]


def test_a_content_that_nobody_approved_is_an_error_where_contents_are_known() -> None:
    assert check_journey(GOOD, ["welcome"]).problems == ()
    checked = check_journey(GOOD, ["other"])
    assert [one.line for one in checked.errors] == [6]


def test_times_of_day_stay_texts() -> None:
    text = GOOD.replace("    wait: 3d", "    wait_until: {at: 14:55}")
    until = parse_journey(text).steps["rest"].form.wait_until
    assert until is not None
    assert until.at is not None
    assert until.at.isoformat() == "14:55:00"


def test_all_problems_are_told_at_once() -> None:
    text = GOOD.replace("account_opened", "nothing").replace("id: rest", "id: welcome")
    with pytest.raises(InvalidInput) as caught:
        parse_journey(text)
    assert "no event nothing" in caught.value.message
    assert "twice" in caught.value.message
    assert "第3行" in caught.value.zh
