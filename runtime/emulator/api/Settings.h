// What the environment says about the emulator.
#ifndef AWG_EMULATOR_API_SETTINGS_H
#define AWG_EMULATOR_API_SETTINGS_H

#include <cstdint>
#include <string>

namespace awg::emu {

/// Read once, by cuInit.
struct Settings {
  int devices = 1;              ///< AWG_EMU_DEVICES
  uint64_t memory = 8ull << 30; ///< AWG_EMU_MEMORY: bytes of each, with K, M or G
  int chip = 90;                ///< AWG_EMU_SM: the compute capability
  unsigned threads = 1;         ///< AWG_EMU_THREADS: that carry out a launch; default: the processors there are
  unsigned seed = 1;            ///< AWG_EMU_SEED: for the order of what has no order
  uint64_t turns = 4ull << 30;  ///< AWG_EMU_TURNS: of loops, after which a kernel does not end; with K, M or G
  bool check = false;           ///< AWG_EMU_CHECK: the checks that cost
  bool quiet = false;           ///< AWG_EMU_QUIET: reports are kept, not printed
  std::string reportFile;       ///< AWG_EMU_REPORT: where each is added as a line of JSON

  static Settings read();
};

/// Whether the processor has what the emulator's code is compiled for.
bool isProcessorFit();

} // namespace awg::emu

#endif // AWG_EMULATOR_API_SETTINGS_H
