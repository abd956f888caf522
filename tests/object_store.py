"""A server on this machine that answers as S3 does (moto), filled with one table in many forms: fixtures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

ROWS = pl.DataFrame(
    {
        "firm": [f"{i:04d}" for i in range(60)],
        "year": [2004 + i % 2 for i in range(60)],
        "product": ["010121" if i % 3 else "847130" for i in range(60)],
        "value": [1.5 * i + 1 for i in range(60)],
    }
)
BUCKET = "trade"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server, which has a bucket of every form of `ROWS`."""
    moto = pytest.importorskip("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = client_of(endpoint)
    client.create_bucket(Bucket=BUCKET)
    for path, key in _forms(tmp_path_factory.mktemp("forms")):
        client.upload_file(str(path), BUCKET, key)
    yield endpoint
    server.stop()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the server, which the environment names to the program, too."""
    from botocore import httpsession

    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": s3_server, "SSL_CERT_FILE": httpsession.where()}.items():
        monkeypatch.setenv(name, value)
    return client_of(s3_server)


def client_of(endpoint: str) -> Any:
    """A client of a server, with the credentials of `ENVIRONMENT`."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=SECRET,
        region_name=ENVIRONMENT["AWS_REGION"],
    )


def _forms(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files with the names of their objects."""
    ROWS.write_parquet(folder / "rows.parquet")
    ROWS.write_csv(folder / "rows.csv")
    ROWS.write_excel(folder / "rows.xlsx")
    pyreadstat.write_dta(ROWS.to_pandas(), folder / "rows.dta")
    for path in sorted(folder.iterdir()):
        yield path, f"one/{path.name}"
        yield path, f"价 格/{path.name}"
    for n, part in enumerate(ROWS.iter_slices(20)):
        part.write_parquet(folder / f"part{n}.parquet")
        yield folder / f"part{n}.parquet", f"parts/part{n}.parquet"
        part.write_csv(folder / f"part{n}.csv")
        yield folder / f"part{n}.csv", f"texts/part{n}.csv"
    for (year, product), part in ROWS.group_by("year", "product", maintain_order=True):
        path = folder / f"{year}-{product}.parquet"
        part.drop("year", "product").write_parquet(path)
        yield path, f"hive/year={year}/product={product}/part.parquet"
        yield path, f"spark.parquet/year={year}/product={product}/part-0.parquet"
    (folder / "_SUCCESS").touch()
    yield folder / "_SUCCESS", "spark.parquet/_SUCCESS"
