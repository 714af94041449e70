# One image for web, worker and beat; docker-compose.yml says which is which.
FROM python:3.13-slim AS build
COPY requirements/uv.txt requirements/base.txt /build/
RUN python -m venv /venv \
    && python -m pip install --no-cache-dir --require-hashes -r /build/uv.txt \
    && uv pip sync --no-cache --compile-bytecode --python /venv/bin/python --require-hashes /build/base.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home scheduler
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static HOST=0.0.0.0
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# Collecting needs settings, not servers; the values below are used for nothing else.
RUN DATABASE_URL=postgresql://none@none/none REDIS_URL=redis://none SECRET_KEY=none ALLOWED_HOSTS=none \
    sh -c "python -m config.messages compile && python manage.py collectstatic --noinput --verbosity 0"
USER scheduler
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--config", "config/gunicorn.py"]
