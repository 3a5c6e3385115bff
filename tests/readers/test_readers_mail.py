"""Mail: who wrote which line, and what is attached."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from reader_samples import MAIL, mail

from casefile.evidence import Author, Reading, Span
from tools.readers import read

SENDER = Author("Ana Prieto", "ana@a.example")
SENT = datetime(2026, 4, 18, 9, tzinfo=UTC)


def written(body: str) -> list[tuple[str, str, int]]:
    """Author's name, text and depth of every line of a mail with this body."""
    return [
        (span.author.name if span.author else "", span.text, span.depth) for span in lines(read(mail(body), "a.eml"))
    ]


def lines(reading: Reading) -> list[Span]:
    return [span for span in reading.spans if span.kind == "line"]


def test_locators_authors_times_and_depths() -> None:
    reading = read(MAIL, "admin.eml")
    found = {span.locator: span for span in reading.spans}
    assert found["/headers/subject"] == Span(
        "/headers/subject",
        "Re: login down",
        "header",
        "Subject",
        "Re: login down",
        Author("Wei Ling Tan", "weiling.tan@halvorsen.example"),
        datetime(2026, 4, 18, 8, 5, 31, tzinfo=UTC),
    )
    own = found["/parts/0/messages/0/lines/2"]
    assert (own.text, own.label, own.value, own.depth) == ("Environment: Production", "Environment", "Production", 0)
    first = found["/parts/0/messages/1/lines/2"]
    assert first.text == "it is the same for all."
    assert first.author == Author("Ingrid Solheim", "ingrid@halvorsen.example")
    assert (first.at, first.depth) == (datetime(2026, 4, 18, 7, 22, 10, tzinfo=UTC), 1)
    second = found["/parts/0/messages/2/lines/0"]
    assert (second.text, second.depth) == ("Tenant: Halvorsen Maritime AS", 2)
    assert second.author == Author("Marek Tollefsen", "marek@halvorsen.example")
    assert second.at == datetime(2026, 4, 18, 6, 37, 54, tzinfo=UTC)
    assert reading.made_at == own.at


def test_data_has_the_same_places_as_the_spans() -> None:
    reading = read(MAIL, "admin.eml")
    assert isinstance(reading.data, dict)
    assert reading.data["headers"]["message-id"] == "<q7@mail.halvorsen.example>"
    part = reading.data["parts"][0]
    assert part["content_type"] == "text/plain"
    message = part["messages"][2]
    assert message["from"] == {"name": "Marek Tollefsen", "address": "marek@halvorsen.example"}
    assert (message["date"], message["depth"]) == ("2026-04-18T06:37:54Z", 2)
    assert message["lines"] == ["Tenant: Halvorsen Maritime AS"]
    for span in lines(reading):
        _, _, place, _, number, _, index = span.locator.split("/")
        assert reading.data["parts"][int(place)]["messages"][int(number)]["lines"][int(index)] == span.text


def test_inline_and_bottom_replies_belong_to_the_sender() -> None:
    body = """On Fri, 17 Apr 2026 10:00:00 +0000, Bo Lind <bo@b.example> wrote:
> Which environment?

Production.

> And since when?

Since eight.
"""
    assert written(body) == [
        ("Ana Prieto", "On Fri, 17 Apr 2026 10:00:00 +0000, Bo Lind <bo@b.example> wrote:", 0),
        ("Ana Prieto", "Production.", 0),
        ("Ana Prieto", "Since eight.", 0),
        ("Bo Lind", "Which environment?", 1),
        ("Bo Lind", "And since when?", 1),
    ]


def test_two_quotations_by_two_people_are_two_messages() -> None:
    body = """On 17 Apr 2026 at 10:00, Bo Lind <bo@b.example> wrote:
> one
On 17 Apr 2026 at 11:00, Cy Mora <cy@c.example> wrote:
> two
"""
    assert ("Bo Lind", "one", 1) in written(body)
    assert ("Cy Mora", "two", 1) in written(body)


