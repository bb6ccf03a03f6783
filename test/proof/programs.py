"""The proof that the answer does not depend on the device: a lit test for each program of test/programs and examples, which
compiles it once and runs it on `cpu`, `emu:1` (with all the emulator's checks) and `emu:2`. Exit code, output and the files
that it writes must be the same to the bit, and the checks must find nothing;
of programs that start tasks, the order of lines may differ.

Where ptxas is installed it takes the program's kernels without a word (assemble.py).

What a program needs is read from its RUN lines: those without awgc prepare (files, folders, libraries), those with `awgc run`
say the arguments. What they do with the output is another test's business.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess

import assemble
import lit.formats
import lit.Test

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Devices, and what the emulator is told: the checks' reports go to stderr, which is compared.
RUNS = {
    "cpu": {"AWG_DEVICES": "cpu"},
    "emu-1": {"AWG_DEVICES": "emu:1", "AWG_EMU_CHECK": "1"},
    "emu-2": {"AWG_DEVICES": "emu:2"},
}

# Programs whose output says which devices there are. They must differ: else the comparison would see nothing.
DIFFERENT = {
    "devices.awg": "prints the devices that there are",
    "on-gpus.awg": "launches on the GPUs that there are",
}

# Programs that are compiled with optimisation: a kind of kernel each. The others are compiled without, in a third of the time;
# `lit -D awg_optimise=all test/proof` optimises all.
OPTIMISED = {
    "atomic-histogram.awg", "block-matmul.awg", "borders.awg", "counts.awg", "heat.awg", "histogram.awg", "kernels.awg",
    "mandelbrot.awg", "matmul.awg", "nbody.awg", "parts.awg", "saxpy.awg", "sieve.awg", "softmax.awg", "vec.awg",
}

# Programs that run for long with the checks on: without them.
UNCHECKED = {"tiles.awg"}

# Programs whose stderr the reference leaves open, and why.
OPEN = {
    "also-failed.awg": "which of several simultaneous rejections is seen first",
    "blackscholes.awg": "how long something took",
}

# What is made smaller: the examples' sizes are for devices that are not emulated.
SMALLER = {
    "blackscholes.awg": [("let n = 1_000_000;", "let n = 5_000;")],
    "heat.awg": [("let n = 1024;", "let n = 128;"), ("let steps = 500;", "let steps = 20;")],
    "nbody.awg": [("let n = 256;", "let n = 64;"), ("0..200", "0..5")],
}

# Programs that cannot be run on their own, and why.
LEFT_OUT = dict.fromkeys(["export.awg", "export-bf16.awg", "runtimes.awg"], "a library: it has no main")

# Arguments of those whose RUN lines do not run them by `awgc run`.
ARGUMENTS = {"executable.awg": [["5"], []]}

READERS = re.compile(r"FileCheck|^(diff|cmp|not) |_check\.py|_exact\.py|/checks/|float_trees\.py|png\.py|npy\.py show|\bawgc\b")


class SameBits(lit.formats.TestFormat):
    def getTestsInDirectory(self, suite, path, lit_config, config):
        for folder in ("test/programs", "examples"):
            for program in sorted((ROOT / folder).glob("*.awg")):
                name = program.name if folder != "examples" else "examples-" + program.name
                yield lit.Test.Test(suite, path + (name,), config, file_path=str(program))

    def execute(self, test, lit_config):
        if test.config.unsupported:
            return lit.Test.UNSUPPORTED, ""
        optimises_all = lit_config.params.get("awg_optimise") == "all"
        source = pathlib.Path(test.file_path)
        if source.name in LEFT_OUT:
            return lit.Test.UNSUPPORTED, LEFT_OUT[source.name]
        try:
            differences = Program(test, source, optimises_all).differences()
        except subprocess.TimeoutExpired as error:
            return lit.Test.FAIL, str(error)
        except subprocess.CalledProcessError as error:
            return lit.Test.FAIL, f"{error}\n{error.stdout}"
        if source.name in DIFFERENT:
            return (lit.Test.PASS, "") if differences else (lit.Test.FAIL, "is an exception, but does not differ")
        return (lit.Test.FAIL, differences) if differences else (lit.Test.PASS, "")


class Program:
    """A program's RUN lines, and a folder for each device in which they are followed."""

    def __init__(self, test, source, optimises_all):
        config = test.config
        self.source = source
        self.optimises_all = optimises_all
        self.build = pathlib.Path(config.awg_build)
        self.folder = pathlib.Path(config.test_exec_root) / "proof" / test.path_in_suite[-1]
        self.known = pathlib.Path(config.test_exec_root) / "proof-ptxas"
        self.environment = dict(config.environment)
        self.lines = [self.substitute(line, config) for line in run_lines(source)]
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)

    def substitute(self, line, config):
        """The RUN line with lit's substitutions; `%t` is the same relative name for all devices, so that outputs are."""
        values = {"%awgc": "awgc", "%awg_build": config.awg_build, "%awg_root": config.awg_source, "%python": config.python,
                  "%S": str(self.source.parent), "%s": str(self.source), "%t": "t", "%%": "%"}
        return re.sub("|".join(sorted(values, key=len, reverse=True)), lambda match: values[match[0]], line)

    def preparations(self):
        return [line for line in self.lines if not READERS.search(line)]

    def uses(self):
        """Pairs of compiler words (options and the file) and the program's arguments."""
        uses = []
        for line in self.lines:
            match = re.search(r"\bawgc run (.*?)( \d?>|\||$)", line)
            words = shlex.split(match[1]) if match else []
            place = next((i for i, word in enumerate(words) if word.endswith(".awg")), None)
            if place is not None:
                options = [word for word in words[:place] if not re.match("-O", word)]
                use = (options + [words[place]], words[place + 1:])
                if all(known[1] != use[1] for known in uses) or not uses:
                    uses.append(use)
        return uses or [([str(self.source)], arguments) for arguments in ARGUMENTS.get(self.source.name, [[]])]

    def call(self, words, folder, **more):
        return subprocess.run(words, cwd=folder, env={**self.environment, **more}, stdin=subprocess.DEVNULL, timeout=900,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", shell=isinstance(words, str))

    def compile(self, folder, words):
        words = [self.smaller(word) for word in words]
        level = [] if self.optimises_all or self.source.name in OPTIMISED else ["-O0"]
        executable = str(self.folder / "program")
        self.call([str(self.build / "bin" / "awgc"), "--native", *level, *words, "-o", executable], folder).check_returncode()
        return executable

    def smaller(self, word):
        changes = SMALLER.get(self.source.name)
        if word != str(self.source) or not changes:
            return word
        text = self.source.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"'{old}' is not in {self.source.name}"
            text = text.replace(old, new)
        (self.folder / self.source.name).write_text(text, encoding="utf-8")
        return str(self.folder / self.source.name)

    def differences(self):
        results, said = {}, ""
        for device in RUNS:
            folder = self.folder / device
            folder.mkdir()
            for line in self.preparations():
                self.call(line.replace("cd t", "true"), folder).check_returncode()
        for number, (words, arguments) in enumerate(self.uses()):
            executable = self.compile(self.folder / "cpu", words)
            said += assemble.complaints(executable, self.known)
            for device, environment in RUNS.items():
                folder = self.folder / device
                if self.source.name in UNCHECKED:
                    environment = {**environment, "AWG_EMU_CHECK": "0"}
                with open(folder / f"{number}.out", "wb") as out, open(folder / f"{number}.err", "wb") as err:
                    code = subprocess.run([executable, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                          timeout=900, env={**self.environment, "LD_LIBRARY_PATH": "t", **environment}).returncode
                results.setdefault(device, []).append(code)
        return said + "".join(self.compare("cpu", device, results) for device in list(RUNS)[1:])

    def is_order(self, name, contents):
        """Whether two outputs differ in the order of lines alone, which is open where several tasks print."""
        sorts = [sorted(content.splitlines()) if content is not None else None for content in contents]
        starts = re.search(r"\basync\b(?! fn)", self.source.read_text(encoding="utf-8", errors="replace"))
        return name.suffix in (".out", ".err") and starts and sorts[0] == sorts[1]

    def is_open(self, path):
        return path.suffix == ".err" and self.source.name in OPEN

    def compare(self, first, second, results):
        text = ""
        if results[first] != results[second]:
            text += f"exit codes: {results[first]} on {first}, {results[second]} on {second}\n"
        files = {device: {path.relative_to(self.folder / device): path.read_bytes()
                          for path in (self.folder / device).rglob("*") if path.is_file() and not self.is_open(path)} for device in (first, second)}
        for name in sorted(files[first].keys() | files[second].keys()):
            contents = [files[device].get(name) for device in (first, second)]
            if contents[0] != contents[1] and not self.is_order(name, contents):
                text += f"{name}: {show(contents[0])} on {first}, {show(contents[1])} on {second}\n"
        return text


def run_lines(source):
    text = source.read_text(encoding="utf-8", errors="replace")
    return re.findall(r"^\s*// RUN: (.*)$", text, re.MULTILINE)


def show(content):
    return "absent" if content is None else repr(content[-600:].decode(errors="replace"))
