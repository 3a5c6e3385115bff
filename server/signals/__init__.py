"""Live signals: taken in, clustered, shown, and made cases of."""
