"""The forms of a report: for a terminal, a browser, a CI server and a program."""
