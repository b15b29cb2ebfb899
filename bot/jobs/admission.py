"""Who may have a song, where and how often: the rules of a server, and the limits of the bot's owner."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from bot.errors import InputError
from bot.jobs.errors import (
    ChannelRuleError,
    ChannelsGoneError,
    CooldownError,
    MemberLimitError,
    RoleRuleError,
    RolesGoneError,
    ServerLimitError,
    UserLimitError,
)
from bot.jobs.storage.servers import NO_RULES, Rules, Servers
from bot.jobs.storage.uses import LONGEST_LIMIT, Check, Uses


class Limits(msgspec.Struct, frozen=True):
    """What the bot's owner set. Songs in 24 hours, 0 for any number; and the pause between two songs of a person."""

    per_user: int = 0
    per_server: int = 0
    cooldown: timedelta = timedelta(0)


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks and where, as far as rules and limits go by it.

    `places` are the channel and, of a thread, the channel that it belongs to. `is_guest`: the command is the person's own,
    not the server's: the bot was not installed there, or not for this. `server_has`: the roles and channels that there are;
    None: not known.
    """

    user_id: int
    server_id: int | None = None
    roles: frozenset[int] = frozenset()
    places: frozenset[int] = frozenset()
    is_manager: bool = False
    is_guest: bool = False
    server_has: frozenset[int] | None = None

    @property
    def host_id(self) -> int | None:
        """The server whose song this is, and whose rules are kept."""
        return None if self.is_guest else self.server_id


class Admission:
    """Looks at every command that is about to cost something."""

    def __init__(self, servers: Servers, limits: Limits) -> None:
        self.servers = servers
        self.limits = limits

    async def rules(self, asker: Asker) -> Rules:
        """The rules that this command keeps.

        A member's own installation is not the server's to forbid. As Discord does with such apps where they are not
        welcome, what the server does not want there is shown to nobody but its asker.

        Raises:
            InputError: a rule of the server is against it.
        """
        if asker.server_id is None:
            return NO_RULES
        rules = await self.servers.rules(asker.server_id)
        against = _against(rules, asker)
        if asker.is_guest:
            return Rules(is_private=rules.is_private or against is not None)
        if against:
            raise against
        return rules

    def limits_for(self, asker: Asker, rules: Rules, now: datetime) -> Check:
        """Looks, in the transaction that keeps a new song, whether there is one left for now.

        It raises an `InputError` where there is none: of several limits that are reached, the one that ends last is told.
        """

        def check(uses: Uses) -> None:
            # Two songs at once would both be the last one that is free.
            uses.one_by_one(self._counted(asker, rules))
            reached = list(self._reached(uses, asker, rules, now))
            if reached:
                _, error = max(reached, key=lambda limit: limit[0])
                raise error

        return check

    def _counted(self, asker: Asker, rules: Rules) -> list[int]:
        """Whose songs a limit counts: the server's, the person's; always in this order, so that no two wait for each other."""
        limits, host = self.limits, asker.host_id
        found = []
        if host is not None and (limits.per_server or rules.songs_per_server):
            found.append(host)
        if limits.cooldown or limits.per_user or (host is not None and rules.songs_per_member):
            found.append(asker.user_id)
        return found

    def _reached(
        self, uses: Uses, asker: Asker, rules: Rules, now: datetime
    ) -> Iterator[tuple[datetime, InputError]]:
        """The limits that are reached: when each has room again, and what is said of it."""
        limits, host = self.limits, asker.host_id
        since = now - LONGEST_LIMIT
        if limits.cooldown or limits.per_user:
            own = uses.opened_since(since, user_id=asker.user_id)
            if limits.cooldown and own and (over_at := own[-1] + limits.cooldown) > now:
                yield over_at, CooldownError(when=_moment(over_at))
            for free_at in _full_until(own, limits.per_user):
                yield free_at, UserLimitError(limit=limits.per_user, when=_moment(free_at))
        if host is None:
            return
        if rules.songs_per_member:
            limit = least(rules.songs_per_member, limits.per_user)
            own_here = uses.opened_since(since, user_id=asker.user_id, guild_id=host)
            for free_at in _full_until(own_here, limit):
                yield free_at, MemberLimitError(limit=limit, when=_moment(free_at))
        if limit := least(rules.songs_per_server, limits.per_server):
            all_here = uses.opened_since(since, guild_id=host)
            for free_at in _full_until(all_here, limit):
                yield free_at, ServerLimitError(limit=limit, when=_moment(free_at))


def least(decided: int, by_owner: int) -> int:
    """A server's own number of songs, at most what the bot's owner set; 0 stands for any number."""
    return min(decided or by_owner, by_owner or decided)


def still_there(chosen: Sequence[int], server_has: frozenset[int] | None) -> list[int]:
    """The roles or channels of a rule that nobody deleted since; all of them where it is not known what there is."""
    return [one for one in chosen if server_has is None or one in server_has]


def _against(rules: Rules, asker: Asker) -> InputError | None:
    """What a server says against this; its managers, who could change it, are not kept out.

    Where all that was chosen is gone the rule still holds: it was made to keep people out.
    """
    if asker.is_manager:
        return None
    if rules.channels and asker.places.isdisjoint(rules.channels):
        there = still_there(rules.channels, asker.server_has)
        named = ", ".join(f"<#{channel}>" for channel in there)
        return ChannelRuleError(channels=named) if there else ChannelsGoneError()
    if rules.roles and asker.roles.isdisjoint(rules.roles):
        there = still_there(rules.roles, asker.server_has)
        named = ", ".join(f"<@&{role}>" for role in there)
        return RoleRuleError(roles=named) if there else RolesGoneError()
    return None


def _full_until(opened: list[datetime], limit: int) -> list[datetime]:
    """When there is room for another; empty where there is now."""
    return [opened[-limit] + LONGEST_LIMIT] if limit and len(opened) >= limit else []


def _moment(at: datetime) -> str:
    """Discord shows this in the reader's own time and language."""
    return f"<t:{at.timestamp():.0f}:R>"
