// The header of a NumPy file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#ifndef AWG_RUNTIME_STD_NPYHEADER_H
#define AWG_RUNTIME_STD_NPYHEADER_H

#include "awg/awgrt.h"

namespace awg::rt {

class Text;

/// The bytes before the length of the header: magic and version.
constexpr size_t npyPrefixSize = 8;

struct NpyHeader {
  int32_t kind = -1; ///< of the elements; -1: none that Awg has
  bool bigEndian = false;
  bool fortranOrder = false;
  int64_t rank = 0;
  int64_t extents[AWGRT_MAX_RANK] = {}; ///< the first ones
  char descr[24] = {};                  ///< the dtype as it stands there, cut to this length
};

/// Checks magic and version, and says how many bytes the header's length takes (2 or 4).
bool readNpyPrefix(const unsigned char *bytes, size_t size, int32_t &outLengthBytes, Text &problem);

/// Reads the header's dictionary.
bool readNpyDictionary(const char *text, size_t size, NpyHeader &header, Text &problem);

/// Adds everything that stands before an array's data in format 1.0; false if Awg's kind has no dtype.
bool addNpyHeader(Text &out, const awgrt_array &array);

} // namespace awg::rt

#endif // AWG_RUNTIME_STD_NPYHEADER_H
