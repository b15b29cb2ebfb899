"""Credits as people read them. They come from a price list, so they are "about", unless the studio said them."""

from bot.language import Language


def credits_text(amount: float, say: Language) -> str:
    """`10 credits`, `1 credit`, `16.5 credits`."""
    if amount == int(amount):
        return say.plural("{count} credit", "{count} credits", int(amount))
    return say("{number} credits", number=say.decimal(amount))
