"""Write invented listening histories.

writes  interactions.parquet, tracks.parquet, artists.csv
then    import_plays

spark-submit jobs/generate.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("generate")
