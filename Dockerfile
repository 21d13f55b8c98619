# A service that reads handwritten digits: docs/serve.md. Not built where tenfold is made.
FROM python:3.13-slim AS build
COPY . /src
RUN python -m venv /opt/tenfold \
 && /opt/tenfold/bin/pip install --no-cache-dir --constraint /src/constraints.txt "/src[serve]"

FROM python:3.13-slim
COPY --from=build /opt/tenfold /opt/tenfold
RUN useradd --system --uid 10001 --no-create-home tenfold \
 && install --directory --owner 10001 --mode 0700 /data
USER 10001
ENV PYTHONDONTWRITEBYTECODE=1 TENFOLD_OFFLINE=1 TENFOLD_CACHE=/tmp/tenfold TENFOLD_STORE=none
EXPOSE 8000
HEALTHCHECK CMD ["/opt/tenfold/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz')"]
ENTRYPOINT ["/opt/tenfold/bin/tenfold", "serve", "--host", "0.0.0.0"]
