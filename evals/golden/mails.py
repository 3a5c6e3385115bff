"""Mails as mail programs write them: plain, with an HTML twin, in other encodings, as replies and forwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from evals.golden.draw import Draw
from evals.golden.world import Person

LAYOUTS = ["plain", "html_twin", "html_only", "latin1", "base64", "reply", "crlf"]


def mail(
    draw: Draw,
    sender: Person,
    to: str,
    subject: str,
    at: datetime,
    body: Sequence[str],
    layout: str = "plain",
    quoted: str = "",
) -> bytes:
    """One message. `body` is paragraphs; `quoted` is what a reply carries from an earlier one."""
    message = EmailMessage()
    message["From"] = (
        f"{sender.name} <{sender.email}>" if draw.maybe(0.8) else f"{_turned(sender.name)} <{sender.email}>"
    )
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{draw.letters(6)}.{at:%Y%m%d%H%M}@{sender.email.split('@')[1]}>"
    text = "\n\n".join(body) + f"\n\n{sender.name.split()[0]}\n"
    if layout == "reply" or quoted:
        earlier = quoted or "Thank you, we have your report and are looking at it."
        text += f"\nOn {at:%a, %d %b %Y}, Support <{to}> wrote:\n" + "\n".join(
            f"> {line}" for line in earlier.splitlines()
        )
    _fill(message, text, body, layout, draw)
    data = message.as_bytes()
    return data.replace(b"\n", b"\r\n") if layout == "crlf" else data


def _fill(message: EmailMessage, text: str, body: Sequence[str], layout: str, draw: Draw) -> None:
    if layout == "html_only":
        message.set_content(_html(body), subtype="html")
    elif layout == "latin1":
        safe = text.encode("latin-1", "replace").decode("latin-1")
        message.set_content(safe, charset="iso-8859-1", cte="quoted-printable")
    elif layout == "base64":
        message.set_content(text, cte="base64")
    else:
        message.set_content(text)
    if layout == "html_twin":
        message.add_alternative(_html(body), subtype="html")
        message.set_boundary(f"=_{draw.letters(16)}")


def _html(body: Sequence[str]) -> str:
    told = "".join(f"<p>{escape(part).replace(chr(10), '<br>' + chr(10))}</p>\n" for part in body)
    return f"<html><body>\n{told}</body></html>\n"


def _turned(name: str) -> str:
    first, _, last = name.partition(" ")
    return f'"{last}, {first}"'
