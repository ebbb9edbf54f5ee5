"""The cache: bounded, and what was dropped stays dropped."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.adapters.files.cache import Generations


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("gpd"), st.integers(0, 9)), max_size=80), st.integers(1, 5))
def test_it_holds_what_was_put_lately_and_never_more_than_twice_its_size(
    steps: list[tuple[str, int]], size: int
) -> None:
    cache = Generations[int](size)
    truth: dict[int, int] = {}
    for step, (kind, key) in enumerate(steps):
        name = bytes([key])
        if kind == "p":
            cache.put(name, step)
            truth[key] = step
            assert cache.get(name) == step
        elif kind == "d":
            cache.drop(name)
            truth.pop(key, None)
            assert cache.get(name) is None
        else:
            assert cache.get(name) in (None, truth.get(key))
        assert len(cache) <= 2 * size


def test_what_is_used_again_and_again_stays() -> None:
    cache = Generations[int](4)
    cache.put(b"hot", 1)
    for number in range(100):
        cache.put(str(number).encode(), number)
        assert cache.get(b"hot") == 1
