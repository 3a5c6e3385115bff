"""An independent look at a source: does this quote stand at this locator in this file?

`stands` opens the file again with other code than the readers (json, csv, zipfile and xml.etree, email with
the old policy, html.parser, pypdfium2, Tesseract on the box alone) and compares whitespace-folded text.
"""

from __future__ import annotations

import csv
import difflib
import email
import email.header
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def stands(path: str | Path, locator: str, quote: str) -> bool:
    """Whether `quote` stands at `locator` in the file, after whitespace is folded (images: nearly)."""
    file = Path(path)
    return CHECKS[file.suffix.lower()](file.read_bytes(), locator, quote)


def folded(text: str) -> str:
    return " ".join(text.split())


def inside(quote: str, text: str | None) -> bool:
    return text is not None and folded(quote) in folded(text)


def decoded(data: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


# trees


def step(node: object, pointer: str) -> str | None:
    for raw in pointer.split("/")[1:]:
        key = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict) and key in node:
            node = node[key]
        else:
            return None
    return (
        {None: "null", True: "true", False: "false"}.get(node) or str(node)
        if isinstance(node, bool | None)
        else str(node)
    )


def json_stands(data: bytes, locator: str, quote: str) -> bool:
    document = json.loads(decoded(data), parse_float=str, parse_int=str, parse_constant=str)
    return inside(quote, step(document, locator))


def jsonl_stands(data: bytes, locator: str, quote: str) -> bool:
    _, index, *rest = locator.split("/")
    line = decoded(data).replace("\r\n", "\n").split("\n")[int(index)]
    document = json.loads(line, parse_float=str, parse_int=str)
    return inside(quote, step(document, "".join("/" + part for part in rest)))


def yaml_stands(data: bytes, locator: str, quote: str) -> bool:
    import yaml

    documents = list(yaml.load_all(decoded(data), Loader=yaml.BaseLoader))
    return inside(quote, step(documents[0] if len(documents) == 1 else documents, locator))


def ics_stands(data: bytes, locator: str, quote: str) -> bool:
    _, group, *path = locator.split("/")
    if not path:
        return bool(re.search(rf"^{group}:{re.escape(quote)}\r?$", decoded(data), re.IGNORECASE | re.MULTILINE))
    index, name, *rest = path
    block = {"events": "VEVENT", "todos": "VTODO", "freebusy": "VFREEBUSY", "journals": "VJOURNAL"}[group]
    text = re.sub(r"\n[ \t]", "", decoded(data).replace("\r\n", "\n"))
    blocks = re.findall(rf"BEGIN:{block}\n(.*?)\nEND:{block}", text, re.DOTALL)
    body = re.sub(r"BEGIN:VALARM.*?END:VALARM", "", blocks[int(index)], flags=re.DOTALL)
    wanted = name.removesuffix("_tzid")
    found = re.findall(rf"^{re.escape(wanted)}([;:].*)$", body, re.IGNORECASE | re.MULTILINE)
    plain = [re.sub(r"\\([,;\\])", r"\1", line.replace("\\n", "\n").replace("\\N", "\n")) for line in found]
    return any(inside(quote, line) for line in (plain[int(rest[0]) :] if rest and rest[0].isdecimal() else plain))


# lines


def plain_lines(data: bytes) -> list[str]:
    text = re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)", "", decoded(data))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0e-\x1f\x7f]", "", text).split("\n")


def at_lines(lines: list[str], locator: str, quote: str) -> bool:
    first, _, last = locator.removeprefix("line=").partition("-")
    return inside(quote, "\n".join(lines[int(first) - 1 : int(last or first)]))


def text_stands(data: bytes, locator: str, quote: str) -> bool:
    return at_lines(plain_lines(data), locator, quote)


# tables


def cell_of(locator: str) -> tuple[str, int, str]:
    found = re.fullmatch(r"(?:sheet=(?P<sheet>.*?),)?row=(?P<row>\d+),col=(?P<col>.*)", locator, re.DOTALL)
    assert found is not None, locator
    return found["sheet"] or "", int(found["row"]), found["col"]


def in_table(rows: dict[int, list[str]], row: int, column: str, same: Callable[[str], bool]) -> bool:
    """Whether a cell of `row`, under a header cell named `column` above it or so lettered, is the `same`."""
    places = set()
    for number, cells in rows.items():
        seen: dict[str, int] = {}
        for index, cell in enumerate(cells):
            name = folded(cell)
            seen[name] = seen.get(name, 0) + 1
            if number < row and column in (name, f"{name} ({seen[name]})"):
                places.add(index)
    if re.fullmatch("[A-Z]{1,3}", column):
        places.add(sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(column))) - 1)
    return any(index < len(rows.get(row, [])) and same(rows[row][index]) for index in places)


