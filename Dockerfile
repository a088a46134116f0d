# TokMesh, and the alert receiver of the examples.
#   docker build -t tokmesh:0.1.0 .                                     under Node
#   docker build -t tokmesh:0.1.0-bun --target bun .                    under Bun
#   docker build -t alert-receiver:0.1.0 --target alert-receiver .
#
# Base images are named by version. For builds that are the same for ever, add the digest that your registry shows:
# --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG BUN_IMAGE=oven/bun:1.4.5-slim

# What an install reads, and nothing else: a change of a source does not install again.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /tokmesh
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc ! -path '*/bin/*' -delete

# Everything, with the compiler. `built` is what runs: no source, no test.
FROM ${NODE_IMAGE} AS build
WORKDIR /tokmesh
COPY --from=manifests /tokmesh ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npx tsc -b apps/tokmesh examples/alert-receiver \
  && mkdir -p built data \
  && cp -r --parents packages/*/dist apps/*/dist examples/alert-receiver/dist built \
  && find built \( -name '*.map' -o -name '*.d.ts' -o -name '.tsbuildinfo' \) -delete

# The dependencies of one workspace and of the packages that it uses. Those of development are crossed out first: npm
# would install a package that only tests use, with a PostgreSQL. What is left has the versions of the lock file.
FROM ${NODE_IMAGE} AS tokmesh-files
WORKDIR /tokmesh
COPY --from=manifests /tokmesh ./
RUN npm pkg delete devDependencies --workspaces --include-workspace-root \
  && npm install --ignore-scripts --no-audit --no-fund --omit=dev --workspace=@honoscope/tokmesh
COPY --from=build /tokmesh/built ./

FROM ${NODE_IMAGE} AS alert-receiver-files
WORKDIR /tokmesh
COPY --from=manifests /tokmesh ./
RUN npm pkg delete devDependencies --workspaces --include-workspace-root \
  && npm install --ignore-scripts --no-audit --no-fund --omit=dev --workspace=@honoscope/example-alert-receiver
COPY --from=build /tokmesh/built ./

FROM ${NODE_IMAGE} AS alert-receiver
LABEL org.opencontainers.image.title="alert-receiver" \
  org.opencontainers.image.description="Receives Alertmanager's webhook and tells who has to know" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/var/lib/alert-receiver
COPY --from=build --chown=10001:10001 /tokmesh/data /var/lib/alert-receiver
WORKDIR /tokmesh
COPY --from=alert-receiver-files /tokmesh ./
USER 10001:10001
EXPOSE 5090
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/tokmesh/examples/alert-receiver/dist/server.js"]

FROM ${BUN_IMAGE} AS bun
LABEL org.opencontainers.image.title="tokmesh" \
  org.opencontainers.image.description="TokMesh, a session and token service, under Bun" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production TOKMESH_SERVER_HTTP_ADDRESS=0.0.0.0:5080 TOKMESH_STORAGE_DATA_DIR=/var/lib/tokmesh
COPY --from=build --chown=10001:10001 /tokmesh/data /var/lib/tokmesh
WORKDIR /tokmesh
COPY --from=tokmesh-files /tokmesh ./
USER 10001:10001
EXPOSE 5080
STOPSIGNAL SIGTERM
ENTRYPOINT ["bun", "/tokmesh/apps/tokmesh/bin/tokmesh.mjs"]
CMD ["start"]

# The last stage is what a build without a target makes.
#
# No HEALTHCHECK: Kubernetes ignores one, and each look would start a runtime of its own; compose.yaml says its own.
FROM ${NODE_IMAGE} AS node
LABEL org.opencontainers.image.title="tokmesh" \
  org.opencontainers.image.description="TokMesh, a session and token service" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="MIT"
# A container's own loopback is nobody's: it listens to all of its addresses.
ENV NODE_ENV=production TOKMESH_SERVER_HTTP_ADDRESS=0.0.0.0:5080 TOKMESH_STORAGE_DATA_DIR=/var/lib/tokmesh
# An empty folder that the user may write, for the embedded database.
COPY --from=build --chown=10001:10001 /tokmesh/data /var/lib/tokmesh
WORKDIR /tokmesh
COPY --from=tokmesh-files /tokmesh ./
USER 10001:10001
EXPOSE 5080
STOPSIGNAL SIGTERM
# Without a shell in between, the process gets SIGTERM itself.
ENTRYPOINT ["node", "/tokmesh/apps/tokmesh/bin/tokmesh.mjs"]
CMD ["start"]
