"""All settings, from the environment, with defaults that are safe on one's own machine.

There are two ways to run and nothing between. *Loopback*: ALLOWED_HOSTS unset, bound to 127.0.0.1,
no key needed. *Production*: ALLOWED_HOSTS set; then everything has to be set that would be unsafe,
or lost, if it were forgotten.
"""

import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django_stubs_ext
from botocore.config import Config
from csp.constants import NONCE, NONE, SELF

from opic.lib import risks
from opic.lib.env import ConfigurationError, Env
from opic.lib.stores import database_limits, ear_weights, private_files
from opic.lib.web.static_headers import add_static_headers

# for ModelForm[User] and the like, which the type checker reads and Python could not
django_stubs_ext.monkeypatch()
env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "data")

# --- Where it runs -------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG")
PORT = env.count("PORT", 8000, least=1, most=65535)
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS")
IS_LOOPBACK = not ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")


def _demand(name: str, why: str) -> None:
    if not IS_LOOPBACK and not env.has(name):
        raise ConfigurationError(f"ALLOWED_HOSTS is set, so {name} must be too: {why}.")


def _saved_secret() -> str:
    """Return the key of a loopback start: made once, in a file that only this account reads."""
    path = DATA_DIR / "secret-key"
    if path.exists():
        return path.read_text().strip()
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key


_demand("SECRET_KEY", "a long random text, the same on every host")
_demand("DATABASE_URL", "postgres://user:password@host:5432/name, the same on every host")
_demand("EMAIL_URL", "smtp+tls://user:password@host:587, or sign-up codes would reach nobody")
_demand(
    "OPIC_TRUSTED_PROXIES",
    "how many proxies of yours stand in front, 1 behind one nginx, 0 if visitors come straight in",
)
if DEBUG and not IS_LOOPBACK:
    raise ConfigurationError("DEBUG=1 shows secrets to visitors: unset it or unset ALLOWED_HOSTS.")
for _origin in CSRF_TRUSTED_ORIGINS:
    if not _origin.startswith(("https://", "http://")):
        raise ConfigurationError(f"CSRF_TRUSTED_ORIGINS: write https://{_origin}, with the scheme.")
SECRET_KEY = env.text("SECRET_KEY") or _saved_secret()
if not IS_LOOPBACK and len(SECRET_KEY) < 50:
    raise ConfigurationError("SECRET_KEY is shorter than 50 characters: make a longer one.")
if IS_LOOPBACK:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# second-factor secrets in the database: the first encrypts, all decrypt; none: from SECRET_KEY
OPIC_ENCRYPTION_KEYS = env.keys(
    "OPIC_ENCRYPTION_KEYS", size=32, made_by="`manage.py encryption_keys --new`"
)

# --- What it is made of --------------------------------------------------------------------------
INSTALLED_APPS = [
    "opic.apps.OpicConfig",
    "opic.operations",
    "accounts",
    "materials",
    "scoring",
    "practice",
    "exams",
    "opic.apps.OpicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "template_partials",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_q",
    "webpush",  # its rows only: where browsers want their pushes (docs/decisions/0010-push.md)
]
MIDDLEWARE = [
    "opic.health.middleware.HealthMiddleware",
    "opic.lib.incidents.RequestIdMiddleware",
    "opic.lib.web.trouble.TroubleMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "opic.lib.web.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "opic.lib.headers.HeadersMiddleware",
    "opic.lib.web.bodies.BodyLimitMiddleware",
    "opic.lib.web.upload_doors.UploadDoorMiddleware",
    "opic.lib.web.readable.ReadableMiddleware",
    "opic.lib.web.sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "opic.lib.htmx.SignInMiddleware",
    "accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "opic.urls"
WSGI_APPLICATION = "opic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opic.context_processors.page",
            ],
            "builtins": ["opic.templatetags.icons", "opic.templatetags.version"],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Stores --------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'opic.sqlite3'}")
}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
IS_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
_limits = database_limits.LIMITS[database_limits.kind_of(sys.argv)]
if IS_SQLITE:
    DATABASES["default"]["OPTIONS"] = database_limits.sqlite_options(_limits)