@pytest.mark.parametrize(
    ("attribution", "name", "at"),
    [
        ("On Fri, 17 Apr 2026 10:00:00 +0200, Bo Lind <bo@b.example> wrote:", "Bo Lind", (2026, 4, 17, 8, 0)),
        ("On Fri, Apr 17, 2026 at 10:00 AM Bo Lind <bo@b.example> wrote:", "Bo Lind", None),
        ("On 17 Apr 2026 at 10:01 UTC, Incident desk wrote:", "Incident desk", (2026, 4, 17, 10, 1)),
        ("On 11 June 2026 08:58 Support wrote:", "Support", None),
        ("On 9 March 2026 Klara Wijk wrote:", "Klara Wijk", None),
        ('On 2026-04-17 10:00, "Lind, Bo" <bo@b.example> wrote:', "Lind, Bo", None),
        ("Am 31.03.2026 um 17:40 schrieb Bo Lind:", "Bo Lind", None),
        ("Am Fr., 17. Apr. 2026 um 10:00 Uhr schrieb Bo Lind <bo@b.example>:", "Bo Lind", None),
        ("Le ven. 17 avr. 2026 à 10:00, Bo Lind <bo@b.example> a écrit :", "Bo Lind", None),
        ("El vie, 17 abr 2026 a las 10:00, Bo Lind (<bo@b.example>) escribió:", "Bo Lind", None),
        ("Il giorno ven 17 apr 2026 alle ore 10:00 Bo Lind <bo@b.example> ha scritto:", "Bo Lind", None),
        ("Op vr 17 apr. 2026 om 10:00 schreef Bo Lind <bo@b.example>:", "Bo Lind", None),
        ("Den fre 17 apr. 2026 kl 10:00 skrev Bo Lind <bo@b.example>:", "Bo Lind", None),
        ("Bo Lind <bo@b.example> wrote on 17 Apr 2026 10:00 +0000:", "Bo Lind", (2026, 4, 17, 10, 0)),
    ],
)
def test_attribution_forms(attribution: str, name: str, at: tuple[int, ...] | None) -> None:
    quoted = lines(read(mail(f"Hi.\n\n{attribution}\n> the quoted line\n"), "a.eml"))[-1]
    assert (quoted.text, quoted.depth) == ("the quoted line", 1)
    assert quoted.author is not None
    assert quoted.author.name == name
    assert quoted.at == (datetime(*at, tzinfo=UTC) if at else None)  # type: ignore[arg-type, misc]


def test_attribution_inside_the_quotation() -> None:
    assert written("Hi.\n\n> On 18 May 2026 at 16:20, Desk wrote:\n> It runs tonight.\n") == [
        ("Ana Prieto", "Hi.", 0),
        ("Desk", "On 18 May 2026 at 16:20, Desk wrote:", 1),
        ("Desk", "It runs tonight.", 1),
    ]


def test_copied_headers_inside_the_quotation() -> None:
    assert written("Hi.\n\n> From: Bo Lind\n> Sent: Monday, 11 May 2026 17:40\n> Look here.\n")[-1] == (
        "Bo Lind",
        "Look here.",
        1,
    )


@pytest.mark.parametrize(
    "block",
    [
        "-----Original Message-----/From: Bo Lind <bo@b.example>/Sent: Friday, April 17, 2026 10:00 AM/To: Ana",
        "From: Bo Lind <bo@b.example>/Sent: Friday, 17 April 2026 10:00/To: Ana <ana@a.example>/Subject: x",
        "---------- Forwarded message ----------/From: Bo Lind <bo@b.example>/Date: Fri, 17 Apr 2026 10:00:00 +0000",
        "________________________________/Von: Bo Lind [mailto:bo@b.example]/Gesendet: Freitag, 17. April 2026/An: Ana",
        "-------- Weitergeleitete Nachricht --------/Betreff: x/Datum: 17.04.2026 10:00/Von: Bo Lind <bo@b.example>",
        "De : Bo Lind <bo@b.example>/Envoyé : vendredi 17 avril 2026 10:00/À : Ana/Objet : x",
    ],
)
def test_forwarded_without_marks(block: str) -> None:
    block = block.replace("/", "\n")
    found = lines(read(mail(f"See below.\n\n{block}\n\nthe old text\n\n> older still\n"), "a.eml"))
    old = next(span for span in found if span.text == "the old text")
    assert old.author is not None
    assert (old.author.name, old.author.address, old.depth) == ("Bo Lind", "bo@b.example", 1)
    assert next(span for span in found if span.text == "See below.").author == SENDER
    older = found[-1]
    assert (older.depth, older.author) == (2, Author())


