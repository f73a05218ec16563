"""The database of the workstation: tables, transactions, migrations and the audit trail."""

from thyrosight.server.database.audit import AuditProblem, Head, append, head, verify
from thyrosight.server.database.database import Database, DatabaseError
from thyrosight.server.database.migrating import migrate

__all__ = ["AuditProblem", "Database", "DatabaseError", "Head", "append", "head", "migrate", "verify"]
