"""Writes the Parquet files that tests read: python make.py, with pyarrow 26 and Pillow; they are packed, as most of each is its footer.

Each holds the same 25 images of 4 x 5 grey pixels with the classes 0, 1, 2, 0, 1 and so on.
"""
import gzip
import io
import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

ROWS = 25


def picture(i):
    file = io.BytesIO()
    image = Image.new("L", (5, 4))
    image.putdata([(i * 7 + at) % 10 * 25 for at in range(20)])
    image.save(file, "png")
    return file.getvalue()


def write(name, table, **options):
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    packed = gzip.compress(file.getvalue(), mtime=0)
    pathlib.Path(__file__).with_name(name + ".parquet.gz").write_bytes(packed)


pictures = [picture(i) for i in range(ROWS)]
classes = pa.array([i % 3 for i in range(ROWS)], pa.int64())
structures = pa.array(
    [{"bytes": p, "path": f"{i}.png"} for i, p in enumerate(pictures)],
    pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
)
table = pa.table({"image": structures, "label": classes})
features = {
    "image": {"_type": "Image"},
    "label": {"names": ["bag", "boot", "coat"], "_type": "ClassLabel"},
}
# As datasets.Dataset.to_parquet writes it.
hub = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
write("huggingface", hub, compression="snappy", row_group_size=10, write_page_index=True, use_content_defined_chunking=True)
write("zstd", table, compression="zstd", row_group_size=10)
write("gzip-v2", table, compression="gzip", data_page_version="2.0", row_group_size=7)
write("brotli", table, compression="brotli")
write("lz4", table, compression="lz4", use_dictionary=False)
write("small-pages", table, compression="none", data_page_size=100, write_batch_size=3, use_dictionary=False)
write("plain", pa.table({
    "image": pa.array(pictures, pa.large_binary()),
    "label": pa.array([i % 3 for i in range(ROWS)], pa.int8()),
}), use_dictionary=["label"])
write("delta", table, use_dictionary=False, column_encoding={
    "image.bytes": "DELTA_LENGTH_BYTE_ARRAY", "image.path": "DELTA_BYTE_ARRAY", "label": "DELTA_BINARY_PACKED"})
# Pixels of one size, in any order; some are missing, some have no class.
write("pixels", pa.table({
    "x": pa.array([None if i == 3 else bytes((i * 20 + at) % 256 for at in range(20)) for i in range(ROWS)], pa.binary(20)),
    "y": pa.array([None if i == 4 else i % 3 for i in range(ROWS)], pa.int32()),
}))
write("lists", pa.table({"image": [[1, 2]], "label": ["boot"]}))
