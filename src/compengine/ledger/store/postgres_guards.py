"""The functions, triggers, rights and policies that keep a ledger on PostgreSQL as it is.

All of it belongs to the owner of the tables, whom the program is not. Triggers are ALWAYS enabled: a session that
pretends to be a replica meets them as well.
"""

import sqlalchemy as sa

from compengine.ledger.store.guards import RULES
from compengine.ledger.store.postgres import LOCK, SCHEMA
from compengine.ledger.store.tables import CHAINED, ENTRIES, REGISTER

_PATH = f"SET search_path = {SCHEMA}, pg_temp"
_ROW_INSERT = 1 + 2 + 4
_WHOLE_CHANGE = 2 + 8 + 16 + 32
"""Bits of `pg_trigger.tgtype`: 1 for each row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate."""
PAYEE_SETTING = "compengine.payee"
"""Whose rows a session of the payees' role sees; set it inside each transaction."""
SEEN_BY_PAYEES = (ENTRIES.name, REGISTER.name)


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';"


def _admit(table: str) -> str:
    """The body of the function that looks at each new row."""
    checks = [f"IF ({rule.wrong}) THEN {_raise(rule.message)} END IF;" for rule in RULES if rule.table == table]
    return "\n".join(["BEGIN", *checks, "RETURN NEW;", "END"])


_BODIES = {
    **{f"{table.name}_admit": _admit(table.name) for table in CHAINED},
    **{f"{table.name}_keep": f"BEGIN {_raise(f'{table.name} is append-only')} END" for table in CHAINED},
    "links_add": f"BEGIN INSERT INTO {SCHEMA}.links VALUES (NEW.seq, NEW.previous); RETURN NEW; END",
    "links_keep": f"BEGIN {_raise('links is append-only')} END",
}
"""Function → its body. `links_add` alone runs with the rights of the owner: nobody else may write to `links`."""

GUARDS: dict[tuple[str, str], tuple[str, int]] = {
    **{(t.name, f"{t.name}_admit"): (f"{t.name}_admit", _ROW_INSERT) for t in CHAINED},
    **{(t.name, f"{t.name}_chain"): ("links_add", _ROW_INSERT) for t in CHAINED},
    **{(t.name, f"{t.name}_keep"): (f"{t.name}_keep", _WHOLE_CHANGE) for t in CHAINED},
    ("links", "links_keep"): ("links_keep", _WHOLE_CHANGE),
}
"""Table and trigger → its function and when it fires. Triggers of one table fire in order of their names: a row is
admitted before it is linked."""
_OCCASION = {
    _ROW_INSERT: "BEFORE INSERT ON {} FOR EACH ROW",
    _WHOLE_CHANGE: "BEFORE UPDATE OR DELETE OR TRUNCATE ON {} FOR EACH STATEMENT",
}


def begin(connection: sa.Connection) -> None:
    """Make the schema, if there is none."""
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")


def guard(connection: sa.Connection) -> None:
    """Make every function and trigger anew, as this version of the program has them."""
    for name, body in _BODIES.items():
        rights = "SECURITY DEFINER" if name == "links_add" else "SECURITY INVOKER"
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {SCHEMA}.{name}() RETURNS trigger LANGUAGE plpgsql {rights} {_PATH}"
            f" AS $body$\n{body}\n$body$"
        )
        connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {SCHEMA}.{name}() FROM PUBLIC")
    for (table, trigger), (function, occasion) in GUARDS.items():
        on = _OCCASION[occasion].format(f"{SCHEMA}.{table}")
        connection.exec_driver_sql(f"CREATE OR REPLACE TRIGGER {trigger} {on} EXECUTE FUNCTION {SCHEMA}.{function}()")
        connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.{table} ENABLE ALWAYS TRIGGER {trigger}")


