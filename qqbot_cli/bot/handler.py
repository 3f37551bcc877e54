# Generated from model/events.py by tools/generate.py. Do not edit.

"""EventHandler: what a plugin is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

    from qqbot_cli.bot.context import PluginContext
    from qqbot_cli.bot.session import (
        AudioSession,
        C2CManageSession,
        C2CNoticeSession,
        C2CReplySession,
        ChannelReplySession,
        ChannelSession,
        DirectReplySession,
        EnterAioSession,
        ErrorSession,
        ForumAuditSession,
        ForumReplySession,
        GroupJoinRequestSession,
        GroupManageSession,
        GroupMemberNoticeSession,
        GroupMemberSession,
        GroupNoticeSession,
        GroupReplySession,
        GuildSession,
        InteractionSession,
        MemberSession,
        MessageAuditSession,
        MessageDeleteSession,
        OpenForumSession,
        PostSession,
        PublicAudioSession,
        ReactionSession,
        ReadySession,
        ResumeSession,
        SubscribeMessageStatusSession,
        ThreadSession,
        UnknownEventSession,
    )


class EventHandler:
    """Base of every plugin: override the callbacks you want, and no more.

    Each callback is given one session, which has the event and, where it can be answered, `reply`.
    Other public coroutine methods are refused, because they are most likely misspelt callbacks;
    helpers take a leading underscore.
    """

    Config: type[BaseModel] | None = None
    """A pydantic model for the options under `plugins.NAME.config`; unknown keys are refused."""

    async def setup(self, context: PluginContext[Any]) -> None:
        """Called once before the first event; `context.config` has the validated options."""

    async def teardown(self) -> None:
        """Called once after the last event."""

    async def ready(self, session: ReadySession) -> None:
        """A new session has begun; events that happened before it are lost.

        Event: ``READY``.
        """

    async def resumed(self, session: ResumeSession) -> None:
        """A session continues after a lost connection; what was missed has been delivered.

        Event: ``RESUMED``.
        """

    async def message_create(self, session: ChannelReplySession) -> None:
        """Somebody mentioned the bot in a guild channel, or replied to it.

        Event: ``AT_MESSAGE_CREATE``.
        """

    async def guild_message_create(self, session: ChannelReplySession) -> None:
        """Somebody wrote in a guild channel, whether to the bot or not.

        Event: ``MESSAGE_CREATE``. Left as it is, messages that are addressed to the bot go to
        `message_create`, so that a plugin that only wants to be spoken to works either way.
        """
        if session.is_for_bot:
            await self.message_create(session)

    async def direct_message_create(self, session: DirectReplySession) -> None:
        """Somebody wrote to the bot in a direct message of a guild.

        Event: ``DIRECT_MESSAGE_CREATE``.
        """

    async def group_message_create(self, session: GroupReplySession) -> None:
        """A group member mentioned the bot.

        Event: ``GROUP_AT_MESSAGE_CREATE``.
        """

    async def group_full_message_create(self, session: GroupReplySession) -> None:
        """A group member wrote, whether to the bot or not, in a group that lets the bot read all.

        Event: ``GROUP_MESSAGE_CREATE``. Left as it is, messages that are addressed to the bot go to
        `group_message_create`, so that a plugin that only wants to be spoken to works either way.
        """
        if session.is_for_bot:
            await self.group_message_create(session)

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        """Somebody wrote to the bot in a one-to-one chat.

        Event: ``C2C_MESSAGE_CREATE``.
        """

    async def message_delete(self, session: MessageDeleteSession) -> None:
        """A message of a guild channel was withdrawn.

        Event: ``MESSAGE_DELETE``.
        """

    async def public_message_delete(self, session: MessageDeleteSession) -> None:
        """A message that had mentioned the bot in a guild channel was withdrawn.

        Event: ``PUBLIC_MESSAGE_DELETE``.
        """

    async def direct_message_delete(self, session: MessageDeleteSession) -> None:
        """A direct message of a guild was withdrawn.

        Event: ``DIRECT_MESSAGE_DELETE``.
        """

    async def message_reaction_add(self, session: ReactionSession) -> None:
        """Somebody reacted to a message or a forum post with an emoji.

        Event: ``MESSAGE_REACTION_ADD``.
        """

    async def message_reaction_remove(self, session: ReactionSession) -> None:
        """Somebody took an emoji reaction away.

        Event: ``MESSAGE_REACTION_REMOVE``.
        """

    async def interaction_create(self, session: InteractionSession) -> None:
        """Somebody pressed a button, chose a menu item or rated an answer.

        Event: ``INTERACTION_CREATE``.
        """

    async def guild_create(self, session: GuildSession) -> None:
        """The bot was added to a guild.

        Event: ``GUILD_CREATE``.
        """

    async def guild_update(self, session: GuildSession) -> None:
        """A guild was changed.

        Event: ``GUILD_UPDATE``.
        """

    async def guild_delete(self, session: GuildSession) -> None:
        """A guild was dissolved, or the bot removed from it.

        Event: ``GUILD_DELETE``.
        """

    async def channel_create(self, session: ChannelSession) -> None:
        """A channel was created.

        Event: ``CHANNEL_CREATE``.
        """

    async def channel_update(self, session: ChannelSession) -> None:
        """A channel was changed.

        Event: ``CHANNEL_UPDATE``.
        """

    async def channel_delete(self, session: ChannelSession) -> None:
        """A channel was removed.

        Event: ``CHANNEL_DELETE``.
        """

    async def guild_member_add(self, session: MemberSession) -> None:
        """Somebody joined a guild.

        Event: ``GUILD_MEMBER_ADD``.
        """

    async def guild_member_update(self, session: MemberSession) -> None:
        """The nickname or the roles of a guild member were changed.

        Event: ``GUILD_MEMBER_UPDATE``.
        """

    async def guild_member_remove(self, session: MemberSession) -> None:
        """Somebody left a guild or was removed from it.

        Event: ``GUILD_MEMBER_REMOVE``.
        """

    async def message_audit_pass(self, session: MessageAuditSession) -> None:
        """A message of the bot passed its review.

        Event: ``MESSAGE_AUDIT_PASS``.
        """

    async def message_audit_reject(self, session: MessageAuditSession) -> None:
        """A message of the bot was refused in its review.

        Event: ``MESSAGE_AUDIT_REJECT``.
        """

    async def group_add_robot(self, session: GroupManageSession) -> None:
        """The bot was added to a group.

        Event: ``GROUP_ADD_ROBOT``.
        """

    async def group_msg_receive(self, session: GroupManageSession) -> None:
        """A group switched unprompted messages of the bot on.

        Event: ``GROUP_MSG_RECEIVE``.
        """

    async def group_del_robot(self, session: GroupNoticeSession) -> None:
        """The bot was removed from a group.

        Event: ``GROUP_DEL_ROBOT``.
        """

    async def group_msg_reject(self, session: GroupNoticeSession) -> None:
        """A group switched unprompted messages of the bot off.

        Event: ``GROUP_MSG_REJECT``.
        """

    async def group_member_add(self, session: GroupMemberSession) -> None:
        """Somebody joined a group.

        Event: ``GROUP_MEMBER_ADD``.
        """

    async def group_member_remove(self, session: GroupMemberNoticeSession) -> None:
        """Somebody left a group or was removed from it.

        Event: ``GROUP_MEMBER_REMOVE``.
        """

    async def group_join_request(self, session: GroupJoinRequestSession) -> None:
        """Somebody asks to join a group in which the bot is an administrator.

        Event: ``GROUP_JOIN_REQUEST``.
        """

    async def friend_add(self, session: C2CManageSession) -> None:
        """Somebody added the bot to their contacts.

        Event: ``FRIEND_ADD``.
        """

    async def c2c_msg_receive(self, session: C2CManageSession) -> None:
        """Somebody switched unprompted messages of the bot on.

        Event: ``C2C_MSG_RECEIVE``.
        """

    async def friend_del(self, session: C2CNoticeSession) -> None:
        """Somebody removed the bot from their contacts.

        Event: ``FRIEND_DEL``.
        """

    async def c2c_msg_reject(self, session: C2CNoticeSession) -> None:
        """Somebody switched unprompted messages of the bot off.

        Event: ``C2C_MSG_REJECT``.
        """

    async def subscribe_message_status(self, session: SubscribeMessageStatusSession) -> None:
        """Somebody allowed or refused subscription messages.

        Event: ``SUBSCRIBE_MESSAGE_STATUS``.
        """

    async def enter_aio(self, session: EnterAioSession) -> None:
        """Somebody opened the chat window with the bot.

        Event: ``ENTER_AIO``.
        """

    async def forum_thread_create(self, session: ThreadSession) -> None:
        """A thread was opened in a forum.

        Event: ``FORUM_THREAD_CREATE``.
        """

    async def forum_thread_update(self, session: ThreadSession) -> None:
        """A thread of a forum was changed.

        Event: ``FORUM_THREAD_UPDATE``.
        """

    async def forum_thread_delete(self, session: ThreadSession) -> None:
        """A thread of a forum was removed.

        Event: ``FORUM_THREAD_DELETE``.
        """

    async def forum_post_create(self, session: PostSession) -> None:
        """Somebody commented on a thread.

        Event: ``FORUM_POST_CREATE``.
        """

    async def forum_post_delete(self, session: PostSession) -> None:
        """A comment on a thread was removed.

        Event: ``FORUM_POST_DELETE``.
        """

    async def forum_reply_create(self, session: ForumReplySession) -> None:
        """Somebody replied to a comment in a forum.

        Event: ``FORUM_REPLY_CREATE``.
        """

    async def forum_reply_delete(self, session: ForumReplySession) -> None:
        """A reply to a comment in a forum was removed.

        Event: ``FORUM_REPLY_DELETE``.
        """

    async def forum_publish_audit_result(self, session: ForumAuditSession) -> None:
        """What the bot wrote in a forum was reviewed.

        Event: ``FORUM_PUBLISH_AUDIT_RESULT``.
        """

    async def open_forum_thread_create(self, session: OpenForumSession) -> None:
        """A thread was opened in a forum; what it says is not told.

        Event: ``OPEN_FORUM_THREAD_CREATE``.
        """

    async def open_forum_thread_update(self, session: OpenForumSession) -> None:
        """A thread of a forum was changed; what it says is not told.

        Event: ``OPEN_FORUM_THREAD_UPDATE``.
        """

    async def open_forum_thread_delete(self, session: OpenForumSession) -> None:
        """A thread of a forum was removed; which one is not told.

        Event: ``OPEN_FORUM_THREAD_DELETE``.
        """

    async def open_forum_post_create(self, session: OpenForumSession) -> None:
        """Somebody commented in a forum; what is not told.

        Event: ``OPEN_FORUM_POST_CREATE``.
        """

    async def open_forum_post_delete(self, session: OpenForumSession) -> None:
        """A comment in a forum was removed; which one is not told.

        Event: ``OPEN_FORUM_POST_DELETE``.
        """

    async def open_forum_reply_create(self, session: OpenForumSession) -> None:
        """Somebody replied to a comment in a forum; what is not told.

        Event: ``OPEN_FORUM_REPLY_CREATE``.
        """

    async def open_forum_reply_delete(self, session: OpenForumSession) -> None:
        """A reply in a forum was removed; which one is not told.

        Event: ``OPEN_FORUM_REPLY_DELETE``.
        """

    async def audio_start(self, session: AudioSession) -> None:
        """The bot began to play something.

        Event: ``AUDIO_START``.
        """

    async def audio_finish(self, session: AudioSession) -> None:
        """The bot stopped playing.

        Event: ``AUDIO_FINISH``.
        """

    async def audio_on_mic(self, session: AudioSession) -> None:
        """The bot took the microphone.

        Event: ``AUDIO_ON_MIC``.
        """

    async def audio_off_mic(self, session: AudioSession) -> None:
        """The bot left the microphone.

        Event: ``AUDIO_OFF_MIC``.
        """

    async def audio_or_live_channel_member_enter(self, session: PublicAudioSession) -> None:
        """Somebody entered a voice or live channel.

        Event: ``AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER``.
        """

    async def audio_or_live_channel_member_exit(self, session: PublicAudioSession) -> None:
        """Somebody left a voice or live channel.

        Event: ``AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT``.
        """

    async def unknown_event(self, session: UnknownEventSession) -> None:
        """An event without a callback of its own, or one whose payload could not be typed."""

    async def error(self, session: ErrorSession) -> None:
        """A callback of a plugin, this or another, raised or took too long.

        `session.event` tells plugin, callback, exception and what the callback had been given.
        What fails in here is reported, and this callback is not called for it.
        """
