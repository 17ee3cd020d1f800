"""A file of frames, each sealed with the file's own key: written and read in part.

A frame is bound to its number and to whether it is the last one: frames that were
changed, swapped or cut off no longer open.
"""

import io
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"VELOCAR1"
FRAME = 1 << 20
_TAG = 16
_SEALED = FRAME + _TAG
KEY_SIZE = 32


class CannotOpen(Exception):  # noqa: N818  # says what happened, not whose fault
    """The file was changed or cut off, or belongs to another key."""


class SealedWriter(io.RawIOBase):
    """Seals what is written, frame by frame; ``close`` writes the last one."""

    def __init__(self, file: BinaryIO, key: bytes):
        self._file, self._cipher = file, AESGCM(key)
        self._buffer, self._count, self._size = bytearray(), 0, 0
        file.write(MAGIC)

    def writable(self):
        return True

    def tell(self):
        return self._size

    def write(self, data):  # pylint: disable=method-required-super  # a file
        self._buffer += data
        self._size += len(data)
        while len(self._buffer) > FRAME:
            self._write_frame(FRAME, is_last=False)
        return len(data)

    def close(self):  # pylint: disable=missing-return  # a file
        if not self.closed:
            self._write_frame(len(self._buffer), is_last=True)
        super().close()

    def _write_frame(self, size, is_last):
        # The key seals this one file, so the frame's number never comes twice.
        nonce, bound = _place(self._count, is_last)
        self._file.write(self._cipher.encrypt(nonce, bytes(self._buffer[:size]), bound))
        del self._buffer[:size]
        self._count += 1


class SealedReader(io.RawIOBase):
    """Reads any part of a sealed file; holds one frame at a time."""

    def __init__(self, file: BinaryIO, key: bytes):
        self._file, self._cipher = file, AESGCM(key)
        length = file.seek(0, io.SEEK_END) - len(MAGIC)
        file.seek(0)
        self._last = max(-(-length // _SEALED) - 1, 0)
        self._size = length - (self._last + 1) * _TAG
        is_whole = self._size - self._last * FRAME >= 0
        if file.read(len(MAGIC)) != MAGIC or not is_whole:
            raise CannotOpen
        self._at, self._frame, self._number = 0, b"", -1

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._at

    def seek(self, offset, whence=io.SEEK_SET):
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        self._at = max(base[whence] + offset, 0)
        return self._at

    def readinto(self, buffer):
        if self._at >= self._size:
            return 0
        number, start = divmod(self._at, FRAME)
        piece = self._open_frame(number)[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _open_frame(self, number):
        if number != self._number:
            self._file.seek(len(MAGIC) + number * _SEALED)
            nonce, bound = _place(number, number == self._last)
            try:
                self._frame = self._cipher.decrypt(
                    nonce, self._file.read(_SEALED), bound
                )
            except InvalidTag as error:
                raise CannotOpen from error
            self._number = number
        return self._frame


def _place(number, is_last):
    return number.to_bytes(12, "big"), b"%d|%d" % (number, is_last)