else:
    DATABASES["default"]["ENGINE"] = "opic.lib.stores.postgresql"
    DATABASES["default"]["OPTIONS"] = {
        **database_limits.postgres_options(_limits),
        **DATABASES["default"].get("OPTIONS", {}),
    }
# longer than the server's own limit: otherwise we would hang up before it gives its reason
OPIC_DATABASE_WAIT_SECONDS = _limits.statement and _limits.statement + database_limits.GRACE_SECONDS
# of one web host, all its processes together (opic/gunicorn.py)
OPIC_DATABASE_CONNECTIONS = env.count("OPIC_DATABASE_CONNECTIONS", 20, least=4, most=1000)
REDIS_URL = env.text("REDIS_URL")
# the cache may forget, the queue must not: two Redis where one is full of cache
OPIC_QUEUE_REDIS_URL = env.text("OPIC_QUEUE_REDIS_URL") or REDIS_URL
# when it is full, Django drops entries in the order of their keys, counters of sign-in first
_DATABASE_CACHE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "opic_cache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
CACHES: dict[str, dict[str, Any]] = {
    # rate limits and codes: every process has to see the same counts
    "default": (
        {"BACKEND": "opic.lib.stores.shared_cache.SharedCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else _DATABASE_CACHE
    ),
    # counts limits while Redis is away
    "database": _DATABASE_CACHE,
    # pieces of pages; all that one shows is in its key, so none is ever stale. No nonce, no token
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
    # the same for parts of some 30 kB
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}


def _audio_storage(url: str) -> dict[str, Any]:
    """Return `s3://key:secret@host:port/bucket?region=x` as Django storage.

    Without a URL it is a private folder.
    """
    if not url:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": DATA_DIR / "private",
                "base_url": None,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if parts.scheme not in {"s3", "s3+http"} or not parts.hostname or not bucket:
        raise ConfigurationError(
            "OPIC_STORAGE_URL cannot be read: write s3://key:secret@host/bucket?region=name."
        )
    port = f":{parts.port}" if parts.port else ""
    scheme = "http" if parts.scheme == "s3+http" else "https"
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "access_key": unquote(parts.username or ""),
            "secret_key": unquote(parts.password or ""),
            "endpoint_url": f"{scheme}://{parts.hostname}{port}",
            "bucket_name": bucket,
            "region_name": parse_qs(parts.query).get("region", [None])[0],
            "default_acl": "private",
            "file_overwrite": False,
            # its own limits are a minute each and five tries: an upload would hang that long
            "client_config": Config(
                connect_timeout=2,
                read_timeout=6,
                retries={"total_max_attempts": 2, "mode": "standard"},
                signature_version="s3v4",
            ),
        },
    }


