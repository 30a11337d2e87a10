"""pgAdmin for one developer: no sign-in, nothing outside its folder, no requests to other machines."""

import os

DATA_DIR = os.environ["PGADMIN_DATA"]
SQLITE_PATH = os.path.join(DATA_DIR, "pgadmin4.db")
SESSION_DB_PATH = os.path.join(DATA_DIR, "sessions")
STORAGE_DIR = os.path.join(DATA_DIR, "storage")
LOG_FILE = os.path.join(DATA_DIR, "pgadmin4.log")
KERBEROS_CCACHE_DIR = os.path.join(DATA_DIR, "krbccache")
AZURE_CREDENTIAL_CACHE_DIR = os.path.join(DATA_DIR, "azurecredentialcache")

# As on a desktop: one user without a password, who may do what the program may. So it listens on this
# machine only.
SERVER_MODE = False
DEFAULT_SERVER = "127.0.0.1"
MASTER_PASSWORD_REQUIRED = False
USE_OS_SECRET_STORAGE = False
UPGRADE_CHECK_ENABLED = False
