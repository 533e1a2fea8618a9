# syntax=docker/dockerfile:1

# One image for every node: PARLEY_ROLES says what a container does. `docker build -t parley .`
#
# Debian 13, because the uWebSockets.js binary asks for glibc 2.38 and Debian 12 has 2.36 (there script/bootstrap edits the
# binary, which an image need not do), and the same base in both stages, because a worker that is built in the first is
# linked with its libraries. The tag names the newest Node 24; to build the same image again, pin the digest that your
# registry shows for it: --build-arg NODE_IMAGE=node:24-trixie-slim@sha256:…
ARG NODE_IMAGE=node:24-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
# What the set-up is made of comes first: a change of the sources alone does not repeat it. The set-up fetches upstream's
# mediasoup worker, or builds it with Debian's packages where that cannot be had, and puts it through a real call.
COPY package.json package-lock.json .npmrc ./
COPY script/ script/
COPY media/worker/ media/worker/
RUN script/bootstrap
COPY . .
RUN script/stage /opt/parley

FROM ${NODE_IMAGE}
# hadolint ignore=DL3008
RUN --mount=type=bind,from=build,source=/opt/parley/bin,target=/mnt \
    apt-get update \
    && xargs --no-run-if-empty apt-get install -y --no-install-recommends < /mnt/worker-libraries \
    && rm -rf /var/lib/apt/lists/* /usr/local/lib/node_modules/npm /usr/local/bin/npm /usr/local/bin/npx /opt/yarn-* \
    && install -d -o node -g node -m 0700 /var/lib/parley
COPY --from=build /opt/parley/ /opt/parley/
# The one place that Parley writes to, and only with SQLite or the demo: the rest of the file system may be read-only.
VOLUME /var/lib/parley
ENV NODE_ENV=production \
    PATH=/opt/parley/bin:$PATH \
    PARLEY_HOST=0.0.0.0 \
    PARLEY_PORT=8080 \
    PARLEY_DATA_DIR=/var/lib/parley \
    PARLEY_MEDIA_PORT_BASE=40000
# 8080: WebSocket, REST, web application, probes, metrics. 40000 + n: media of worker n.
EXPOSE 8080/tcp 40000-40015/udp 40000-40015/tcp
WORKDIR /var/lib/parley
# `node` of the base image, by number so that Kubernetes can see that it is not root.
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s --retries=3 CMD ["parley", "health"]
# The launcher becomes node, and node handles SIGTERM and reaps its workers itself: no --init is needed.
ENTRYPOINT ["parley"]
CMD ["serve"]
