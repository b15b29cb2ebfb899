"""What a server's rules and the limits of a day say no to."""

from bot.errors import InputError


class UserLimitError(InputError):
    """You have reached your limit of songs in 24 hours: {limit}. You can send the next one {when}."""


class ServerLimitError(InputError):
    """This server has reached its limit of songs in 24 hours: {limit}. It can have the next one {when}."""


class MemberLimitError(InputError):
    """You have reached the limit of songs in 24 hours that this server gives each member: {limit}. You can send the next one {when}."""


class CooldownError(InputError):
    """Please wait a bit between two songs. You can send the next one {when}."""


class ChannelRuleError(InputError):
    """I don't work in this channel. On this server I work in {channels}."""


class RoleRuleError(InputError):
    """On this server I only work for members with one of these roles: {roles}."""


class ChannelsGoneError(InputError):
    """On this server I only work in certain channels, and none of them exists any more. Ask a server manager to pick new ones with `/pianola settings`."""


class RolesGoneError(InputError):
    """On this server I only work for members with certain roles, and none of them exists any more. Ask a server manager to pick new ones with `/pianola settings`."""
