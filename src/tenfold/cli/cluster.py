"""What commands take that can use a Dask cluster, and how it is checked."""

from pathlib import Path
from typing import Annotated

import typer

from tenfold.errors import InputError

SchedulerOption = Annotated[
    str | None,
    typer.Option(
        help="The scheduler of a Dask cluster that runs, tcp://HOST:PORT or tls://HOST:PORT.",
        show_default=False,
    ),
]
TlsCaOption = Annotated[
    Path | None, typer.Option(help="Who signs the cluster's certificates, PEM.", show_default=False)
]
TlsCertOption = Annotated[
    Path | None, typer.Option(help="A certificate for the cluster, PEM.", show_default=False)
]
TlsKeyOption = Annotated[Path | None, typer.Option(help="Its key, PEM.", show_default=False)]


def check_cluster(
    workers: int | None, scheduler: str | None, files: tuple[Path | None, Path | None, Path | None]
) -> tuple[str, str, str] | None:
    """Return the names of authority, certificate and key; None where none is given.

    Raises
    ------
    InputError
        There are workers here and elsewhere, certificates without TLS, some of them only, or no such files.
    """
    if scheduler and workers is not None:
        raise InputError("The workers are those of --scheduler, or --workers here. Got both. Leave one out.")
    certificates = _name_files(*files)
    if certificates and not (scheduler or "").startswith("tls://"):
        raise InputError(f"Certificates are for --scheduler tls://HOST:PORT. Got {scheduler}.")
    return certificates


def _name_files(*files: Path | None) -> tuple[str, str, str] | None:
    if not any(files):
        return None
    names = [str(file) for file in files if file is not None]
    if len(names) < 3:
        raise InputError(f"TLS takes --tls-ca, --tls-cert and --tls-key together. Got {', '.join(names)}.")
    missing = [name for name in names if not Path(name).is_file()]
    if missing:
        raise InputError(f"Certificates must be files. Got {', '.join(missing)}.")
    return names[0], names[1], names[2]
