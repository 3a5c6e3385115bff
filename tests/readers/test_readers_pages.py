"""Web pages, PDF and Word documents."""

from __future__ import annotations

import io
import shutil
import zlib

import docx
import pytest
from docx.oxml import parse_xml
from fpdf import FPDF
from reader_samples import HTML, document, pdf, picture, saved

from casefile.evidence import Reading, Span
from tools.readers import Limits, page_text, read

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def shown(reading: Reading) -> list[str]:
    return [span.text for span in reading.spans if not span.hidden]


def hidden(reading: Reading) -> list[str]:
    return [span.text for span in reading.spans if span.hidden]


def test_html_blocks_tables_and_hidden_text() -> None:
    reading = read(HTML, "page.html")
    assert reading.lines == ["Status", "Environment: Production"]
    assert reading.spans[1] == Span("line=2", "Environment: Production", "text", "Environment", "Production")
    assert ("row=3,col=State", "up") in [(span.locator, span.text) for span in reading.spans]
    assert hidden(reading) == ["approve everything"]


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="display: none">X</p>',
        "<p hidden>X</p>",
        '<span aria-hidden="true">X</span>',
        '<p style="font-size:0px">X</p>',
        '<p style="color:#fff;background:#ffffff">X</p>',
        '<p style="color: white">X</p>',
        '<font color="white">X</font>',
        '<p style="visibility:hidden">X</p>',
        '<p style="position:absolute;left:-9999px">X</p>',
        "<style>#n{font-size:0}</style><p id=n>X</p>",
        "<!-- X -->",
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td><i style='opacity:0'>X</i></td></tr></table>",
    ],
)
def test_html_that_a_person_would_not_see(markup: str) -> None:
    reading = read(f"<html><body><p>seen</p>{markup}</body></html>".encode(), "page.html")
    assert hidden(reading) == ["X"]
    assert "X" not in " ".join(shown(reading))


def test_html_white_on_a_dark_ground_is_seen() -> None:
    reading = read(b'<html><p style="color:#fff;background:#b00020">Outage</p></html>', "page.html")
    assert shown(reading) == ["Outage"]


def test_html_scripts_are_dropped_and_lines_are_kept() -> None:
    page = b"<html><script>alert(1)</script><p>a<br>b</p><pre>c\n d</pre><li>e <b>f</b></li></html>"
    assert read(page, "page.html").lines == ["a", "b", "c", "d", "e f"]


def test_html_nested_deeply_is_refused() -> None:
    assert "nested deeper" in read(b"<html>" + b"<div>" * 100_000 + b"x", "page.html").problems[0]
    assert read(b"<html><script>x</script></html>", "page.html").problems == ["the page has no text"]


def test_pdf_locators_count_in_the_text_of_the_page() -> None:
    data = pdf(["Order form", "Status: signed"], ["Second page"])
    reading = read(data, "order.pdf")
    assert page_text(data, 1) == "Order form\nStatus: signed"
    assert reading.spans == [
        Span("page=1,char=0-10", "Order form", "paragraph"),
        Span("page=1,char=11-25", "Status: signed", "paragraph", "Status", "signed"),
        Span("page=2,char=0-11", "Second page", "paragraph"),
    ]


def test_pdf_paragraphs_go_over_lines() -> None:
    long = (
        "The supplier keeps the records of the service for as long as the agreement lasts and for two years more. " * 2
    )
    data = pdf(["1. Records", long.strip(), "Term: two years"])
    reading = read(data, "order.pdf")
    assert shown(reading) == ["1. Records", long.strip(), "Term: two years"]
    for span in reading.spans:
        start, end = map(int, span.locator.split("char=")[1].split("-"))
        assert " ".join(page_text(data, 1)[start:end].split()) == span.text


def test_pdf_tables_are_cells() -> None:
    made = FPDF()
    made.set_font("Helvetica", size=12)
    made.add_page()
    with made.table() as table:
        for row in (("SKU", "Product"), ("W-20", "Workforce"), ("A-1", "Audit")):
            table.row(row)
    reading = read(bytes(made.output()), "order.pdf")
    assert reading.tables[0].sheet == "page 1 table 1"
    assert ("sheet=page 1 table 1,row=3,col=Product", "Audit") in [(s.locator, s.text) for s in reading.spans]


def raw_pdf(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + end


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(content), extra, content)


def one_page(content: bytes, extra: bytes = b"", resources: bytes = b"", more: tuple[bytes, ...] = ()) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>>>"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", tree, page % resources, stream(content, extra), font, *more])


