"""Reads the rows of an uploaded CSV or XLSX file; nothing in it is evaluated."""

import csv
import io
import re
import string
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
MAX_ROWS = 10_000
MAX_WALKED = 10 * MAX_ROWS  # rows of a sheet that are looked at, empty ones among them
MAX_COLUMNS = 100
DELIMITERS = (";", ",", "\t", "|")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+(?::[A-Z]+\d+)?)"')
FORMULA = ("=", "@", "\t=", "+", "-")
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ElementTree.ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
)


class FileProblem(Exception):
    """The file cannot be read.

    :param kind: empty, too_big, broken, encoding, too_many, too_wide, hidden, merged
    :param row: number of the row, from 1; None where no row is to blame
    :param cell: such as B7
    """

    def __init__(self, kind, row=None, cell=None, detail=None):
        super().__init__(kind)
        self.kind, self.row, self.cell, self.detail = kind, row, cell, detail


@dataclass(frozen=True)
class Formula:
    """A cell that would be computed; it is refused and never evaluated."""

    text: str


def cell_name(column, row):
    """Return the name of a cell as spreadsheets write it; ``column`` counts from 0.

    >>> cell_name(1, 7)
    'B7'
    """
    return f"{get_column_letter(column + 1)}{row}"


def read(content, encoding="utf-8"):
    """Return [(row number, [values])] of the first sheet, its header first; empty rows are left out.

    Values are None, text, numbers or dates as the file has them, or a :class:`Formula`.

    :param content: bytes
    :param encoding: of a CSV file
    :raise FileProblem: for what is no such file, is too big, cut off, or in another encoding
    """
    if not content or not content.strip():
        raise FileProblem("empty")
    if len(content) > MAX_BYTES:
        raise FileProblem("too_big", detail=len(content))
    rows = _read_xlsx(content) if content[:2] == b"PK" else _read_csv(content, encoding)
    if not rows:
        raise FileProblem("empty")
    if len(rows) - 1 > MAX_ROWS:
        raise FileProblem("too_many", row=rows[MAX_ROWS + 1][0], detail=len(rows) - 1)
    if len(rows[0][1]) > MAX_COLUMNS:
        raise FileProblem("too_wide", detail=len(rows[0][1]))
    return rows


def _read_xlsx(content):
    rows = []
    number = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
                raise FileProblem("too_big", detail=len(content))
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=False
        )
        shown = [one for one in book.worksheets if one.sheet_state == "visible"]
        if not shown:
            raise FileProblem("hidden")
        sheet = shown[0]
        _check_merged(content, sheet)
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), 1):
            values = [_xlsx_value(cell) for cell in cells]
            while values and values[-1] is None:
                values.pop()
            if values:
                rows.append((number, values))
            if len(rows) > MAX_ROWS + 1 or number > MAX_WALKED:
                raise FileProblem("too_many", row=number, detail=len(rows) - 1)
            if len(values) > MAX_COLUMNS:
                raise FileProblem("too_wide", detail=len(values))
    except (*BROKEN, IndexError) as error:
        raise FileProblem("broken", row=number + 1, detail=str(error)) from error
    return rows


def _check_merged(content, sheet):
    """Refuse merged cells: only the first of them has the value, and the rows below would silently have none."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = MERGED.search(archive.read(sheet._worksheet_path))
    if found:
        cells = found.group(1).decode()
        first = cells.split(":")[0]
        row = int(first.lstrip(string.ascii_uppercase))
        raise FileProblem("merged", row=row, cell=cells)


def _xlsx_value(cell):
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Formula(str(value))
    if isinstance(value, str):
        return _text(value)
    return value


def _read_csv(content, encoding):
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:4096]:
        raise FileProblem("encoding", row=1, cell="A1")
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        good = content[: error.start].decode(codec, errors="replace")
        lines = good.split("\n")
        delimiter = _delimiter(good)
        cell = cell_name(lines[-1].count(delimiter), len(lines))
        raise FileProblem("encoding", row=len(lines), cell=cell) from error
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    rows = []
    try:
        for cells in reader:
            values = [_text(value) for value in cells]
            if any(value is not None for value in values):
                rows.append((reader.line_num, values))
            if len(rows) > MAX_ROWS + 1:
                raise FileProblem("too_many", row=reader.line_num, detail=len(rows) - 1)
    except csv.Error as error:
        raise FileProblem("broken", row=reader.line_num, detail=str(error)) from error
    return rows


def _delimiter(text):
    header = text.split("\n", 1)[0]
    return max(DELIMITERS, key=header.count)


def _text(value):
    """Return the text without blanks around it, None for nothing, a Formula for what looks like one."""
    value = value.strip()
    if not value:
        return None
    if value.startswith(FORMULA) and not _is_number(value):
        return Formula(value)
    return value


def _is_number(value):
    return value.lstrip("+-").replace(".", "").replace(",", "").strip().isdigit()
