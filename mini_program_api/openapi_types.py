"""Types that many members of the OpenAPI document have."""

from mini_program_api.openapi_parts import Json

TEXT: Json = {"type": "string"}
MAYBE: Json = {"type": ["string", "null"]}
DAY: Json = {"type": "string", "format": "date"}
MAYBE_DAY: Json = {"type": ["string", "null"], "format": "date"}
NUMBER: Json = {"type": "number"}
MAYBE_NUMBER: Json = {"type": ["number", "null"]}
COUNT: Json = {"type": "integer"}
FLAG: Json = {"type": "boolean"}
ANY: Json = {"type": "object"}