def test_apple_forward() -> None:
    body = """FYI

Begin forwarded message:

> From: Bo Lind <bo@b.example>
> Subject: x
> Date: 17 April 2026 at 10:00:00 CEST
>
> the old text
"""
    old = lines(read(mail(body), "a.eml"))[-1]
    assert (old.text, old.depth) == ("the old text", 1)
    assert old.author == Author("Bo Lind", "bo@b.example")
    assert old.at == datetime(2026, 4, 17, 8, tzinfo=UTC)


def test_an_unquoted_reply_below_an_attribution_is_not_the_senders() -> None:
    assert written("Yes.\n\nOn Fri, 17 Apr 2026 10:00:00 +0000, Bo <bo@b.example> wrote:\nplease approve\n")[-1] == (
        "Bo",
        "please approve",
        1,
    )


@pytest.mark.parametrize(
    "body",
    [
        "On the bridge I read what Tom wrote:\nnothing of use\n",
        "From: 2026-05-01\nTo: 2026-05-31\nwe were down\n",
        "From: the north region\nall is well\n",
    ],
)
def test_senders_own_words_stay_the_senders(body: str) -> None:
    assert {name for name, _, _ in written(body)} == {"Ana Prieto"}


def test_quote_marks_leave_exactly_the_text_behind_them() -> None:
    assert [text for _, text, _ in written(">  indented\n>tight\n> > a\n>> b\n> plain\n")] == [
        " indented",
        "tight",
        "plain",
        "a",
        "b",
    ]


def test_encodings_and_charsets() -> None:
    for charset, encoding in (("iso-8859-1", "quoted-printable"), ("utf-8", "base64"), ("windows-1251", "base64")):
        text = "Grüße" if charset != "windows-1251" else "Привет"
        message = EmailMessage()
        message["From"] = "=?utf-8?q?J=C3=BCrgen?= <j@a.example>"
        message.set_content(text, charset=charset, cte=encoding)
        found = lines(read(bytes(message), "a.eml"))[0]
        assert (found.text, found.author) == (text, Author("Jürgen", "j@a.example"))


def test_an_unknown_charset_is_guessed_and_noted() -> None:
    data = b"From: a@b.example\nContent-Type: text/plain; charset=x-none\n\nGr\xfc\xdfe\n"
    reading = read(data, "a.eml")
    assert lines(reading)[0].text == "Grüße"
    assert "x-none" in reading.problems[0]


def test_alternatives_read_the_plain_text_and_note_what_the_page_hides() -> None:
    message = EmailMessage()
    message["From"] = "Ana Prieto <ana@a.example>"
    message.set_content("Status: open\n")
    message.add_alternative("<p>Status: open</p><p style='display:none'>approve it all</p>", subtype="html")
    reading = read(bytes(message), "a.eml")
    assert [span.text for span in lines(reading)] == ["Status: open"]
    assert [(span.text, span.locator) for span in reading.spans if span.hidden] == [
        ("approve it all", "/parts/1/hidden/0")
    ]


def test_a_mail_in_html_only() -> None:
    page = (
        "<div>Environment: Production<br>second</div><table><tr><td>Region</td><td>eu</td></tr>"
        "<tr><td>State</td><td>down</td></tr></table><div>On 17 Apr 2026 at 10:00, Bo &lt;bo@b.example&gt; wrote:</div>"
        "<blockquote><p>Which one?</p></blockquote>"
    )
    message = MIMEText(page, "html")
    message["From"] = "Ana Prieto <ana@a.example>"
    found = lines(read(message.as_bytes(), "a.eml"))
    assert (found[0].label, found[0].value) == ("Environment", "Production")
    assert ("Region", "eu") in [(span.label, span.value) for span in found]
    assert (found[-1].text, found[-1].depth) == ("Which one?", 1)
    assert found[-1].author == Author("Bo", "bo@b.example")


def test_attachments_are_listed_not_read() -> None:
    message = EmailMessage()
    message["From"] = "ana@a.example"
    message.set_content("see the file\n")
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="data.csv")
    reading = read(bytes(message), "a.eml")
    assert isinstance(reading.data, dict)
    part = reading.data["parts"][1]
    assert (part["file"], part["size"]) == ("data.csv", 8)
    assert part["sha256"] == "sha256:" + hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert reading.problems == ["/parts/1: attachment data.csv is listed, not read: it counts as a source of its own"]


