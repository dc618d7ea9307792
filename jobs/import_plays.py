"""Check, explode and triage a delivery of nested histories.

reads   a delivery, plays, users, tracks, artists
writes  deliveries, plays, users, tracks, artists, rejected_plays
then    build_features, refresh, replay_rejected

spark-submit jobs/import_plays.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("import-plays")
