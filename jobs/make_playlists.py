"""Make playlists for moments such as a workout.

reads   recommendations, plays, users, tracks, artists, bars, track_audio, recordings,
        catalogue_tracks
writes  cand_tracks, playlists

spark-submit jobs/make_playlists.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("make-playlists")
