"""The rules, in the order in which they are asked: the first refusal is the one that the client reads.

To add one: write `dNN_name.py` with a `RULE`, put it here, write `tests/unit/rules/test_dNN_name.py`.
"""

from um_directory.guard.rules import (
    a05_blocked,
    a06_session,
    c01_username,
    c02_password,
    c05_certificate,
    d01_chief_access_manager,
    d02_co_chief_access_manager,
    d03_activation,
    d04_local_administrator,
    d05_co_local_administrator,
    d06_user,
    d07_technical_user,
    d08_authorization,
    d09_capacity_data,
    d10_self_service,
    d11_oneself,
    d12_register,
    d13_trustee,
    d14_scope,
    d15_other_accounts,
    d16_legacy,
    e01_chief_eligible,
    e02_administrator_eligible,
    e03_user_eligible,
    e06_one_person,
    e08_withdrawn,
    n01_ssin,
    n02_enterprise_number,
    n03_nsso_number,
    sv_service,
)
from um_directory.guard.rules.base import Rule

RULES: tuple[Rule, ...] = (
    # Who acts, and in which role, comes first; then scope: outside it, not even the reason is the actor's business.
    a05_blocked.RULE,
    a06_session.RULE,
    d14_scope.RULE,
    sv_service.RULE,
    e08_withdrawn.RULE,
    # Who may.
    d12_register.RULE,
    d01_chief_access_manager.RULE,
    d02_co_chief_access_manager.RULE,
    d03_activation.RULE,
    d04_local_administrator.RULE,
    d13_trustee.RULE,  # after D4: who may not designate an LA at all is told so
    d05_co_local_administrator.RULE,
    d06_user.RULE,
    d07_technical_user.RULE,
    d08_authorization.RULE,
    d09_capacity_data.RULE,
    d10_self_service.RULE,
    d15_other_accounts.RULE,
    d16_legacy.RULE,
    # Not even who may: himself.
    d11_oneself.RULE,
    # Whom.
    e01_chief_eligible.RULE,
    e02_administrator_eligible.RULE,
    e03_user_eligible.RULE,
    e06_one_person.RULE,
    # With which values.
    c01_username.RULE,
    c02_password.RULE,
    c05_certificate.RULE,
    n01_ssin.RULE,
    n02_enterprise_number.RULE,
    n03_nsso_number.RULE,
)
