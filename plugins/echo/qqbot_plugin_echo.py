"""Echo: repeats what people say to the bot, in groups, channels, direct messages and one-to-one chats.

The smallest complete plugin: options with a model, four callbacks that share one helper, and an
interaction that is acknowledged before it is answered.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from qqbot_cli import (
    C2CReplySession,
    ChannelReplySession,
    DirectReplySession,
    EventHandler,
    GroupReplySession,
    InteractionSession,
    PluginContext,
)


class EchoConfig(BaseModel):
    """Options of the plugin, under ``plugins.echo.config``."""

    prefix: Annotated[str, Field(max_length=32)] = "/echo"
    """Only messages that begin with this are answered, without it; empty answers everything."""


class Echo(EventHandler):
    """Repeats what people say."""

    Config = EchoConfig

    def __init__(self) -> None:
        self._prefix = EchoConfig().prefix

    async def setup(self, context: PluginContext[Any]) -> None:
        """Take over the options."""
        self._prefix = context.config.prefix

    async def group_message_create(self, session: GroupReplySession) -> None:
        """Answer in a group."""
        await self._echo(session)

    async def message_create(self, session: ChannelReplySession) -> None:
        """Answer in a guild channel."""
        await self._echo(session)

    async def direct_message_create(self, session: DirectReplySession) -> None:
        """Answer a direct message."""
        await self._echo(session)

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        """Answer in a one-to-one chat."""
        await self._echo(session)

    async def interaction_create(self, session: InteractionSession) -> None:
        """Answer a pressed button: acknowledge first, the person's client is waiting."""
        await session.ack()
        await session.reply(session.event.data.resolved.button_data or "pressed")

    async def _echo(
        self, session: GroupReplySession | ChannelReplySession | DirectReplySession | C2CReplySession
    ) -> None:
        text = session.event.text
        if text.startswith(self._prefix):
            await session.reply(text.removeprefix(self._prefix).strip() or "…")
