# The bot with its built-in studio and previews, for amd64 and arm64. `docker build -t pianola .`, then docs/hosting/.
# Dependabot keeps the digest new. Another base with python3 (3.11 or 3.12) can be given: --build-arg BASE=...
ARG BASE=python:3.12.14-slim-bookworm@sha256:782412e85d0f0984994c290652577d4018aff08145c85b262bb63dc0c7522254

FROM ${BASE} AS build
# What uv may need to reach a package index comes from whoever builds: --build-arg UV_DEFAULT_INDEX=...
ARG UV_DEFAULT_INDEX UV_NATIVE_TLS SSL_CERT_FILE PIP_INDEX_URL PIP_CERT
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/pianola
RUN apt-get update && apt-get install -y --no-install-recommends binutils
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check uv
WORKDIR /src
COPY pyproject.toml ./
RUN /opt/uv/bin/uv sync --no-cache --python python3 --no-default-groups --group studio --group score --no-install-project
COPY README.md LICENSE ./
COPY bot ./bot
COPY cogs ./cogs
RUN /opt/uv/bin/uv sync --no-cache --python python3 --no-default-groups --group studio --group score --no-editable
COPY scripts/shrink_image.py ./
RUN /opt/pianola/bin/python shrink_image.py /opt/pianola

FROM ${BASE}
LABEL org.opencontainers.image.title=Pianola \
      org.opencontainers.image.description="A Discord bot that turns a song into MIDI." \
      org.opencontainers.image.licenses="MIT AND GPL-2.0-or-later"
# tinysoundfont has wheels for x86_64 only. PyAV encodes everywhere, and the font is in pretty_midi.
RUN if [ "$(uname -m)" != x86_64 ]; then \
        apt-get update && apt-get install -y --no-install-recommends fluidsynth && rm -rf /var/lib/apt/lists/*; \
    fi
COPY --from=build /opt/pianola /opt/pianola
# A number, so that Kubernetes sees that it is not root.
RUN mkdir /data && chown 10001:10001 /data
USER 10001:10001
WORKDIR /data
ENV PATH=/opt/pianola/bin:$PATH PYTHONUNBUFFERED=1 HOME=/data DATA_DIR=/data PORT=8080
# No VOLUME: Railway refuses images that name one. Mount one at /data.
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "bot.web.alive"]
ENTRYPOINT ["python", "-m", "bot"]
