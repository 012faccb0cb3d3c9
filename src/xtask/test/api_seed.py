"""Fills an empty ledger with something of everything that the API is asked about, and writes down its names for
schemathesis, into the working folder. Argument: the address of the server."""

import sys
import time

import requests

SERVER = f"{sys.argv[1]}/api/v1"
HEAD = "order_id,order_date,region,product,sku,quantity,revenue"


def file(name):
    """Records 1 to 3 have a region that nobody knows, 4 and 5 are below zero, 6 cannot be read; the others are sound."""
    rows = [
        *[f"{name}{it},2026-01-15,Nort,Milk 1L,SKU-MLK-1L,1,{it}.50" for it in range(1, 4)],
        *[f"{name}{it},2026-01-16,South,Yogurt 500g,,2,-{it}.00" for it in range(4, 6)],
        f"{name}6,soon,East,Milk 1L,,many,much",
        *[f"{name}{it},2026-01-17,West,Cola 500ml,,3,{it}.25" for it in range(7, 19)],
    ]
    return "\n".join([HEAD, *rows, ""])


def post(path, **content):
    answer = requests.post(f"{SERVER}/{path}", **content, headers={"x-tarazu-actor": "asha"})
    assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


def submit(name, content, status="complete", **query):
    """The run, once it has ended."""
    run = post("runs", params={"filename": f"{name}.csv", **query}, data=content)
    while run["status"] == "running":
        time.sleep(0.05)
        run = requests.get(f"{SERVER}/runs/{run['id']}").json()
    assert run["status"] == status, run
    return run


def act(run, record, what, **content):
    return post(f"runs/{run['id']}/exceptions/{record}/{what}", json=content)


def names(of, values):
    with open(f"{of}.dict", "w", encoding="utf-8") as out:
        out.writelines(f'"{it}"\n' for it in values)


reason = "a test"
runs = [submit(name, file(name)) for name in "ABCDEFGHJK"]
for run in runs[:5]:
    act(run, 1, "corrections", version=1, cells={"region": "North"})
    act(run, 2, "corrections", version=1, cells={"region": "Nord"})
    act(run, 2, "comments", version=2, text="asked the shop")
    act(run, 3, "assignment", version=1, assignee="ravi")
    act(run, 4, "waivers", version=1, reason=reason)
    act(run, 5, "waivers", version=1, reason=reason)
    act(run, 5, "reopen", version=2, reason=reason)
    act(run, 6, "rejections", version=1, reason=reason)
post(f"runs/{runs[0]['id']}/withdrawal", json={"reason": reason})
runs.append(submit("B2", file("B").replace(".25", ".75"), replaces=runs[1]["id"]))
# One key more than once: left to whoever comes, and settled.
runs.append(submit("again", file("C").replace("C7", "C77")))
act(runs[-1], 8, "settlement", version=1, settlement="take-place", reason=reason)
runs.append(submit("whole", file("L"), status="held", admission="all-or-none"))
runs.append(submit("other", "no,such,columns\n1,2,3\n", status="held"))
for value in ["Harbour", "Airport"]:
    edit = {"edit": "add-value", "value": value}
    post("contracts/sales/lists/regions/edits", json={**edit, "reason": reason})
# A file that waits for a word to take another's place.
waiting = submit("K2", file("K").replace(".25", ".75"), "held", replaces=runs[9]["id"], admission="after-confirmation")
regions = "value,synonyms\nNorth,Northern\nSouth,\nEast,\nWest,\nCentral,\n"
post("contracts/sales/lists/regions/entries.csv", data=regions)
corrections = [it for it in requests.get(f"{SERVER}/runs").json()["runs"] if it["kind"] == "correction"]
assert corrections, "nothing entered later"
everything = [*runs, waiting, *corrections]
names("runs", [it["id"] for it in everything])
names("files", [it["id"] for it in runs if it["status"] == "complete"])
names("waiting", [waiting["id"]])
names("digests", {it["file_digest"] for it in everything})
