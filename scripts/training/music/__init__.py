"""What is played: pieces made up by a composer, and songs by people."""
