#!/usr/bin/env bash
# Makes an environment of its own for Airflow in build/airflow, from its lock file (once).
set -euo pipefail
lock=conf/schedules/airflow.lock
ready=build/airflow/.ready
if [ ! -e "$ready" ] || [ "$lock" -nt "$ready" ]; then
  echo "setting up build/airflow (once) ..."
  .venv/bin/uv venv --quiet --clear --python .venv/bin/python build/airflow
  .venv/bin/uv pip install --quiet --require-hashes --python build/airflow/bin/python -r "$lock"
  touch "$ready"
fi
