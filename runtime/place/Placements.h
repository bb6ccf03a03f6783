// The record of where launches were placed and why (AWG_AUDIT), and its repetition (AWG_REPLAY).
//
// A record is a file of JSON lines, one a decision, in the order they were made:
//   {"at":"heat.awg:9:11","kernel":"step","launch":0,"device":"gpu(0)","why":"ends soonest","asked":"any","indices":1000000,
//    "candidates":[{"device":"gpu(0)","end_ns":55000,"backlog":0,"missing_bytes":0,"computing_ns":20000,"launch_ns":20000,"backlog_ns":20000,
//     "copy_ns":15000,"bytes_per_us":10000},...]}
// `launch` counts the launches of that kernel at that place, from 0.
#ifndef AWG_RUNTIME_PLACE_PLACEMENTS_H
#define AWG_RUNTIME_PLACE_PLACEMENTS_H

#include "async/Sync.h"
#include "awg/awgrt.h"
#include "memory/List.h"
#include "place/Policy.h"

#include <cstdio>
#include <string_view>
#include <tuple>

namespace awg::rt {

class Text;

/// What was decided of a launch, and from what.
struct Decision {
  int64_t device = AWGRT_CPU; ///< or the number of a GPU
  const char *why = "";
  int64_t asked = AWGRT_ANY_DEVICE; ///< by the program
  int64_t indices = 0;              ///< that it runs over
  int32_t count = 0;                ///< of candidates; the host is the last, if there is more than one
  Candidate candidates[64];
};

/// Numbers the launches of each place. Any thread.
class LaunchCounter {
public:
  LaunchCounter() = default;
  ~LaunchCounter();
  LaunchCounter(const LaunchCounter &) = delete;
  LaunchCounter &operator=(const LaunchCounter &) = delete;
  /// How often it was called before for `name`.
  int64_t next(std::string_view name);

private:
  struct Site {
    std::string_view name; ///< owned
    int64_t launches;
  };
  List<Site> sites; ///< sorted
};

/// The placements of an earlier run.
class Replay {
public:
  Replay() = default;
  ~Replay() { free(text); }
  Replay(const Replay &) = delete;
  Replay &operator=(const Replay &) = delete;
  /// Reads a record. False, with the reason in `problem`, if it cannot be read or is none.
  bool load(const char *path, Text &problem);
  bool isLoaded() const { return text; }
  /// Where that launch was placed at last; false if the record does not say.
  bool find(std::string_view site, int64_t launch, int64_t &outDevice) const;

private:
  struct Placed {
    std::string_view site; ///< in `text`
    int64_t launch;
    int64_t line;
    int64_t device;
    bool operator<(const Placed &other) const {
      return std::tie(site, launch, line) < std::tie(other.site, other.launch, other.line);
    }
  };
  static bool parseLine(char *line, Placed &out);

  char *text = nullptr;
  List<Placed> placements; ///< sorted: of one launch, the last decision is the last
};

/// Both, for one runtime.
class Placements {
public:
  Placements() = default;
  ~Placements();
  Placements(const Placements &) = delete;
  Placements &operator=(const Placements &) = delete;

  /// Before anything runs. The failure, if the file cannot be written.
  awgrt_error *startAudit(const char *path);
  /// Before anything runs. The failure, if the file cannot be read or is no record.
  awgrt_error *startReplay(const char *path);
  bool areKept() const { return audit || replay.isLoaded(); }

  /// Numbers a launch of `kernel` at `place`.
  int64_t number(const awgrt_place *place, const awgrt_kernel &kernel);
  /// Where the record has that launch; false, and said once, if it does not have it.
  bool repeats(const awgrt_place *place, const awgrt_kernel &kernel, int64_t launch, int64_t &outDevice);
  /// Writes a decision down.
  void record(const awgrt_place *place, const awgrt_kernel &kernel, int64_t launch, const Decision &decision);

private:
  Mutex mutex;
  FILE *audit = nullptr;
  char *auditPath = nullptr;
  char *replayPath = nullptr;
  LaunchCounter counter;
  Replay replay;
  bool hasWarned = false;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_PLACE_PLACEMENTS_H
