"""Find versions of one song.

reads   plays, tracks, artists, track_audio, artist_matches
writes  recordings, plays, changed_listeners
then    make_playlists

spark-submit jobs/build_recordings.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("build-recordings")
