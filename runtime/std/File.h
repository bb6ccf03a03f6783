// Files as the operations use them: opened by an Awg string, with errors as texts.
#ifndef AWG_RUNTIME_STD_FILE_H
#define AWG_RUNTIME_STD_FILE_H

#include "awg/awgrt.h"

namespace awg::rt {

class FileThreads;
class Text;

/// What ends an operation's waits for pipes and terminals: an event that somebody signals. The signal is taken back at its end.
class Interrupt {
public:
  /// For an operation that one of `threads` carries out. `event` -1: its flag is looked at instead, every few milliseconds.
  Interrupt(FileThreads &threads, int event, const awgrt_task &task) : threads(threads), event(event), task(task) {}
  ~Interrupt();
  Interrupt(const Interrupt &) = delete;
  Interrupt &operator=(const Interrupt &) = delete;
  /// Whether a wait was ended so.
  bool wasSeen() const { return seen; }
  /// Until one of `events` (as in poll) comes to `descriptor`, if it is not -1, or so many milliseconds have passed, if not -1. False
  /// if it was interrupted.
  bool wait(int descriptor, short events, int milliseconds);

private:
  bool look(int descriptor, short events, int milliseconds);

  FileThreads &threads;
  const int event;
  const awgrt_task &task;
  bool seen = false;
};

/// An open file. Every function that can fail says why in the `problem` given at creation, unless it was interrupted, and returns false.
class File {
public:
  /// Its waits end when `interrupt` is signalled.
  File(Text &problem, Interrupt *interrupt) : problem(problem), interrupt(*interrupt) {}
  ~File();
  File(const File &) = delete;
  File &operator=(const File &) = delete;

  bool openToRead(const awgrt_str &path);
  /// Creates the file, or empties it.
  bool openToWrite(const awgrt_str &path);
  /// Reads up to `size` bytes, fewer only at the end of the file, and says how many.
  bool read(void *bytes, size_t size, size_t &outRead);
  /// Adds all up to the end of the file, which must be UTF-8.
  bool readText(Text &out);
  bool write(const void *bytes, size_t size);
  /// Closes it after writing, which is when some errors show.
  bool close();
  /// Bytes from the current position to the end, or -1 if that cannot be known.
  int64_t bytesLeft() const;

private:
  bool open(const awgrt_str &path, int flags);
  bool wait(short events);
  bool fail(int error);

  Text &problem;
  Interrupt &interrupt;
  int descriptor = -1;
  bool mayBlock = false; ///< it is no file on a disk
};

/// The failure `cannot read PATH: problem`.
awgrt_error *cannotRead(const awgrt_place *place, const awgrt_str *path, const Text &problem);
/// The failure `cannot write PATH: problem`.
awgrt_error *cannotWrite(const awgrt_place *place, const awgrt_str *path, const Text &problem);

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_FILE_H
