"""Match artists and tracks to the catalogue and make artist vectors.

spark-submit jobs/build_catalogue.py --help
"""

from ritornello.cli import run_job

if __name__ == "__main__":
    run_job("build-catalogue")
