"""PyTorch's side of the benchmark: reads one JSON question a line, answers with one JSON value a line."""
import json
import resource
import statistics
import sys
import time
import traceback

import torch

from lines import LINES

BATCH = 1e-3  # seconds that a batch of runs takes at least


def fingerprint(value):
    x = value.detach().double().flatten()
    wave = torch.cos(torch.arange(x.numel(), dtype=torch.float64))
    return [x.sum().item(), (x * wave).sum().item(), x.abs().sum().item()]


def batch(run, size):
    start = time.perf_counter()
    for _ in range(size):
        run()
    return time.perf_counter() - start


def measure(run, per, budget):
    """The median time of a unit, in milliseconds: as `time` in src/measure.ts."""
    first = batch(run, 1)
    if first >= budget:
        return first / per * 1e3
    size, times, end = max(1, round(BATCH / first)), [], time.perf_counter() + budget
    while not times or time.perf_counter() < end:
        times.append(batch(run, size) / size)
    return statistics.median(times) / per * 1e3


def peak_memory():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


work = None


def answer(question):
    global work
    match question["do"]:
        case "hello":
            torch.set_num_threads(question["threads"])
            return {"version": torch.__version__}
        case "prepare":
            work = None
            torch.manual_seed(0)
            work = LINES[question["line"]]()
            wanted = question["folder"] is not None
            results = {name: fingerprint(value) for name, value in work.results().items()} if wanted else {}
            return {"results": results, "note": None, "flops": None}
        case "time":
            return {"time": measure(work.run, work.per, question["budget"] / 1e3), "peak": None}
        case "repeat":
            for _ in range(question["times"]):
                work.run()
            return None
        case "memory":
            return peak_memory()


for text in sys.stdin:
    try:
        reply = {"value": answer(json.loads(text))}
    except KeyError as error:
        reply = {"error": f"there is no {error}"}
    except Exception as error:
        traceback.print_exc()
        reply = {"error": str(error) or type(error).__name__}
    print(json.dumps(reply), flush=True)
