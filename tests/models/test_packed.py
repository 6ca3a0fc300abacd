"""Records pack what counting asks of them; nobody who holds a record sees it."""

import copy
import os
import pickle
import subprocess
import sys
from decimal import localcontext

import attrs
import pytest
from hypothesis import given

import lhp_metrics as lhp
from lhp_metrics.models.grants import GRANT_FACTS
from lhp_metrics.models.studies import STUDY_FACTS
from strategies import grants, studies

ELSEWHERE = """
import pickle, sys
import lhp_metrics as lhp
grant = lhp.Grant(reference="G1", submitted_on="2024-01-01", outcome="pending", lead="REM")
sys.stdout.buffer.write(pickle.dumps(grant))
"""


@given(grants())
def test_the_facts_of_a_grant_are_its_fields(grant):
    (facts,) = GRANT_FACTS.read([grant])
    decided = grant.decided_on
    assert facts["key"] == hash(grant.reference)
    assert facts["submitted_on"] == grant.submitted_on.toordinal()
    assert facts["decided_on"] == (0 if decided is None else decided.toordinal())
    assert facts["is_resubmission"] == (grant.resubmission_of is not None)
    assert ("outline", "full", "single", None)[facts["stage"]] == grant.stage
    for name, amount in (
        ("requested", grant.amount_requested),
        ("awarded", grant.amount_awarded),
    ):
        assert facts[name] == (-1 if amount is None else amount * 100)


@given(studies())
def test_the_facts_of_a_study_are_its_fields(study):
    (facts,) = STUDY_FACTS.read([study])
    day = study.registered_on
    assert facts["key"] == hash(study.study_id)
    assert facts["registered_on"] == (0 if day is None else day.toordinal())


def test_what_names_an_earlier_application_is_packed_as_a_resubmission():
    again = lhp.Grant(
        reference="G2", submitted_on="2024-01-01", outcome="pending", resubmission_of="G1"
    )
    (facts,) = GRANT_FACTS.read([again])
    assert facts["is_resubmission"]


def test_pence_are_packed_exactly_whatever_the_decimal_context_of_the_caller():
    with localcontext() as context:
        context.prec = 3
        grant = lhp.Grant(
            reference="G1",
            submitted_on="2024-01-01",
            outcome="successful",
            amount_awarded="123,456.78",
        )
    (facts,) = GRANT_FACTS.read([grant])
    assert facts["awarded"] == 12_345_678


@given(grants())
def test_a_copied_pickled_or_evolved_grant_is_the_same_and_is_counted(grant):
    for other in (
        copy.copy(grant),
        copy.deepcopy(grant),
        pickle.loads(pickle.dumps(grant)),  # noqa: S301
        attrs.evolve(grant),
    ):
        assert other == grant
        assert other.organisations == grant.organisations
        assert GRANT_FACTS.read([other]) == GRANT_FACTS.read([grant])


def test_what_is_packed_is_no_field():
    grant = lhp.Grant(reference="G1", submitted_on="2024-01-01", outcome="pending")
    assert not [name for name in attrs.asdict(grant) if name.startswith("_")]
    assert "facts" not in repr(grant)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_record_from_another_process_is_known_to_stand_twice(seed):
    # Hashes of text differ between processes, so that they must not come over in a pickle.
    made = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ELSEWHERE],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    )
    theirs = pickle.loads(made.stdout)  # noqa: S301
    mine = lhp.Grant(reference="G1", submitted_on="2024-02-01", outcome="pending")
    with pytest.raises(lhp.InvalidInputError, match="'G1' \\(2 times\\)"):
        lhp.tally_grants([theirs, mine], by=None)


def test_references_of_one_hash_are_no_duplicates(monkeypatch):
    references = ("G1", "G2")
    grants = [
        lhp.Grant(reference=name, submitted_on="2024-01-01", outcome="pending")
        for name in references
    ]
    same = GRANT_FACTS.read(grants)
    same["key"] = 7
    monkeypatch.setattr(type(GRANT_FACTS), "read", lambda *_: same)
    assert lhp.tally_grants(grants, by=None).total.pending == 2


@attrs.frozen(kw_only=True)
class OfficeGrant(lhp.Grant):
    """A grant with what one office keeps besides."""

    grade: str
    _desk: int = 1
    label: str = attrs.field(init=False, default="office")


def test_a_copy_of_a_record_of_ones_own_kind_is_the_same():
    grant = OfficeGrant(
        reference="G1", submitted_on="2024-01-01", outcome="pending", grade="A", desk=3
    )
    for other in (copy.copy(grant), pickle.loads(pickle.dumps(grant))):  # noqa: S301
        assert other == grant
        assert lhp.tally_grants([other], by="grade").keys == ("A",)


def test_a_field_that_some_of_the_records_lack_is_refused():
    own = OfficeGrant(reference="G1", submitted_on="2024-01-01", outcome="pending", grade="A")
    other = lhp.Grant(reference="G2", submitted_on="2024-01-01", outcome="pending")
    for records in ([own, other], [other, own]):
        with pytest.raises(lhp.InvalidInputError, match="cannot count by 'grade'"):
            lhp.tally_grants(records, by="grade")


@attrs.frozen(kw_only=True)
class Forgetful(lhp.Grant):
    def __attrs_post_init__(self):
        pass


def test_a_class_that_does_not_pack_its_facts_is_told_what_to_call():
    grant = Forgetful(reference="G1", submitted_on="2024-01-01", outcome="pending")
    rule = "record 0: its class must call Grant.__attrs_post_init__; got Forgetful\\("
    with pytest.raises(lhp.InvalidTypeError, match=rule):
        lhp.tally_grants([grant])


def test_records_of_the_other_kind_are_refused_by_their_place():
    study = lhp.Study(study_id="S1", registered_on="2024-01-01")
    grant = lhp.Grant(reference="G1", submitted_on="2024-01-01", outcome="pending")
    with pytest.raises(lhp.InvalidTypeError, match="record 1 must be a Grant; got Study"):
        lhp.tally_grants([grant, study])
    with pytest.raises(lhp.InvalidTypeError, match="record 0 must be a Study; got Grant"):
        lhp.tally_registrations([grant, study])
