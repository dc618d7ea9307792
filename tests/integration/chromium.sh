#!/usr/bin/env bash
# Makes sure that there is a Chromium for the browser tests: installs Debian's where it may.
set -uo pipefail
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
log=$(mktemp)
if command -v apt-get >/dev/null; then
  echo "installing chromium (once) ..."
  "${as_root[@]}" apt-get update -qq >"$log" 2>&1
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends chromium >>"$log" 2>&1
fi
command -v chromium >/dev/null && exit 0
echo "Chromium is missing and could not be installed here (see $log): install it, on Debian with apt-get install chromium" >&2
exit 2
