from __future__ import annotations

import pytest

from qqbot_cli.model.answer.upload import Media
from qqbot_cli.model.body.upload import FileType
from qqbot_cli.model.scene import Scene
from qqbot_cli.protocol.media_cache import Key, MediaCache

KEY = Key(Scene.GROUP, "sha", 10, FileType.IMAGE, "")


def test_what_was_uploaded_is_remembered_for_its_scene_content_and_kind() -> None:
    cache = MediaCache()
    cache.put(KEY, Media("f"), now=0.0)

    assert cache.get(KEY, now=0.0) == Media("f")
    for other in (
        KEY._replace(scene=Scene.C2C),
        KEY._replace(sha1="other"),
        KEY._replace(file_type=FileType.FILE),
        KEY._replace(file_name="other.pdf"),
    ):
        assert cache.get(other, now=0.0) is None


@pytest.mark.parametrize(
    ("ttl", "last"), [(3600, 3539.9), (100, 89.9)], ids=["a minute less", "a tenth less"]
)
def test_it_is_forgotten_shortly_before_the_platform_forgets(ttl: int, last: float) -> None:
    cache = MediaCache()
    cache.put(KEY, Media("f", ttl=ttl), now=1000.0)

    assert cache.get(KEY, now=1000.0 + last) is not None
    assert cache.get(KEY, now=1000.1 + last) is None
    assert len(cache) == 0


def test_without_a_lifetime_it_is_good_for_ever() -> None:
    cache = MediaCache()
    cache.put(KEY, Media("f", ttl=0), now=0.0)

    assert cache.get(KEY, now=1e12) is not None


def test_what_was_not_used_for_longest_makes_room() -> None:
    cache = MediaCache(most=2)
    first, second, third = (KEY._replace(sha1=name) for name in "abc")
    cache.put(first, Media("1"), now=0.0)
    cache.put(second, Media("2"), now=0.0)
    cache.get(first, now=0.0)
    cache.put(third, Media("3"), now=0.0)

    assert [cache.get(key, now=0.0) is not None for key in (first, second, third)] == [True, False, True]


def test_what_the_platform_refuses_is_dropped() -> None:
    cache = MediaCache()
    cache.put(KEY, Media("f"), now=0.0)
    cache.drop("other")
    assert len(cache) == 1
    cache.drop("f")
    assert len(cache) == 0
