"""Accounts: passwords, sessions, tokens, roles and the lock after failures."""

from thyrosight.server.accounts.actor import Actor, actor_of_session, actor_of_token, csrf_token
from thyrosight.server.accounts.links import link_for, link_of_first_administrator, use_link
from thyrosight.server.accounts.managing import add_user, change_user, new_token, revoke_token
from thyrosight.server.accounts.passwords import Passwords, require_good_password
from thyrosight.server.accounts.roles import EVERY_ROLE, SEES_NAMES, Role
from thyrosight.server.accounts.signing_in import change_password, confirm_password, end_sessions, sign_in, sign_out

__all__ = [
    "EVERY_ROLE",
    "SEES_NAMES",
    "Actor",
    "Passwords",
    "Role",
    "actor_of_session",
    "actor_of_token",
    "add_user",
    "change_password",
    "change_user",
    "confirm_password",
    "csrf_token",
    "end_sessions",
    "link_for",
    "link_of_first_administrator",
    "new_token",
    "require_good_password",
    "revoke_token",
    "sign_in",
    "sign_out",
    "use_link",
]
