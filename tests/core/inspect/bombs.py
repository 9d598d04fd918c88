"""Archives that were made to take a server's memory, time or files: small ones that claim or become a lot."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping

MB = 1_000_000
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


def _zip(members: Iterable[tuple[str | zipfile.ZipInfo, bytes]], way: int = _DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", way) as archive:
        for name, raw in members:
            archive.writestr(name, raw)
    return content.getvalue()


def _by_hand(
    members: Iterable[tuple[bytes, bytes, int]],
    way: int = _DEFLATED,
    extra: bytes = b"",
    flags: int = 0,
    crc: int = 0,
) -> bytes:
    """A zip of names, packed bytes and claimed sizes, whatever is true of them."""
    body, listed, count = bytearray(), bytearray(), 0
    for name, packed, size in members:
        fields = (20, flags, way, 0, 0, crc, len(packed), size, len(name))
        listed += struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *fields, len(extra), 0, 0, 0, 0, len(body))
        listed += name + extra
        body += struct.pack("<4s5H3I2H", b"PK\3\4", *fields, 0) + name + packed
        count += 1
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(listed), len(body), 0)
    return bytes(body + listed + end)


def _block(raw: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(raw) + packer.flush(zlib.Z_FULL_FLUSH)


_ZEROS = _block(bytes(MB))


def _deflated(size: int) -> bytes:
    """Zeros, as one deflate stream of blocks that are all the same."""
    return _ZEROS * (size // MB) + b"\3\0"


def _allowed() -> bytes:
    """60 MB in 60 files, from 0.4 MB: little enough for the ratio."""
    raw = random.Random(0).randbytes(6000) + bytes(MB - 6000)
    packed = _block(raw) + b"\3\0"
    return _by_hand([(b"%d" % n, packed, MB) for n in range(60)], crc=zlib.crc32(raw))


def _overlapping(count: int, size: int) -> bytes:
    whole = _by_hand([(b"%07d" % 0, _deflated(size), size)])
    listed, end = whole.index(b"PK\1\2"), whole.index(b"PK\5\6")
    entry = whole[listed:end]
    entries = b"".join(entry.replace(b"%07d" % 0, b"%07d" % n) for n in range(count))
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(entries), listed, 0)
    return whole[:listed] + entries + tail


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def _tar(*entries: tuple[str, bytes, bytes]) -> bytes:
    """A tar of names, types and contents."""
    return b"".join(_entry(*each) for each in entries) + bytes(1024)


def _entry(name: str, kind: bytes, content: bytes = b"", size: int | None = None, link: str = "") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(content) if size is None else size
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


def _claims(raw: bytes) -> bytes:
    """A header whose size field is `raw`, with the right checksum."""
    header = bytearray(_entry("a", tarfile.REGTYPE))
    header[124:136] = raw
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def _record(key: str, value: str) -> bytes:
    """A pax record, whose length counts its own digits."""
    rest = f" {key}={value}\n".encode()
    size = len(rest) + 1
    while len(str(size)) + len(rest) > size:
        size += 1
    return str(size).encode() + rest


def _pax(*records: tuple[str, str], kind: bytes = tarfile.XHDTYPE) -> bytes:
    return _entry("h", kind, b"".join(_record(*each) for each in records))


def _repeated(packer: Callable[[bytes], bytes], start: bytes, size: int) -> bytes:
    """Compressed streams in a row, which unpack to `start` and then `size` zeros."""
    return packer(start) + packer(bytes(MB)) * (size // MB)


def _gz(start: bytes, size: int, piece: bytes = bytes(MB)) -> bytes:
    """One gzip stream of `start` and then `size` bytes, with a sum that nobody comes to."""
    packed = _block(start) + _block(piece) * (size // len(piece)) + b"\3\0"
    return b"\x1f\x8b\x08" + bytes(7) + packed + bytes(8)


def _xz(raw: bytes) -> bytes:
    return lzma.compress(raw, preset=0)


def _dictionary() -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}]
    packed = bytearray(lzma.compress(_tar(("a", tarfile.REGTYPE, b"x")), filters=filters))
    header = packed[12 : 12 + (packed[12] + 1) * 4]
    header[header.index(b"\x21\x01") + 2] = 40  # of 4 GB
    header[-4:] = struct.pack("<I", zlib.crc32(bytes(header[:-4])))
    packed[12 : 12 + len(header)] = header
    return bytes(packed)


def _nested(depth: int) -> bytes:
    content = b"x"
    for _ in range(depth):
        content = _zip([("in.zip", content)])
    return content


def _damaged(raw: bytes, seed: int) -> bytes:
    changed, source = bytearray(raw), random.Random(seed)
    for _ in range(20):
        changed[source.randrange(len(changed))] = source.randrange(256)
    return bytes(changed)


def _sparse(blocks: int) -> bytes:
    """An old GNU sparse file, whose map goes on and on."""
    header = bytearray(_entry("a", tarfile.GNUTYPE_SPARSE))
    header[482] = 1
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    more = bytearray(b"00000000001\0" * 42 + bytes(8))
    more[504] = 1
    return bytes(header) + bytes(more) * blocks


_NUMBERS = [f"{n:07d}" for n in range(10_000)]
_REG, _NAME = tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME

# Name of the upload, and what makes it.
BOMBS: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "zip_of_zeros": ("a.zip", lambda: _by_hand([(b"a", _deflated(1000 * MB), 1000 * MB)])),
    "zip_that_claims_less": ("a.zip", lambda: _by_hand([(b"a", _deflated(1000 * MB), 10)])),
    "zip_that_claims_more": ("a.zip", lambda: _by_hand([(b"a", b"\3\0", 4000 * MB)])),
    "zip_by_bzip2": ("a.zip", lambda: _zip([("a.index", bytes(50 * MB))], zipfile.ZIP_BZIP2)),
    "zip_by_lzma": ("a.zip", lambda: _zip([("a.index", bytes(10 * MB))], zipfile.ZIP_LZMA)),
    "zip_by_deflate64": ("a.zip", lambda: _by_hand([(b"a", b"\3\0", 10)], way=9)),
    "zip_by_zstandard": ("a.zip", lambda: _by_hand([(b"a", b"\3\0", 10)], way=93)),
    "zip_by_nothing_known": ("a.zip", lambda: _by_hand([(b"a", b"\3\0", 10)], way=77)),
    "zip_with_a_password": ("a.zip", lambda: _by_hand([(b"a", b"x" * 20, 8)], flags=1)),
    "zip_overlapping": ("a.zip", lambda: _overlapping(400, 50 * MB)),
    "zip_overlapping_small": ("a.zip", lambda: _overlapping(9_000, MB)),
    "zip_empty_files": ("a.zip", lambda: _by_hand((b"%d" % n, b"", 0) for n in range(65_000))),
    "zip_a_million_entries": (
        "a.zip",
        lambda: _overlapping(1, 10)[:-22] + _overlapping(300_000 & 0xFFFF, MB),
    ),
    "zip_large_extra_fields": (
        "a.zip",
        lambda: _by_hand([(b"%d" % n, b"", 0) for n in range(200)], extra=b"\1\2\xfb\xff" + bytes(65_531)),
    ),
    "zip_of_small_bombs": (
        "a.zip",
        lambda: _by_hand((b"%d" % n, _ZEROS + bytes(5_000), MB) for n in range(900)),
    ),
    "zip_just_allowed": ("a.zip", _allowed),
    "zip_nested": ("a.zip", lambda: _nested(6)),
    "zip_up": ("a.zip", lambda: _zip([("../../../out", b"x")])),
    "zip_absolute": ("a.zip", lambda: _zip([("/out", b"x"), ("/etc/out", b"x")])),
    "zip_backslashes": ("a.zip", lambda: _zip([("..\\..\\out", b"x")])),
    "zip_link_and_through_it": ("a.zip", lambda: _zip([(_link("d"), b"/tmp"), ("d/out", b"x")])),
    "zip_link_alone": ("a.zip", lambda: _zip([(_link("a.index"), b"/etc/passwd")])),
    "zip_same_name": ("a.zip", lambda: _by_hand([(b"a", b"\3\0", 0), (b"a", b"\3\0", 0)])),
    "zip_file_and_folder": ("a.zip", lambda: _by_hand([(b"a", b"\3\0", 0), (b"a/b", b"\3\0", 0)])),
    "zip_deep": ("a.zip", lambda: _zip([("d/" * 900 + "a", b"x")])),
    "zip_many_folders": (
        "a.zip",
        lambda: _zip([(f"{n}/" + "d/" * 38 + "a", b"x") for n in range(400)]),
    ),
    "zip_name_with_nul": ("a.zip", lambda: _by_hand([(b"a\0b", b"\3\0", 0)])),
    "zip_name_not_text": ("a.zip", lambda: _by_hand([(b"\xff\xfe\xed\xa0", b"\3\0", 0)], flags=0x800)),
    "zip_long_name": ("a.zip", lambda: _zip([("a" * 300, b"x")])),
    "zip_cut": ("a.zip", lambda: _zip([("a", bytes(range(256)) * 99)])[:-30]),
    "zip_damaged_1": ("a.zip", lambda: _damaged(_zip([(n, n.encode()) for n in _NUMBERS[:50]]), 1)),
    "zip_damaged_2": ("a.zip", lambda: _damaged(_zip([(n, n.encode()) for n in _NUMBERS[:50]]), 2)),
    "zip_two_ends": ("a.zip", lambda: _zip([("a", _zip([("b", b"x")], _STORED))], _STORED)),
    "zip_wrong_sum": ("a.zip", lambda: _by_hand([(b"a", b"\1\1\0\xfe\xffx", 1)], crc=1)),
    "zip_called_tar": ("a.tar", lambda: _zip([("a", b"x")])),
    "zip_called_h5": ("a.h5", lambda: _by_hand([(b"a", _deflated(1000 * MB), 1000 * MB)])),
    "tar_called_zip": ("a.zip", lambda: _tar(("a", _REG, b"x"))),
    "gz_of_zeros": (
        "a.tar.gz",
        lambda: _gz(_entry("a", _REG, size=1000 * MB), 1000 * MB),
    ),
    "bz2_of_zeros": (
        "a.tar.bz2",
        lambda: _repeated(bz2.compress, _entry("a", _REG, size=1000 * MB), 1000 * MB),
    ),
    "xz_of_zeros": ("a.tar.xz", lambda: _repeated(_xz, _entry("a", _REG, size=1000 * MB), 1000 * MB)),
    "gz_long_name": (
        "a.tgz",
        lambda: _gz(_entry("l", _NAME, size=1000 * MB), 1000 * MB, b"a" * MB),
    ),
    "gz_long_link": (
        "a.tgz",
        lambda: _gz(_entry("l", tarfile.GNUTYPE_LONGLINK, size=1000 * MB), 1000 * MB, b"a" * MB),
    ),
    "gz_pax": (
        "a.tgz",
        lambda: _gz(
            _entry("h", tarfile.XHDTYPE, size=1000 * MB) + b"999999999 comment=",
            1000 * MB,
            b"A" * MB,
        ),
    ),
    "gz_pax_for_all": (
        "a.tgz",
        lambda: _gz(
            _entry("h", tarfile.XGLTYPE, size=1000 * MB) + b"999999999 comment=",
            1000 * MB,
            b"A" * MB,
        ),
    ),
    "gz_pax_of_solaris": (
        "a.tgz",
        lambda: gzip.compress(_entry("h", tarfile.SOLARIS_XHDTYPE, b"a" * 50 * MB)),
    ),
    "gz_pax_each": (
        "a.tgz",
        lambda: gzip.compress(
            (_pax(*((f"k{n}", "v" * 9) for n in range(5_000))) + _entry("a", _REG)) * 500, 1
        ),
    ),
    "gz_pax_keys": (
        "a.tgz",
        lambda: gzip.compress(
            b"".join(
                _pax(*((f"k{m}-{n}", "") for n in range(9_000)), kind=tarfile.XGLTYPE) for m in range(30)
            ),
            1,
        ),
    ),
    "gz_pax_size": ("a.tgz", lambda: gzip.compress(_pax(("size", "9" * 18)) + _entry("a", _REG))),
    "gz_pax_less_than_nothing": (
        "a.tgz",
        lambda: gzip.compress(_pax(("size", "-512")) + _entry("a", _REG, b"x")),
    ),
    "gz_pax_name_up": ("a.tgz", lambda: gzip.compress(_pax(("path", "../out")) + _entry("a", _REG, b"x"))),
    "gz_sparse_by_pax": (
        "a.tgz",
        lambda: gzip.compress(
            _pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"))
            + _entry("a", _REG, b"9" * 9 + b"\n" + b"1\n" * 10 * MB)
        ),
    ),
    "gz_sparse_map": (
        "a.tgz",
        lambda: gzip.compress(_pax(("GNU.sparse.map", "1," * 100_000 + "1")) + _entry("a", _REG)),
    ),
    "gz_sparse": ("a.tgz", lambda: gzip.compress(_sparse(200_000), 1)),
    "bz2_20,000_members": ("a.tar.bz2", lambda: bz2.compress(_entry("a", tarfile.DIRTYPE) * 20_000)),
    "gz_a_million_members": (
        "a.tgz",
        lambda: _gz(b"", 512 * MB, _entry("a", tarfile.DIRTYPE) * 2_000),
    ),
    "gz_names_of_names": ("a.tgz", lambda: gzip.compress(_entry("l", _NAME, b"a" * 512) * 5_000)),
    "gz_large_names_of_names": (
        "a.tgz",
        lambda: gzip.compress(_entry("l", _NAME, b"a" * 262_000) * 800, 1),
    ),
    "tar_size_below_nothing": ("a.tar", lambda: _claims(b"\xff" * 11 + b"\0") + bytes(2048)),
    "tar_size_beyond": ("a.tar", lambda: _claims(b"\x80" + b"\x7f" * 11) + bytes(2048)),
    "tar_size_no_number": ("a.tar", lambda: _claims(b"not a number") + bytes(2048)),
    "tar_devices_and_links": (
        "a.tar",
        lambda: (
            b"".join(
                _entry(name, kind, link="/etc/passwd")
                for name, kind in (
                    ("zero", tarfile.CHRTYPE),
                    ("disk", tarfile.BLKTYPE),
                    ("pipe", tarfile.FIFOTYPE),
                    ("soft", tarfile.SYMTYPE),
                    ("hard", tarfile.LNKTYPE),
                )
            )
            + _tar(("soft/out", _REG, b"x"))
        ),
    ),
    "tar_up": ("a.tar", lambda: _tar(("../../out", _REG, b"x"))),
    "tar_absolute": ("a.tar", lambda: _tar(("/out", _REG, b"x"))),
    "tar_same_name": ("a.tar", lambda: _tar(("a", _REG, b"x"), ("./a", _REG, b"y"))),
    "tar_of_nothing": ("a.tar", lambda: b"no tape" * 1000),
    "gz_name_in_the_header": (
        "a.tgz",
        lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 20 * MB + b"\0" + gzip.compress(b"")[10:],
    ),
    "gz_empty_members": ("a.tgz", lambda: gzip.compress(b"") * 200_000),
    "gz_cut": ("a.tgz", lambda: gzip.compress(_tar(("a", _REG, bytes(range(256)) * 99)))[:-100]),
    "xz_large_dictionary": ("a.tar.xz", _dictionary),
    "xz_empty_streams": ("a.tar.xz", lambda: _xz(b"") * 100_000),
}
