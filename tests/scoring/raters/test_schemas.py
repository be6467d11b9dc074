"""What a model is asked for is what is read: each schema is the plain form of its class."""

import pytest

from scoring.ears.model_reply import HEAR_SCHEMA, HearReply
from scoring.raters.schemas import RATE_SCHEMA, RateReply


def plain(schema, parts):
    """Return a schema of pydantic's in the words that services take: types, enums, all required."""
    if "$ref" in schema:
        return plain(parts[schema["$ref"].rpartition("/")[2]], parts)
    if schema["type"] == "object":
        fields = {name: plain(one, parts) for name, one in schema["properties"].items()}
        return {"type": "object", "properties": fields, "required": list(fields)}
    if schema["type"] == "array":
        return {"type": "array", "items": plain(schema["items"], parts)}
    return {name: schema[name] for name in ("type", "enum") if name in schema}


@pytest.mark.parametrize(
    ("schema", "kind"), [(HEAR_SCHEMA, HearReply), (RATE_SCHEMA, RateReply)], ids=["hear", "rate"]
)
def test_a_schema_asks_for_the_fields_of_its_class(schema, kind):
    own = kind.model_json_schema()
    assert schema == plain(own, own.get("$defs", {}))
