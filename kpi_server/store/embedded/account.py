"""The system user PostgreSQL runs as: ourselves, or `nobody` when we are root, whom PostgreSQL refuses."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from kpi_server.errors import PostgresUnavailable


@dataclass(frozen=True)
class Account:
    """A user with a name; `switch` is true when it is not the one this process runs as."""

    uid: int
    gid: int
    name: str
    switch: bool

    def reaches(self, directory: Path) -> bool:
        """Whether this user may step into `directory` through every directory above it."""
        if not self.switch:
            return True
        path = directory.resolve()
        return all(self._may_enter(step) for step in (path, *path.parents) if step.exists())

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def _may_enter(self, directory: Path) -> bool:
        facts = directory.stat()
        if facts.st_uid == self.uid:
            return bool(facts.st_mode & stat.S_IXUSR)
        if facts.st_gid == self.gid:
            return bool(facts.st_mode & stat.S_IXGRP)
        return bool(facts.st_mode & stat.S_IXOTH)


def postgres_account(cluster: Path) -> Account:
    """The user for the server of `cluster`: as root its files' owner, or `nobody` for one that is yet to be made."""
    uid = os.geteuid()
    if uid != 0:
        return _named(uid, switch=False)
    owner = cluster.stat().st_uid if cluster.exists() else 0
    return _named(owner, switch=True) if owner else _nobody()


def _named(uid: int, *, switch: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise PostgresUnavailable(
            f"PostgreSQL cannot be run by the user id {uid}, which has no entry in /etc/passwd: "
            "run as a user that has one, or set DATABASE_URL to a running server."
        ) from error
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, switch)


def _nobody() -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise PostgresUnavailable(
            "PostgreSQL refuses to run as root and this system has no user `nobody`: "
            "run as a plain user, or set DATABASE_URL to a running server."
        ) from error
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, switch=True)
