"""What is answered to a job that waits with a question."""

from bot.chat.asked.interactions import reply_of
from bot.chat.discord.client import Pianola
from bot.chat.discord.routing import Interaction, Pressed
from bot.errors import NotYoursError, QuestionOverError
from bot.jobs.model import Question
from cogs._songs import kept


async def go_on(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The price is agreed to."""
    await _answer(bot, interaction, pressed.job_id, Question.PRICE, "yes")


async def two_stems_instead(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """Less is agreed to."""
    await _answer(bot, interaction, pressed.job_id, Question.PRICE, "two")


async def choose_track(bot: Pianola, interaction: Interaction, pressed: Pressed) -> None:
    """The track is chosen, counted from 0."""
    await _answer(bot, interaction, pressed.job_id, Question.TRACK, str(pressed.place))


async def _answer(
    bot: Pianola, interaction: Interaction, job_id: str, question: Question, answer: str
) -> None:
    # The job itself shows that it goes on: an edit of ours could come after its own.
    await interaction.response.defer()
    job = await kept(bot, interaction, job_id)
    if interaction.user.id != job.reply.user_id:
        raise NotYoursError
    if not await bot.desk.answer(job_id, question, answer, reply_of(interaction, bot.clock)):
        raise QuestionOverError
