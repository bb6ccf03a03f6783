// What the environment says about the emulator.
#include "emulator/api/Settings.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <thread>

using namespace awg::emu;

namespace {
/// The number in a variable, with K, M or G; `otherwise` if it is not set or none.
uint64_t number(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  if (!text || *text < '0' || *text > '9')
    return otherwise;
  char *end = nullptr;
  uint64_t value = std::strtoull(text, &end, 10);
  int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
  return value << shift;
}
bool isSet(const char *name) {
  const char *text = std::getenv(name);
  return text && *text && std::strcmp(text, "0") != 0;
}
} // namespace

Settings Settings::read() {
  Settings s;
  s.devices = std::min<uint64_t>(number("AWG_EMU_DEVICES", s.devices), 64);
  s.memory = std::clamp<uint64_t>(number("AWG_EMU_MEMORY", s.memory), 1 << 20, uint64_t{1} << 40);
  s.chip = number("AWG_EMU_SM", s.chip);
  s.threads =
      std::clamp<uint64_t>(number("AWG_EMU_THREADS", std::max(1u, std::thread::hardware_concurrency())), 1, 256);
  s.seed = number("AWG_EMU_SEED", s.seed);
  s.turns = std::max<uint64_t>(number("AWG_EMU_TURNS", s.turns), 1);
  s.check = isSet("AWG_EMU_CHECK");
  s.quiet = isSet("AWG_EMU_QUIET");
  if (const char *file = std::getenv("AWG_EMU_REPORT"))
    s.reportFile = file;
  return s;
}