_STORAGE_URL = env.text("OPIC_STORAGE_URL")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "media", "base_url": None},
    },
    "audio": _audio_storage(_STORAGE_URL),
    "clips": (
        _audio_storage(_STORAGE_URL)
        if _STORAGE_URL
        else {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": DATA_DIR / "clips", "base_url": None},
        }
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# a page from before the release still finds its files: collectstatic never clears old hashed names
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = add_static_headers

# --- The queue: vendor timeout < task timeout < claim lease < queue retry (scoring/checks.py) ----
OPIC_VENDOR_SECONDS = env.count("OPIC_VENDOR_SECONDS", 28, least=1, most=600)
OPIC_TASK_SECONDS = env.count("OPIC_TASK_SECONDS", 120, least=2, most=3600)
OPIC_LEASE_SECONDS = env.count("OPIC_LEASE_SECONDS", 180, least=3, most=7200)
OPIC_WORKERS = env.count("OPIC_WORKERS", 2, least=1, most=64)
# a cluster beats, counts as dead when silent, is replaced when it stands, waits for its stores at
# start, has time for its tasks in hand at the end, and may be replaced so often before it gives up
OPIC_BEAT_SECONDS = env.number("OPIC_BEAT_SECONDS", 10, least=0.2, most=20)
OPIC_SILENT_SECONDS = env.number("OPIC_SILENT_SECONDS", 30, least=1, most=600)
OPIC_WATCHDOG_SECONDS = env.number("OPIC_WATCHDOG_SECONDS", 30, least=2, most=600)
OPIC_START_SECONDS = env.number("OPIC_START_SECONDS", 120, least=1, most=3600)
OPIC_STOP_SECONDS = env.number("OPIC_STOP_SECONDS", 20, least=1, most=600)
OPIC_STARTS_A_MINUTE = env.count("OPIC_STARTS_A_MINUTE", 6, least=1, most=1000)
Q_CLUSTER: dict[str, Any] = {
    "name": "opic",
    "workers": OPIC_WORKERS,
    "queue_limit": OPIC_WORKERS,
    "bulk": 1,
    "timeout": OPIC_TASK_SECONDS,
    "retry": 3 * OPIC_TASK_SECONDS + 30,
    "max_attempts": 3,
    "catch_up": False,
    "poll": 0.1,
    "save_limit": 500,
    "log_level": "WARNING",
    "label": "Queue",
    # clockwork is ours (opic/operations/clockwork.py)
    "scheduler": False,
    **(
        {"broker_class": "opic.lib.engine.redis_broker.RedisBroker", "redis": OPIC_QUEUE_REDIS_URL}
        if OPIC_QUEUE_REDIS_URL
        else {"orm": "default"}
    ),
}

# when /healthz/work raises an alarm: by ages, never by numbers
OPIC_ALARM_BEAT_SECONDS = env.count("OPIC_ALARM_BEAT_SECONDS", 60, least=1, most=3600)
OPIC_ALARM_QUEUE_SECONDS = env.count("OPIC_ALARM_QUEUE_SECONDS", 180, least=1, most=86400)
OPIC_ALARM_ANSWER_SECONDS = env.count("OPIC_ALARM_ANSWER_SECONDS", 300, least=1, most=86400)
OPIC_ALARM_SETTLED_SECONDS = env.count("OPIC_ALARM_SETTLED_SECONDS", 120, least=1, most=86400)
OPIC_ALARM_PERIODS = env.count("OPIC_ALARM_PERIODS", 3, least=2, most=100)

# --- People --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ("email", "name")},
        "MinimumLengthValidator": {"min_length": 10},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
ACCOUNT_CHANGE_EMAIL = True
USERSESSIONS_ADAPTER = "accounts.adapters.UserSessionsAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_SIGNUP_REDIRECT_URL = "/accounts/consent/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "signup": "accounts.sign_in_forms.SignUpForm",
    "set_password": "accounts.sign_in_forms.FirstPasswordForm",
    "confirm_login_code": "accounts.sign_in_forms.LoginCodeForm",
    "confirm_email_verification_code": "accounts.sign_in_forms.EmailCodeForm",
    "confirm_password_reset_code": "accounts.sign_in_forms.PasswordResetCodeForm",
}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
OPIC_STAFF_SESSION_HOURS = env.count("OPIC_STAFF_SESSION_HOURS", 12, least=1, most=24)
OPIC_ADMIN_FACTOR_MINUTES = env.count("OPIC_ADMIN_FACTOR_MINUTES", 240, least=5, most=24 * 60)
# of every change of credentials, to the address from before
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_USER_DISPLAY = "accounts.models.display_name"
USERSESSIONS_TRACK_ACTIVITY = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "OPIc Practice"
ALLAUTH_TRUSTED_PROXY_COUNT = env.count("OPIC_TRUSTED_PROXIES", 0, most=10)

# in the database: a session that ended in one process has ended in all
SESSION_ENGINE = "opic.lib.web.sessions"
# what browsers and balancers fetch by themselves: never a reason to set or delete the cookie
OPIC_SHELL_PATHS = frozenset(
    {"/offline/", "/sw.js", "/manifest.webmanifest", "/healthz", "/healthz/ready", "/healthz/work"}
)
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# htmx and our scripts take the token from the page
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "opic.error_views.csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