def grant(connection: sa.Connection, program: str, payees: str) -> None:
    """Give the program's role what it needs and nothing else; let the payees' role, if there is one, see its own rows.

    Rights that others hold on these tables are taken away.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    owner = quote(connection.exec_driver_sql("SELECT current_user").scalar_one())
    tables = [f"{SCHEMA}.{name}" for name in (*(t.name for t in CHAINED), "links", LOCK, "alembic_version")]
    said = [f"REVOKE ALL ON {', '.join(tables)} FROM PUBLIC", f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC"]
    for role in filter(None, (program, payees)):
        said += [
            f"REVOKE ALL ON {', '.join(tables)} FROM {quote(role)}",
            f"GRANT USAGE ON SCHEMA {SCHEMA} TO {quote(role)}",
        ]
    kept = ", ".join(f"{SCHEMA}.{t.name}" for t in CHAINED)
    said += [
        f"GRANT SELECT, INSERT ON {kept} TO {quote(program)}",
        f"GRANT SELECT ON {SCHEMA}.alembic_version TO {quote(program)}",
        f"GRANT UPDATE ON {SCHEMA}.{LOCK} TO {quote(program)}",
    ]
    for name in SEEN_BY_PAYEES:
        on = f"ON {SCHEMA}.{name}"
        said += [
            f"ALTER TABLE {SCHEMA}.{name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {SCHEMA}.{name} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {name}_all {on}",
            f"DROP POLICY IF EXISTS {name}_own {on}",
            f"CREATE POLICY {name}_all {on} TO {owner}, {quote(program)} USING (true) WITH CHECK (true)",
        ]
        if payees:
            own = f"payee = current_setting('{PAYEE_SETTING}', true)"
            said += [
                f"GRANT SELECT {on} TO {quote(payees)}",
                f"CREATE POLICY {name}_own {on} FOR SELECT TO {quote(payees)} USING ({own})",
            ]
    for statement in said:
        connection.exec_driver_sql(statement)


def missing_guards(connection: sa.Connection) -> list[str]:
    """Names of triggers, keys, constraints and policies that are not there as they were made."""
    return [*_missing_triggers(connection), *_missing_constraints(connection), *_open_tables(connection)]


def _missing_triggers(connection: sa.Connection) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT c.relname, t.tgname, t.tgtype, t.tgenabled, t.tgqual IS NULL AND t.tgattr = ''::int2vector AS whole,"
        " p.proname, p.prosrc, p.prosecdef, array_to_string(p.proconfig, ';') AS config"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE c.relnamespace = to_regnamespace('compengine') AND p.pronamespace = c.relnamespace"
        " AND NOT t.tgisinternal"
    ).all()
    found = {
        (row.relname, row.tgname): (row.proname, row.tgtype, row.prosrc.strip(), row.prosecdef, row.config)
        for row in rows
        if _text(row.tgenabled) == "A" and row.whole
    }
    config = _PATH.removeprefix("SET ").replace(" = ", "=")
    return [
        trigger
        for (table, trigger), (function, occasion) in GUARDS.items()
        if found.get((table, trigger))
        != (function, occasion, _BODIES[function].strip(), function == "links_add", config)
    ]


def _missing_constraints(connection: sa.Connection) -> list[str]:
    """Constraints that the tables should have and do not, or that do not hold for every row."""
    rows = connection.exec_driver_sql(
        "SELECT conname FROM pg_constraint WHERE connamespace = to_regnamespace('compengine') AND convalidated"
    )
    found = set(rows.scalars())
    return sorted(name for name in _constraints() if name not in found)


def _constraints() -> set[str]:
    """Names, those that PostgreSQL gives included."""
    names = {"links_pkey", "links_previous_key"}
    for table in CHAINED:
        names.add(f"{table.name}_pkey")
        for constraint in table.constraints:
            columns = "_".join(column.name for column in getattr(constraint, "columns", ()))
            if isinstance(constraint, sa.UniqueConstraint | sa.CheckConstraint) and constraint.name is not None:
                names.add(str(constraint.name))
            elif isinstance(constraint, sa.UniqueConstraint):
                names.add(f"{table.name}_{columns}_key")
            elif isinstance(constraint, sa.ForeignKeyConstraint):
                names.add(f"{table.name}_{columns}_fkey")
    return names


def _open_tables(connection: sa.Connection) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('compengine')"
        " AND relrowsecurity AND relforcerowsecurity"
    )
    found = set(rows.scalars())
    return [f"row-level security of {name}" for name in SEEN_BY_PAYEES if name not in found]


def _text(value: object) -> str:
    """`"char"` columns come as bytes or text, by the version of the driver."""
    return value.decode() if isinstance(value, bytes) else str(value)
