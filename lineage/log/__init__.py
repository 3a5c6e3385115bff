"""The service log of sealed cases: an RFC 6962 tree over all seals, with checkpoints that outsiders can follow."""
