#!/usr/bin/env bash
# Write the warehouse of version 0.1.0 that tests/integration/test_old_warehouse.py migrates. The environment of this
# checkout runs the older code.
#
#     tests/upkeep/write_old_warehouse.sh [commit]
set -euo pipefail
cd "$(dirname "$0")/../.."
commit=${1:-47c0fa6}
work=$(mktemp -d)
trap 'git worktree remove --force "$work/code"; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/code" "$commit"
PYTHONPATH=tests .venv/bin/python tests/upkeep/old_delivery.py "$work"
PYTHONPATH="$work/code/lib" .venv/bin/python -c "import sys; from ritornello.cli import main; sys.exit(main())" refresh --conf "$work/code/conf/local.yaml" \
  --conf tests/sequences/settings.yaml --set spark.jars="$PWD/.jars" --warehouse "$work/warehouse" \
  --input "$work/first" --as-of 2024-04-10
tar --create --gzip --sort=name --mtime=2024-04-10 --owner=0 --group=0 --exclude='*.crc' \
  --file tests/upkeep/warehouse-0.1.0.tar.gz --directory "$work" warehouse
ls -l tests/upkeep/warehouse-0.1.0.tar.gz
