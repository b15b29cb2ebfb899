"""Every button, menu and modal of ours, and what serves it: the one table."""

from typing import Final

from discord.ext import commands
from msgspec.structs import replace

from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed, Routes, serve
from bot.chat.shown.custom_ids import EXAMPLE, JOB, JOB_MENU, JOB_MODAL, LIST, LIST_MENU, OWN, RULES, STEMS
from bot.chat.shown.result.more import STRENGTHS, VIDEO
from bot.errors import OldControlError
from cogs import _again, _answers, _copies, _list, _more, _own, _rules, _sheets, _songs, _video
from cogs.greeting import make_example
from cogs.stems import take_stems


async def _chosen(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Serve a line of the "More…" menu as a button of that action.

    Raises:
        OldControlError: another version offered it, and this one does not know it.
    """
    (action,) = pressed.values
    if (JOB, action) not in ROUTES:
        raise OldControlError(f"no route for {JOB}:{action}")
    await ROUTES[JOB, action](bot, interaction, replace(pressed, action=action))


ROUTES: Final[Routes] = {
    (JOB, "cancel"): _songs.cancel,
    (JOB, "delete"): _songs.ask_to_delete,
    (JOB, "erase"): _songs.delete,
    (JOB, "keep"): _songs.keep,
    (JOB, "go"): _answers.go_on,
    (JOB, "gotwo"): _answers.two_stems_instead,
    (JOB_MENU, "track"): _answers.choose_track,
    (JOB, "again"): _again.again,
    (JOB, "rerun"): _again.again,
    (JOB, "allstems"): _again.all_stems,
    (JOB, "twostems"): _again.two_stems,
    (JOB, "here"): _again.here,
    (JOB_MENU, "stem"): _again.another_stem,
    (JOB_MENU, "instrument"): _copies.instrument,
    (JOB, "parts"): _copies.offer_instruments,
    (JOB_MENU, "more"): _chosen,
    **{(JOB, action): _more.at_strength for action in STRENGTHS},
    (JOB, "said"): _more.ask_what_it_is,
    (JOB_MODAL, "said"): _more.as_instrument,
    (JOB, "solo"): _copies.listen,
    (JOB, "without"): _copies.listen,
    (JOB, "beside"): _copies.beside,
    (JOB, "zip"): _copies.all_as_zip,
    (JOB, "csv"): _copies.csv,
    (JOB, "chords"): _copies.chords,
    (JOB, "sheet"): _sheets.first_page,
    (JOB_MENU, "sheet"): _sheets.of_instrument,
    (JOB, "pdf"): _sheets.pdf,
    (JOB, "musicxml"): _sheets.musicxml,
    (JOB, "guitarpro"): _sheets.guitar_pro,
    (JOB, VIDEO): _video.liveliest,
    (JOB, "videobegin"): _video.beginning,
    (JOB, "videoall"): _video.whole,
    (JOB, "stems"): _copies.audio_stems,
    (JOB, "quantise"): _copies.ask_quantise,
    (JOB_MODAL, "quantise"): _copies.quantised,
    (JOB, "bars"): _more.ask_bars,
    (JOB_MODAL, "bars"): _more.with_bars,
    (JOB, "view"): _more.ask_view,
    (JOB_MODAL, "view"): _more.with_view,
    (JOB, "tempo"): _copies.ask_tempo,
    (JOB_MODAL, "tempo"): _copies.at_tempo,
    (LIST, "page"): _list.turn,
    (LIST, "erase"): _list.erase,
    (LIST_MENU, "open"): _list.open_chosen,
    (LIST_MENU, "drop"): _list.ask_to_erase,
    (STEMS, "all"): take_stems,
    (STEMS, "asker"): take_stems,
    (OWN, "ask"): _own.ask_to_forget,
    (OWN, "forget"): _own.forget,
    (OWN, "keep"): _own.keep,
    (EXAMPLE, "make"): make_example,
    (RULES, "roles"): _rules.decide,
    (RULES, "channels"): _rules.decide,
    (RULES, "limits"): _rules.decide,
    (RULES, "private"): _rules.decide,
    (RULES, "public"): _rules.decide,
    (RULES, "previews"): _rules.decide,
    (RULES, "no-previews"): _rules.decide,
    (RULES, "separation"): _rules.decide,
    (RULES, "reset"): _rules.decide,
}
"""Messages stay for years: an entry goes only with the last message that shows it; a new name gets a new entry beside the old one."""


class Controls(commands.Cog):
    """Serves what is pressed, chosen and submitted."""

    def __init__(self, bot: Pianola) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Called by discord.py for every interaction."""
        await serve(self.bot, interaction, ROUTES)


async def setup(bot: Pianola) -> None:
    """Called by discord.py when the cog is loaded."""
    await bot.add_cog(Controls(bot))
