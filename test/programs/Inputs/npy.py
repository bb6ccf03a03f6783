"""Writes and shows .npy files by NumPy's format specification (NEP 1), with the standard library alone.

npy.py write TYPE SHAPE FILE [VERSION]   elements 0, 1, 2, ... (floats: 0.5, 1.5, ...)
npy.py show FILE...                      a line each: type, shape, elements
npy.py malformed FOLDER                  files that no reader should take, one for each way to be wrong
"""

import ast
import math
import pathlib
import struct
import sys

CODES = {"f2": "e", "f4": "f", "f8": "d", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
         "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "b1": "?"}


def pack(descr, shape, data, version=1, fortran=False):
    order = "|" if descr[1:] == "1" else "<"
    header = repr({"descr": order + descr, "fortran_order": fortran, "shape": shape}).encode()
    length = struct.Struct("<H" if version == 1 else "<I")
    start = 8 + length.size
    header += b" " * (-(start + len(header) + 1) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + length.pack(len(header)) + header + data


def write(descr, shape, path, version="1"):
    shape = tuple(int(extent) for extent in shape.split(","))
    values = [i + 0.5 if descr[0] == "f" else i for i in range(math.prod(shape))]
    data = struct.pack(f"<{len(values)}{CODES[descr]}", *values)
    pathlib.Path(path).write_bytes(pack(descr, shape, data, int(version)))


def show(*paths):
    for path in paths:
        data = pathlib.Path(path).read_bytes()
        assert data[:6] == b"\x93NUMPY", path
        size = struct.Struct("<H" if data[6] == 1 else "<I")
        start = 8 + size.size
        end = start + size.unpack_from(data, 8)[0]
        assert end % 64 == 0 and data[end - 1:end] == b"\n", path
        header = ast.literal_eval(data[start:end].decode())
        assert header["fortran_order"] is False and set(header) == {"descr", "fortran_order", "shape"}, path
        count = math.prod(header["shape"])
        elements = struct.unpack(f"<{count}{CODES[header['descr'][1:]]}", data[end:])
        print(header["descr"], header["shape"], elements)


def malformed(folder):
    good = pack("f4", (3,), struct.pack("<3f", 1, 2, 3))
    files = {
        "empty": b"",
        "magic": b"\x93NUMPX" + good[6:],
        "version": good[:6] + b"\x09" + good[7:],
        "cut-length": good[:9],
        "cut-header": good[:40],
        "cut-data": good[:-1],
        "long-data": good + b"x",
        "no-dictionary": good.replace(b"{", b"[").replace(b"}", b"]"),
        "no-shape": good.replace(b"'shape'", b"'shope'"),
        "negative": good.replace(b"(3,)", b"(-3,"),
        "huge": pack("f4", (2**40, 2**40), b""),
        "big-header": good[:8] + b"\xff\xff" + good[10:],
        "objects": good.replace(b"<f4", b"|O "),
        "big-endian": good.replace(b"<f4", b">f4"),
        "other-type": pack("i8", (3,), struct.pack("<3q", 1, 2, 3)),
        "other-rank": pack("f4", (3, 1), struct.pack("<3f", 1, 2, 3)),
    }
    for name, data in files.items():
        (pathlib.Path(folder) / f"{name}.npy").write_bytes(data)


if __name__ == "__main__":
    {"write": write, "show": show, "malformed": malformed}[sys.argv[1]](*sys.argv[2:])
