"""What each page shows, built on the server for the signed-in person: nothing masked leaves it (R7)."""
