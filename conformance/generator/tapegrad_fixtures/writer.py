"""Files and their index."""

import gzip
import json
import os
import re

import torch

FOLDERS = ("ops", "functional", "modules", "optim", "schedulers", "distributions", "random")


class Writer:
    """Collects files, refuses empty ones, and writes the index."""

    def __init__(self, out, seed, only):
        self.out, self.seed, self.only = out, seed, re.compile(only) if only else None
        self.index, self.left_out, self.dropped = {}, {}, {}

    def wanted(self, folder, name):
        return not self.only or bool(self.only.search(f"{folder}/{name}"))

    def drop(self, name, reason):
        reason = re.sub(r"\s+", " ", reason)[:110]
        d = self.dropped.setdefault(name, {})
        d[reason] = d.get(reason, 0) + 1

    def save(self, folder, name, body):
        n = len(body["cases"])
        if not n:
            why = self.dropped.get(f"{folder}/{name}") or {}
            self.left_out[f"{folder}/{name}"] = max(why, key=why.get) if why else "no sample survived"
            return
        self.left_out.pop(f"{folder}/{name}", None)
        path = os.path.join(self.out, folder, name + ".json")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        head = {"name": name, "folder": folder, "torch": torch.__version__, "seed": self.seed}
        text = json.dumps({**head, **body}, separators=(",", ":"), allow_nan=False)
        with open(path, "w") as f:
            f.write(text)
        self.index[f"{folder}/{name}"] = {
            "cases": n,
            "errors": len(body.get("errors", [])),
            "bytes": len(text),
            "grads": sum(1 for c in body["cases"] if "grads64" in c or "param_grads64" in c),
            "hvp": sum(1 for c in body["cases"] if "hvp64" in c),
        }

    def finish(self):
        folders = {}
        for k, v in self.index.items():
            f = folders.setdefault(k.split("/")[0], {"files": 0, "cases": 0, "errors": 0, "bytes": 0, "grads": 0, "hvp": 0})
            f["files"] += 1
            for x in ("cases", "errors", "bytes", "grads", "hvp"):
                f[x] += v[x]
        os.makedirs(self.out, exist_ok=True)
        with open(os.path.join(self.out, "index.json"), "w") as f:
            json.dump(
                {
                    "torch": torch.__version__,
                    "seed": self.seed,
                    "folders": folders,
                    "files": self.index,
                    "left_out": self.left_out,
                    "dropped_cases": self.dropped,
                },
                f,
                indent=1,
            )
        return folders

    def compress(self):
        """Leave every file as .json.gz, the same bytes whenever it is made."""
        for key in self.index:
            path = os.path.join(self.out, key + ".json")
            with open(path, "rb") as f:
                text = f.read()
            with open(path + ".gz", "wb") as f:
                f.write(gzip.compress(text, 9, mtime=0))
            os.remove(path)


def existing(w, folder, name, call):
    """The body of a file that this run has written already, or a new one."""
    path = os.path.join(w.out, folder, name + ".json")
    if f"{folder}/{name}" in w.index and os.path.exists(path):
        with open(path) as f:
            return {k: v for k, v in json.load(f).items() if k in ("call", "aliases", "cases", "errors")}
    return {"call": call, "aliases": [], "cases": [], "errors": []}
