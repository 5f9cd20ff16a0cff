"""Writes what the zoo has shown as a page."""

import importlib.metadata

from networks import all_networks

FORMS = ["training", "decomposed", "batch", "size"]
TITLES = {"timm": "timm: the smallest network of each family", "torchvision": "torchvision",
          "super-resolution": "Super-resolution"}

INTRODUCTION = """# The zoo

Written by `make zoo`. Every network has random weights (drawn as `tests/zoo/weights.py` says, so that an error anywhere
shows), is exported by `torch.export`, converted by `slipway convert`, checked by `onnx.checker` with full inference, and
run by Slipway's engine and by ONNX Runtime. Errors are the largest difference from PyTorch in double precision as a share
of the largest output, over all inputs that a form is run on; the last is PyTorch's own in single precision. A network
passes when both engines stay within 1e-5 or twice PyTorch's own error, whichever is larger; integer and boolean outputs
must be equal.

Forms: **training** is torch.export's default dialect, **decomposed** follows `run_decompositions()` (both run on three
pictures), **batch** has a dynamic batch (run with 1, 3 and 4), **size** a dynamic height and width (multiples of 32 for
timm's; run with three others).
"""


def versions():
    packages = ["torch", "timm", "torchvision", "onnx", "onnxruntime", "onnxslim"]
    found = []
    for package in packages:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    return "Versions: " + ", ".join(found) + "."


def summary(verdicts):
    lines = ["| | form | networks | passed | PyTorch does not export | PyTorch takes too long |",
             "|---|---|--:|--:|--:|--:|"]
    groups = {name: network.group for name, network in all_networks().items()}
    for group in TITLES:
        for form in FORMS:
            found = [verdict["forms"][form] for name, verdict in verdicts.items()
                     if groups.get(name) == group and form in verdict["forms"]]
            if found:
                passed = sum("failure" not in entry for entry in found)
                failures = [entry.get("failure", "") for entry in found]
                late = sum(failure.startswith("PyTorch: TooLong") for failure in failures)
                refused = sum(failure.startswith("PyTorch: ") for failure in failures) - late
                lines.append(f"| {group} | {form} | {len(found)} | {passed} | {refused} | {late} |")
    return lines


def beside(baseline, name, form):
    """What torch.onnx and onnxslim give for the same: of the decomposed program where it was measured, or else of the
    network. Nothing for forms with open shapes."""
    found = baseline.get(name, {})
    return found.get(form, found.get("training", {})) if form in ("training", "decomposed") else {}


def larger(found, other):
    """What is more than 1.05 times as many there: nodes, bytes, both or neither."""
    return [what for what in ("nodes", "bytes") if what in found and what in other and found[what] > 1.05 * other[what]]


def row(name, form, found, baseline):
    if "failure" in found:
        reason = found["failure"].splitlines()[0].replace("|", "\\|")[:200]
        return f"| {name} | {form} | | | | | | {reason} |"
    other = beside(baseline, name, form)
    expected = other.get("nodes", "fails" if "failure" in other else "")
    return (f"| {name} | {form} | {found['nodes']} | {found['bytes'] / 1e6:.2f} | {found['native']:.1e} "
            f"| {found['onnxruntime']:.1e} | {found['own']:.1e} | {expected} |")


def table(group, verdicts, baseline):
    lines = [f"## {TITLES[group]}", "",
             "| network | form | nodes | MB | error | ONNX Runtime's | PyTorch's own | torch.onnx and onnxslim: nodes |",
             "|---|---|--:|--:|--:|--:|--:|--:|"]
    for name, network in all_networks().items():
        verdict = verdicts.get(name)
        if network.group != group or verdict is None:
            continue
        forms = verdict["forms"] | ({"": verdict} if "failure" in verdict else {})
        lines += [row(name, form, forms[form], baseline) for form in [*FORMS, ""] if form in forms]
    return lines


def against_baseline(verdicts, baseline):
    """Nodes and bytes beside what torch.onnx and onnxslim need, and where they are more than 1.05 times as many."""
    compared, lines = {"training": 0, "decomposed": 0}, []
    for name, verdict in verdicts.items():
        for form in compared:
            found, other = verdict["forms"].get(form, {}), beside(baseline, name, form)
            compared[form] += "nodes" in found and "nodes" in other
            lines += [f"- {name}, {form}: {found[what]} {what}, {other[what]} there" for what in larger(found, other)]
    failed = sum("failure" in other["training"] for other in baseline.values())
    own = [name for name, other in baseline.items() if "decomposed" in other]
    counts = ", ".join(f"{count} {form}" for form, count in compared.items())
    return ["## Larger than what torch.onnx and onnxslim give", "",
            f"Compared: {counts}. Of {len(baseline)} networks these two together do not export {failed}. Decomposed "
            "programs stand beside what the two make of the network itself, or, where that is smaller, of the same "
            f"decomposed program ({', '.join(own) or 'none'}). More than 1.05 times their nodes or bytes:", "",
            *(lines or ["None."])]


def not_judged(verdicts):
    names = [name for name in all_networks() if name not in verdicts]
    return ["## Not judged yet", "", f"{len(names)} of {len(all_networks())}: {', '.join(names)}.", ""] if names else []


def render(verdicts, baseline):
    parts = [INTRODUCTION, versions(), "", *summary(verdicts), "", *not_judged(verdicts)]
    for group in TITLES:
        parts += [*table(group, verdicts, baseline), ""]
    parts += against_baseline(verdicts, baseline)
    return "\n".join(parts) + "\n"
