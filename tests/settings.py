"""The product's own settings, made quick and quiet: fast hasher, memory storage, queue in place."""

import os
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="opic-tests-"))
os.environ["DATA_DIR"] = str(_folder)
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from opic.settings import *  # noqa: E402, F403
from opic.settings import CACHES, DATABASES, Q_CLUSTER, REDIS_URL, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES |= {
    name: {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    for name in ("default", "audio", "clips")
}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if REDIS_URL:
    # every worker of a parallel run empties the cache after each test: one database each
    _server, _number = REDIS_URL.rsplit("/", 1)
    _worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    CACHES["default"]["LOCATION"] = f"{_server}/{(int(_number) + _worker) % 16}"
else:
    CACHES |= {
        name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
        for name in ("default", "template_fragments", "pages")
    }
Q_CLUSTER["sync"] = True
ACCOUNT_RATE_LIMITS = False
DATABASES["default"]["CONN_MAX_AGE"] = 0
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # a real file: threads of one test each open their own connection to it
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
