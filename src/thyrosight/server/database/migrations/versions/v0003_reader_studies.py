"""Reader studies: protocols, cases, readers, and the reading room."""

import sqlalchemy as sa
from alembic import op

from thyrosight.server.database.base import UtcDateTime

revision = "0003"
down_revision = "0002"
_NEVER = "a locked reading is never changed"
_FIXED = (
    "task_id, stage, protocol_version, draft, version, answers, lock_key, opened_at, locked_at, active_ms, created_at"
)
_SQLITE_TRIGGERS = (
    f"CREATE TRIGGER readings_no_update BEFORE UPDATE OF {_FIXED} ON readings WHEN OLD.locked_at IS NOT NULL "
    f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
    "CREATE TRIGGER readings_no_delete BEFORE DELETE ON readings WHEN OLD.locked_at IS NOT NULL "
    f"BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
)
_POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION locked_reading_never_changes() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_NEVER}'; END $$",
    f"CREATE TRIGGER readings_no_update BEFORE UPDATE OF {_FIXED} ON readings "
    "FOR EACH ROW WHEN (OLD.locked_at IS NOT NULL) EXECUTE FUNCTION locked_reading_never_changes()",
    "CREATE TRIGGER readings_no_delete BEFORE DELETE ON readings "
    "FOR EACH ROW WHEN (OLD.locked_at IS NOT NULL) EXECUTE FUNCTION locked_reading_never_changes()",
)


def upgrade() -> None:
    """Make the tables."""
    _design()
    _cases()
    _readers()
    _room()
    _readings()
    dialect = op.get_bind().dialect.name
    for statement in _SQLITE_TRIGGERS if dialect == "sqlite" else _POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _design() -> None:
    op.create_table(
        "reader_studies",
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("protocol_version", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("documents_job_id", sa.Uuid(), nullable=True),
        sa.Column("results_job_id", sa.Uuid(), nullable=True),
        sa.Column("removed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_reader_studies_author_id")),
        sa.ForeignKeyConstraint(["documents_job_id"], ["jobs.id"], name=op.f("fk_reader_studies_documents_job_id")),
        sa.ForeignKeyConstraint(["results_job_id"], ["jobs.id"], name=op.f("fk_reader_studies_results_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_studies")),
    )
    op.create_index(op.f("ix_reader_studies_state"), "reader_studies", ["state"], unique=False)
    op.create_table(
        "protocols",
        sa.Column("reader_study_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("frozen_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_protocols_author_id")),
        sa.ForeignKeyConstraint(["reader_study_id"], ["reader_studies.id"], name=op.f("fk_protocols_reader_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocols")),
        sa.UniqueConstraint("reader_study_id", "version", name=op.f("uq_protocols_reader_study_id_version")),
    )


def _cases() -> None:
    op.create_table(
        "study_cases",
        sa.Column("reader_study_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("truth", sa.Integer(), nullable=True),
        sa.Column("label_source", sa.String(length=64), nullable=False),
        sa.Column("cluster", sa.String(length=64), nullable=False),
        sa.Column("lesions", sa.JSON(), nullable=False),
        sa.Column("model_scores", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("cleared", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_for", sa.Text(), nullable=False),
        sa.Column("removed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reader_study_id"], ["reader_studies.id"], name=op.f("fk_study_cases_reader_study_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_cases")),
        sa.UniqueConstraint("reader_study_id", "code", name=op.f("uq_study_cases_reader_study_id_code")),
        sa.UniqueConstraint("reader_study_id", "number", name=op.f("uq_study_cases_reader_study_id_number")),
    )
    op.create_table(
        "case_views",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("loop", sa.Boolean(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=True),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=True),
        sa.Column("covered", sa.Double(), nullable=True),
        sa.Column("model_hash", sa.String(length=64), nullable=False),
        sa.Column("assessment", sa.JSON(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("heat_map", sa.String(length=128), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["study_cases.id"], name=op.f("fk_case_views_case_id")),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_case_views_image_id")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_case_views_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_views")),
        sa.UniqueConstraint("case_id", "place", name=op.f("uq_case_views_case_id_place")),
    )
    op.create_index(op.f("ix_case_views_image_id"), "case_views", ["image_id"], unique=False)


def _readers() -> None:
    op.create_table(
        "study_readers",
        sa.Column("reader_study_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("reader_group", sa.String(length=64), nullable=False),
        sa.Column("removed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("removed_for", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["reader_study_id"], ["reader_studies.id"], name=op.f("fk_study_readers_reader_study_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_study_readers_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_readers")),
        sa.UniqueConstraint("reader_study_id", "number", name=op.f("uq_study_readers_reader_study_id_number")),
        sa.UniqueConstraint("reader_study_id", "user_id", name=op.f("uq_study_readers_reader_study_id_user_id")),
    )
    op.create_index(op.f("ix_study_readers_user_id"), "study_readers", ["user_id"], unique=False)


def _room() -> None:
    op.create_table(
        "reading_sessions",
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(length=64), nullable=False),
        sa.Column("earliest", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reader_id"], ["study_readers.id"], name=op.f("fk_reading_sessions_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_sessions")),
        sa.UniqueConstraint("reader_id", "number", name=op.f("uq_reading_sessions_reader_id_number")),
    )
    op.create_table(
        "reading_tasks",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("attention", sa.Boolean(), nullable=False),
        sa.Column("repeat", sa.Boolean(), nullable=False),
        sa.Column("paused_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["study_cases.id"], name=op.f("fk_reading_tasks_case_id")),
        sa.ForeignKeyConstraint(["session_id"], ["reading_sessions.id"], name=op.f("fk_reading_tasks_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_tasks")),
        sa.UniqueConstraint("session_id", "position", name=op.f("uq_reading_tasks_session_id_position")),
    )
    op.create_index(op.f("ix_reading_tasks_case_id"), "reading_tasks", ["case_id"], unique=False)


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("protocol_version", sa.Integer(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("lock_key", sa.Uuid(), nullable=True),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("locked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("active_ms", sa.Integer(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("revealed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["reading_tasks.id"], name=op.f("fk_readings_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint("task_id", "stage", name=op.f("uq_readings_task_id_stage")),
    )
    op.create_table(
        "reading_events",
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name=op.f("fk_reading_events_reading_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_events")),
        sa.UniqueConstraint("reading_id", "seq", name=op.f("uq_reading_events_reading_id_seq")),
    )
