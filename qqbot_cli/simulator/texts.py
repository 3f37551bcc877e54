"""What simulated people are called and what they say."""

from __future__ import annotations

from typing import Final

NAMES: Final = (
    "林小雨", "陈思远", "王梓涵", "李明轩", "张雨桐", "刘子墨", "赵一诺", "黄浩然", "周诗琪", "吴俊杰",
    "徐若曦", "孙宇航", "马欣怡", "朱嘉懿", "胡天佑", "郭书瑶", "何子轩", "高语嫣", "罗星辰", "梁静姝",
)  # fmt: skip

ROLES: Final = ("owner", "admin", "member")
"""Roles in a group, by the person's number; everybody after the second is a member."""

CHATTER: Final = (
    "早上好呀 ☀️",
    "今天吃什么？🍜",
    "有人在吗",
    "哈哈哈哈 😂",
    "这个周末去爬山吧",
    "我刚下班，累死了 😮‍💨",
    "收到！",
    "明天几点集合？",
    "天气真好，适合出去走走 🌤️",
    "求推荐一部电影 🎬",
    "生日快乐 🎂🎉",
    "晚安，做个好梦 🌙",
    "A < B && B > C，对吧？",
    "价格是 9.9 元，点这里看 👉",
    "👍👍👍",
    "嗯嗯，好的",
)
"""Talk that expects nothing."""

QUESTIONS: Final = ("你好", "在干嘛呢？", "帮帮我 🥺", "今天天气怎么样", "讲个笑话吧 😄", "你会什么？")
"""Talk to the bot that is no command."""

ECHOES: Final = (
    "你好 😀",
    "春眠不觉晓",
    "1 + 1 = 2",
    "👨‍👩‍👧‍👦 一家人",
    "Hello，世界",
    "<不是标签> & 符号",
    "换行\n第二行",
)
"""What people let the bot repeat."""

BUTTONS: Final = ("page=1", "page=2", "vote=yes", "vote=no", "refresh")
"""Data of the buttons they press."""


def name_of(index: int) -> str:
    """Return the name of person *index*; a number tells namesakes apart."""
    name = NAMES[index % len(NAMES)]
    return name if index < len(NAMES) else f"{name}{index // len(NAMES) + 1}"