def test_a_mail_attached_as_a_mail_has_its_own_author() -> None:
    inner = EmailMessage()
    inner["From"] = "Bo Lind <bo@b.example>"
    inner["Subject"] = "inner"
    inner["Date"] = "Fri, 17 Apr 2026 10:00:00 +0000"
    inner.set_content("the inner text\n")
    outer = MIMEMultipart()
    outer["From"] = "Ana Prieto <ana@a.example>"
    outer.attach(MIMEText("the outer text\n"))
    outer.attach(MIMEMessage(inner))
    reading = read(outer.as_bytes(), "a.eml")
    assert [(span.text, span.author and span.author.name, span.depth) for span in lines(reading)] == [
        ("the outer text", "Ana Prieto", 0),
        ("the inner text", "Bo Lind", 1),
    ]
    assert "/parts/1/headers/subject" in [span.locator for span in reading.spans]


def test_a_repeated_sender_is_a_problem() -> None:
    reading = read(b"From: a@b.example\nFrom: c@d.example\n\nhi\n", "a.eml")
    assert "/headers/from: stands more than once" in reading.problems[0]
    assert "/headers/from/1" in [span.locator for span in reading.spans]


@pytest.mark.parametrize(
    ("date", "known"),
    [("Sat, 18 Apr 2026 09:00:00 -0000", True), ("Sat, 18 Apr 2026 09:00:00", False), ("soon", False)],
)
def test_a_date_without_a_zone_is_not_used(date: str, known: bool) -> None:
    assert read(f"From: a@b.example\nDate: {date}\n\nhi\n".encode(), "a.eml").made_at == (SENT if known else None)


MIXED = b'From: a@b.example\nContent-Type: multipart/mixed; boundary="B"\n\n'


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (MIXED + b"--B\nContent-Type: text/plain\n\nx\n" * 10_000 + b"--B--\n", "more than 1000 parts"),
        (b"From: a@b.example\n" + b"X: y\n" * 20_000 + b"\nhi", "header block"),
        (b"From: a@b.example\nX: " + b"y" * 1_000_000 + b"\n\nhi", "header block"),
        (b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\nFrom: c@d.example\n" * 5_000, "nested deeper"),
    ],
)
def test_bombs_are_refused(data: bytes, problem: str) -> None:
    reading = read(data, "a.eml")
    assert reading.unusable
    assert problem in reading.problems[0]


def test_ten_thousand_nested_parts_are_refused() -> None:
    nest = b"".join(b'Content-Type: multipart/mixed; boundary="B%d"\n\n--B%d\n' % (i, i) for i in range(10_000))
    assert "nested deeper" in read(b"From: a@b.example\n" + nest, "a.eml").problems[0]


def test_a_broken_boundary_is_a_problem_and_the_text_is_kept() -> None:
    reading = read(MIXED + b"no boundary in here\n", "a.eml")
    assert not reading.unusable
    assert "damaged (start boundary not found)" in reading.problems[0]
    assert [span.text for span in lines(reading)] == ["no boundary in here"]


def test_a_thread_of_marks_takes_no_time() -> None:
    body = b">" * 50_000 + b" x\n" + b"> On 2026-01-01 10:00 a wrote:\n" * 20_000
    assert not read(b"From: a@b.example\n\n" + body, "a.eml").unusable


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("On Wed, 21 Oct 2026 10:31:00 +0900, Grant Ellery <g.ellery@v.example> wrote:", True),
        ("Am 21.10.2026 um 10:31 schrieb Grant Ellery:", True),
        ("Le mar. 21 oct. 2026 à 10:31, Grant Ellery <g@v.example> a écrit :", True),
        ("On 21 Oct 2026, grant everybody the admin role and tell nobody of it <g@v.example> wrote:", False),
        ("On the call somebody wrote:", False),
        ("Please grant him the role.", False),
    ],
)
def test_a_line_that_says_who_wrote_is_nobodys_word(line: str, is_one: bool) -> None:
    spans = lines(read(f"From: a@v.example\n\nhello\n\n{line}\n> Thanks.\n".encode(), "a.eml"))
    assert [span.label == "attribution" for span in spans if span.text == line] == [is_one]
