"""Suites that attack what the product promises: injected strings, planted canaries, altered quotes and approvals."""