def csv_stands(data: bytes, locator: str, quote: str) -> bool:
    _, row, column = cell_of(locator)
    text = decoded(data).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"\Asep=.\n", "", text, flags=re.IGNORECASE)
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        for separator in ",;\t|":
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
            rows = dict(enumerate(reader, start=1))
            if in_table(rows, row, column, lambda cell: inside(quote, cell)):
                return True
    return False


def xlsx_stands(data: bytes, locator: str, quote: str) -> bool:
    sheet, row, column = cell_of(locator)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            for item in ET.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{MAIN}si"):
                shared.append("".join(text.text or "" for text in item.iter(f"{MAIN}t")))
        for name, target in sheet_parts(book):
            if sheet in ("", name):
                rows = sheet_rows(ET.fromstring(book.read(target)), shared)
                if in_table(rows, row, column, lambda cell: inside(quote, cell) or same_number(quote, cell)):
                    return True
    return False


def sheet_parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    links = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet"):
        yield sheet.get("name", ""), "xl/" + targets[sheet.get(RELATION)].removeprefix("/xl/").removeprefix("/")


def sheet_rows(root: ET.Element, shared: list[str]) -> dict[int, list[str]]:
    rows: dict[int, list[str]] = {}
    for cell in root.iter(f"{MAIN}c"):
        found = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r", ""))
        assert found is not None
        index = sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(found[1]))) - 1
        value = cell.find(f"{MAIN}v")
        text = value.text or "" if value is not None else "".join(t.text or "" for t in cell.iter(f"{MAIN}t"))
        if cell.get("t") == "s":
            text = shared[int(text)]
        row = rows.setdefault(int(found[2]), [])
        row += [""] * (index + 1 - len(row))
        row[index] = {"1": "TRUE", "0": "FALSE"}[text] if cell.get("t") == "b" else text
    return rows


def same_number(quote: str, raw: str) -> bool:
    """Whether a shown number or date is the stored one: `24,000.00` and `24000`, `2026-04-20` and `46132`."""
    try:
        stored = float(raw)
    except ValueError:
        return False
    try:
        day = datetime(1899, 12, 30) + timedelta(days=stored)  # noqa: DTZ001  spreadsheets have no zones
        if abs(day - datetime.fromisoformat(quote)) < timedelta(seconds=1):
            return True
    except (ValueError, OverflowError, TypeError):
        pass
    plain = quote.replace(",", "").removesuffix("%")
    if not re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", plain):
        return False
    scale = 100 if quote.endswith("%") else 1
    return abs(float(plain) - stored * scale) <= 0.5 * 10 ** -len(plain.partition(".")[2]) + abs(stored) * 1e-12


# mail


def eml_stands(data: bytes, locator: str, quote: str) -> bool:
    message = email.message_from_bytes(data)
    steps = locator.split("/")[1:]
    if steps[0] == "headers":
        return header_stands(message, steps[1:], quote)
    part = leaves(message)[int(steps[1])]
    if steps[2] == "headers":
        return header_stands(part.get_payload()[0], steps[3:], quote)  # type: ignore[index,arg-type]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode(part.get_content_charset() or "utf-8", "replace")
    if part.get_content_type() == "text/html":
        return inside(quote.strip("| ").replace(" | ", " "), Page.of(text).text())
    own = steps[3] == "0"
    handed = False
    whole = []
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = re.sub(r"^(\s?>)+ ?", "", line)
        handed = (
            handed or line.startswith(">") or bool(re.search(r"(wrote|schrieb|écrit).*:$|^-{3,}|^_{10}|^From:", bare))
        )
        if line.startswith(">") is False if own else handed:
            whole.append(bare)
            if inside(quote, bare):
                return True
    # `…/lines` is all of a message: a sentence that goes on from line to line.
    return steps[-1] == "lines" and inside(quote, " ".join(whole))


def header_stands(message: Message, steps: list[str], quote: str) -> bool:
    values = message.get_all(steps[0], [])
    raw = values[int(steps[1])] if len(steps) > 1 else values[0]
    pieces = email.header.decode_header(folded(str(raw)))
    text = "".join(p.decode(c or "ascii", "replace") if isinstance(p, bytes) else p for p, c in pieces)
    squeezed = re.sub(r'[\s"\\]', "", quote)
    return squeezed in re.sub(r'[\s"\\]', "", text)


