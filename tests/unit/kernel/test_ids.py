from __future__ import annotations

from kernel.ids import new_id


def test_ids_are_version_7_unique_and_sort_by_time() -> None:
    ids = [new_id() for _ in range(2000)]
    assert {one.version for one in ids} == {7}
    assert len(set(ids)) == 2000
    assert [one.int >> 80 for one in ids] == sorted(one.int >> 80 for one in ids)
