"""Kept for a while, under an id: no longer, and no more than there is room for."""

from audioclf.serving.store import Store


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_kept_until_it_is_too_old():
    clock = Clock()
    store = Store(most_bytes=100, seconds=10.0, clock=clock)
    name = store.put("a", 10)
    clock.now = 10.0
    assert store.get(name) == "a"
    clock.now = 10.1
    assert store.get(name) is None
    assert store.bytes == 0


def test_age_is_counted_from_the_beginning_not_from_the_last_look():
    clock = Clock()
    store = Store(most_bytes=100, seconds=10.0, clock=clock)
    name = store.put("a", 10)
    clock.now = 9.0
    store.get(name)
    clock.now = 18.0
    assert store.get(name) is None


def test_the_oldest_makes_room():
    store = Store(most_bytes=100, seconds=10.0)
    names = [store.put(index, 40) for index in range(3)]
    assert [store.get(name) for name in names] == [None, 1, 2]
    assert store.bytes == 80


def test_what_outweighs_the_store_is_not_kept():
    store = Store(most_bytes=100, seconds=10.0)
    assert store.get(store.put("a", 101)) is None
    assert store.bytes == 0


def test_ids_cannot_be_guessed_and_unknown_ones_give_nothing():
    store = Store(most_bytes=100, seconds=10.0)
    names = {store.put(0, 1) for _ in range(50)}
    assert len(names) == 50
    assert min(map(len, names)) >= 16
    assert store.get("nothing") is None
