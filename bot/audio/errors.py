"""What a file or an address that was given may be instead of a song."""

from bot.errors import InputError


class EmptyFileError(InputError):
    """The file `{name}` is empty. Please send it again, or export it once more."""


class FileTooLargeError(InputError):
    """`{name}` is too large: I take up to {limit_mb} MB. An mp3 or m4a of the same song will fit."""


class NotAudioError(InputError):
    """`{name}` is not an audio file that I know. I read wav, flac, mp3, ogg, opus, m4a, aac, aiff, webm and the sound of mp4 videos."""


class ArchiveGivenError(InputError):
    """`{name}` is an archive. Unpack it and send what is inside: a song with `/midi`, the stems of one song with `/stems`."""


class PlaylistGivenError(InputError):
    """`{name}` is a list of songs, without their sound. Send me one of the songs itself."""


class WebPageGivenError(InputError):
    """That address leads to a web page, not to an audio file. Use a direct link to the file, or attach the song itself."""


class PlayerPageError(WebPageGivenError):
    """That link opens a player, not an audio file, and I can't take the song out of it. Download the song, if you may, and attach the file."""


class AddressRefusedError(InputError):
    """I can't fetch that address: {reason}. Use a public http or https link to the audio file, or attach the song itself."""


class AddressFailedError(InputError):
    """I could not fetch that address: {reason}. Check the link in a browser, or attach the song itself."""

    again = True
