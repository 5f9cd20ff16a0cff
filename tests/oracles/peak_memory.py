"""Runs a program and prints its peak resident set as the last line; exits as the program does.

    python -I -S peak_memory.py PROGRAM ARGUMENT...
"""

import json
import resource
import subprocess
import sys

code = subprocess.run(sys.argv[1:], check=False).returncode
print(json.dumps({"peak_kib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}))
sys.exit(code)