def leaves(message: Message) -> list[Message]:
    """Every part that holds something, in order; an attached mail, then its own parts."""
    payload = message.get_payload()
    if not isinstance(payload, list):
        return [message]
    below = [leaf for child in payload for leaf in leaves(child)]  # type: ignore[arg-type]
    return [message, *below] if message.get_content_type().startswith("message/") else below


# pages and documents


class Page(HTMLParser):
    """The texts of a page, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.off = 0

    @classmethod
    def of(cls, markup: str) -> Page:
        page = cls()
        page.feed(markup)
        return page

    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.off += tag in ("script", "style", "title")
        if tag not in ("b", "i", "em", "strong", "span", "a", "code", "u", "font"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.off -= tag in ("script", "style", "title")

    def handle_data(self, data: str) -> None:
        if not self.off:
            self.pieces.append(data)


def html_stands(data: bytes, locator: str, quote: str) -> bool:
    return inside(quote, Page.of(decoded(data)).text())


def pdf_stands(data: bytes, locator: str, quote: str) -> bool:
    import pypdfium2

    found = re.match(r"(?:sheet=page |page=)(\d+)", locator)
    assert found is not None
    document = pypdfium2.PdfDocument(data)
    text = document[int(found[1]) - 1].get_textpage().get_text_bounded()
    document.close()
    squeeze = re.compile(r"[\s\u00ad\ufffe\u0002-]+")
    return squeeze.sub("", quote) in squeeze.sub("", text)


def docx_stands(data: bytes, locator: str, quote: str) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        body = ET.fromstring(package.read("word/document.xml"))[0]
        margins = [name for name in package.namelist() if re.fullmatch(r"word/(header|footer)\d*\.xml", name)]
        others = [shown(p) for name in margins for p in ET.fromstring(package.read(name)).iter(f"{WORD}p")]
    if locator.startswith("line="):
        lines = [shown(p) for p in body.findall(f"{WORD}p")]
        number = int(locator.removeprefix("line="))
        return inside(quote, lines[number - 1]) if number <= len(lines) else any(inside(quote, one) for one in others)
    sheet, row, column = cell_of(locator)
    table = list(body.iter(f"{WORD}tbl"))[int(sheet.rsplit(" ", 1)[1]) - 1]
    rows = {}
    for number, line in enumerate(table.iter(f"{WORD}tr"), start=1):
        rows[number] = ["\n".join(shown(p) for p in cell.iter(f"{WORD}p")) for cell in line.iter(f"{WORD}tc")]
    return in_table(rows, row, column, lambda cell: inside(quote, cell))


def shown(paragraph: ET.Element) -> str:
    marks = {f"{WORD}tab": "\t", f"{WORD}br": "\n"}
    return "".join(
        marks.get(node.tag, node.text or "") for node in paragraph.iter() if node.tag in (f"{WORD}t", *marks)
    )


def image_stands(data: bytes, locator: str, quote: str) -> bool:
    import pytesseract
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        if locator.startswith("/metadata/"):
            return inside(quote, str({**image.info, **getattr(image, "text", {})}.get(locator[10:], "")))
        left, top, width, height = map(int, locator.removeprefix("box=").split(","))
        crop = image.convert("RGB").crop((left - 8, top - 8, left + width + 8, top + height + 8))
    crop = crop.resize((crop.width * 2, crop.height * 2), Image.Resampling.BICUBIC)
    seen = re.sub(r"\s", "", pytesseract.image_to_string(crop, config="--psm 7"))
    wanted = re.sub(r"\s", "", quote)
    return wanted in seen or difflib.SequenceMatcher(None, wanted, seen).ratio() >= 0.8


CHECKS: dict[str, Callable[[bytes, str, str], bool]] = {
    **dict.fromkeys((".json", ".har"), json_stands),
    ".jsonl": jsonl_stands,
    **dict.fromkeys((".yaml", ".yml"), yaml_stands),
    ".ics": ics_stands,
    **dict.fromkeys((".log", ".txt", ".md"), text_stands),
    **dict.fromkeys((".csv", ".tsv"), csv_stands),
    ".xlsx": xlsx_stands,
    ".eml": eml_stands,
    **dict.fromkeys((".html", ".htm"), html_stands),
    ".pdf": pdf_stands,
    ".docx": docx_stands,
    **dict.fromkeys((".png", ".jpg", ".jpeg"), image_stands),
}
