"""Logs: one JSON object per line, without paths, query strings, values or names.

Paths may hold tokens and exception texts may hold rows, so neither is written: a failure is told
by its type and where it happened.
"""

import traceback
from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger


def without_request_path(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Django's own request warnings end with the path; the reason phrase before it is enough."""
    record = event.get("_record")
    if record is not None and record.name.startswith("django.request"):
        event["event"] = str(event["event"]).partition(": ")[0]
        event["status"] = getattr(record, "status_code", None)
    return event


def exception_without_values(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace a traceback by the exception's type and its frames."""
    info = event.pop("exc_info", None)
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        event["exception"] = info[0].__qualname__
        event["frames"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(info[2])
        ]
    return event


def configuration(*, level: int) -> dict[str, Any]:
    """Django's LOGGING, and structlog set up to write through it."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    without_request_path,
                    exception_without_values,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Replaces Django's own handlers, which would mail or print whole requests.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
