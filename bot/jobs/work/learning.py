"""What a finished song tells of its kind of separation."""

from bot.jobs.model import Job
from bot.jobs.song_part import Source
from bot.jobs.storage.outcomes import Also, Outcomes
from bot.jobs.work.studios import Studios


class Learning:
    """Counts songs by what they were taken apart into."""

    def __init__(self, outcomes: Outcomes | None, studios: Studios) -> None:
        """`outcomes` None: nothing is counted."""
        self._outcomes = outcomes
        self._studios = studios

    def of(self, job: Job, *, gave_notes: bool) -> Also | None:
        """What is to be written with the end of a song; None where it tells nothing.

        A separation that somebody gave is of no known kind, and one stem without notes says nothing of the others.
        """
        was_given = any(part.kind is Source.TASK and part.music is None for part in job.parts)
        if self._outcomes is None or job.is_score or was_given or self._studios.price_for(job) is None:
            return None
        separations = [part.separation for part in job.parts if part.audio_id is None]
        is_all_of_it = len(separations) == len(job.parts) and all(
            one and not one.is_of_before for one in separations
        )
        if not gave_notes and not is_all_of_it:
            return None
        return self._outcomes.counting(self._studios.type_for(job), gave_notes=gave_notes)
