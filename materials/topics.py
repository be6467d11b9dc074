"""What topics are called, for a page that has no query to spare."""

from typing import Any

from django.db.models import F, Func, JSONField, Subquery

from materials.models import Topic

LANGUAGES = ("en", "ko", "vi")


class _Pairs(Func):
    """Two columns of all rows as one JSON object."""

    function = "JSON_GROUP_OBJECT"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_OBJECT_AGG", **context)


def topic_names(language: str) -> Subquery:
    """An annotation: slug -> name in this language, of every topic."""
    code = language[:2] if language[:2] in LANGUAGES else "en"
    names = _Pairs(F("slug"), F(f"name_{code}"))
    return Subquery(Topic.objects.order_by().annotate(names=names).values("names"))