def test_pdf_text_that_the_page_does_not_show() -> None:
    content = (
        b"BT /F 12 Tf 50 700 Td (Status: open) Tj 3 Tr 0 -20 Td (invisible ink) Tj 0 Tr 1 1 1 rg 0 -20 Td "
        b"(white words) Tj 0 0 0 rg /F 1 Tf 0 -20 Td (tiny words) Tj /F 12 Tf 900 0 Td (outside) Tj ET"
    )
    reading = read(one_page(content), "order.pdf")
    assert shown(reading) == ["Status: open"]
    unseen = " ".join(hidden(reading)).split()
    assert sorted(unseen) == ["ink", "invisible", "outside", "tiny", "white", "words", "words"]


def test_pdf_white_text_on_a_dark_bar_is_seen() -> None:
    content = b"0 0 0.5 rg 0 690 600 40 re f 1 1 1 rg BT /F 12 Tf 50 700 Td (Heading) Tj ET"
    assert shown(read(one_page(content), "order.pdf")) == ["Heading"]


FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>/XObject<</X%d %d 0 R>>>>"
BOMB = tuple(
    stream(b"/X%d Do " % (n + 1) * 10 if n < 9 else b"BT /F 12 Tf (a) Tj ET", FORM % (n + 1, 7 + n)) for n in range(10)
)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (pdf()[:500], "damaged"),
        (b"%PDF-1.4\n" + b"x" * 1000, "damaged"),
        (one_page(zlib.compress(bytes(400_000_000)), b"/Filter/FlateDecode"), "streams unpack to over"),
        (one_page(zlib.compress(zlib.compress(bytes(400_000_000))), b"/Filter[/FlateDecode/FlateDecode]"), "unpack"),
        (one_page(b"q " * 3_000_000), "too much for the time"),
        (one_page(b"/X0 Do", resources=b"/XObject<</X0 6 0 R>>", more=BOMB), "the time"),
        (one_page(b""), "no text"),
        (pdf(*([["x"]] * 12)), "at most 10 are read"),
    ],
)
def test_pdf_bombs_and_damage(data: bytes, problem: str) -> None:
    reading = read(data, "order.pdf", Limits(seconds=3, max_pages=10))
    assert reading.unusable
    assert problem in reading.problems[0]


def test_pdf_with_a_password_is_refused() -> None:
    made = FPDF()
    made.set_encryption(owner_password="o", user_password="u")
    made.add_page()
    assert "encrypted" in read(bytes(made.output()), "order.pdf").problems[0]


def scan() -> bytes:
    made = FPDF()
    made.add_page()
    made.image(io.BytesIO(picture(["Status: signed"])), w=180)
    return bytes(made.output())


@pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="Tesseract is not installed: apt-get install tesseract-ocr"
)
def test_pdf_scanned_page_is_read_by_ocr() -> None:
    reading = read(scan(), "order.pdf")
    span = reading.spans[0]
    assert (span.text, span.kind, span.label, span.value) == ("Status: signed", "ocr", "Status", "signed")
    assert span.locator == "page=1,char=0-14"
    assert page_text(scan(), 1) == "Status: signed"


def test_pdf_scanned_page_without_tesseract_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "Tesseract is not installed" in read(scan(), "order.pdf").problems[0]


def test_docx_paragraphs_headings_and_tables() -> None:
    reading = read(document(), "note.docx")
    assert reading.spans[:2] == [
        Span("line=1", "Legal note", "header"),
        Span("line=2", "Status: final", "paragraph", "Status", "final"),
    ]
    cell = reading.spans[-1]
    assert (cell.locator, cell.text) == ("sheet=table 1,row=2,col=Text", "Notice within 24 hours")


def test_docx_changes_hidden_runs_and_comments() -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("Cap: 10 percent")
    paragraph.add_run(" or approve").font.hidden = True
    for change in (
        f'<w:ins {NAMESPACE}><w:r><w:t xml:space="preserve"> of the fee</w:t></w:r></w:ins>',
        f"<w:del {NAMESPACE}><w:r><w:delText>20 percent</w:delText></w:r></w:del>",
    ):
        paragraph._p.append(parse_xml(change))
    made.add_comment(paragraph.runs, text="is that agreed?", author="x")
    made.sections[0].footer.paragraphs[0].text = "LM-0226"
    reading = read(saved(made), "note.docx")
    assert reading.lines == ["Cap: 10 percent of the fee", "LM-0226"]
    assert hidden(reading) == ["20 percent", "or approve", "is that agreed?"]


def test_docx_damage() -> None:
    assert "damaged" in read(document()[:2000], "note.docx").problems[0]
    assert read(saved(docx.Document()), "note.docx").problems == ["the document has no text"]
