"""Whole runs over object stores that are played on this machine. Arguments: tarazu, and azurite's program."""

import atexit
import base64
import email.utils
import hashlib
import hmac
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.parse

TARAZU, AZURITE = sys.argv[1:]
# Azurite's own account, which its documentation gives.
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def ask(port, method, path, body=None, headers=None):
    """Status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def until(what, test):
    for _ in range(1200):
        found = test()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited a minute in vain: {what}")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Moto:
    """S3, by moto."""

    url = "s3://tarazu/team/raw"

    def start(self, port):
        self.port = port
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]

    def environment(self):
        return {
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",
        }

    def make(self):
        status, _, text = ask(self.port, "PUT", "/tarazu")
        assert status == 200, text


class Azurite:
    """Azure Blob Storage, by Microsoft's own emulator."""

    url = "az://tarazu/team/raw"

    def start(self, port):
        self.port = port
        return [
            "node", AZURITE, "--blobPort", str(port), "--location", "azurite", "--silent", "--skipApiVersionCheck",
            "--disableTelemetry",
        ]

    def environment(self):
        return {
            "AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": f"http://127.0.0.1:{self.port}",
            "AZURE_ALLOW_HTTP": "true",
        }

    def make(self):
        date = email.utils.formatdate(usegmt=True)
        signed = "\n".join([
            "PUT", *[""] * 11, f"x-ms-date:{date}", "x-ms-version:2021-08-06",
            "/devstoreaccount1/devstoreaccount1/tarazu", "restype:container",
        ])
        mac = hmac.new(base64.b64decode(AZURE_KEY), signed.encode(), hashlib.sha256).digest()
        headers = {
            "x-ms-date": date, "x-ms-version": "2021-08-06", "Content-Length": "0",
            "Authorization": f"SharedKey devstoreaccount1:{base64.b64encode(mac).decode()}",
        }
        status, _, text = ask(self.port, "PUT", "/devstoreaccount1/tarazu?restype=container", headers=headers)
        assert status == 201, text


class House:
    """A server over one store, with a data folder of its own."""

    def __init__(self, fake):
        self.name = type(fake).__name__
        self.data = f"data-{self.name}"
        for left in [self.data, "azurite"]:
            shutil.rmtree(left, ignore_errors=True)
        self.log = open(f"{self.name}.log", "w")
        port = free_port()
        self.fake = subprocess.Popen(fake.start(port), stdout=self.log, stderr=self.log)
        atexit.register(self.fake.kill)
        until(f"{self.name} answers", lambda: answers(port))
        fake.make()
        self.environment = {**os.environ, **fake.environment(), "TARAZU_DATA_DIR": self.data}
        self.arguments = ["--raw-store", fake.url]
        self.start()

    def start(self):
        self.port = free_port()
        command = [TARAZU, "serve", "--addr", f"127.0.0.1:{self.port}", *self.arguments]
        self.server = subprocess.Popen(command, env=self.environment, stdout=self.log, stderr=self.log)
        atexit.register(self.server.kill)

        def up():
            assert self.server.poll() is None, f"the server ended; {self.name}.log says why"
            return answers(self.port)

        until("the server answers", up)

    def kill(self):
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()

    def end(self):
        self.kill()
        self.fake.kill()
        self.fake.wait()
        self.log.close()

    def hand_in(self, name, body, **query):
        query = urllib.parse.urlencode({"filename": name, **query})
        status, _, text = ask(self.port, "POST", f"/api/v1/runs?{query}", body)
        return status, json.loads(text)

    def settled(self, run):
        def ended():
            status, _, text = ask(self.port, "GET", f"/api/v1/runs/{run['id']}")
            found = json.loads(text)
            return status == 200 and found["status"] != "running" and found

        return until(f"{run['id']} ends", ended)

    def download(self, run, what):
        status, _, body = ask(self.port, "GET", f"/api/v1/runs/{run['id']}/{what}")
        assert status == 200, body
        return body

    def staged(self):
        """What lies in the data folder's own raw files."""
        found = []
        for folder, _, files in os.walk(os.path.join(self.data, "raw")):
            found += [os.path.join(folder, it) for it in files]
        return found


def sample(rows, seed):
    name = f"sample-{rows}-{seed}.csv"
    command = [TARAZU, "generate", "--rows", str(rows), "--seed", str(seed), "--end", "2026-02-01", "--out", name]
    subprocess.run(command, check=True, capture_output=True)
    with open(name, "rb") as file:
        return file.read()


def a_file_is_judged_and_comes_back_as_it_was(house):
    file = sample(5000, 7)
    status, begun = house.hand_in("april.csv", file)
    assert status == 202, begun
    run = house.settled(begun)
    assert run["status"] == "complete", run.get("reason")
    assert house.download(run, "file") == file
    accepted = house.download(run, "accepted.csv").decode().splitlines()
    assert len(accepted) - 1 == run["verdict"]["rows"]["accepted"], len(accepted)
    until("the copy goes when nobody reads it", lambda: house.staged() == [])


def the_same_file_again_is_the_earlier_run_and_a_third_time_another(house):
    file = sample(300, 1)
    first = house.settled(house.hand_in("a.csv", file)[1])
    status, again = house.hand_in("b.csv", file)
    assert (status, again["id"]) == (200, first["id"]), again
    status, anew = house.hand_in("b.csv", file, again="true")
    assert status == 202, anew
    anew = house.settled(anew)
    assert anew["status"] == "complete" and anew["id"] != first["id"], anew["status"]
    # From the first time, the ledger has every key.
    assert anew["rows_accepted"] == 0 and anew["found_by_server"] > 0, anew["rows_accepted"]
    assert house.download(anew, "file") == file


def a_file_of_many_parts_arrives_whole(house):
    # Held, since it is no table: what counts here are its 40 MB.
    file = random.Random(7).randbytes(40_000_000)
    run = house.settled(house.hand_in("noise.bin", file)[1])
    assert run["status"] == "held", run["status"]
    assert run["file_sha256"] == hashlib.sha256(file).hexdigest()
    assert hashlib.sha256(house.download(run, "file")).hexdigest() == run["file_sha256"]


def a_run_that_is_killed_is_finished_at_the_next_start(house):
    file = sample(200_000, 3)
    status, begun = house.hand_in("killed.csv", file)
    assert status == 202, begun
    house.kill()
    assert house.staged(), "it was killed too late"
    house.start()
    run = house.settled(begun)
    assert run["status"] == "complete", run.get("reason")
    assert house.download(run, "file") == file
    until("nothing is left in staging", lambda: house.staged() == [])


CHECKS = [
    a_file_is_judged_and_comes_back_as_it_was,
    the_same_file_again_is_the_earlier_run_and_a_third_time_another,
    a_file_of_many_parts_arrives_whole,
    a_run_that_is_killed_is_finished_at_the_next_start,
]

failed = 0
for fake in [Moto(), Azurite()]:
    house = House(fake)
    for check in CHECKS:
        try:
            check(house)
            print(f"{house.name}: {check.__name__} ... ok", flush=True)
        except Exception:
            failed += 1
            print(f"{house.name}: {check.__name__} ... FAILED", flush=True)
            traceback.print_exc(file=sys.stdout)
    house.end()
count = 2 * len(CHECKS)
print(f"test result: {'FAILED' if failed else 'ok'}. {count - failed} passed; {failed} failed")
sys.exit(failed > 0)
