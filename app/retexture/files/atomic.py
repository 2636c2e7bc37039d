"""Files that appear whole or not at all."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from retexture.errors import InputError

_REMEDIES = {
    errno.EACCES: ("is not writable", "choose another folder or change its permissions"),
    errno.EPERM: ("is not writable", "choose another folder or change its permissions"),
    errno.EROFS: ("is on a read-only disk", "choose a folder on another disk"),
    errno.ENOENT: ("its folder does not exist", "create the folder or choose another one"),
    errno.ENOTDIR: ("its folder is a file", "choose another folder"),
    errno.ENAMETOOLONG: ("has too long a name", "choose a shorter name"),
    errno.EISDIR: ("is a folder", "give the name of a file"),
    errno.ENOSPC: ("could not be written: the disk is full", "free some space"),
    errno.EDQUOT: ("could not be written: the disk quota is used up", "free some space"),
    errno.EFBIG: ("could not be written: too big for this disk", "choose another disk or a smaller format"),
}


def check_target(path: Path, overwrite: bool) -> None:
    """Refuse a target that could not be written, before any long work is done.

    Raises:
        InputError: the target is a folder, exists and may not be overwritten, or its folder is missing.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not Path(os.path.realpath(path)).parent.is_dir():
            raise InputError(path, *_REMEDIES[errno.ENOENT]) from None
        return
    except OSError as error:
        raise _input_error(path, error) from error
    if stat.S_ISDIR(mode):
        raise InputError(path, *_REMEDIES[errno.EISDIR])
    if not stat.S_ISREG(mode):
        raise InputError(path, "is not an ordinary file", "give the name of a file")
    if not overwrite:
        raise InputError(path, "exists already", "choose another name or add --overwrite")


@contextmanager
def atomic_write(path: str | os.PathLike[str], overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary file beside `path`; put it in the place of `path` when the block ends well.

    The temporary file exists, is empty, and has the suffix of `path`. On any error, Ctrl+C included, it is
    removed and `path` stays as it was. A replaced file's permission bits are kept; a symbolic link stays a
    link, and the file that it points to is replaced.

    Raises:
        InputError: see `check_target`; also when the system refuses the writing (no permission, full disk).
    """
    named = Path(path)
    check_target(named, overwrite)
    target = Path(os.path.realpath(named))
    # A dot hides it from file managers; the name is cut so that the addition cannot make it too long.
    temporary = target.with_name(f".{target.stem[:60]}.{secrets.token_hex(4)}{target.suffix}")
    try:
        # 0o666 lets the user's umask decide, as for any new file (mkstemp would give 0o600).
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise _input_error(named, error) from error
    try:
        yield temporary
        _sync(temporary)
        # Another program may have made the target meanwhile.
        check_target(named, overwrite)
        with suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        # Errors about other files (an input that fails while it is streamed) are not the target's.
        if error.filename is not None and os.fspath(error.filename) not in (str(temporary), str(target)):
            raise
        raise _input_error(named, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    # So that the renaming survives a power cut. Windows cannot open a folder; some disks cannot sync one.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _input_error(path: Path, error: OSError) -> InputError:
    # numpy's short writes have no errno: a disk that takes only a part is a full one.
    code = errno.ENOSPC if error.errno is None else error.errno
    if code in _REMEDIES:
        return InputError(path, *_REMEDIES[code])
    return InputError(path, f"could not be written ({error.strerror})", "choose another folder or disk")
