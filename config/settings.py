"""Settings, read from the environment. A malformed or missing value stops the process, by name.

Without DATABASE_URL or REDIS_URL the project uses servers of its own under ``var/`` (see
``config.local``); everything else about it stays the same.
"""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import local, logs
from config.env import (
    broker_url,
    read_credentials,
    read_database,
    read_dev_pages,
    read_email,
    read_mail_provider,
    read_mailbox,
    read_redis_url,
    read_signing_key,
    read_sms,
    read_webhook,
)

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# --- Where it runs -----------------------------------------------------------------------------

#: True where this machine's own PostgreSQL serves: a development machine, a demo, a test run.
LOCAL = not env.str("DATABASE_URL", "")
LOCAL_PLACES = local.find_places(BASE_DIR)
DEBUG = env.bool("DEBUG", False)
RELAXED = LOCAL or DEBUG

SECRET_KEY = env.str("SECRET_KEY", None) or (
    local.secret_key(LOCAL_PLACES) if RELAXED else env.str("SECRET_KEY")
)
ALLOWED_HOSTS = (
    env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
    if RELAXED
    else env.list("ALLOWED_HOSTS")
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
#: How many proxies in front are ours: their X-Forwarded-* headers are believed, no others.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)

# --- Databases ---------------------------------------------------------------------------------

DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", 0)
#: The application's role neither owns tables nor is superuser, so it cannot rewrite history.
DATABASE_URL = env.str("DATABASE_URL", "") or local.database_url(LOCAL_PLACES, "tremedy_app")
#: Owns the schema. Migrations and maintenance alone connect as this role.
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", "") or (
    local.database_url(LOCAL_PLACES, "tremedy_owner") if LOCAL else DATABASE_URL
)
#: May make roles and databases. Optional: without it somebody else has made them.
DATABASE_ADMIN_URL = env.str("DATABASE_ADMIN_URL", "") or (
    local.database_url(LOCAL_PLACES, "postgres", database="postgres") if LOCAL else ""
)
DATABASES = {
    "default": read_database("DATABASE_URL", DATABASE_URL, pool_size=DATABASE_POOL_SIZE),
    "owner": read_database("DATABASE_OWNER_URL", DATABASE_OWNER_URL),
}
#: Tables the application's role may read and append to, never change.
APPEND_ONLY_TABLES = ["scheduling_event", "scheduling_consentsignature"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis, caches, sessions -------------------------------------------------------------------

REDIS_URL = read_redis_url(env.str("REDIS_URL", "")) or local.redis_url(LOCAL_PLACES)
# Redis may be emptied at any time. Sessions and rate limits therefore live in the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
    },
    "redis": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "socket_connect_timeout": 0.2,
            "socket_timeout": 0.2,
            "retry": Retry(NoBackoff(), retries=0),
        },
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 24) * 3600

