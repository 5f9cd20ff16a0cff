"""Judges the networks of the zoo, each in a process of its own, and writes docs/zoo.md.

    python tests/zoo/report.py [--only NAME …] [--short] [--forms training decomposed batch size] [--baseline]

Verdicts are kept in build/zoo/verdicts.json, so that a part can be judged again; the page shows all that there are, and
names the networks without. Exit code 1 when a network that PyTorch exports fails.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import page

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASELINE = pathlib.Path(__file__).with_name("baseline.json")
TIME_LIMIT = 1800  # seconds for one network in all its forms

# One of each kind and all of them small: what continuous integration has time for.
SHORT = ["test_resnet", "test_vit", "test_convnext", "test_efficientnet", "test_nfnet", "espcn", "swinir",
         "shufflenet_v2_x0_5"]


def in_own_process(script, name, *options):
    """The JSON that a script prints for one network, or why there is none."""
    command = [sys.executable, pathlib.Path(__file__).with_name(script), name, *options]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True,
                              timeout=TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return {"failure": f"more than {TIME_LIMIT} s"}
    try:
        return json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        return {"failure": f"exit code {done.returncode}: {last[0][:300]}"}


def merged(old, new):
    """A verdict with the forms judged now in place of those judged before."""
    return new | {"forms": (old or new)["forms"] | new["forms"]}


def read(path):
    return json.loads(path.read_text()) if path.is_file() else {}


def write(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=1, sort_keys=True) + "\n")


def outcome(verdict):
    """A line about a verdict, and whether it is a failure of Slipway."""
    if "failure" in verdict:
        return verdict["failure"], True
    words, failed = [], False
    for form, found in verdict["forms"].items():
        reason = found.get("failure")
        if reason is None:
            words.append(f"{form} {found['native']:.1g}/{found['onnxruntime']:.1g}")
        elif reason.startswith("PyTorch: "):
            words.append(f"{form}: not exported")
        else:
            words.append(f"{form} FAILS")
            failed = True
    return ", ".join(words), failed


def chosen(arguments):
    from networks import all_networks
    names = list(all_networks())
    wanted = SHORT if arguments.short else arguments.only or names
    unknown = [name for name in wanted if name not in names]
    if unknown:
        sys.exit(f"no such networks: {', '.join(unknown)}")
    return wanted


def judge_all(names, arguments):
    options = ["--folder", arguments.folder, "--slipway", arguments.slipway, "--keep", str(arguments.keep)]
    if arguments.forms:
        options += ["--forms", *arguments.forms]
    verdicts = read(arguments.folder / "verdicts.json")
    failed = []
    for place, name in enumerate(names, 1):
        start = time.perf_counter()
        verdict = {"name": name, "forms": {}} | in_own_process("judge.py", name, *options)
        verdicts = read(arguments.folder / "verdicts.json")
        verdicts[name] = merged(verdicts.get(name), verdict)
        write(arguments.folder / "verdicts.json", verdicts)
        line, failure = outcome(verdict)
        print(f"{place}/{len(names)} {name}: {line} ({time.perf_counter() - start:.0f} s)", flush=True)
        for form, found in verdict["forms"].items():
            if "failure" in found:
                print(f"    {form}: {found['failure'].splitlines()[0][:240]}", flush=True)
        if failure:
            failed.append(name)
    return verdicts, failed


def measure_baseline(names, verdicts):
    """What baseline.json lacks: every network's, and that of decomposed programs which are larger than the network's."""
    def measure(name, form):
        found = read(BASELINE)
        of_network = found.setdefault(name, {})
        if form not in of_network:
            of_network[form] = in_own_process("torch_onnx.py", name, form)
            write(BASELINE, found)
            print(f"{name}, {form}: {of_network[form]}", flush=True)
        return of_network[form]

    for name in names:
        of_network = measure(name, "training")
        if page.larger(verdicts.get(name, {}).get("forms", {}).get("decomposed", {}), of_network):
            measure(name, "decomposed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these networks")
    parser.add_argument("--short", action="store_true", help="the few that continuous integration judges")
    parser.add_argument("--forms", nargs="+", choices=["training", "decomposed", "batch", "size"])
    parser.add_argument("--baseline", action="store_true",
                        help="also export by torch.onnx and onnxslim the networks that baseline.json lacks; slow")
    parser.add_argument("--keep", type=float, default=60, help="keep exports up to this many megabytes")
    parser.add_argument("--slipway", default=str(ROOT / "build/release/slipway"))
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/zoo")
    arguments = parser.parse_args()

    wanted = chosen(arguments)
    verdicts, failed = judge_all(wanted, arguments)
    if arguments.baseline:
        measure_baseline(wanted, verdicts)
    if not arguments.short:
        (ROOT / "docs/zoo.md").write_text(page.render(verdicts, read(BASELINE)))
    print(f"{len(wanted) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
