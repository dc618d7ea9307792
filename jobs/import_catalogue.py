"""Read an outside catalogue of artists and tracks with audio features.

reads   artists.csv, tracks.csv
writes  catalogue_artists, catalogue_tracks, catalogue_aliases, catalogue_rejects
then    build_catalogue

spark-submit jobs/import_catalogue.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("import-catalogue")
