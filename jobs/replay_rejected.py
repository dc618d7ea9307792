"""Import rejected plays whose track is known by now.

reads   rejected_plays, deliveries, plays, users, tracks, artists
writes  plays, rejected_plays, deliveries
then    refresh

spark-submit jobs/replay_rejected.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("replay-rejected")
