"""Lanes: how an entry that was released reaches its one queue. One file per kind, chosen by the installation."""
