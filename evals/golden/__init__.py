"""Packets with a known truth, made by a seed as strangers would make them: other vendors, layouts, words and faults.

The truth is written into `expect.yaml` (contract §3) and nowhere else; a run reads a packet without it.
"""
