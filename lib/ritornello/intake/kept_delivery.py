"""Convert a listening log, and keep the delivery while the log stays the same."""

from ritornello.code_version import code_version
from ritornello.hashing import short_hash
from ritornello.intake.convert import convert
from ritornello.job import Context
from ritornello.lease import import_lease
from ritornello.sources.files import list_files
from ritornello.tables.creation import read_text, write_text

MARK = "_source"


def kept_in(warehouse: str, folder: str, data_format: str) -> str:
    """Return the folder in which a warehouse keeps the delivery of a listening log."""
    return f"{warehouse}/_deliveries/{data_format}-{short_hash(folder)}"


def delivery_of(context: Context, folder: str, *, data_format: str, kept: str) -> str:
    """Return the folder of the delivery.

    For the format ``nested`` this is the folder itself. A listening log is converted into ``kept``,
    unless the delivery there is of the same files, settings and code. Raises BusyError while another
    run converts or imports into the warehouse.
    """
    if data_format == "nested":
        return folder
    mark = _mark(context, folder, data_format)
    if read_text(context.spark, f"{kept}/{MARK}") == mark:
        sentence = f"{folder} has not changed since it was converted: using {kept}"
    else:
        with import_lease(context):
            sentence = _convert(context, folder, data_format, kept, mark)
    context.console.print(f"  {sentence}", highlight=False, markup=False)
    return kept


def _convert(context: Context, folder: str, data_format: str, kept: str, mark: str) -> str:
    write_text(context.spark, f"{kept}/{MARK}", "")  # what is there is not of these files
    sentence = convert(context, name=data_format, folder=folder, out=kept)
    write_text(context.spark, f"{kept}/{MARK}", mark)
    return sentence


def _mark(context: Context, folder: str, data_format: str) -> str:
    """Hash names, sizes and times of the files, the settings and the code."""
    files = [
        (one.name, one.size, one.modified) for one in list_files(context.spark, folder, hidden=True)
    ]
    formats = context.settings.formats.model_dump_json()
    return short_hash(f"{data_format} {code_version()} {formats} {files}", digits=16)