EMAIL_CONFIG = env.email("EMAIL_URL", f"filemail:///{DATA_DIR / 'mail'}")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "OPIc Practice <no-reply@localhost>")
# without a mail server the page shows the code itself
SHOWS_CODES = IS_LOOPBACK and not env.has("EMAIL_URL")
if not env.has("EMAIL_URL"):
    EMAIL_FILE_PATH = DATA_DIR / "mail"

# --- Safety off loopback -------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# read on loopback too, where it changes nothing: one file of settings may serve both
OPIC_SSL_REDIRECT = env.flag("OPIC_SSL_REDIRECT", default=True)
if not IS_LOOPBACK:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = OPIC_SSL_REDIRECT
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        # text becomes markup through static/js/shared/trusted-types.js alone
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    }
}

# --- Words and time ------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어"), ("vi", "Tiếng Việt")]
LOCALE_PATHS = [BASE_DIR / "opic" / "locale"]
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = "opic.formats"
TIME_ZONE = "UTC"
# a person's, where the browser named none
OPIC_TIME_ZONE = "Asia/Seoul"

# --- Google's models, where a key is set ----------------------------------------------------------
GEMINI_API_KEY = env.text("GEMINI_API_KEY")
GEMINI_API_ENDPOINT = env.text("GEMINI_API_ENDPOINT")
GEMINI_MODELS = env.names("GEMINI_MODELS", ["gemini-3.5-flash-lite", "gemini-3.8-flash"])
GEMINI_PAID_TIER = env.flag("GEMINI_PAID_TIER")
OPIC_ACCEPT_TRAINING = env.flag("OPIC_ACCEPT_TRAINING")
if GEMINI_API_KEY and not (IS_LOOPBACK or GEMINI_PAID_TIER or OPIC_ACCEPT_TRAINING):
    raise ConfigurationError(
        "GEMINI_API_KEY is set: set GEMINI_PAID_TIER=1 too, or OPIC_ACCEPT_TRAINING=1 if voices may"
        " be used to improve Google's products."
    )

# --- Any server of the chat-completions and transcription protocols, where one is named -----------


def _server(prefix: str, url: str, model: str, key: str) -> tuple[str, str, str]:
    """Return address, model and key of a server as they are used. Raises ConfigurationError."""
    if url and not risks.is_model_url(url):
        raise ConfigurationError(
            f"{prefix}_URL is no address of a server: write https://host/v1, or"
            " http://127.0.0.1:port/v1 on this machine; no password, no question mark, nothing"
            " behind the version."
        )
    # a folder of this machine may have a longer name
    if len(model) > 80 and (url or prefix == "OPIC_LLM"):
        raise ConfigurationError(
            f"{prefix}_MODEL is longer than 80 characters: name it shorter there."
        )
    if key and not re.fullmatch(r"[!-~]+", key):
        raise ConfigurationError(
            f"{prefix}_KEY has blanks or letters that no key has: copy it again."
        )
    return url.rstrip("/"), model, key


OPIC_LLM_URL, OPIC_LLM_MODEL, OPIC_LLM_KEY = _server(
    "OPIC_LLM", env.text("OPIC_LLM_URL"), env.text("OPIC_LLM_MODEL"), env.text("OPIC_LLM_KEY")
)
OPIC_EARS_URL, OPIC_EARS_MODEL, OPIC_EARS_KEY = _server(
    "OPIC_EARS", env.text("OPIC_EARS_URL"), env.text("OPIC_EARS_MODEL"), env.text("OPIC_EARS_KEY")
)
# they count as this site's own: nothing goes to anybody else
OPIC_LLM_OWN = env.flag("OPIC_LLM_OWN")
# the ears of this machine: a named model, or a folder
OPIC_LOCAL_EARS = "base" if OPIC_EARS_URL else OPIC_EARS_MODEL or "base"
OPIC_HAS_LOCAL_EARS = ear_weights.are_there(DATA_DIR, OPIC_LOCAL_EARS)
# whether `prepare` puts their weights in place
OPIC_PREPARES_EARS = env.text("OPIC_EARS") != "none" and env.text("OPIC_RATER") != "fluency"

