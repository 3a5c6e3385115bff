"""The lane as a mail to an internal queue. A mail server knows no keys: a lost answer leaves the entry in doubt."""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from pydantic import SecretStr

from tools.lanes.port import InDoubt, LaneEntry, Later, Refused

_PERMANENT = 500
_TAKEN = 250


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where to, and as whom; all of it from the settings."""

    host: str
    port: int
    sender: str
    recipient: str
    timeout: float
    starttls: bool = False
    username: str = ""
    password: SecretStr | None = None


class Mail:
    """Sends one mail per entry, with the entry as attachment; its Message-ID is made from the key."""

    idempotent = False

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def deliver(self, entry: LaneEntry) -> str:
        """Send the mail; what the server answered."""
        return await asyncio.to_thread(self._send, entry)

    async def has(self, entry: LaneEntry) -> bool | None:
        """A mail server cannot be asked."""
        return None

    def _send(self, entry: LaneEntry) -> str:
        server = self._server
        message = message_of(entry, server.sender, server.recipient)
        try:
            connection = smtplib.SMTP(server.host, server.port, _own_name(), timeout=server.timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise Later(f"{server.host}:{server.port}: {_said(error)}") from error
        try:
            _introduce(connection, server)
            return _hand_over(connection, server, message.as_bytes(policy=SMTP))
        finally:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()


def message_of(entry: LaneEntry, sender: str, recipient: str) -> EmailMessage:
    """The mail: the same entry is the same mail."""
    message = EmailMessage()
    name = hashlib.sha256(entry.key.encode()).hexdigest()
    message["From"], message["To"] = sender, recipient
    message["Subject"] = f"Casegate: entry for {entry.lane}"
    message["Message-ID"] = f"<{name}@casegate.invalid>"
    message["X-Casegate-Key"] = entry.key
    message.set_content(f"Lane: {entry.lane}\nKey: {entry.key}\nThe approved entry is attached, byte for byte.\n")
    message.add_attachment(entry.body, maintype="application", subtype="json", filename=f"{entry.lane}.json")
    return message


def _own_name() -> str:
    """What this machine calls itself, or an address where that is no full name (RFC 5321, 4.1.3). Nothing is looked up:
    without a name, the library would ask for it."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def _introduce(connection: smtplib.SMTP, server: MailServer) -> None:
    try:
        connection.ehlo_or_helo_if_needed()
        if server.starttls:
            connection.starttls(context=ssl.create_default_context())
        if server.username:
            connection.login(server.username, server.password.get_secret_value() if server.password else "")
    except smtplib.SMTPAuthenticationError as error:
        raise Refused(f"{server.host} does not accept the sign-in: {error.smtp_code}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Later(f"{server.host}: {_said(error)}") from error


def _hand_over(connection: smtplib.SMTP, server: MailServer, message: bytes) -> str:
    try:
        for code, answer in (connection.mail(server.sender), connection.rcpt(server.recipient)):
            _judge(code, answer)
    except (OSError, smtplib.SMTPException) as error:
        raise Later(f"{server.host}: {_said(error)}") from error
    try:
        code, answer = connection.data(message)
    except smtplib.SMTPDataError as error:
        _judge(error.smtp_code, error.smtp_error)
        raise Later(f"{server.host}: {_said(error)}") from error
    except (OSError, smtplib.SMTPException) as error:
        # All of it, or none, was taken before the line broke.
        raise InDoubt(f"{server.host}: the answer to the mail was lost ({_said(error)}); look before it is sent again") from error  # fmt: skip  # noqa: E501
    _judge(code, answer)
    return f"{code} {answer.decode('utf-8', 'replace')}"[:200]


def _judge(code: int, answer: bytes | str) -> None:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    if code >= _PERMANENT:
        raise Refused(f"the mail server answered {code} {text}"[:300])
    if code >= _TAKEN + 100:
        raise Later(f"the mail server answered {code} {text}"[:300])


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
