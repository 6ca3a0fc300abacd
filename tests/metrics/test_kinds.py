import pytest

import lhp_metrics as lhp

REGISTRATIONS = lhp.RegistrationTally.from_counts({"REM": 60}, period=lhp.Period.month("2023-11"))
GRANTS = lhp.GrantTally.from_counts({"NIHR": lhp.OutcomeCounts(successful=1, unsuccessful=2)})

GRANT_KINDS = "a GrantTally or OutcomeCounts"
EITHER = "a RegistrationTally or GrantTally"


@pytest.mark.parametrize(
    ("metric", "given", "message"),
    [
        (lhp.success_rate, [12], f"counts must be {GRANT_KINDS}; got int"),
        (lhp.success_rates, [REGISTRATIONS], f"tally must be {GRANT_KINDS}; got RegistrationTally"),
        (lhp.possible_success_rates, [GRANTS], "counts must be an OutcomeCounts; got GrantTally"),
        (lhp.success_rate_change, [GRANTS, 1], f"after must be {GRANT_KINDS}; got int"),
        (lhp.value_success_rates, [REGISTRATIONS], "tally must be a GrantTally; got Registration"),
        (
            lhp.registration_change,
            [GRANTS, GRANTS],
            "before must be a RegistrationTally; got Grant",
        ),
        (lhp.registration_change, [REGISTRATIONS, 1], "after must be a RegistrationTally; got int"),
        (lhp.partner_shares, [{"REM": 60}], f"tally must be {EITHER}; got dict"),
        (lhp.concentration, [{"REM": 60}], f"tally must be {EITHER}; got dict"),
        (lhp.share_change, [REGISTRATIONS, None], f"after must be {EITHER}; got NoneType"),
        (
            lhp.funnel,
            ["tally"],
            "tally must be a GrantTally or RegistrationTally or SetupTally; got str",
        ),
    ],
)
def test_a_metric_given_the_wrong_kind_names_the_right_ones(metric, given, message):
    with pytest.raises(lhp.InvalidTypeError, match=message):
        metric(*given)
