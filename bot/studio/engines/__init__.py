"""Who hears the songs: the built-in transcriber, or a server with a graphics card that the owner runs."""
