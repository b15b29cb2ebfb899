from hypothesis import settings

# Nothing in the tests is timed; a slow machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
