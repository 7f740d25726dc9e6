# syntax=docker/dockerfile:1
# Builds the program, the Swift runtime linked in, then an image that holds it and the C libraries it needs.
FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libsqlite3-dev libsimdjson-dev zlib1g-dev libpcre2-dev libxgboost-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Package.swift Package.resolved* ./
RUN swift package resolve
COPY . .
RUN swift build -c release --static-swift-stdlib --product sluice \
    && install -s "$(swift build -c release --show-bin-path)/sluice" /sluice

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libsqlite3-0 libsimdjson14 zlib1g libpcre2-8-0 libxgboost0 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin sluice \
    && install -d -o sluice -g sluice -m 0700 /var/lib/sluice
COPY --from=build /sluice /usr/local/bin/sluice
# Fails here, and not at the first start, if a library is missing.
RUN sluice version
ENV SLUICE_HOST=0.0.0.0 \
    SLUICE_DATABASE=/var/lib/sluice/sluice.sqlite
USER sluice
WORKDIR /var/lib/sluice
VOLUME /var/lib/sluice
EXPOSE 8080
# bash's own sockets: the image needs no curl for this.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${SLUICE_PORT:-8080} && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 2 _ status _ <&3 && [ \"$status\" = 200 ]"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["sluice"]
CMD ["serve"]