# --- Our own numbers -----------------------------------------------------------------------------
OPIC_ADAPTERS = {
    "rater": {
        "fluency": "scoring.raters.fluency.FluencyRater",
        "builtin": "scoring.raters.builtin.rater.BuiltinRater",
        "gemini": "scoring.raters.gemini.GeminiRater",
        "openai": "scoring.raters.openai_compatible.OpenAiCompatibleRater",
    },
    "ears": {
        "gemini": "scoring.ears.gemini.GeminiEars",
        "local": "scoring.ears.local.LocalEars",
        "openai": "scoring.ears.openai_compatible.OpenAiCompatibleEars",
    },
    "voice": {
        "espeak": "materials.voice_adapters.EspeakVoice",
        "edge": "materials.voice_adapters.EdgeVoice",
    },
    "pusher": {
        "notice": "accounts.push.adapters.NoticePusher",
        "webpush": "accounts.push.adapters.WebPusher",
    },
}


def _usual_ears() -> str:
    """Return who hears where OPIC_EARS does not say it; no rater of words, nobody."""
    rater = env.text("OPIC_RATER") or ("gemini" if GEMINI_API_KEY else "")
    if rater == "fluency":
        return "none"
    if OPIC_EARS_URL:
        return "openai"
    if GEMINI_API_KEY and rater != "openai":
        return "gemini"
    if OPIC_HAS_LOCAL_EARS:
        return "local"
    return "openai" if rater == "openai" else "none"


OPIC_EARS = env.choice("OPIC_EARS", [*OPIC_ADAPTERS["ears"], "none"], _usual_ears())
OPIC_RATER = env.choice(
    "OPIC_RATER",
    OPIC_ADAPTERS["rater"],
    "gemini" if GEMINI_API_KEY else "fluency" if OPIC_EARS == "none" else "builtin",
)
for _name, _chosen in {"OPIC_EARS": OPIC_EARS, "OPIC_RATER": OPIC_RATER}.items():
    if _chosen == "gemini" and not GEMINI_API_KEY:
        raise ConfigurationError(f"{_name} is gemini: set GEMINI_API_KEY too, or take it out.")
_LLM = {"OPIC_LLM_URL": OPIC_LLM_URL, "OPIC_LLM_MODEL": OPIC_LLM_MODEL}
if OPIC_RATER == "openai" and not all(_LLM.values()):
    raise ConfigurationError(
        f"OPIC_RATER is openai: set {', '.join(name for name in _LLM if not _LLM[name])} too,"
        " or take it out."
    )
if OPIC_EARS == "openai" and not (OPIC_EARS_URL or all(_LLM.values())):
    raise ConfigurationError("OPIC_EARS is openai: set OPIC_EARS_URL too, or take it out.")
if OPIC_EARS == "openai" and OPIC_EARS_URL and not OPIC_EARS_MODEL:
    raise ConfigurationError("OPIC_EARS is openai: set OPIC_EARS_MODEL to the name it has there.")
# the two commands that bring the weights start without them
if OPIC_EARS == "local" and not OPIC_HAS_LOCAL_EARS and not ear_weights.are_brought_by(sys.argv):
    raise ConfigurationError(
        f"OPIC_EARS is local, but the weights of {OPIC_LOCAL_EARS} are not there, or not what loads"
        " them: `make ears` gets both, docs/ears.md says what else does; or set OPIC_EARS=none."
    )
if OPIC_EARS == "none" and OPIC_RATER != "fluency":
    raise ConfigurationError(
        f"OPIC_RATER is {OPIC_RATER}, which needs words, but nobody hears them: name ears in"
        " OPIC_EARS, or set OPIC_RATER=fluency."
    )
