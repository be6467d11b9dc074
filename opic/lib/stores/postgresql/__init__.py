"""Django's PostgreSQL backend with time limits on our own side: a stopped server ends no query."""
