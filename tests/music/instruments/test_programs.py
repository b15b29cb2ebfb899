import pytest

from bot.music.instruments.programs import GM_NAMES, Sound, kit_pitches, sound_for, sound_named

STEMS = [
    "Lead Vocal",
    "Drum Kit",
    "Kick",
    "Snare",
    "Risers",
    "Bass",
    "Backing Vocals",
    "Piano",
    "Electric Guitar",
    "Percussion",
    "String Section",
    "Synth",
    "Acoustic Guitar",
    "Sound Effects",
    "Synth Pad",
    "Synth Bass",
    "Guitar",
    "Brass Section",
    "Organ",
    "Electronic Drum Kit",
    "Lead Electric Guitar",
    "Synth Keys",
    "Rhythm Electric Guitar",
    "Electric Piano",
    "Upright Bass",
    "Keyboards",
    "Distorted Electric Guitar",
    "Synth Strings",
    "Synth Lead",
    "Woodwinds",
    "Rhythm Acoustic Guitar",
    "Flute",
    "Harp",
    "Tambourine",
    "Trumpet",
    "Arpeggiator",
    "Accordion",
    "Fiddle",
    "Pedal Steel Guitar",
    "Synth Voice",
    "Violin",
    "Digital Piano",
    "Synth Brass",
    "Mandolin",
    "Choir",
    "Banjo",
    "Bells",
    "Clarinet",
    "Tenor Saxophone",
    "Trombone",
    "Shaker",
    "French Horn",
    "Glockenspiel",
    "Electric Bass",
    "Cello",
    "Timpani",
    "Harmonica",
    "Marimba",
    "Vibraphone",
    "Lap Steel Guitar",
    "Saxophone",
    "Orchestra",
    "Horns",
    "Cymbals",
    "Hand Clap",
    "Oboe",
    "Celesta",
    "Congas",
    "Drone",
    "Alto Saxophone",
    "Double Bass",
    "Ukulele",
    "Harpsichord",
    "Baritone Saxophone",
    "Xylophone",
    "Tuba",
    "Bass Guitar",
    "Whistle",
    "Lead Guitar",
    "Rhodes",
    "808",
    "Bongos",
    "Bassoon",
    "Cowbell",
    "Viola",
    "Sitar",
    "Steel Drums",
    "Piccolo",
    "Theremin",
    "Bagpipes",
    "Hi-Hat",
    "Music Box",
    "Melodica",
    "Tabla",
    "Koto",
    "Djembe",
    "Taiko",
    "Didgeridoo",
]


@pytest.mark.parametrize(("program", "name"), list(enumerate(GM_NAMES)))
def test_each_general_midi_name_is_its_program(program: int, name: str) -> None:
    assert sound_named(name) == Sound(program, is_drums=False, guessed=False)
    assert sound_named(name.upper()) == Sound(program, is_drums=False, guessed=False)


def test_general_midi_has_128_names() -> None:
    assert len(set(GM_NAMES)) == 128
    assert (GM_NAMES[33], GM_NAMES[54], GM_NAMES[73], GM_NAMES[127]) == (
        "Electric Bass (finger)",
        "Synth Voice",
        "Flute",
        "Gunshot",
    )


@pytest.mark.parametrize("stem", STEMS)
def test_each_stem_name_of_the_service_has_a_sound(stem: str) -> None:
    assert sound_named(stem) is not None


@pytest.mark.parametrize(
    "name", ["Drums", "Drum Kit", "Percussion", "Kick", "Snare", "Hi-Hat", "hihat", "Cymbals", "Hand Clap", "Congas",
             "Toms", "Tabla", "drum_loop_02", "My Snare take 3", "Drumkit", "01 DRUMS"],
)  # fmt: skip
def test_drums_and_percussion_play_the_kit(name: str) -> None:
    found = sound_named(name)
    assert found is not None
    assert found.is_drums


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("Bass take 2", 33),
        ("night-drive_Synth Bass (final)", 38),
        ("Lead Vocal dry", 53),
        ("Ebass", 33),
        ("Steel drum solo", 114),
        ("rhythm guitar left", 27),
        ("Violins II", 40),
        ("Synthesizer", 81),
        ("808", 38),
        ("Melodica", 22),
    ],
)
def test_a_name_with_a_known_one_in_it_is_a_guess(name: str, program: int) -> None:
    assert sound_named(name) == Sound(program, is_drums=False, guessed=True)


@pytest.mark.parametrize(
    "name", ["", "Zzyzx", "song", "Helicopter ride", "other", "!!!", "日本", "bottom atom"]
)
def test_a_name_that_says_nothing_has_no_sound_of_its_own(name: str) -> None:
    assert sound_named(name) is None
    assert sound_for(name) == Sound(0, is_drums=False, guessed=True)


@pytest.mark.parametrize(
    "title",
    [
        *("Tom Sawyer", "Beat It", "Little Drummer Boy", "Jingle Bells", "All About That Bass", "The Clap"),
        *(
            "Drum and Bass Anthem",
            "Tom Odell - Another Love",
            "KICK BACK",
            "Hat Trick",
            "Tom's Diner",
            "Piano Man",
        ),
    ],
)
def test_a_title_is_never_an_instrument(title: str) -> None:
    assert sound_named(title) is None


@pytest.mark.parametrize(
    ("name", "program"),
    [
        *(
            ("Klavier", 0),
            ("Gitarre", 27),
            ("Geige", 40),
            ("Bajo", 33),
            ("Violão", 25),
            ("Violao", 25),
            ("Chœur", 52),
        ),
        *(
            ("ピアノ", 0),
            ("ベース", 33),
            ("기타", 27),
            ("바이올린", 40),
            ("吉他", 27),
            ("小提琴", 40),
            ("Flûte", 73),
        ),
    ],
)
def test_instruments_are_known_in_all_languages(name: str, program: int) -> None:
    assert sound_named(name) == Sound(program, is_drums=False, guessed=False)
    assert sound_named(f"A Song ({name})") == Sound(program, is_drums=False, guessed=True)


@pytest.mark.parametrize(
    "name", ["Schlagzeug", "Batería", "Batterie", "Bateria", "ドラム", "드럼", "鼓", "Percussão"]
)
def test_drums_are_known_in_all_languages(name: str) -> None:
    assert sound_named(name) == Sound(0, is_drums=True, guessed=False)


def test_the_first_name_that_says_something_decides() -> None:
    assert sound_for("take 2", "Flute", "Piano") == Sound(73, is_drums=False, guessed=False)


def test_a_drum_kit_has_fewer_pieces_than_percussion() -> None:
    assert 61 not in kit_pitches("Drums")
    assert 61 in kit_pitches("Congas")
