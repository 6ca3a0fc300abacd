import datetime as dt

import lhp_metrics as lhp
from lhp_metrics import Provenance
from lhp_metrics.provenance import date_text


def test_the_footnote_says_everything_that_is_known():
    provenance = Provenance(
        definition="registration-change/1",
        periods=(
            ("before", dt.date(2023, 4, 1), dt.date(2023, 11, 19)),
            ("after", dt.date(2023, 11, 20), dt.date(2024, 3, 31)),
        ),
        dated_by="registered_on",
        as_of=dt.date(2024, 3, 31),
        basis="decided",
        attribution="lead",
        exposure="days",
        method="mid-p",
        confidence_level=0.998,
        records_in=330,
        records_excluded={"registered_on outside the period": 8},
        notes=("Two periods are no trend.",),
        library_version="1.2.3",
    )

    assert provenance.footnote() == (
        "Before: 1 Apr 2023 to 19 Nov 2023 (233 days). After: 20 Nov 2023 to 31 Mar 2024 (133 "
        "days). Dated by registered_on. As known on 31 Mar 2024. Basis: decided. Attribution: "
        "lead. Exposure: days. 99.8% confidence intervals: mid-p. 330 records in, 322 counted, "
        "excluded registered_on outside the period: 8. Two periods are no trend. "
        "registration-change/1, lhp-metrics 1.2.3."
    )


def test_what_is_not_known_is_not_said():
    footnote = Provenance(definition="x/1", library_version="1.0").footnote()

    assert footnote == "x/1, lhp-metrics 1.0."


def test_records_of_which_nobody_knows_how_many_came_in():
    provenance = Provenance(definition="x/1", records_excluded={"late": 3}, library_version="1.0")

    assert provenance.footnote() == "Records excluded late: 3. x/1, lhp-metrics 1.0."


def test_a_period_without_label_is_called_period():
    span = ("", dt.date(2024, 2, 1), dt.date(2024, 2, 29))

    assert (
        Provenance(definition="x/1", periods=(span,))
        .footnote()
        .startswith("Period: 1 Feb 2024 to 29 Feb 2024 (29 days).")
    )


def test_every_month_has_its_name():
    months = " ".join(date_text(dt.date(2024, month, 1)).split()[1] for month in range(1, 13))

    assert months == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


def test_one_record_is_one_record():
    study = lhp.Study(study_id="S1", registered_on="2023-05-01", lead="REM")
    tally = lhp.tally_registrations([study], period=lhp.Period.financial_year("2022-23"))

    assert "1 record in, 0 counted, excluded" in tally.to_table().provenance.footnote()
