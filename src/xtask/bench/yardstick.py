# What the Python yardsticks share: each reads its task, is timed without its imports, and prints
# `{ version, seconds, counts }` as JSON. The task says file, today, times, threads, and of each list the values as
# written (`exact`) and as compared (`known`).
import json
import sys
import time


def task():
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def measure(version, times, check):
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        counts = check()
        best = min(best, time.perf_counter() - start)
    print(json.dumps({"version": version, "seconds": best, "counts": counts}))
