"""Reads what the server tells of its runs with OpenLineage's own Python client, whose classes are made of the
specification, and holds it to the schemas of the specification where they can be had. Arguments: tarazu, and the address
and the data folder of a server of its own.

TARAZU_OPENLINEAGE_SPEC is where the schemas are: an address, or a folder laid out like it
(`2-0-2/OpenLineage.json`, `facets/1-1-1/SchemaDatasetFacet.json`). Where it is not set, they are asked for at their
own addresses; where these do not answer, the client's classes alone are what the events are held to, and that is said.
"""

import enum
import importlib
import json
import os
import pathlib
import pkgutil
import sys
import time
import traceback
import types
import typing
import urllib.request
import uuid

import attr
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SERVER = sys.argv[2]
DATA = pathlib.Path(sys.argv[3])
SPEC = "https://openlineage.io/spec/"
GIVEN = os.environ.get("TARAZU_OPENLINEAGE_SPEC")

HEADER = "order_id,order_date,region,product,quantity,revenue"
FILES = {
    "complete.csv": f"{HEADER},remark\n1,2026-01-05,North,Milk 1L,2,10.50,x\n2,soon,North,Milk 1L,2,10.50,y\n",
    "held.csv": "no,such,columns\n1,2,3\n",
    "nothing.csv": "",
    # Held for its rate of exceptions, so that it waits for its release.
    "lost.csv": f"{HEADER}\n" + "".join(f"{it},soon,North,Milk 1L,2,10.50\n" for it in range(100, 110)),
}


def client():
    """The client's classes by name, without the transports that its package brings along."""
    package = types.ModuleType("openlineage.client")
    package.__path__ = [str(pathlib.Path(importlib.import_module("openlineage").__path__[0]) / "client")]
    sys.modules["openlineage.client"] = package
    generated = importlib.import_module("openlineage.client.generated")
    found = {}
    for module in pkgutil.iter_modules(generated.__path__):
        module = importlib.import_module(f"openlineage.client.generated.{module.name}")
        found.update((name, it) for name, it in vars(module).items() if isinstance(it, type) and attr.has(it))
    return found


CLASSES = client()


def build(kind, value, place):
    """`value` as one of `kind`, by the client's own constructors; whatever it does not know or misses is an error."""
    origin, within = typing.get_origin(kind), typing.get_args(kind)
    if kind is typing.Any:
        return value
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in within:
            return None
        wrong = []
        for one in within:
            try:
                return build(one, value, place)
            except (AssertionError, TypeError, ValueError) as error:
                wrong.append(str(error))
        raise AssertionError("; ".join(wrong))
    if origin is list:
        assert isinstance(value, list), f"{place} is no list"
        return [build(within[0], it, f"{place}[{at}]") for at, it in enumerate(value)]
    if origin is dict:
        assert isinstance(value, dict), f"{place} is no object"
        return {name: build(within[1], it, f"{place}.{name}") for name, it in value.items()}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if isinstance(kind, type) and attr.has(kind):
        return built(facet(kind, value, place), value, place)
    assert isinstance(value, kind) and (kind is bool or not isinstance(value, bool)), f"{place} is no {kind.__name__}"
    return value


def facet(kind, value, place):
    """The class that a facet says it is of, where it is one."""
    if not issubclass(kind, CLASSES["BaseFacet"]):
        return kind
    address, name = value["_schemaURL"].split("#/$defs/")
    known = CLASSES[name]
    assert issubclass(known, kind), f"{place}: {name} is no {kind.__name__}"
    version = lambda url: [int(it) for it in url.split("/")[-2].split("-")]
    newest = version(known._get_schema().split("#")[0])
    assert version(address)[0] == newest[0] and version(address) <= newest, f"{place}: {address}, known is {newest}"
    return known


def built(kind, value, place):
    assert isinstance(value, dict), f"{place} is no object"
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in attr.fields(kind)}
    unknown = value.keys() - fields.keys()
    assert not unknown, f"{place}: {kind.__name__} knows no {sorted(unknown)}"
    given = {
        field.alias: build(hints[name], value[name], f"{place}.{name}")
        for name, field in fields.items() if name in value and field.init
    }
    return kind(**given)


def get(path):
    with urllib.request.urlopen(f"{SERVER}/api/v1/{path}") as answer:
        return json.load(answer)