# --- Background work ---------------------------------------------------------------------------
# Committed rows are the queue and Redis only wakes workers, so a lost task costs one sweep.
# No task carries a countdown or ETA: Redis redelivers those after its visibility timeout.

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Without Redis a publisher gives up at once instead of holding a request for six seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.2,
    "socket_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# A task nobody fetched before the next one is due would only repeat it.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "scheduling.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    # A repair that is being looked for wakes its worker itself; this one finds what was missed.
    "repairs": {
        "task": "scheduling.tasks.improve_repairs",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "forms": {
        "task": "scheduling.tasks.ask_for_forms",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "collect": {
        "task": "notifications.tasks.collect",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "deliver": {
        "task": "notifications.tasks.deliver",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "webhooks": {
        "task": "notifications.tasks.webhooks",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "schedule": {
        "task": "notifications.tasks.schedule",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "ask": {
        "task": "notifications.tasks.ask",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "readings": {
        "task": "education.tasks.settle_readings",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "questions": {
        "task": "scheduling.tasks.answer_questions",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "heartbeat": {"task": "config.heartbeat", "schedule": 10.0, "options": {"expires": 10}},
}
CELERY_BEAT_SCHEDULE_FILENAME = env.str(
    "CELERY_BEAT_SCHEDULE_FILENAME", str(LOCAL_PLACES.var / "beat-schedule")
)

# --- Applications ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "accounts.apps.AccountsConfig",
    "scheduling.apps.SchedulingConfig",
    "education.apps.EducationConfig",
    "notifications.apps.NotificationsConfig",
    "config.apps.ProjectConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "config.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Before anything that looks at a cookie: public pages know nobody.
    "education.web.serve.PublicPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.language.LanguageMiddleware",
    "accounts.idle.IdleMiddleware",
    "accounts.kept_forms.KeptFormsMiddleware",
    "accounts.recovery.RecoveryMiddleware",
    "accounts.second_factor.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
CSRF_FAILURE_VIEW = "accounts.kept_forms.csrf_failure"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.idle.idle_limits",
                "scheduling.web.clinic.clinic",
            ],
        },
    },
]

# --- People and sign-in ------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# Fifteen characters where a password stands alone: NIST SP 800-63B-4.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
# A password is a choice: without one a code by e-mail or a passkey signs in.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True
# No page and no mail says whether somebody has an account here.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# A change of how one signs in asks for proof again, and is told by mail.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_ISSUER = "Tremedy"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = RELAXED
USERSESSIONS_TRACK_ACTIVITY = False

# --- Language, time, files, mail ---------------------------------------------------------------

USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
#: Instants are UTC throughout; a site's own zone is applied where times are shown.
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# Only a production release collects its files; elsewhere they are served from where they are.
STATIC_ROOT = None if RELAXED else env.path("STATIC_ROOT", BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_USE_FINDERS = RELAXED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if RELAXED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

vars().update(
    read_email("EMAIL_URL", env.str("EMAIL_URL", "console:" if RELAXED else "smtp://localhost:25"))
)
#: A provider of django-anymail, such as "amazon_ses"; empty: the SMTP server that EMAIL_URL names.
EMAIL_PROVIDER = env.str("EMAIL_PROVIDER", "")
ANYMAIL: dict[str, object] = {}
vars().update(
    read_mail_provider(
        "EMAIL_PROVIDER",
        EMAIL_PROVIDER,
        env.str("EMAIL_PROVIDER_KEY", ""),
        webhook_key=env.str("EMAIL_WEBHOOK_KEY", ""),
    )
)
#: Where that provider reports deliveries, bounces and complaints; closed while both are empty.
EMAIL_WEBHOOK_PATH, EMAIL_WEBHOOK_SECRET = read_webhook(
    env.str("EMAIL_WEBHOOK_PATH", ""),
    env.str("EMAIL_WEBHOOK_SECRET", ""),
    provider=EMAIL_PROVIDER,
)
#: Pages that show everybody's mail and second factors, for the demo: see `config.dev`.
DEV_PAGES = read_dev_pages("DEV_PAGES", env.bool("DEV_PAGES", False), local=LOCAL)
DEV_MAIL_FOLDER = BASE_DIR / "var" / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "appointments@localhost")
#: Where people reach the site: messages carry links to it.
PUBLIC_URL = env.str("PUBLIC_URL", "http://localhost:8000").rstrip("/")
#: Ends the UID of every calendar entry. Once entries were sent it must never change.
CALENDAR_DOMAIN = env.str("CALENDAR_DOMAIN", "") or str(urlsplit(PUBLIC_URL).hostname)
#: A mailbox that calendars' replies come to, polled: imaps://user:password@host/INBOX. Empty: none.
INBOUND_MAILBOX = read_mailbox("INBOUND_IMAP_URL", env.str("INBOUND_IMAP_URL", ""))
#: Opens /inbound/<provider>/inbound/ to mail that a provider hands over with this user:password.
INBOUND_WEBHOOK_SECRET = read_credentials(
    "INBOUND_WEBHOOK_SECRET", env.str("INBOUND_WEBHOOK_SECRET", "")
)
ANYMAIL["WEBHOOK_SECRET"] = [one for one in (EMAIL_WEBHOOK_SECRET, INBOUND_WEBHOOK_SECRET) if one]
#: Whether invitations ask for an answer: somebody reads it.
CALENDAR_REPLIES = bool(INBOUND_MAILBOX or INBOUND_WEBHOOK_SECRET)
if INBOUND_MAILBOX:
    CELERY_BEAT_SCHEDULE["mailbox"] = {
        "task": "notifications.tasks.mailbox",
        "schedule": 60.0,
        "options": {"expires": 60},
    }
#: How text messages go out: empty (not at all), "console" or "http". See docs/operations.md.
SMS_HTTP_URL = env.str("SMS_HTTP_URL", "")
SMS_HTTP_TOKEN = env.str("SMS_HTTP_TOKEN", "")
SMS_SENDER = env.str("SMS_SENDER", "")
SMS_PROVIDER = read_sms(env.str("SMS_PROVIDER", ""), SMS_HTTP_URL, SMS_HTTP_TOKEN, relaxed=RELAXED)
#: Signs what patients text back (`whsec_…`, Standard Webhooks); nothing is taken while empty.
SMS_INBOUND_SECRET = read_signing_key("SMS_INBOUND_SECRET", env.str("SMS_INBOUND_SECRET", ""))
#: Lets webhooks call this machine itself, over plain http: for tests and demos.
WEBHOOK_ALLOW_LOOPBACK = env.bool("WEBHOOK_ALLOW_LOOPBACK", False)

# --- Security headers --------------------------------------------------------------------------

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", not RELAXED)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 0 if RELAXED else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_SECONDS > 0
# Preloading is a promise for the whole domain, hard to take back: the operator's to give.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not RELAXED
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
# Django 6 brings its own CSP setting; this block is the one place to change then.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "worker-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# --- HTTP interface ----------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["scheduling.api.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api_keys.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "scheduling.api.problems.handler",
    # Searching costs real work, and needs no sign-in.
    "DEFAULT_THROTTLE_RATES": {
        "search": env.str("SEARCH_RATE", "300/min"),
        "page_search": env.str("PAGE_SEARCH_RATE", "120/min"),
        "message_action": env.str("MESSAGE_ACTION_RATE", "120/min"),
    },
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tremedy's scheduler",
    "DESCRIPTION": "Books whole courses of treatment: every session, or none.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "AppointmentStatus": "scheduling.api.shapes.APPOINTMENT_STATES",
        "CarePlanStatus": "scheduling.api.shapes.CARE_PLAN_STATES",
        "GateCode": "scheduling.api.shapes.GATE_CODES",
        "GateStatus": "scheduling.api.shapes.GATE_STATES",
        "MessageChannel": "notifications.api.messages.MESSAGE_CHANNELS",
        "MessageKind": "notifications.api.messages.MESSAGE_KINDS",
        "MessageReason": "notifications.api.messages.MESSAGE_REASONS",
        "MessageStatus": "notifications.api.messages.MESSAGE_STATES",
        "ProblemCode": "scheduling.api.problems.CODES",
        "RefusalCode": "scheduling.api.shapes.REFUSAL_CODES",
        "RepairOptionName": "scheduling.api.staff_shapes.OPTIONS",
        "RepairPinOptionName": "scheduling.api.staff_inputs.PIN_OPTIONS",
        "WaitlistOfferStatus": "scheduling.api.waitlist_shapes.OFFER_STATES",
        "WaitlistPriority": "scheduling.api.waitlist_shapes.PRIORITIES",
        "WaitlistStatus": "scheduling.api.waitlist_shapes.ENTRY_STATES",
        "WaitlistWant": "scheduling.api.waitlist_shapes.WANTS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "scheduling.api.schema.close_requests",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Logs --------------------------------------------------------------------------------------

LOGGING = logs.configuration(level=env.log_level("LOG_LEVEL", logging.INFO))
