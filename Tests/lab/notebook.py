#!/usr/bin/env python3
"""Checks the tables of studies and the notebook that draws them.

  notebook.py columns RESULTS            each column of each CSV file below RESULTS is in Specs/data.md, and each has the
                                         name of a member of the JSON beside it
  notebook.py run RESULTS [PICTURES]     runs the code cells of Specs/notebook/figures.ipynb on RESULTS, without Jupyter;
                                         writes its figures as PNG into PICTURES
  notebook.py execute RESULTS            the same with a kernel of Jupyter (nbclient)

Exit codes: 0 no fault; 1 a fault was printed; 2 usage; 3 a module of Python is missing (the cells were compiled)."""

import csv, glob, importlib.util, json, os, re, sys

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
NOTEBOOK = REPOSITORY + "/Specs/notebook/figures.ipynb"
DEBIANS = "/usr/bin/python3"  # the first python3 on PATH may not have Debian's packages


def members(value):
    """All names of members in a JSON value. A mean is an object; its ends are columns with Low and High."""
    if isinstance(value, list): return set().union(*map(members, value), set())
    if not isinstance(value, dict): return set()
    names = set(value)
    for name, inside in value.items():
        names |= members(inside)
        if isinstance(inside, dict): names |= {name + part[:1].upper() + part[1:] for part in inside}
    # What has no value is left out of JSON.
    return names | {name + end for name, inside in value.items() if isinstance(inside, dict) for end in ("Low", "High")}


def columns(results):
    page = open(REPOSITORY + "/Specs/data.md", encoding="utf-8").read()
    known = set(re.findall(r"`(\w+)`", page))
    faults, files = [], glob.glob(f"{results}/**/*.csv", recursive=True)
    for path in files:
        head = next(csv.reader(open(path, encoding="utf-8")))
        folder = os.path.dirname(path)
        for name in head:
            if name not in known: faults.append(f"{path}: Specs/data.md has no column {name}")
        if not os.path.exists(f"{folder}/provenance.json"): faults.append(f"{folder}: there is no provenance.json")
        # Trials are in no JSON file: their names are compared with the program's own in HostileFilesTests.
        if os.path.exists(f"{folder}/summary.json") and os.path.basename(path) != "trials.csv":
            names = members(json.load(open(f"{folder}/summary.json", encoding="utf-8")))
            faults += [f"{path}: summary.json has no member {name}" for name in head
                       if name not in names and name not in ("expectedRepairsPerChunk", "overhead")]
    if not files: faults.append(f"{results}: there is no CSV file")
    return faults


def need(names, packages):
    """Starts anew under Debian's Python when only that one has the modules."""
    for name in names:
        if importlib.util.find_spec(name): continue
        if os.path.realpath(sys.executable) != os.path.realpath(DEBIANS) and os.path.exists(DEBIANS):
            os.execv(DEBIANS, [DEBIANS, *sys.argv])
        print(f"{name} is missing: apt-get install {packages}")
        sys.exit(3)


def run(results, pictures):
    cells = json.load(open(NOTEBOOK, encoding="utf-8"))["cells"]
    codes = [compile("".join(cell["source"]), f"{NOTEBOOK}, cell {number}", "exec")
             for number, cell in enumerate(cells) if cell["cell_type"] == "code"]
    need(["pandas", "matplotlib"], "python3-pandas python3-matplotlib")
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    os.environ["GALLERY_RESULTS"] = results
    space = {}
    for code in codes: exec(code, space)
    figures = plt.get_fignums()
    for number in figures:
        figure = plt.figure(number)
        if pictures: figure.savefig(f"{pictures}/figure-{number}.png", dpi=90)
        if not all(axes.has_data() for axes in figure.axes): return [f"{NOTEBOOK}: figure {number} has no data"]
    print(f"{len(figures)} figures")
    return [] if len(figures) == 5 else [f"{NOTEBOOK}: {len(figures)} figures, not 5"]


def execute(results):
    need(["nbclient", "ipykernel", "pandas", "matplotlib"],
         "python3-nbclient python3-ipykernel python3-pandas python3-matplotlib")
    import nbclient, nbformat
    os.environ["GALLERY_RESULTS"] = results
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    count = sum("image/png" in output.get("data", {}) for output in outputs)
    print(f"{count} figures")
    return [] if count == 5 else [f"{NOTEBOOK}: {count} figures, not 5"]


if __name__ == "__main__":
    words = sys.argv[1:]
    if len(words) < 2 or words[0] not in ("columns", "run", "execute"):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    faults = {"columns": columns, "execute": execute}.get(words[0], lambda results: run(results, *words[2:3] or [None]))(
        os.path.abspath(words[1]))
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(1 if faults else 0)
