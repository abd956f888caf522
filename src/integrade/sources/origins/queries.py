"""Check that a query behind ``#`` is exactly one SELECT that opens no other file, writes nothing and changes nothing.

The engine's own parser reads the query by itself, before integrade puts it into another statement. A query that closes
one of integrade's parentheses, or hides one behind a comment, is therefore refused. A PostgreSQL server has functions
that write files, run programs or end connections, and a read-only transaction allows them. A query on a PostgreSQL
server may therefore call only the functions of `FUNCTIONS`. In PostgreSQL, ``a.f`` also means ``f(a)``. A name after a
dot must therefore not be the name of any other function, even if a column has that name too. A view on the server may
call any function, because the view belongs to the server.
"""

from __future__ import annotations

import re
from functools import lru_cache

from integrade.errors import BadQuery
from integrade.sources.origins.addresses import Address
from integrade.sources.origins.connections import duckdb_file, postgres, sqlite_file

REMEDY = "give a table, a view or one SELECT after #"
_FUNCTIONS = """
abs ceil ceiling exp floor ln log log10 mod power round sign sqrt trunc greatest least coalesce nullif
avg bool_and bool_or corr count covar_pop covar_samp max min mode percentile_cont percentile_disc stddev stddev_pop
stddev_samp string_agg sum var_pop var_samp variance
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
btrim char_length concat concat_ws initcap left length lower lpad ltrim octet_length overlay position regexp_match
regexp_replace replace reverse right rpad rtrim split_part starts_with strpos substr substring translate trim upper
age date_part date_trunc extract make_date to_char to_date to_number to_timestamp
generate_series unnest
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions that a query on a PostgreSQL server may call: arithmetic, texts, dates, aggregates and windows."""
_WORDS = """
all and any as between by case cast cube distinct else except exists filter from group having ilike in intersect
is join lateral like limit materialized not offset on or order over partition rollup select sets similar some then
union using values when where within
bigint bit char character date decimal double float int integer interval numeric precision real smallint text
time timestamp varchar varying
"""
WORDS = frozenset(_WORDS.split())
"""Words that may be before a parenthesis and do not call a function."""
NAMING = ("as", "with", "recursive")
"""Words after which a name before a parenthesis is a table or a type."""
_NAME = r"[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*"
_TOKEN = re.compile(rf"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--|/\*|{_NAME}|\S", re.DOTALL)
LONGEST = 63
"""PostgreSQL ignores the bytes of a name after this number."""
ONE_ARGUMENT = """
select distinct proname::text, pronamespace = 'pg_catalog'::regnamespace from pg_catalog.pg_proc
where pronargs >= 1 and pronargs - pronargdefaults <= 1
  and not (pronamespace = 'pg_catalog'::regnamespace and provolatile = 'i')
"""
"""Query that lists the functions which ``a.f`` may call on a server, and whether they are PostgreSQL's own.

PostgreSQL's own functions that only compute are left out.
"""


@lru_cache(maxsize=256)
def check_query(address: Address) -> None:
    """Check that the query of an address is exactly one SELECT. Raises `BadQuery` with the reason."""
    match address.kind:
        case "duckdb":
            with duckdb_file(address) as database:
                statements = database.extract_statements(address.query)
            kinds = [statement.type.name for statement in statements]
            if kinds != ["SELECT"]:
                raise _refused(address, f"it is {' and '.join(kinds) or 'nothing'}, not one SELECT")
            if statements[0].named_parameters:
                raise _refused(address, "it has parameters")
        case "sqlite":
            with sqlite_file(address) as connection:
                connection.execute(f"explain {address.query}")
        case "postgresql":
            dotted = _check_calls(address)
            with postgres(address) as cursor:
                if dotted:
                    cursor.execute(ONE_ARGUMENT)
                    _check_dotted(address, dotted, cursor.fetchall())
                cursor.adbc_execute_schema(address.query)  # prepared, not run: the server takes one statement
        case _:
            raise BadQuery(f"{address.name} is not a database", remedy="name a database before #")


def in_parentheses(query: str) -> str:
    """Put a checked query in parentheses, so that a comment at its end does not hide the closing parenthesis."""
    return f"(\n{query}\n)"


def _check_calls(address: Address) -> list[str]:
    """Return the names after a dot in a query, and refuse a query that calls unknown functions.

    A query with comments, or with texts that can hide characters, is refused.
    """
    if re.search(r"[\\$\x00]|[uU]&[\"']", address.query):
        raise _refused(address, "it has a backslash, a dollar sign or U&, which can hide text")
    dotted = []
    before, last = "", ""  # the two tokens before this one
    for token in _TOKEN.findall(address.query):
        if token in ("--", "/*"):
            raise _refused(address, "it has a comment")
        if token in "'\"":
            raise _refused(address, f"the quote {token} is not closed")
        if token == "." and last in (")", "]"):
            raise _refused(address, f"a dot after {last} can call a function")
        if last == "." and _named(token):
            dotted.append(token)
        if token == "(" and before.lower() not in NAMING and (before == "." or _calls(last)):
            raise _may_not_call(address, last)
        before, last = last, token
    return dotted


def _check_dotted(address: Address, dotted: list[str], functions: list[tuple[str, bool]]) -> None:
    """Raise `BadQuery` if a name after a dot is a function that the query may not call."""
    unknown = {_key(name) for name, is_own in functions if not (is_own and name in FUNCTIONS | WORDS)}
    for name in dotted:
        if _key(_bare(name)) in unknown:
            raise _may_not_call(address, name, "; a column of that name is written without a dot")


def _named(token: str) -> bool:
    return token.startswith('"') or bool(re.match(_NAME, token))


def _calls(word: str) -> bool:
    """Return whether a word before a parenthesis calls an unknown function."""
    return _named(word) and (word.startswith('"') or word.lower() not in FUNCTIONS | WORDS)


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _key(name: str) -> str:
    """Return the same key for all spellings that a server may take for one name."""
    return name.encode()[:LONGEST].decode(errors="ignore").lower()


def _may_not_call(address: Address, name: str, also: str = "") -> BadQuery:
    return BadQuery(
        f"{address.name} cannot be read: a query may not call {_bare(name)!r}",
        example=f"{', '.join(sorted(FUNCTIONS)[:12])}, ... (docs/reading.md has all)",
        remedy=f"make a view on the server and name the view after #{also}",
    )


def _refused(address: Address, why: str) -> BadQuery:
    return BadQuery(f"{address.name} cannot be read: {why}", remedy=REMEDY)
