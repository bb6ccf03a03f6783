"""Decodes PNG files (8 bits, not interlaced) with the standard library alone and prints their size and their bytes."""

import struct
import sys
import zlib

CHANNELS = {0: ("grey", 1), 2: ("rgb", 3), 6: ("rgba", 4)}


def chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(data):
        length, = struct.unpack_from(">I", data, at)
        body = data[at + 4:at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(body), "a chunk's checksum is wrong"
        yield body[:4], body[4:]
        at += 12 + length


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def decode(path):
    parts = list(chunks(open(path, "rb").read()))
    assert parts[0][0] == b"IHDR" and parts[-1] == (b"IEND", b"")
    width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", parts[0][1])
    assert depth == 8 and interlace == 0
    name, channels = CHANNELS[color]
    raw = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    stride = width * channels
    assert len(raw) == height * (stride + 1)
    out, above = bytearray(), bytearray(stride)
    for row in range(height):
        start = row * (stride + 1)
        line = bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride):
            left = line[i - channels] if i >= channels else 0
            corner = above[i - channels] if i >= channels else 0
            line[i] = (line[i] + (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[raw[start]]) & 255
        out += line
        above = line
    return width, height, name, bytes(out)


if __name__ == "__main__":
    for file in sys.argv[1:]:
        width, height, name, pixels = decode(file)
        shown = " ".join(map(str, pixels)) if len(pixels) < 100 else f"crc {zlib.crc32(pixels):08x}"
        print(f"{width}x{height} {name} {shown}")
