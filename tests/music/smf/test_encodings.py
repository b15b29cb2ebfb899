"""Names in a MIDI file, in whatever encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.music.names import clean
from bot.music.smf.encodings import decoded, encoding_of


@given(
    st.lists(st.binary(max_size=600), max_size=4),
    st.sampled_from(["", "ja", "ko", "zh-CN", "zh-TW", "ru", "de"]),
)
def test_any_bytes_are_some_clean_name(names: list[bytes], locale: str) -> None:
    encoding = encoding_of(names, locale)
    for name in names:
        clean(decoded(name, encoding)).encode()


@pytest.mark.parametrize(
    ("name", "encoding", "locale"),
    [
        ("Гитара соло", "koi8_r", ""), ("Гитара соло", "koi8_r", "ru"), ("бас", "koi8_r", ""), ("Скрипка", "koi8_r", "en-US"),
        ("鋼琴", "big5", ""), ("鋼琴主旋律", "big5", "zh-TW"), ("小提琴", "big5", ""), ("中音薩克斯風", "big5", "zh-TW"),
        ("ギター", "euc_jp", ""), ("ピアノ主旋律", "euc_jp", "ja"), ("ドラム", "euc_jp", "ja"),
        ("エレキギター", "cp932", ""), ("ピアノ", "cp932", "en-US"), ("ベース", "cp932", "de"),
        ("钢琴主旋律", "gb18030", ""), ("吉他", "gb18030", "zh-CN"), ("贝斯", "gb18030", ""), ("人声", "gb18030", "zh-CN"),
        ("피아노 선율", "cp949", ""), ("기타", "cp949", "ko"), ("드럼", "cp949", ""),
        ("Гитара соло", "cp1251", ""), ("БАС", "cp1251", ""), ("Ударные", "cp1251", "ru"),
        ("Flöte & Größe", "cp1252", ""), ("Flûte à bec", "cp1252", "fr"), ("Señor", "cp1252", "es-ES"), ("Ünal", "cp1252", "de"),
    ],
)  # fmt: skip
def test_a_name_is_read_in_the_encoding_it_is_in(name: str, encoding: str, locale: str) -> None:
    raw = name.encode(encoding)
    assert decoded(raw, encoding_of([raw], locale)) == name


@given(st.lists(st.text(max_size=60), max_size=4))
def test_utf_8_is_always_known(names: list[str]) -> None:
    raw = [name.encode() for name in names if "\0" not in name]
    assert [decoded(name, encoding_of(raw)) for name in raw] == [
        n.removeprefix("\ufeff") for n in names if "\0" not in n
    ]
