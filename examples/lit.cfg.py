"""The examples are tests too: each has a RUN line. Everything else is as in test/lit.cfg.py."""

import os

lit_config.load_config(config, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "lit.cfg.py"))
config.name = "examples"
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
config.test_exec_root = os.path.join(config.awg_build, "examples")
config.excludes = ["data", "checks"]
