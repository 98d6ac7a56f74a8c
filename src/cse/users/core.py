"""What the concerns of the user service that are put together apart from it (`cse.wiring.concerns`) stand on."""

from typing import NamedTuple

from cse.core.clock import Clock
from cse.messages.bus import Bus
from cse.messages.ports import CommandQueue
from cse.users.account_endings import Standing
from cse.users.audit import AuditTrail
from cse.users.factors import Factors
from cse.users.notices import Notices
from cse.users.passwords import PasswordHasher
from cse.users.ports import Cache, UserStore
from cse.users.roles import Roles
from cse.users.secret_box import SecretBox
from cse.users.session_list import SessionList
from cse.users.sessions import Sessions
from cse.users.step_up import StepUps


class UserCore(NamedTuple):
    """Parts of the user service that others build on."""

    users: UserStore
    clock: Clock
    trail: AuditTrail
    roles: Roles
    box: SecretBox
    hasher: PasswordHasher
    cache: Cache
    bus: Bus
    queue: CommandQueue
    sessions: Sessions
    session_list: SessionList
    factors: Factors
    step_ups: StepUps
    notices: Notices
    standing: Standing
