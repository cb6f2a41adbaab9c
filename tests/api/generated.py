"""Requests that are made from the description of the API, and what its answers have to be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import hypothesis
import schemathesis
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

DOCUMENTED = (not_a_server_error, status_code_conformance, content_type_conformance)
"""Answers with a documented status and media type, and never a failure of ours."""
DESCRIBED = (*DOCUMENTED, response_schema_conformance)
"""The same with bodies as their schemas say."""


def statuses_of(
    operation: Any,
    checks: Sequence[CheckFunction],
    *,
    most: int,
    headers: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
) -> Counter[int]:
    """How often ``most`` generated requests of one operation got which status.

    Every answer passes the checks.

    ``headers`` go with each request; generated headers named in ``without`` do not.
    """
    statuses: Counter[int] = Counter()

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(
        max_examples=most, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    def every_answer_is_documented(case: "schemathesis.Case[Any]") -> None:
        for name in without:
            case.headers.pop(name, None)
        answer = case.call(headers=dict(headers) if headers else None)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=list(checks))

    every_answer_is_documented()
    return statuses
