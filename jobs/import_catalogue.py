"""Read an outside catalogue of artists and tracks with audio features.

spark-submit jobs/import_catalogue.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("import-catalogue")
