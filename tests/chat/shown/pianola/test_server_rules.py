"""The settings of a server: what a press decides, what a number may be, how it all reads."""

import discord
import pytest

from bot.chat.shown.pianola import server_rules
from bot.errors import NumberUnclearError, PianolaError
from bot.jobs.admission import Limits
from bot.jobs.storage.servers import NO_RULES, Rules
from bot.language import ENGLISH

NO_LIMITS = Limits()


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [("unknown", []), ("separation", []), ("separation", ["split_stem_advanced"]), ("limits", ["1"])],
)
def test_what_no_client_sends_decides_nothing(rule: str, chosen: list[str]) -> None:
    with pytest.raises(PianolaError):
        server_rules.decided(rule, chosen)


def test_more_than_a_menu_holds_is_cut_off() -> None:
    decided = server_rules.decided("roles", [str(number) for number in range(40)])
    assert decided == {"roles": tuple(range(25))}


@pytest.mark.parametrize(
    ("typed", "number"), [("", 0), (" ", 0), ("0", 0), ("1", 1), (" 12 ", 12), ("10000", 10_000)]
)
def test_a_number_of_songs_is_read(typed: str, number: int) -> None:
    read = server_rules.read_songs({"songs_per_member": typed}, NO_LIMITS)
    assert read == {"songs_per_member": number, "songs_per_server": 0}


@pytest.mark.parametrize("typed", ["10001", "-3", "x", "1e3", "2.5", "²", "`1`"])
def test_what_is_no_number_of_songs_is_refused(typed: str) -> None:
    with pytest.raises(NumberUnclearError) as caught:
        server_rules.read_songs({"songs_per_server": typed}, NO_LIMITS)
    assert "from 1 to 10000" in caught.value.sentence
    assert caught.value.sentence.count("`") == 2


def test_a_server_cannot_give_more_than_the_owner_does() -> None:
    limits = Limits(per_user=3, per_server=30)
    assert server_rules.read_songs({"songs_per_member": "3"}, limits)["songs_per_member"] == 3
    with pytest.raises(NumberUnclearError):
        server_rules.read_songs({"songs_per_member": "4"}, limits)


async def test_what_is_filled_in_can_be_sent_as_it_is() -> None:
    limits = Limits(per_user=3, per_server=30)
    modal = server_rules.songs_modal(Rules(songs_per_member=9), limits, ENGLISH)
    asked = [label["component"] for label in modal.to_dict()["components"]]
    filled = {component["custom_id"]: component.get("value") or "" for component in asked}
    assert filled == {"songs_per_member": "3", "songs_per_server": ""}
    assert server_rules.read_songs(filled, limits)["songs_per_member"] == 3


def fields(rules: Rules, limits: Limits = NO_LIMITS) -> dict[str, str]:
    card = server_rules.embed(rules, limits, "separate_vocal", ENGLISH)
    assert len(card) <= 6000
    return {str(field.name): str(field.value) for field in card.fields}


def test_what_is_in_force_is_at_most_what_the_owner_set() -> None:
    shown = fields(Rules(songs_per_member=9), Limits(per_user=3, per_server=30))
    assert shown["Songs per member in 24 hours"] == "3"
    assert shown["Songs on this server in 24 hours"] == "30"


def test_the_largest_rules_fit_into_a_message() -> None:
    many = tuple(range(10**18, 10**18 + 25))
    shown = fields(Rules(roles=many, channels=many))
    assert shown["Who may use me"].endswith(f"<@&{many[-1]}>")
    assert shown["Where"].endswith(f"<#{many[-1]}>")


async def test_a_role_that_is_gone_is_not_filled_in() -> None:
    view = server_rules.view(Rules(roles=(5,), channels=(6,)), None, ENGLISH, separates=True)
    menus = [
        item for item in view.children if isinstance(item, (discord.ui.RoleSelect, discord.ui.ChannelSelect))
    ]
    assert [menu.default_values for menu in menus] == [[], []]
    assert len(view.to_components()) <= 5


@pytest.mark.parametrize("rules", [NO_RULES, Rules(is_private=True, has_preview=False)])
async def test_buttons_offer_what_is_not_so(rules: Rules) -> None:
    view = server_rules.view(rules, None, ENGLISH, separates=False)
    ids = {item.custom_id for item in view.children if isinstance(item, discord.ui.Button)}
    assert ("pianola-rules:public" in ids) is rules.is_private
    assert ("pianola-rules:no-previews" in ids) is rules.has_preview
