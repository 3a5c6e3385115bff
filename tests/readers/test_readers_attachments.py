"""What is attached to a mail, as files of their own."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tools.readers.mail_attachments import attachments

PIXEL = b"\x89PNG\r\n\x1a\n"


def mail(*files: tuple[str, bytes, dict[str, str]]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.com", "files"
    message.set_content("They are attached.\n")
    for name, content, headers in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        part = list(message.iter_attachments())[-1]
        for key, value in headers.items():
            del part[key]
            part[key] = value
    return message


def names(message: EmailMessage, most: int = 20) -> list[str]:
    return [one.name for one in attachments(message.as_bytes(), most)]


def test_files_of_kinds_that_are_read_in_order() -> None:
    given = mail(("b.csv", b"x\n", {}), ("a.XLSX", b"PK", {}), ("run.exe", b"MZ", {}), ("none", b"x", {}))
    found = attachments(given.as_bytes(), 20)
    assert [(one.name, one.content) for one in found] == [("b.csv", b"x\n"), ("a.XLSX", b"PK")]


def test_a_picture_that_the_page_shows_is_none() -> None:
    inline = {"Content-Type": "image/png", "Content-Disposition": 'inline; filename="logo.png"', "Content-ID": "<l>"}
    assert names(mail(("logo.png", PIXEL, inline), ("shot.png", PIXEL, {"Content-Type": "image/png"}))) == ["shot.png"]


def test_files_of_a_mail_within_the_mail() -> None:
    outer = mail(("a.txt", b"a\n", {}))
    outer.add_attachment(mail(("inner.csv", b"x\n", {})))
    assert names(outer) == ["a.txt", "inner.csv"]


def test_at_most_so_many() -> None:
    assert len(names(mail(*[(f"{n}.txt", b"x\n", {}) for n in range(5)]), 3)) == 3
    others = [(f"{n}.zip", b"PK", {}) for n in range(5)]
    assert names(mail(*others, ("a.txt", b"x\n", {})), 1) == ["a.txt"]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("../../etc/passwd.txt", "etc_passwd.txt"),
        ("C:\\temp\\a.csv", "C_temp_a.csv"),
        ("Übersicht März.csv", "Übersicht März.csv"),
        ("a" * 300 + ".csv", "a" * 120 + ".csv"),
        ("録" * 100 + ".csv", "録" * 40 + ".csv"),
    ],
)
def test_names_can_be_stored(given: str, stored: str) -> None:
    message = mail(("x.txt", b"x\n", {}))
    (part,) = message.iter_attachments()
    part.set_param("filename", given, header="Content-Disposition")
    (found,) = names(message)
    assert found == stored


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"no headers here", b"Content-Type: multipart/mixed\n\n--x\n" * 50])
def test_what_is_no_mail_has_none(data: bytes) -> None:
    assert attachments(data, 20) == []
