"""Rights of the application's own database role: all it needs, and no more than adding to audit."""

import re

from sqlalchemy import Connection, text

_APPEND_ONLY = ("audit",)
_UNTOUCHED = ("audit_head", "alembic_version")


class BadRole(ValueError):
    """A role that is not there, or that may do all anyway."""


def statements(schema: str, role: str) -> list[str]:
    """SQL that gives a role the rights of the application in a schema that others own."""
    return [
        f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        *(
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}"
            for table in _APPEND_ONLY
        ),
        *(
            f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}"
            for table in _UNTOUCHED
        ),
    ]


def grant(connection: Connection, schema: str, role: str) -> None:
    """Give the rights; :class:`BadRole` where they would mean nothing."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise BadRole(f"{role} 不是数据库角色名")
    found = connection.execute(
        text(
            "SELECT rolsuper OR pg_has_role(rolname, n.nspowner, 'USAGE') AS owns FROM pg_roles,"
            " pg_namespace n WHERE rolname = :role AND n.nspname = :schema"
        ),
        {"role": role, "schema": schema},
    ).one_or_none()
    if found is None:
        raise BadRole(f"没有数据库角色 {role}：请先 CREATE ROLE {role} LOGIN")
    if found.owns:
        raise BadRole(f"{role} 拥有这些表或是超级用户，限制对它没有意义；请另建一个角色")
    for statement in statements(schema, role):
        connection.execute(text(statement))
