"""python -m tapegrad_fixtures --out DIR [--seed N] [--max-cases K] [--only REGEX] [--gzip]"""

import argparse
import os
import shutil
import sys
import time
import warnings

from . import __doc__ as about
from .calls import OUT_OF_SCOPE
from .distributions import generate_distributions
from .drawn import generate_random
from .functions import generate_extra_functions
from .losses import generate_loss_functions, loss_sweep
from .modules import generate_modules
from .ops import generate_ops
from .optim import generate_optim
from .schedulers import generate_schedulers
from .writer import FOLDERS, Writer


def main():
    ap = argparse.ArgumentParser(
        prog="python -m tapegrad_fixtures", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--out", required=True)
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--max-cases", type=int, default=10, help="cases per op (sweeps and special values come on top)")
    ap.add_argument("--only", default="", help="regular expression searched in folder/name")
    ap.add_argument("--max-bytes", type=int, default=36000, help="soft limit for the sampled cases of one op")
    ap.add_argument("--gzip", action="store_true", help="leave .json.gz files, as they are committed")
    a = ap.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # a few samplers of PyTorch iterate over sets of strings
        command = [sys.executable, "-m", "tapegrad_fixtures", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})
    warnings.simplefilter("ignore")
    if not a.only:
        for folder in FOLDERS:
            shutil.rmtree(os.path.join(a.out, folder), ignore_errors=True)
    w = Writer(a.out, a.seed, a.only)
    sweep = loss_sweep(a.seed)
    steps = {
        "ops and functional": lambda: generate_ops(w, a.max_cases, a.max_bytes),
        "functions OpInfo lacks": lambda: generate_extra_functions(w, a.max_cases),
        "loss functions": lambda: generate_loss_functions(w, sweep),
        "modules": lambda: generate_modules(w, a.max_cases, a.max_bytes, sweep),
        "optim": lambda: generate_optim(w),
        "schedulers": lambda: generate_schedulers(w),
        "distributions": lambda: generate_distributions(w),
        "random": lambda: generate_random(w),
    }
    start = time.time()
    for label, step in steps.items():
        step()
        print(f"{time.time() - start:7.1f}s  {label}", flush=True)
    folders = w.finish()
    if a.gzip:
        w.compress()
    report(folders, w.left_out)


def report(folders, left_out):
    print(f"\n{'folder':<15}{'files':>6}{'cases':>7}{'errors':>7}{'grads':>7}{'hvp':>6}{'MB':>8}")
    for k, v in folders.items():
        numbers = f"{v['files']:>6}{v['cases']:>7}{v['errors']:>7}{v['grads']:>7}{v['hvp']:>6}{v['bytes'] / 1e6:>8.2f}"
        print(f"{k:<15}{numbers}")
    files, cases, errors, size = (sum(v[x] for v in folders.values()) for x in ("files", "cases", "errors", "bytes"))
    print(f"{'total':<15}{files:>6}{cases:>7}{errors:>7}{'':>13}{size / 1e6:>8.2f}")
    for k, v in sorted(left_out.items()):
        if not any(v == r for _, r in OUT_OF_SCOPE):
            print("left out:", k, "-", v)


if __name__ == "__main__":
    main()