if OPIC_RATER == "fluency" and OPIC_EARS != "none":
    raise ConfigurationError(
        "OPIC_RATER is fluency, which uses no words: set OPIC_RATER=builtin, or OPIC_EARS=none."
    )
OPIC_VOICE = env.choice("OPIC_VOICE", OPIC_ADAPTERS["voice"], "espeak")
OPIC_VAPID_PRIVATE_KEY = env.key("OPIC_VAPID_PRIVATE_KEY", size=32)
OPIC_VAPID_PUBLIC_KEY = env.key("OPIC_VAPID_PUBLIC_KEY", size=65)
OPIC_VAPID_SUBJECT = env.text("OPIC_VAPID_SUBJECT")
OPIC_PUSHER = env.choice(
    "OPIC_PUSHER", OPIC_ADAPTERS["pusher"], "webpush" if OPIC_VAPID_PRIVATE_KEY else "notice"
)
_VAPID = {
    "OPIC_VAPID_PRIVATE_KEY": OPIC_VAPID_PRIVATE_KEY,
    "OPIC_VAPID_PUBLIC_KEY": OPIC_VAPID_PUBLIC_KEY,
    "OPIC_VAPID_SUBJECT": OPIC_VAPID_SUBJECT,
}
if OPIC_PUSHER == "webpush" and not all(_VAPID.values()):
    raise ConfigurationError(
        f"OPIC_PUSHER is webpush: set {', '.join(name for name in _VAPID if not _VAPID[name])} too;"
        " `OPIC_PUSHER=notice manage.py vapid_keys` makes a pair."
    )
if OPIC_VAPID_SUBJECT and not OPIC_VAPID_SUBJECT.startswith(("mailto:", "https://")):
    raise ConfigurationError(
        f"OPIC_VAPID_SUBJECT is {OPIC_VAPID_SUBJECT!r}: write mailto:you@example.org or https://…"
    )
