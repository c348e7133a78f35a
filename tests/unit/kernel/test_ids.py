from __future__ import annotations

import time
from itertools import pairwise
from uuid import RFC_4122

from kernel.ids import new_id


def test_ids_are_version_7_and_each_is_greater_than_the_one_before() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert {(one.version, one.variant) for one in ids} == {(7, RFC_4122)}
    assert all(one < next_ for one, next_ in pairwise(ids))


def test_ids_tell_the_time_and_not_each_other() -> None:
    before = time.time_ns() // 1_000_000
    one, other = new_id(), new_id()
    assert before <= one.int >> 80 <= before + 1000
    assert one.int & (1 << 40) - 1 != other.int & (1 << 40) - 1
