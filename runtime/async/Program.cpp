// A program's main: its arguments, its switches in the environment, and its simulated runs.
#include "async/Error.h"
#include "async/Runtime.h"
#include "async/Simulation.h"
#include "async/Stack.h"
#include "device/CpuLevel.h"
#include "std/Print.h"
#include "std/Str.h"
#include "std/Text.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace awg::rt {

namespace {

/// What awgrt_main was given: a process has one program's arguments.
int32_t programArgc = 0;
char **programArgv = nullptr;

/// The arguments after the program's name.
awgrt_array *createArguments() {
  int64_t count = programArgc > 1 ? programArgc - 1 : 0;
  awgrt_array *array = nullptr;
  if (awgrt_array_create(nullptr, AWGRT_STR, 1, &count, &array))
    fatal("out of memory");
  auto **elements = static_cast<awgrt_str **>(array->data);
  for (int64_t i = 0; i < count; ++i)
    elements[i] = createStr(programArgv[i + 1], strlen(programArgv[i + 1]));
  return array;
}

awgrt_task *startProgram(awgrt_task *root, void *entry) {
  return (*static_cast<awgrt_entry *>(entry))(root, createArguments());
}

/// The variable's value; null if it is not set or empty.
const char *variable(const char *name) {
  const char *value = getenv(name);
  return value && *value ? value : nullptr;
}

int32_t report(awgrt_error *error) {
  awgrt_error_print(error);
  awgrt_error_release(error);
  return 1;
}

/// Starts what is recorded of a run. The placements to repeat are read first: they may stand in the file that is written anew.
awgrt_error *startRecords(awgrt_runtime *runtime) {
  struct {
    const char *name;
    awgrt_error *(*start)(awgrt_runtime *runtime, const char *path);
  } records[] = {
      {"AWG_TRACE", awgrt_runtime_trace}, {"AWG_REPLAY", awgrt_runtime_replay}, {"AWG_AUDIT", awgrt_runtime_audit}};
  for (auto &record : records)
    if (const char *path = variable(record.name))
      if (awgrt_error *error = record.start(runtime, path))
        return error;
  return nullptr;
}

/// Runs the program once; gives its exit code.
int32_t run(awgrt_entry entry, const char *devices) {
  awgrt_runtime *runtime = nullptr;
  if (awgrt_error *error = awgrt_runtime_create(devices, &runtime))
    return report(error);
  awgrt_error *error = startRecords(runtime);
  if (!error)
    error = awgrt_runtime_run(runtime, startProgram, nullptr, &entry);
  if (!error)
    error = awgrt_runtime_finish(runtime);
  int32_t code = error ? report(error) : 0;
  if (const char *wanted = variable("AWG_STATS"); wanted && strcmp(wanted, "0") != 0) {
    awgrt_stats stats;
    awgrt_runtime_stats(runtime, &stats);
    awgrt_stats_print(&stats);
  }
  awgrt_runtime_destroy(runtime);
  int lost = takeOutputError();
  if (lost == 0)
    return code;
  char problem[128];
  fprintf(stderr, "error: cannot write standard output: %s\n", strerror_r(lost, problem, sizeof problem));
  return code ? code : 1;
}

/// Keeps files from taking the places of standard streams that are closed: printing there is to fail.
void holdStandardStreams() {
  for (int stream : {0, 1, 2})
    if (fcntl(stream, F_GETFD) < 0)
      open("/dev/null", O_RDONLY);
}

//===-- Simulated runs ----------------------------------------------------------------------------------------------===//

/// The seeds `begin` to `end`, without it.
struct Seeds {
  uint64_t begin = 0, end = 0;
};

/// Reads a number at `text` and moves behind it.
bool readNumber(const char *&text, uint64_t &number) {
  if (*text < '0' || *text > '9')
    return false;
  char *end = nullptr;
  errno = 0;
  number = strtoull(text, &end, 10);
  text = end;
  return errno == 0;
}

/// Reads `7` or `1..1000`.
bool readSeeds(const char *text, Seeds &seeds) {
  if (!readNumber(text, seeds.begin))
    return false;
  seeds.end = seeds.begin + 1;
  if (text[0] == '.' && text[1] == '.') {
    text += 2;
    if (!readNumber(text, seeds.end))
      return false;
  }
  return *text == 0 && seeds.begin < seeds.end;
}

/// Runs the program once a seed, until one fails. AWG_SIM is the seed meanwhile.
int32_t simulate(awgrt_entry entry, const char *wanted) {
  Seeds seeds;
  if (!readSeeds(wanted, seeds)) {
    fprintf(stderr, "error: AWG_SIM is `%s`; it must be a seed, `7`, or seeds from the first to before the last, `1..1000`\n",
            wanted);
    return 2;
  }
  const char *devices = variable("AWG_DEVICES");
  Simulation simulation;
  for (uint64_t seed = seeds.begin; seed < seeds.end; ++seed) {
    char text[24];
    snprintf(text, sizeof(text), "%llu", static_cast<unsigned long long>(seed));
    setenv("AWG_SIM", text, 1);
    simulation.begin(seed);
    if (int32_t code = run(entry, devices ? devices : "cpu:3")) { // on every machine the same
      fprintf(stderr, "  under AWG_SIM=%s\n", text);
      return code;
    }
  }
  return 0;
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

awgrt_array *awgrt_args(void) { return createArguments(); }

int32_t awgrt_main(int32_t argc, char **argv, awgrt_entry entry) {
  holdStandardStreams();
  programArgc = argc;
  programArgv = argv;
  // A closed pipe is a failed write, not the end of the program.
  signal(SIGPIPE, SIG_IGN);
  reportStackOverflow();
  if (const char *limit = variable("AWG_CPU_LEVEL"); limit && !limitCpuLevel(limit)) {
    fprintf(stderr, "error: AWG_CPU_LEVEL is `%s`; known are v3 and v4\n", limit);
    return 2;
  }
  const char *seeds = variable("AWG_SIM");
  return seeds ? simulate(entry, seeds) : run(entry, variable("AWG_DEVICES"));
}
