"""A flood: clients that repeat one request without pause, in a process of their own, until told to stop."""

import http.client
import json
import sys
import threading
from collections import Counter
from urllib.parse import urlsplit
from uuid import uuid4


def flood(url: str, path: str, headers: dict[str, str], body: str, connections: int) -> Counter[int]:
    """Send until standard input closes; return the statuses."""
    address, stop, statuses = urlsplit(url).netloc, threading.Event(), Counter[int]()

    def client() -> None:
        connection = http.client.HTTPConnection(address, timeout=10)
        while not stop.is_set():
            try:
                connection.request("POST", path, body, {**headers, "Idempotency-Key": str(uuid4())})
                answer = connection.getresponse()
                answer.read()
                statuses[answer.status] += 1
            except (OSError, http.client.HTTPException):
                connection.close()

    threads = [threading.Thread(target=client, daemon=True) for _ in range(connections)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join(timeout=2)
    return statuses


if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    print(json.dumps(flood(**order)))  # noqa: T201
