"""What authority is made of, for those who put it together and those who work with it."""

from typing import NamedTuple

from cse.users.audit import AuditTrail
from cse.users.audit_log import AuditReader
from cse.users.people_search import PeopleReader
from cse.users.roles import Roles, RoleStore


class AuthorityPorts(NamedTuple):
    """What authority stands on."""

    trail: AuditTrail
    log: AuditReader
    roles: RoleStore
    people: PeopleReader


class Authority(NamedTuple):
    """Who may do what, and what was done: what staff and the audit trail's other tellers work with."""

    trail: AuditTrail
    log: AuditReader
    roles: Roles
    people: PeopleReader
