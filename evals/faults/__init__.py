"""The fault suite: processes killed at named points, databases restarted, full disks, clocks that jump.

What is checked afterwards is read with the drivers' own calls and from the receivers' own logs, never by our store.
"""
