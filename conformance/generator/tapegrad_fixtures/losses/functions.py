"""The functional half of the loss sweep, appended to what OpInfo gave."""

from ..calls import caller
from ..cases import CAP, compute, enc_tree, failure, run
from ..encoding import enc
from ..trees import tensors
from ..writer import existing
from .sweep import LOSS_FUNCTION


def generate_loss_functions(w, sweep):
    """The functional half of the loss sweep, appended to what OpInfo gave."""
    for cls, (cases, bad) in sweep.items():
        name = LOSS_FUNCTION[cls]
        if not w.wanted("functional", name):
            continue
        body = existing(w, "functional", name, f"torch.nn.functional.{name}(input, *args, **kwargs)")
        fn = caller(body["call"])
        for label, kwargs, args in cases:
            if label.endswith("T50"):
                continue  # kept in modules/CTCLoss only, for its size
            tree = {"input": args[0], "args": list(args[1:]), "kwargs": dict(kwargs)}
            floats = [p for p, t in tensors(tree) if t.is_floating_point() and not p.startswith("kwargs")]
            cid = f"{name}/sweep/{label}"
            case = None
            for n in range(len(floats), 0, -1):  # torch refuses the gradient of some targets
                try:
                    case = {"id": cid, **enc_tree(tree), **compute(fn, tree, floats[:n], f"{w.seed}/{cid}", limit=CAP, with_warning=True)}
                except Exception as e:
                    w.drop("functional/" + name, f"{label}: {type(e).__name__}: {e}")
                    case = None
                    break
                if "grad_error" not in case:
                    break
            if case:
                body["cases"].append(case)
        for label, kwargs, args in bad:
            tree = {"input": args[0], "args": list(args[1:]), "kwargs": dict(kwargs)}
            got = failure(fn, tree)
            case = {"id": f"{name}/bad/{label}", **enc_tree(tree), "error": got and got[0], "message": got and got[1]}
            if not got:
                case["out32"] = enc(run(fn, tree)[0])
            body["errors"].append(case)
        w.save("functional", name, body)
