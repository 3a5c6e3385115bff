"""Casegate as an MCP server: read-only tools that ask a running server's API with the caller's own token."""
