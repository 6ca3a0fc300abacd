"""CSV as programs write it, and as they break it."""

import io
import tracemalloc

import pytest

import lhp_metrics as lhp

HEADINGS = "reference,submitted_on,outcome,theme"
EXPECTED = lhp.Grant(reference="G1", submitted_on="2023-05-01", outcome="pending", theme="Café")


def read(content, **options):
    return lhp.read_grants(io.BytesIO(content), **options)


def fault(content, **options):
    with pytest.raises(lhp.InvalidFileError) as caught:
        read(content, **options)
    (only,) = caught.value.faults
    return only


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_marks_line_ends_and_delimiters_are_read(line_end, mark, delimiter, encoding):
    lines = [HEADINGS, "", 'G1,2023-05-01,pending,"Café"', ""]
    text = mark + line_end.join(lines).replace(",", delimiter)

    assert list(read(text.encode(encoding), encoding=encoding)) == [EXPECTED]


def test_windows_encoding_is_named_where_it_is_meant():
    content = f"{HEADINGS}\nG0,2023-05-01,pending,a\nG1,2023-05-01,pending,Café\n".encode("cp1252")

    rule = fault(content).rule
    assert "line 3 has the byte b'\\xe9', which is 'é' in cp1252" in rule
    assert "say encoding='cp1252'" in rule
    assert read(content, encoding="cp1252")[1] == EXPECTED
    # Byte 0x81 means nothing in cp1252 (unicode.org, CP1252.TXT).
    assert "cp1252" not in fault(content.replace(b"\xe9", b"\x81")).rule
    assert "line 3 has the byte" in fault(content.replace(b"\xe9", b"\x81"), encoding="cp1252").rule


def test_of_encodings_with_more_bytes_to_a_letter_no_byte_is_named():
    content = f"{HEADINGS}\nG1,2023-05-01,pending,Café\n".encode("cp1252")

    rule = fault(content, encoding="utf-16").rule
    assert rule.startswith("it is not in the encoding 'utf-16' (")
    assert "cp1252" not in rule


def test_an_encoding_that_names_no_byte_gives_its_reason():
    # RFC 3492: no digit of punycode is "!".
    rule = fault(b"xn--!!!,outcome\n", encoding="idna").rule

    assert rule.startswith("it is not in the encoding 'idna' (")


def test_a_heading_beyond_the_limit_of_csv_is_refused():
    rule = fault(b"reference," + b"x" * 140_000 + b"\n").rule

    assert rule.startswith("row 1, which ends in line 1, is no CSV: field larger than field limit")


def test_utf_16_is_named():
    assert "say encoding='utf-16'" in fault(HEADINGS.encode("utf-16")).rule


def test_a_file_opened_in_the_wrong_encoding_is_refused(tmp_path):
    path = tmp_path / "g.csv"
    path.write_bytes(f"{HEADINGS}\nCafé".encode("cp1252"))

    with (
        path.open(encoding="utf-8") as file,
        pytest.raises(lhp.InvalidFileError, match="that it was opened with"),
    ):
        lhp.read_grants(file)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "it is empty: there are no headings"),
        (b"\xef\xbb\xbf\n,,,\n", "it is empty: there are no headings"),
        (b"reference\0,submitted_on", "line 1 holds a NUL byte"),
        (b'reference,submitted_on,outcome\n"G1,2023', "row 2 opens a quote that is never closed"),
        (b'reference,submitted_on,outcome\n"G1"x,2023', "row 2, which ends in line 2, is no CSV"),
        (b"reference,submitted_on;outcome", "its headings may be parted by ',' or ';'"),
        (b"\xd0\xcf\x11\xe0", "Excel 97-2003 workbook"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(content, rule):
    assert fault(content).rule.startswith(rule) or rule in fault(content).rule


def test_headings_alone_are_no_records():
    records = read(HEADINGS.encode())

    assert (len(records), records.rows_in, records.faults) == (0, 0, ())
    assert lhp.tally_grants(records).rows_in == 0


def test_a_delimiter_may_be_said():
    content = b"reference,submitted_on;x,outcome\nG1,2023-05-01,pending\n"

    records = read(content, delimiter=",", columns={"submitted_on;x": "submitted_on"})

    assert len(records) == 1


def test_rows_of_another_length_are_faults_and_commas_at_their_end_none():
    content = (
        f"{HEADINGS},,\nG1,2023-05-01,pending,Café,,\nG2,2023-05-01\nG3,2023-05-01,pending,,x,\n"
    )

    records = read(content.encode(), on_error="collect")

    assert list(records) == [EXPECTED]
    assert [(f.row, f.hint) for f in records.faults if f.column is None] == [
        (3, "it has 2"),
        (4, "it has 6"),
    ]


def test_a_cell_may_hold_line_ends_and_counts_as_one_row():
    content = f'{HEADINGS}\nG1,2023-05-01,pending,"a\nb"\nG2,soon,pending,\n'

    records = read(content.encode(), on_error="collect")

    assert records[0].theme == "a b"
    assert records.faults[0].row == 3


def test_a_cell_beyond_the_limit_of_csv_is_refused():
    content = f"{HEADINGS}\nG1,2023-05-01,pending,{'x' * 140_000}\n"

    assert "field larger than field limit" in fault(content.encode()).rule


class OneLine(io.RawIOBase):
    """A line of a thousand million letters, made as it is read."""

    size = 10**9

    def __init__(self):
        self.place = 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, place, whence=0):
        assert whence == 0
        self.place = place
        return place

    def tell(self):
        return self.place

    def readinto(self, buffer):
        many = min(len(buffer), self.size - self.place)
        buffer[:many] = b"x" * many
        self.place += many
        return many


def test_a_line_of_a_gigabyte_is_refused_without_holding_it():
    tracemalloc.start()
    try:
        with pytest.raises(lhp.InvalidFileError, match="line 1 is longer than 1,048,576"):
            lhp.read_grants(io.BufferedReader(OneLine()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 30e6
