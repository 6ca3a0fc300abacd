import datetime as dt
from pathlib import Path

import pytest

import lhp_metrics as lhp

ODS = Path(__file__).parents[1] / "data" / "ods"
LINE = '"{}","{}","Y62","QYG","","","","","","L7 8XP","{}","{}","","","0"\n'


@pytest.fixture(scope="module")
def trusts():
    return {trust.code: trust for trust in lhp.read_ods(ODS / "etr_2025-12.csv")}


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "etr.csv"
    path.write_bytes(text.encode(encoding))
    return path


# The number of lines of the files, and facts as they stand in them.
@pytest.mark.parametrize(("name", "many"), [("etr_2022-03.csv", 218), ("etr_2025-12.csv", 273)])
def test_every_line_of_the_ods_files_is_a_trust(name, many):
    trusts = lhp.read_ods(str(ODS / name))

    assert len(trusts) == many
    assert all(isinstance(trust, lhp.Trust) for trust in trusts)
    assert len({trust.code for trust in trusts}) == many


def test_codes_names_and_dates_are_the_files(trusts):
    royal, north_london = trusts["RQ6"], trusts["G6V2S"]

    assert royal.name == "ROYAL LIVERPOOL AND BROADGREEN UNIVERSITY HOSPITALS NHS TRUST"
    assert (royal.opened_on, royal.closed_on) == (dt.date(1995, 4, 1), dt.date(2019, 9, 30))
    assert (north_london.opened_on, north_london.closed_on) == (dt.date(2024, 11, 1), None)
    assert "RQ6" not in {trust.code for trust in lhp.read_ods(ODS / "etr_2022-03.csv")}


def test_lhps_own_trusts_agree_with_the_file(trusts):
    for body in lhp.liverpool_health_partners().organisations:
        if isinstance(body, lhp.Trust):
            assert (trusts[body.code].opened_on, trusts[body.code].closed_on) == (
                body.opened_on,
                body.closed_on,
            )


def manchester(trusts):
    codes = ("R0A", "RW3", "RM2", "RBV", "RM3")
    # The two trusts' last day is 30 September 2017, R0A's first the day after (the file).
    return lhp.Partnership(
        "Greater Manchester",
        [trusts[code] for code in codes],
        successions=[
            lhp.Succession(predecessor=code, successor="R0A", on="2017-10-01", kind="merger")
            for code in ("RW3", "RM2")
        ],
    )


def test_a_second_partnership_is_built_from_the_file_and_its_mergers_by_hand(trusts):
    partners = manchester(trusts)

    assert partners.resolve("Manchester University NHS FT").code == "R0A"
    assert partners.resolve("the christie").code == "RBV"
    assert partners.lineage("R0A").codes == ("RM2", "RW3", "R0A")
    assert partners.successor("RW3", on="2017-09-30").code == "RW3"


def test_its_changes_are_restated_like_lhps(trusts):
    partners = manchester(trusts)
    years = [lhp.Period.financial_year(name) for name in ("2016-17", "2018-19")]
    before, after = (
        lhp.RegistrationTally.from_counts(counts, period=year, partnership=partners)
        for counts, year in zip(
            ({"RW3": 80, "RM2": 40, "RBV": 30}, {"R0A": 130, "RBV": 45}), years, strict=True
        )
    )

    with pytest.raises(lhp.InvalidInputError, match="on 1 Oct 2017"):
        lhp.registration_change(before, after)
    table = lhp.registration_change(before.restate(partners), after.restate(partners))

    assert (table["R0A"].before, table["R0A"].after) == (120, 130)
    assert table["RBV"].count_change == 15


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_encoding_is_found_out(tmp_path, encoding):
    text = LINE.format("rqx", "Sainte-Thérèse, “The” Trust’s", "19950401", "")

    (trust,) = lhp.read_ods(write(tmp_path, text, encoding))

    assert (trust.code, trust.name) == ("RQX", "Sainte-Thérèse, “The” Trust’s")
    assert trust.closed_on is None


def test_a_comma_within_quotes_is_part_of_the_name(tmp_path):
    (trust,) = lhp.read_ods(write(tmp_path, LINE.format("RQX", "ROYAL, THE", "", "")))

    assert (trust.name, trust.opened_on) == ("ROYAL, THE", None)


def test_every_faulty_line_is_listed_with_its_number(tmp_path):
    text = (
        LINE.format("RQX", "A", "19950401", "20190930")
        + LINE.format("RQX", "A", "19950401", "")
        + '"RQY","B"\n'
        + LINE.format("RQZ", "C", "1995-04-01", "")
        + LINE.format("TOOLONG", "D", "", "")
        + LINE.format("RQV", "E", "19950401", "19940401")
    )

    with pytest.raises(lhp.InvalidInputError) as caught:
        lhp.read_ods(write(tmp_path, text))

    assert str(caught.value) == (
        "etr.csv cannot be read: line 2: code 'RQX' stands there twice; line 3: must have at "
        "least 12 columns; it has 2; line 4: open date must be like 20190930; got '1995-04-01'; "
        "line 5: trust 'TOOLONG': code must be an ODS code: three letters and digits, or five "
        "with a digit among them; got 'TOOLONG'; line 6: trust 'RQV': closed_on (1994-04-01) is "
        "before opened_on (1995-04-01)"
    )


@pytest.mark.parametrize("date", ["2019930", "20190931", "2019-9-30", "19950401x"])
def test_a_date_is_eight_digits_and_exists(tmp_path, date):
    with pytest.raises(lhp.InvalidInputError, match=f"close date must be like .* got '{date}'"):
        lhp.read_ods(write(tmp_path, LINE.format("RQX", "A", "", date)))


def test_many_faults_are_counted_not_all_listed(tmp_path):
    with pytest.raises(lhp.InvalidInputError, match=r"and 3 more$"):
        lhp.read_ods(write(tmp_path, "a,b\n" * 13))


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(lhp.InvalidInputError, match=r"^etr.csv cannot be read: it has no lines$"):
        lhp.read_ods(write(tmp_path, "\n"))


def test_text_that_is_no_path_is_refused():
    with pytest.raises(lhp.InvalidInputError, match=r"^path must be a path; got [^(]*$"):
        lhp.read_ods("etr\0.csv")
