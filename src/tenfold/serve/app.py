"""The service as an ASGI app."""

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from tenfold.reading import load
from tenfold.serve import failures, routes
from tenfold.serve.settings import Settings

STATIC = Path(str(files("tenfold.serve") / "static"))


def make_app(settings: Settings) -> FastAPI:
    """Make the service.

    Parameters
    ----------
    settings : Settings
        Its model, its limits.

    Returns
    -------
    FastAPI
        An ASGI app. Its `state` has `settings`, `reader`, and `store`: None where no corrections are kept.

    Raises
    ------
    ModelFileError
        The model does not open.
    """
    app = FastAPI(title="tenfold", version=version("tenfold"), docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.reader = load(settings.model)
    failures.install(app)
    app.include_router(routes.router)
    _add_corrections(app, settings)
    app.mount("/", StaticFiles(directory=STATIC, html=True))
    return app


def _add_corrections(app: FastAPI, _settings: Settings) -> None:
    """Open the store of corrections, and take them at /v1/corrections."""
    app.state.store = None
