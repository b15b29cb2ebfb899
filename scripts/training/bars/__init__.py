"""How the weights for beats and bars are fitted, on made-up songs of known bars."""
