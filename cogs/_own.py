"""What is kept of whoever presses: deleted, or left."""

from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed
from bot.chat.shown.pianola import about
from bot.language import language_of


async def ask_to_forget(_bot: Pianola, interaction: Interaction, _pressed: Pressed) -> None:
    """Ask once whether all of a person is to be deleted."""
    say = language_of(str(interaction.locale))
    await interaction.response.edit_message(embed=about.question(say), view=about.question_view(say))


async def forget(bot: Pianola, interaction: Interaction, _pressed: Pressed) -> None:
    """Delete all of a person."""
    await interaction.response.defer()
    gone = await bot.desk.forget(interaction.user.id)
    card = about.forgotten(len(gone), language_of(str(interaction.locale)))
    await interaction.edit_original_response(embed=card, view=None)
    for job in gone:
        if not job.state.is_final:
            await bot.tell_forgotten(job)


async def keep(_bot: Pianola, interaction: Interaction, _pressed: Pressed) -> None:
    """Leave everything as it is."""
    await interaction.response.edit_message(embed=about.left(language_of(str(interaction.locale))), view=None)
