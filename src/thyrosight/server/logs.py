"""The log: one JSON object a line, without what was sent or shown."""

import json
import logging
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from thyrosight.files import make_folder
from thyrosight.server.clock import as_text


class JsonFormatter(logging.Formatter):
    """A line with time, level, place and message; of an error the places in the code and never its message.

    Messages of errors quote values, and values may be names of patients.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": as_text(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            line["error"] = record.exc_info[0].__name__
            line["places"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        return json.dumps(line, ensure_ascii=False)


def log_to(path: Path | None) -> None:
    """One JSON object a line on standard error, and in a file that is cut at 10 MB; never a patient's name."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if path is not None:
        make_folder(path.parent)
        handlers.append(RotatingFileHandler(path, maxBytes=10**7, backupCount=5, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=handlers, force=True)
    logging.getLogger("thyrosight.server").setLevel(logging.INFO)
