"""Run a command and print its seconds and the peak memory of all its processes.

    python tests/bench/peak_memory.py make run

Memory is the sum of PSS (shared pages divided among their users) over the whole process tree,
sampled twice a second.
"""

import subprocess
import sys
import threading
import time

import psutil


def tree_pss(root: psutil.Process) -> int:
    """Bytes of PSS of a process and all below it."""
    total = 0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue  # it ended while we looked
    return total


def main() -> int:
    started = time.monotonic()
    child = subprocess.Popen(sys.argv[1:])
    peak, done = 0, threading.Event()
    root = psutil.Process(child.pid)

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.5):
            try:
                peak = max(peak, tree_pss(root))
            except psutil.Error:
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    code = child.wait()
    done.set()
    watcher.join()
    print(f"{time.monotonic() - started:.0f} s, peak {peak / 2**30:.2f} GiB, exit {code}")
    return code


if __name__ == "__main__":
    sys.exit(main())
