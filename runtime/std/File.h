// Files as the operations use them: opened by an Awg string, with errors as texts.
#ifndef AWG_RUNTIME_STD_FILE_H
#define AWG_RUNTIME_STD_FILE_H

#include "awg/awgrt.h"

namespace awg::rt {

class Text;

/// An open file. Every function that can fail says why in the `problem` given at creation, and returns false.
class File {
public:
  explicit File(Text &problem) : problem(problem) {}
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
  bool fail(int error);

  Text &problem;
  int descriptor = -1;
};

/// The failure `cannot read PATH: problem`.
awgrt_error *cannotRead(const awgrt_place *place, const awgrt_str *path, const Text &problem);
/// The failure `cannot write PATH: problem`.
awgrt_error *cannotWrite(const awgrt_place *place, const awgrt_str *path, const Text &problem);

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_FILE_H
