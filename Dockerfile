# The one image of Perene: API, worker and tools are subcommands of one program.

FROM node:20.20.2-alpine AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
# The console draws settings by the kinds' schema and begins flows from the examples.
COPY flow/schema/flow.schema.json /src/flow/schema/
COPY examples /src/examples
COPY web ./
RUN npm run build

FROM golang:1.26.8-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
# The console becomes a part of the program.
COPY --from=web /src/web/dist ./web/dist
ARG VERSION=local
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
	CGO_ENABLED=0 go build -trimpath -pgo=cmd/perene/perene.pgo -ldflags "-s -w -X main.version=${VERSION}" -o /perene ./cmd/perene

FROM alpine:3.23
RUN apk add --no-cache ca-certificates tzdata \
	&& addgroup -g 10001 perene && adduser -u 10001 -G perene -D -H perene \
	&& install -d -o perene -g perene -m 0750 /var/lib/perene /var/lib/perene/media
COPY --from=build /perene /usr/local/bin/perene
USER 10001:10001
EXPOSE 8080 8081 8082
VOLUME /var/lib/perene/media
# Of the API; docker-compose.yml asks the worker on its own port.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
	CMD ["wget", "--quiet", "--output-document=/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["perene"]
CMD ["api"]