def post(path, body):
    request = urllib.request.Request(f"{SERVER}/api/v1/{path}", data=body, method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def ended(run):
    while (found := get(f"runs/{run}?workspace=lineage"))["status"] == "running":
        time.sleep(0.05)
    return found


def told():
    """The events of each run, by the name of its file."""
    events = {}
    for name, content in FILES.items():
        run = post(f"runs?filename={name}&workspace=lineage", content.encode())["id"]
        ended(run)
        if name == "lost.csv":
            run = failed_for_its_file(run)
        events[name] = get(f"runs/{run}/openlineage.json?workspace=lineage")
        if name == "complete.csv":
            events["corrected"] = get(f"runs/{corrected(run)}/openlineage.json?workspace=lineage")
    return events


def corrected(run):
    """Puts the second row of complete.csv right, and gives the run with which it enters."""
    act = json.dumps({"version": 1, "cells": {"order_date": "2026-01-05"}}).encode()
    row = post(f"runs/{run}/exceptions/2/corrections?workspace=lineage", act)
    return row["history"][-1]["entered"]["run"]


def failed_for_its_file(run):
    """Removes the raw file of a held run, releases it, and gives the run that takes its place and fails."""
    held = ended(run)
    assert held["status"] == "held", held
    (DATA / "raw" / "lineage" / held["file_digest"]).unlink()
    reason = json.dumps({"reason": "as it is"}).encode()
    released = ended(post(f"runs/{run}/release?workspace=lineage", reason)["id"])
    assert released["status"] == "failed", released
    return released["id"]


def the_client_knows_every_event(events):
    for name, of_run in events.items():
        end = "FAIL" if name == "lost.csv" else "COMPLETE"
        assert [it["eventType"] for it in of_run] == ["START", end], of_run
        assert ("errorMessage" in of_run[1]["run"]["facets"]) == (end == "FAIL"), of_run
        for event in of_run:
            read = built(CLASSES["RunEvent"], event, name)
            assert event["schemaURL"] == read.schemaURL, event["schemaURL"]
            uuid.UUID(read.run.runId)


def the_client_refuses_what_it_does_not_know(events):
    """So that what it takes says something."""
    event = json.dumps(events["complete.csv"][1])
    spoilt = [
        ('"rowCount": 1', '"rowCount": "1"'),
        ('"eventType": "COMPLETE"', '"eventType": "DONE"'),
        ('"inputFields"', '"inputColumns"'),
        ('"namespace"', '"space"'),
        ("SchemaDatasetFacet", "SchemaFacet"),
    ]
    for right, wrong in spoilt:
        assert right in event, right
        try:
            built(CLASSES["RunEvent"], json.loads(event.replace(right, wrong)), "spoilt")
        except (AssertionError, KeyError, TypeError, ValueError):
            continue
        raise AssertionError(f"it takes {wrong}")


def schema(address):
    """A schema of the specification; None where it does not come."""
    place = address.split("#")[0]
    assert place.startswith(SPEC), place
    place = (GIVEN or SPEC).rstrip("/") + "/" + place.removeprefix(SPEC)
    if "://" not in place:
        return json.loads(pathlib.Path(place).read_text(encoding="utf-8"))
    with urllib.request.urlopen(place, timeout=10) as answer:
        return json.load(answer)


def facets(value):
    if isinstance(value, dict):
        for name, it in value.items():
            if name in ("facets", "inputFacets", "outputFacets"):
                yield from it.items()
            yield from facets(it)
    elif isinstance(value, list):
        for it in value:
            yield from facets(it)


def every_event_holds_to_the_schemas(events):
    known = {}

    def fetched(address):
        if address not in known:
            known[address] = Resource.from_contents(schema(address), default_specification=DRAFT202012)
        return known[address]

    registry = Registry(retrieve=fetched)
    for event in (it for of_run in events.values() for it in of_run):
        addresses = [(event["schemaURL"], event)]
        # A facet's schema says under which name it stands.
        addresses += [(it["_schemaURL"].split("#")[0], {name: it}) for name, it in facets(event)]
        for address, value in addresses:
            validator = Draft202012Validator({"$ref": address}, registry=registry, format_checker=FormatChecker())
            wrong = [f"{'/'.join(map(str, it.absolute_path))}: {it.message}" for it in validator.iter_errors(value)]
            assert not wrong, (address, wrong)


CHECKS = [the_client_knows_every_event, the_client_refuses_what_it_does_not_know]
try:
    schema(f"{SPEC}2-0-2/OpenLineage.json")
    CHECKS.append(every_event_holds_to_the_schemas)
except OSError as error:
    if GIVEN:
        raise
    print(f"The schemas of OpenLineage do not come ({error}): its client alone was asked. Set TARAZU_OPENLINEAGE_SPEC.")

failed = 0
events = told()
for check in CHECKS:
    try:
        check(events)
        print(f"{check.__name__} ... ok")
    except Exception:
        failed += 1
        print(f"{check.__name__} ... FAILED")
        traceback.print_exc(file=sys.stdout)
print(f"test result: {'FAILED' if failed else 'ok'}. {len(CHECKS) - failed} passed; {failed} failed")
sys.exit(failed > 0)
