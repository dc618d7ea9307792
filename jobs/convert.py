"""Turn an outside listening log into a delivery for the import.

reads   an outside listening log
writes  interactions.parquet, tracks.parquet
then    import_plays

spark-submit jobs/convert.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("convert")
