#!/usr/bin/env bash
# Builds an S3 server for the tests (versitygw, Apache-2.0) into build/s3 with Go, once. Without Go the
# tests on S3 are skipped, and say so.
set -euo pipefail
version=v1.8.0
server=build/s3/versitygw
[ ! -x "$server" ] || exit 0
if ! command -v go >/dev/null; then
  echo "Go is missing: NOTHING IS TESTED ON S3 until it is installed" >&2
  exit 0
fi
echo "building an S3 server (once) ..."
log=$(mktemp)
GOBIN=$(pwd)/build/s3 GOFLAGS="-trimpath -buildvcs=false" \
  go install "github.com/versity/versitygw/cmd/versitygw@$version" >"$log" 2>&1 ||
  echo "the S3 server could not be built (see $log): NOTHING IS TESTED ON S3" >&2
