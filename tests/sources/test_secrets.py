"""What opens an address (passwords, tokens, signatures) stands in no message and in no file that a run writes."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from integrade.cli import run
from integrade.errors import Unreadable
from integrade.sources.origins.addresses import address_of
from integrade.study.template_parts import write_kind
from plainwords.escaping import without_secrets

SECRET = "s3cr3tW0rd"
NAMES = (
    *("token", "access_token", "sig", "Signature", "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token"),
    *("X-Goog-Signature", "AWSAccessKeyId", "api_key", "apikey", "key", "password", "pwd", "auth", "jwt", "code"),
    *("client_secret", "sessionid", "oauth_token", "subscription-key", "registrationkey", "Key-Pair-Id", "Policy"),
    *("UserID", "appid", "sas", "bearer", "hmac", "otp", "%74oken", "token[]"),
    *("k", "hash", "t", "s", "h", "pin", "st", "x", "payload", "filter", "user", "compressed", "id", "授权"),
)


@each("name", NAMES)
def test_tokens_are_hidden_and_the_rest_stays(name: str) -> None:
    text = f"cannot read https://host/a.csv?year=2004&{name}={SECRET}&sheet=1 today"
    assert without_secrets(text) == f"cannot read https://host/a.csv?year=2004&{name}=***&sheet=1 today"
    address = address_of(f"https://host/a.csv?{name}={SECRET}")
    assert SECRET not in f"{address} {address!r} {Unreadable(text, where=text, example=text, remedy=text)}"


@pytest.mark.parametrize("value", ["abc)def", "abc'def", "a]b}c", "%27a%20b", "a+/=="])
def test_all_of_a_token_is_hidden(value: str) -> None:
    """Brackets and quotes may stand in it; those around an address stay."""
    assert without_secrets(f"('https://host/a?token={value}')") == "('https://host/a?token=***')"


@each(
    "name",
    ["pw", "pat", "mdp", "clave", "Kennwort", "mot_de_passe", "contraseña", "senha", "пароль", "密码", "비밀번호"],
)
def test_passwords_of_other_languages_are_hidden(name: str) -> None:
    assert without_secrets(f"https://host/a?{name}={SECRET}&x=1") == f"https://host/a?{name}=***&x=1"


def test_words_that_are_like_names_of_tokens_stay() -> None:
    text = "https://host/a?keyword=steel&author=x&reporterCode=156&id=7&path=a&pattern=b"
    assert without_secrets(text) == text


@given(st.text(st.characters(exclude_characters="@/ ?#:", exclude_categories=["Z", "C"]), min_size=3))
def test_no_part_of_who_asks_is_shown(word: str) -> None:
    for text in (f"https://{word}@host/a", f"s3://me:{word}@bucket/a", f"postgresql://me:{word}@host/db"):
        shown = without_secrets(text)
        assert "***@" in shown
        assert f"{word}@" not in shown.replace("***@", "")


@each(
    "asked",
    [
        f'q={{"token":"{SECRET}"}}',
        f'format={{"token": "{SECRET}", "a": [1]}}',
        f'page=[["{SECRET}"]]',
        f"filter=%7B%22token%22%3A%22{SECRET}%22%7D",
        f"type=%7B%22a%22%3A%22{SECRET}%22%7D",
        f'file={{"a":"{SECRET}',
    ],
)
def test_what_stands_in_json_in_a_parameter_is_hidden(asked: str) -> None:
    for text in (f"no https://host/a.csv?year=2004&{asked}", f"no https://host/a.csv?{asked}&year=2004 there"):
        shown = without_secrets(text)
        assert SECRET not in shown
        assert shown.startswith("no https://host/a.csv?")
        assert without_secrets(shown) == shown


def is_hidden(token: str) -> bool:
    """Whether a random part is in nothing that is said, wherever it stands in an address."""
    places = (
        f"https://host/s/{token}/a.csv",
        f"https://host/s/{token}",
        f"https://host/a.csv?file={token}",
        f"https://proxy/get?url=https%3A%2F%2Fhost%2F{token}%2Fa.csv",
    )
    return all(token not in without_secrets(f"no {text} there") for text in places)


def test_random_parts_of_paths_and_harmless_names_are_hidden() -> None:
    """Of 32 letters and digits 3 in 1,000 read like words somewhere; one seed, as hypothesis draws by modules."""
    signs, chance = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", random.Random(11)
    tokens = ["".join(chance.choices(signs, k=32)) for _ in range(3000)]
    identifiers = [uuid.UUID(int=chance.getrandbits(128), version=4) for _ in range(300)]
    assert sum(not is_hidden(token) for token in tokens) <= 9
    assert all(is_hidden(text) for one in identifiers for text in (str(one), one.hex))


@each(
    "text",
    [
        "https://host/prices_annual_2004_2010_final_version2.csv",
        "https://host/WarehousePricesByRegionAndProductGroup2004.csv",
        "https://host/31%E4%B8%AA%E7%9C%81%E5%B1%85%E6%B0%91%E6%B6%88%E8%B4%B9.csv",
        "https://api.worldbank.org/v2/country/all/indicator/NY.GDP.MKTP.CD?format=json&date=2004:2010",
        "https://host/v1/HS?reporterCode=156&period=2004,2005&partnerCode=0&cmdCode=TOTAL&flowCode=X",
        "https://host/dataset/123e4567-e89b-12d3-a456-426614174000/resource/0f3e9d1b-2b1a-4f4c-9a57-6e2c8d3e2b1a/a.csv",
        "s3://bucket/year=2004/part-00000-6e2c8d3e-2b1a-4f4c-9a57-0f3e9d1b2c3d.parquet",
        "https://host:8080/a@b/c.csv",
    ],
)
def test_what_names_a_file_stays(text: str) -> None:
    assert without_secrets(f"no {text} there") == f"no {text} there"


def test_a_password_with_a_slash_is_hidden() -> None:
    assert without_secrets(f"no https://me:a/{SECRET}@host/a.csv there") == "no https://***@host/a.csv there"


def test_texts_without_an_address_stay() -> None:
    for text in ("key=value & token=x", "?token=1", "postgresql://me@localhost:5432/trade#customs", "a #key=1"):
        assert without_secrets(text) == text


@each("name", NAMES)
@each("place", ["host/a", "host.org/a.csv", "host:8080/", "a.csv", "../a.csv", "C:\\a.csv"])
def test_an_address_needs_no_scheme_to_hold_a_token(place: str, name: str) -> None:
    text = f"no file '{place}?year=2004&{name}={SECRET}&sheet=1' there"
    assert without_secrets(text) == f"no file '{place}?year=2004&{name}=***&sheet=1' there"


@given(
    st.sampled_from(NAMES),
    st.text("abcXYZ019-._~", min_size=6).filter(lambda word: word not in "https://host/a.csv?year=2004&sheet"),
    st.sampled_from(["https://host/a.csv?year=2004&{}={}&sheet=1", "host/a?{}={}", "https://host/#{}={}"]),
    st.lists(
        st.sampled_from(
            [
                "https://proxy/get?url={}",
                "https://proxy/get?a=1&u={}&b=2",
                "proxy/get?u={}",
                "https://proxy/{}",
                "s3://b/{}/x.csv",
            ]
        ),
        max_size=4,
    ),
    st.sampled_from(["", "/"]),
)
def test_an_address_within_an_address_hides_its_token(
    name: str, word: str, inner: str, around: list[str], safe: str
) -> None:
    """Percent codes within percent codes, in a parameter or in the path, slashes coded or not."""
    text = inner.format(name, word)
    for one in around:
        text = one.format(quote(text, safe=safe))
    shown = without_secrets(f"'{text}' is not there")
    assert word not in unquoted(shown)
    assert "***" in shown
    assert without_secrets(shown) == shown
    assert "2004" in shown or "2004" not in inner or "proxy/get?u={}" in around


def test_codes_without_end_are_no_recursion() -> None:
    text = "https://host/a?u=%" + "25" * 20_000 + "3Ftoken%3Dx"
    assert "***" in without_secrets(text)


def test_an_address_in_a_parameter_without_a_token_stays() -> None:
    text = "https://web.archive.org/get?url=https%3A%2F%2Fhost%2Fa.csv%3Fyear%3D2004&region=%E5%8C%97"
    assert without_secrets(text) == text


def unquoted(text: str) -> str:
    while (plain := unquote(text)) != text:
        text = plain
    return text


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A web server of some files, for who has the token."""
    files = dict[str, bytes]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path.partition("?")[0]) if SECRET in self.path else None
            self.send_response(403 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else content or b"")

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing."""

    here = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=here.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{here.server_port}", files
    here.shutdown()
    here.server_close()


def test_a_study_writes_and_says_no_token(
    server: tuple[str, dict[str, bytes]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, files = server
    root = tmp_path / "study"
    write_kind(root, "index")
    text = (root / "study.toml").read_text(encoding="utf-8")
    [named] = [line for line in text.splitlines() if line.startswith("files = ")]
    raw = root / named.split('"')[1]
    files[f"/{raw.name}"] = raw.read_bytes()
    for question, code in ((f"?token={SECRET}", 0), (f"?token={SECRET}&X-Amz-Signature={SECRET}", 0)):
        other = f'files = ["{address}/{raw.name}{question}"]'
        (root / "study.toml").write_text(text.replace(named, other), encoding="utf-8")
        for command in ("check", "run", "status"):
            assert run([command, str(root)]) == code
    assert run(["run", str(root), "--explain", "--force", "prices"]) == 0
    assert run(["check", str(root), "--json"]) == 0
    for name in ("explain", "diff latest"):
        run([*name.split(), *(["table1"] if name == "explain" else ["latest"]), str(root)])
    del files[f"/{raw.name}"]
    assert run(["run", str(root), "--verify"]) == 1
    heard = capsys.readouterr()
    assert "***" in heard.err
    assert SECRET not in heard.out + heard.err
    written = [p for p in root.rglob("*") if p.is_file() and p.name != "study.toml"]
    assert len(written) > 10
    assert [p for p in written if SECRET.encode() in p.read_bytes()] == []


def test_addresses_without_end_are_looked_through_once() -> None:
    """Half a million users without a sign behind them: a search to the end from each takes minutes."""
    assert without_secrets("https://u:/x" * 40_000).endswith("/x")
