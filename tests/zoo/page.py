"""Writes what the zoo has shown as a page."""

import importlib.metadata

from networks import all_networks

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
pictures), **batch** has a dynamic batch (run with 1, 3 and 4), **size** a dynamic height and width (run with three others).
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


def is_export_failure(found):
    return found.get("failure", "").startswith("PyTorch: ")


def summary(verdicts):
    lines = ["| | form | networks | passed | PyTorch does not export |", "|---|---|--:|--:|--:|"]
    groups = {name: network.group for name, network in all_networks().items()}
    for group in TITLES:
        for form in ("training", "decomposed", "batch", "size"):
            found = [verdict["forms"][form] for name, verdict in verdicts.items()
                     if groups.get(name) == group and form in verdict["forms"]]
            if found:
                passed = sum("failure" not in entry for entry in found)
                refused = sum(is_export_failure(entry) for entry in found)
                lines.append(f"| {group} | {form} | {len(found)} | {passed} | {refused} |")
    return lines


def row(name, form, found, baseline):
    if "failure" in found:
        reason = found["failure"].splitlines()[0].replace("|", "\\|")[:200]
        return f"| {name} | {form} | | | | | | {reason} |"
    expected = baseline.get("nodes", "fails" if "failure" in baseline else "")
    expected = expected if form in ("training", "decomposed") else ""
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
        forms = verdict["forms"] or {"": {"failure": verdict.get("failure", "")}}
        lines += [row(name, form, found, baseline.get(name, {})) for form, found in forms.items()]
    return lines


def larger_than_baseline(verdicts, baseline):
    """Networks with more than 1.05 times the nodes or bytes that torch.onnx and onnxslim need."""
    lines = []
    for name, verdict in verdicts.items():
        for form in ("training", "decomposed"):
            found, other = verdict["forms"].get(form, {}), baseline.get(name, {})
            for what in ("nodes", "bytes"):
                if what in found and what in other and found[what] > 1.05 * other[what]:
                    lines.append(f"- {name}, {form}: {found[what]} {what}, {other[what]} there")
    return ["## Larger than what torch.onnx and onnxslim give", "", *(lines or ["None."])]


def render(verdicts, baseline):
    parts = [INTRODUCTION, versions(), "", *summary(verdicts), ""]
    for group in TITLES:
        parts += [*table(group, verdicts, baseline), ""]
    parts += larger_than_baseline(verdicts, baseline)
    return "\n".join(parts) + "\n"
