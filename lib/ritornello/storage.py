"""Say in one sentence why Hadoop could not open an address."""

import re

from ritornello.jars import RUN_JARS_S3

UNKNOWN_SCHEME = re.compile(r'No FileSystem for scheme "(\w+)"')
MISSING_CLASS = re.compile(r"Class (org\.apache\.hadoop\.fs\.\S+) not found")
REFUSED = re.compile(r"AccessDeniedException: (s3a://[^\s:]+)")
NO_BUCKET = re.compile(r"UnknownStoreException: `?(s3a://[^\s:']+)")


def storage_sentence(text: str) -> str | None:
    """Return what to say if the storage refused an address, else None.

    ``text`` is that of the error, on any cluster.
    """
    if match := UNKNOWN_SCHEME.search(text):
        hint = "write s3a://" if match[1] in ("s3", "s3n") else "use another, or add its jar"
        return f"Spark has no file system for {match[1]}:// addresses: {hint}"
    if match := MISSING_CLASS.search(text):
        if ".s3a." in match[1]:
            return (
                f"s3a:// needs jars that this session lacks: {RUN_JARS_S3}, and name them in --jars"
            )
        return f"the session lacks the jar with {match[1]}: add it to --jars or spark.jars"
    if match := REFUSED.search(text):
        return (
            f"S3 refused access to {match[1]}: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            "or the role of this machine"
        )
    if match := NO_BUCKET.search(text):
        return f"there is no bucket for {match[1]}: check its name and spark.hadoop.fs.s3a.endpoint"
    return None
