"""A door to a PostgreSQL server that shuts between a commit and its answer: the client never learns of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
LOCKING, COMMIT = b"LOCK TABLE compengine.ledger_lock", b"COMMIT\0"


class Door:
    """`cut` counts the answers that were held back: of the commit of each session that took the ledger's lock."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.server, self.cut = server, 0
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(folder / SOCKET))
        self.listening.listen()
        threading.Thread(target=self._open, daemon=True).start()

    def _open(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                threading.Thread(target=self._session, args=(client,), daemon=True).start()

    def _session(self, client: socket.socket) -> None:
        server, shut = socket.socket(socket.AF_UNIX), threading.Event()
        server.connect(str(self.server / SOCKET))
        answers = threading.Thread(target=self._answers, args=(server, client, shut), daemon=True)
        answers.start()
        writing = False
        with suppress(OSError):
            while content := client.recv(65536):
                writing = writing or LOCKING in content
                if writing and COMMIT in content:
                    shut.set()
                server.sendall(content)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)
        answers.join()
        client.close()
        server.close()

    def _answers(self, server: socket.socket, client: socket.socket, shut: threading.Event) -> None:
        with suppress(OSError):
            while content := server.recv(65536):
                if shut.is_set():
                    self.cut += 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(content)


@contextmanager
def door(folder: Path, server: Path) -> Iterator[Door]:
    """In `folder`, which is made: name it as the host."""
    folder.mkdir(parents=True)
    made = Door(folder, server)
    try:
        yield made
    finally:
        made.listening.shutdown(socket.SHUT_RDWR)
        made.listening.close()
