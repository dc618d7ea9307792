"""Find versions of one song.

reads   tracks, artists, artist_matches, track_audio
writes  recordings
then    build_features

spark-submit jobs/build_recordings.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("build-recordings")
