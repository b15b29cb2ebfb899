"""What commands and their options are called in Discord's languages."""

import discord
from discord.app_commands import TranslationContextLocation as Location
from discord.app_commands import TranslationContextTypes, Translator, locale_str

from bot.language import language_of

_NAMES = {Location.command_name, Location.group_name, Location.parameter_name}


class CommandTexts(Translator):
    """Translates names, descriptions and choices when Discord is told of the commands."""

    async def translate(
        self, string: locale_str, locale: discord.Locale, context: TranslationContextTypes
    ) -> str | None:
        """The text for one locale; None where the English one stands."""
        say = language_of(locale.value)
        said = say.name(string.message) if context.location in _NAMES else say(string.message)
        return None if said == string.message else said
