// The threads that help to carry out a launch.
#ifndef AWG_EMULATOR_API_WORKERS_H
#define AWG_EMULATOR_API_WORKERS_H

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace awg::emu {

struct Launch;

/// One for the process. They help one launch at a time; a launch of another device does without.
class Workers {
public:
  /// `threads`: all that carry out a launch, the caller's included; read at the first call.
  static Workers &shared(unsigned threads);

  /// Returns when all blocks of the launch have ended, or one has failed.
  void carryOut(Launch &launch);

private:
  explicit Workers(unsigned helpers);
  void helperLoop();

  std::mutex busy; ///< held by the launch that is helped
  std::mutex mutex;
  std::condition_variable changed;
  Launch *current = nullptr;
  unsigned number = 0; ///< of the launch: helpers take each once
  unsigned active = 0;
  std::vector<std::thread> helpers;
};

} // namespace awg::emu

#endif // AWG_EMULATOR_API_WORKERS_H