# the push services of the browsers; `*.` stands for any name below. Loopback only where it is named
OPIC_PUSH_HOSTS = env.names(
    "OPIC_PUSH_HOSTS",
    [
        "fcm.googleapis.com",
        "*.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    ],
)
for _host in OPIC_PUSH_HOSTS:
    if not re.fullmatch(r"\*|(\*\.)?[a-z0-9.-]+", _host):
        raise ConfigurationError(f"OPIC_PUSH_HOSTS: {_host!r} is no name: write a.example.org")
OPIC_PUSH_SECONDS = env.count("OPIC_PUSH_SECONDS", 5, least=1, most=30)
OPIC_PUSH_TRIES = env.count("OPIC_PUSH_TRIES", 3, least=1, most=10)
# of one person; the oldest gives way
OPIC_PUSH_DEVICES = 10
OPIC_NOTICE_DAYS = env.count("OPIC_NOTICE_DAYS", 90, least=1, most=36500)
# where the source of what runs here is published; without it the running files are offered
OPIC_SOURCE_URL = env.text("OPIC_SOURCE_URL")
if OPIC_SOURCE_URL and not OPIC_SOURCE_URL.startswith(("https://", "http://")):
    raise ConfigurationError("OPIC_SOURCE_URL is no address: write https://…")
OPIC_CHOSEN = {"rater": OPIC_RATER, "voice": OPIC_VOICE, "pusher": OPIC_PUSHER}
OPIC_MAX_SECONDS = env.count("OPIC_MAX_SECONDS", 600, least=10, most=3600)
OPIC_UPLOAD_BYTES = env.count("OPIC_UPLOAD_BYTES", 32 * 1024 * 1024, least=100_000)
OPIC_UPLOADS_PER_MINUTE = env.count("OPIC_UPLOADS_PER_MINUTE", 30, least=1)
# one decoding: by the clock, of the processor, in memory; and how many at once on this host
OPIC_DECODE_SECONDS = env.count("OPIC_DECODE_SECONDS", 15, least=1, most=120)
OPIC_DECODE_CPU_SECONDS = env.count("OPIC_DECODE_CPU_SECONDS", 10, least=1, most=100)
OPIC_DECODE_MEGABYTES = env.count("OPIC_DECODE_MEGABYTES", 192, least=64, most=4096)
# private memory of the process that hears; a larger model than base needs more
OPIC_EARS_MEGABYTES = env.count("OPIC_EARS_MEGABYTES", 640, least=200, most=32_000)
OPIC_DECODERS = env.count("OPIC_DECODERS", 2 * (os.cpu_count() or 1), least=1, most=256)
OPIC_DECODE_WAIT_SECONDS = env.number("OPIC_DECODE_WAIT_SECONDS", 4.0, most=60)
OPIC_STORE_SECONDS = env.number("OPIC_STORE_SECONDS", 18.0, least=1, most=60)
OPIC_DISK_FULL_PERCENT = env.number("OPIC_DISK_FULL_PERCENT", 95.0, least=1, most=100)
OPIC_AUDIO_DAYS = env.count("OPIC_AUDIO_DAYS", 365, least=1, most=36500)
OPIC_TICKET_DAYS = 30
# without being signed in there a device's tickets end, however often they were used; a ticket given
# today outlives its page by OPIC_TICKET_DAYS
OPIC_DEVICE_DAYS = env.count("OPIC_DEVICE_DAYS", 60, least=OPIC_TICKET_DAYS + 1, most=3650)
OPIC_ENDED_DEVICE_DAYS = env.count("OPIC_ENDED_DEVICE_DAYS", 30, least=1, most=3650)
OPIC_ADMIN_LOG_DAYS = env.count("OPIC_ADMIN_LOG_DAYS", 365, least=1, most=36500)
OPIC_TICKETS_A_PAGE = 5
OPIC_MAX_TRIES = env.count("OPIC_MAX_TRIES", 5, least=1, most=50)
OPIC_LEAST_SPEECH_SECONDS = env.number("OPIC_LEAST_SPEECH_SECONDS", 1.0)
OPIC_STREAK_LATE_HOURS = 48
OPIC_STREAK_SPEECH_SECONDS = 5
OPIC_SYLLABLES_A_WORD = env.number("OPIC_SYLLABLES_A_WORD", 1.4, least=1, most=3)
OPIC_PAUSE_BETWEEN_SESSIONS_MINUTES = 30
# what a device keeps for a time without a network
OPIC_OFFLINE_PROMPTS = env.count("OPIC_OFFLINE_PROMPTS", 10, least=0, most=50)
OPIC_OFFLINE_BYTES = env.count("OPIC_OFFLINE_BYTES", 1_000_000, least=0, most=50_000_000)
OPIC_OFFLINE_ANSWERS = env.count("OPIC_OFFLINE_ANSWERS", 10, least=0, most=50)
OPIC_OFFLINE_ANSWER_BYTES = env.count(
    "OPIC_OFFLINE_ANSWER_BYTES", 4_000_000, least=0, most=100_000_000
)
OPIC_CARD_DAYS = env.counts("OPIC_CARD_DAYS", [1, 3, 7, 16, 35], least=1, most=3650)
OPIC_CARDS_A_SESSION = env.count("OPIC_CARDS_A_SESSION", 10, least=1, most=100)
# newest responses in whose corrections cards are looked for
OPIC_CARDS_LOOK_BACK = 60
OPIC_DAILY_RATINGS_PER_USER = env.count("OPIC_DAILY_RATINGS_PER_USER", 20)
OPIC_DAILY_RATINGS_SITE = env.count("OPIC_DAILY_RATINGS_SITE", 2000)
# dollars a million tokens in (sound counts as in) and out, from a day on; read in October 2026
OPIC_PRICES: dict[str, list[tuple[str, float, float]]] = {
    "gemini-3.5-flash-lite": [("2026-07-21", 0.30, 2.50)],
    "gemini-3.8-flash": [("2026-09-02", 0.75, 3.75), ("2027-01-01", 1.50, 7.50)],
}
# after so many server errors in a row, nobody asks a model for so many seconds
OPIC_BREAKER_FAULTS = 5
OPIC_BREAKER_SECONDS = 60
OPIC_CONSENT_VERSION = "2026-11-2"

# --- The exam as it runs (exam facts A7, A8; marked uncertain there, so settings) --------------
OPIC_EXAM_SECONDS = env.count("OPIC_EXAM_SECONDS", 40 * 60, least=10, most=4 * 3600)
OPIC_EXAM_REPLAYS = env.count("OPIC_EXAM_REPLAYS", 1, most=5)
OPIC_EXAM_REPLAY_SECONDS = env.number("OPIC_EXAM_REPLAY_SECONDS", 5.0, least=0, most=60)
OPIC_EXAM_CUE_SECONDS = env.count("OPIC_EXAM_CUE_SECONDS", 120, most=600)  # 0: no cue
OPIC_EXAM_NEXT_SECONDS = env.number("OPIC_EXAM_NEXT_SECONDS", 3.0, least=0, most=60)
OPIC_EXAM_SHOWS_CLOCK = env.flag("OPIC_EXAM_SHOWS_CLOCK", default=True)
OPIC_EXAM_BREAK_SECONDS = env.count("OPIC_EXAM_BREAK_SECONDS", 60, least=1, most=3600)
OPIC_EXAM_TOTAL_FOLLOWS = env.choice("OPIC_EXAM_TOTAL_FOLLOWS", ["first", "second"], "first")
# a test counts for the weekly plan from so many answers of 15 on (of 12 in proportion), each with
# so much speech
OPIC_EXAM_COUNTED_ANSWERS = env.count("OPIC_EXAM_COUNTED_ANSWERS", 12, most=15)
OPIC_EXAM_COUNTED_SECONDS = 5
OPIC_EXAM_AVOIDS_SITTINGS = env.count("OPIC_EXAM_AVOIDS_SITTINGS", 6, most=100)
# after the deadline: the last response may still be on its way
OPIC_EXAM_GRACE_SECONDS = 120
OPIC_EXAM_FORGOTTEN_DAYS = 3
OPIC_SURVEY_LEAST = env.count("OPIC_SURVEY_LEAST", 12, least=5, most=70)
OPIC_SURVEY_VARIANTS = env.names("OPIC_SURVEY_VARIANTS", [])  # art-galleries, croquet, military
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"

OPIC_LOG_FORMAT = env.choice("OPIC_LOG_FORMAT", ["plain", "json"], "plain")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"ids": {"()": "opic.lib.incidents.IdsFilter"}},
    "formatters": {
        "plain": {"()": "opic.lib.incidents.PlainFormatter"},
        "json": {"()": "opic.lib.incidents.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "opic.lib.incidents.IncidentHandler",
            "formatter": OPIC_LOG_FORMAT,
            "filters": ["ids"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # to stderr like everything else, which the host stores and rotates
        # (docs/decisions/0015-security-log.md)
        "opic.security": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

for _folder in (DATA_DIR, DATA_DIR / "uploads", DATA_DIR / "mail"):
    if IS_LOOPBACK:
        private_files.close_folder(_folder)
    _folder.mkdir(parents=True, exist_ok=True)
risks.refuse(
    risks.Setup(
        is_loopback=IS_LOOPBACK,
        secret_key=SECRET_KEY,
        allowed_hosts=ALLOWED_HOSTS,
        csrf_origins=CSRF_TRUSTED_ORIGINS,
        email=EMAIL_CONFIG,
        database_engine=DATABASES["default"]["ENGINE"],
        model_endpoint=GEMINI_API_ENDPOINT,
        llm_url=OPIC_LLM_URL,
        ears_url=OPIC_EARS_URL,
        storage_url=_STORAGE_URL,
        push_hosts=OPIC_PUSH_HOSTS,
        redirects_to_https=IS_LOOPBACK or SECURE_SSL_REDIRECT,
    ),
    env.names("OPIC_ACCEPT"),
)
env.refuse_unknown()
