"""gunicorn's settings: `gunicorn config.wsgi --config config/gunicorn.py`."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Python works on one thread at a time in each worker: more of them wait longer for each other.
threads = int(os.environ.get("WEB_THREADS", "3"))
timeout = 30
graceful_timeout = 20
# Recycled now and then, at different times, so that no leak grows for long.
max_requests = 20_000
max_requests_jitter = 2_000
# Heartbeat files on a disk stall workers while the disk is busy.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
# Larger request lines have no honest use; the body's limit is Django's.
limit_request_line = 4094


def post_worker_init(worker: object) -> None:
    """A worker has loaded the application, and answers nothing yet."""
    from config.warm import warm_up  # needs Django's settings, which are not there above

    warm_up()
