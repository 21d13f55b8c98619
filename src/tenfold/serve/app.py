"""The service as an ASGI app."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from tenfold.serve import corrections, docs_page, failures, inference_protocol, routes
from tenfold.serve.batching import Batcher
from tenfold.serve.counting import Counting
from tenfold.serve.engine import Engine
from tenfold.serve.limits import Limits
from tenfold.serve.metrics import Metrics
from tenfold.serve.settings import Settings

logger: Final = logging.getLogger("tenfold.serve")
HOST: Final = Path(str(files("tenfold.serve") / "static"))
"""What of the page is this service's own."""

PAGE: Final = ("tenfold", "webpage/page")
"""A package, and the folder in it that holds what the page has in common with exported ones."""


def make_app(settings: Settings) -> FastAPI:
    """Make the service.

    Parameters
    ----------
    settings : Settings
        Its model, its limits.

    Returns
    -------
    FastAPI
        An ASGI app. Its `state` has `settings`, `engine`, `batcher`, `metrics`, `is_ready`, and `store`: None
        where no corrections are kept.

    Raises
    ------
    ModelFileError
        The model does not open.
    """
    app = FastAPI(title="tenfold", version=version("tenfold"), docs_url=None, redoc_url=None, lifespan=_live)
    metrics = Metrics()
    app.state.settings = settings
    app.state.metrics = metrics
    app.state.engine = Engine(settings, metrics.count_model)
    app.state.batcher = Batcher(
        threads=settings.threads,
        window=settings.window,
        max_waiting=settings.max_waiting,
        observe=metrics.batch.observe,
    )
    app.state.is_ready = False
    metrics.queue.labels("images").set_function(lambda: app.state.batcher.n_waiting)
    metrics.queue.labels("pictures").set_function(lambda: app.state.engine.current.readers.n_waiting)
    failures.install(app)
    for router in (routes.router, inference_protocol.router, docs_page.router):
        app.include_router(router)
    corrections.install(app, settings.store)
    app.mount("/", StaticFiles(directory=HOST, packages=[PAGE], html=True))
    app.add_middleware(Limits, settings=settings)
    app.add_middleware(Counting, metrics=metrics)  # the outermost
    return app


@contextlib.asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    """Start what runs beside the requests, and end it."""
    engine: Engine = app.state.engine
    try:
        await engine.current.readers.start()
    except failures.Failure as failure:  # they are started again when they are needed
        logger.warning("%s", failure.message)
    watching = asyncio.create_task(engine.run())
    app.state.is_ready = True
    try:
        yield
    finally:
        app.state.is_ready = False
        watching.cancel()
        engine.current.readers.kill()
        app.state.batcher.close()
