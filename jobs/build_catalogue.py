"""Match artists and tracks to the catalogue and make artist vectors.

reads   plays, users, tracks, artists, catalogue_artists, catalogue_tracks, catalogue_aliases
writes  artist_matches, homonyms, unmatched, track_audio, artist_genre_aggregates,
        artist_features_weighted, artist_features_joined, joined, joined_with_features
then    build_recordings, make_playlists

spark-submit jobs/build_catalogue.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("build-catalogue")
