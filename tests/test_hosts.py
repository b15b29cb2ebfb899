"""What each host's variables tell."""

import pytest

from bot.hosts import host_name, public_address

IN_ORDER = [
    ("RENDER_EXTERNAL_URL", "https://pianola.onrender.com/", "https://pianola.onrender.com"),
    ("RAILWAY_PUBLIC_DOMAIN", "pianola.up.railway.app", "https://pianola.up.railway.app"),
    ("KOYEB_PUBLIC_DOMAIN", "pianola.koyeb.app", "https://pianola.koyeb.app"),
    ("FLY_APP_NAME", "pianola", "https://pianola.fly.dev"),
    ("HEROKU_APP_DEFAULT_DOMAIN_NAME", "pianola-1a2b.herokuapp.com", "https://pianola-1a2b.herokuapp.com"),
]


@pytest.mark.parametrize(("variable", "value", "address"), IN_ORDER)
def test_each_host_tells_its_public_address(variable: str, value: str, address: str) -> None:
    assert public_address({variable: value}) == address


@pytest.mark.parametrize("first", range(len(IN_ORDER)))
def test_the_first_in_the_order_counts(first: int) -> None:
    environment = {variable: value for variable, value, _ in reversed(IN_ORDER[first:])}
    assert public_address(environment) == IN_ORDER[first][2]


@pytest.mark.parametrize("environment", [{}, {"DYNO": "web.1"}, {"RENDER_EXTERNAL_URL": ""}, {"PORT": "80"}])
def test_where_no_host_tells_an_address_none_is_guessed(environment: dict[str, str]) -> None:
    assert public_address(environment) is None


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"RENDER": "true"}, "Render"),
        ({"RAILWAY_ENVIRONMENT_NAME": "production"}, "Railway"),
        ({"RAILWAY_ENVIRONMENT": "production"}, "Railway"),
        ({"KOYEB_APP_NAME": "pianola"}, "Koyeb"),
        ({"FLY_APP_NAME": "pianola"}, "Fly.io"),
        ({"DYNO": "web.1"}, "Heroku"),
        ({"RENDER": ""}, None),
        ({"PORT": "8080", "HOME": "/home"}, None),
    ],
)
def test_a_host_is_known_by_its_variables(environment: dict[str, str], name: str | None) -> None:
    assert host_name(environment) == name
