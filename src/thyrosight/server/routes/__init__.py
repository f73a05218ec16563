"""All routes; those of the interface for programs and pages begin with `/api/v1`."""

from fastapi import APIRouter

from thyrosight.server.routes import (
    audit,
    health,
    images,
    imports,
    jobs,
    links,
    me,
    monai,
    nodules,
    operation,
    peers,
    reader_studies,
    reader_study_candidates,
    reader_study_cases,
    reader_study_exports,
    reader_study_progress,
    reader_study_readers,
    reader_study_reports,
    reading_room,
    readings,
    reports,
    schema,
    second_reader,
    session,
    settings,
    studies,
    tirads,
    uploads,
    users,
)

open_router = APIRouter()
open_router.include_router(health.router)
open_router.include_router(monai.router)
api_router = APIRouter(prefix="/api/v1")
for part in (
    readings,  # asked most, and routes are tried in their order
    reading_room,
    session,
    links,
    me,
    users,
    studies,
    images,
    uploads,
    imports,
    nodules,
    second_reader,
    jobs,
    tirads,
    reports,
    reader_studies,
    reader_study_candidates,
    reader_study_cases,
    reader_study_exports,
    reader_study_progress,
    reader_study_readers,
    reader_study_reports,
    operation,
    peers,
    settings,
    audit,
    schema,
):
    api_router.include_router(part.router)

__all__ = ["api_router", "open_router"]
