"""How lit finds and runs the tests: every .awg, .mlir and .test file with RUN lines, under test/ and examples/."""

import os
import shutil

import lit.formats

HERE = os.path.dirname(os.path.abspath(__file__))

if not hasattr(config, "awg_build"):
    # Started on the source tree: the build's configuration knows where things are, and comes back here.
    build = lit_config.params.get("awg_build", os.path.join(HERE, "..", "build"))
    site = os.path.join(build, "test", "lit.site.cfg.py")
    if not os.path.exists(site):
        lit_config.fatal("no build in %s: run ./awg build, or pass -D awg_build=FOLDER" % build)
    lit_config.load_config(config, site)
    raise SystemExit

config.name = "awg"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".awg", ".mlir", ".test"]
config.excludes = ["Inputs", "unit"]
config.test_source_root = HERE
config.test_exec_root = os.path.join(config.awg_build, "test", "lit")

# A program sees the machine as it is: no variable of whoever runs the tests steers it.
for name in [name for name in os.environ if name.startswith("AWG_")]:
    config.environment.pop(name, None)
# Except that all tests may be run on other devices, where they do not say which: -D awg_devices=emu:2
if lit_config.params.get("awg_devices"):
    config.environment["AWG_DEVICES"] = lit_config.params["awg_devices"]
config.environment["AWG_EMU_LIBRARY"] = os.path.join(config.awg_build, "lib", "libawgemu.so")
config.environment["PATH"] = os.pathsep.join([config.llvm_tools, config.environment["PATH"]])
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "HOME", "CUDA_VISIBLE_DEVICES"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

# A program that hangs fails in the end; no test is there to be fast, and a machine may be slow and have much else to do.
guard = "timeout 900 "
config.substitutions += [
    ("%awgc", guard + os.path.join(config.awg_build, "bin", "awgc")),
    ("%awg-opt", guard + os.path.join(config.awg_build, "bin", "awg-opt")),
    ("%awg_build", config.awg_build),
    ("%awg_root", config.awg_source),
    ("%python", config.python),
]

if shutil.which("ptxas") or os.access("/usr/local/cuda/bin/ptxas", os.X_OK):
    config.available_features.add("ptxas")
if os.path.exists("/dev/nvidiactl"):
    config.available_features.add("gpu")

# What a sanitized compiler links would need the sanitizer's own runtime.
if config.awg_sanitize:
    config.available_features.add("sanitizer")
