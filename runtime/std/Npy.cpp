// read_npy and write_npy.
#include "memory/Elements.h"
#include "memory/View.h"
#include "std/File.h"
#include "std/FileThreads.h"
#include "std/NpyHeader.h"
#include "std/Text.h"

#include <cstring>

namespace awg::rt {

namespace {

/// No header of a plain array is near that long.
constexpr uint32_t maxHeader = 1 << 16;

bool readHeader(File &file, NpyHeader &header, Text &problem) {
  unsigned char prefix[npyPrefixSize + 4] = {};
  size_t got;
  int32_t lengthBytes;
  if (!file.read(prefix, npyPrefixSize, got) || !readNpyPrefix(prefix, got, lengthBytes, problem))
    return false;
  if (!file.read(prefix + npyPrefixSize, size_t(lengthBytes), got))
    return false;
  uint32_t length = 0;
  for (int32_t i = lengthBytes; i-- > 0;)
    length = length << 8 | prefix[npyPrefixSize + i];
  if (got == size_t(lengthBytes) && length > maxHeader) {
    problem.add("its header of ").addUnsigned(length).add(" bytes is too long");
    return false;
  }
  Text text;
  text.addRepeated(' ', length);
  size_t complete = npyPrefixSize + got;
  if (got == size_t(lengthBytes)) {
    if (!file.read(text.data(), length, got))
      return false;
    complete += got;
  }
  if (complete != npyPrefixSize + size_t(lengthBytes) + length || length == 0) {
    problem.add("its header is cut off after ").addUnsigned(complete).add(" bytes");
    return false;
  }
  return readNpyDictionary(text.data(), text.size(), header, problem);
}

/// Whether the file holds what was asked for.
bool checkHeader(const NpyHeader &header, const FileOperation &wanted, Text &problem) {
  if (header.bigEndian) {
    problem.add("it holds big-endian values ('").add(header.descr).add("'), and only little-endian ones are read");
    return false;
  }
  if (header.kind != wanted.kind) {
    problem.add("it holds ");
    if (header.kind >= 0)
      problem.add(kindName(header.kind));
    else
      problem.add('\'').add(header.descr).add('\'');
    problem.add(" values, and ").add(kindName(wanted.kind)).add(" was asked for");
    return false;
  }
  if (header.rank != wanted.rank) {
    problem.add("its rank is ").addSigned(header.rank).add(", and ").addSigned(wanted.rank).add(" was asked for");
    return false;
  }
  if (header.fortranOrder) {
    problem.add("it is in Fortran order, and only C order is read");
    return false;
  }
  for (int32_t d = 0; d < wanted.rank; ++d) {
    if (wanted.extents[d] < 0 || wanted.extents[d] == header.extents[d])
      continue;
    problem.add("its extent ").addSigned(d).add(" is ").addSigned(header.extents[d]);
    problem.add(", and ").addSigned(wanted.extents[d]).add(" was asked for");
    return false;
  }
  return true;
}

bool cutOff(Text &problem, int64_t found, int64_t bytes) {
  problem.add("it is cut off: ").addSigned(found).add(" bytes of data, and its shape needs ").addSigned(bytes);
  return false;
}

bool hasMore(Text &problem) {
  problem.add("it has more data than its shape needs");
  return false;
}

/// Compares the size of a file with its header before memory is spent on it.
bool checkSize(const File &file, const NpyHeader &header, Text &problem, int64_t &outBytes) {
  if (!countBytes(header.kind, int32_t(header.rank), header.extents, outBytes)) {
    problem.add("its shape is too large");
    return false;
  }
  int64_t left = file.bytesLeft();
  if (left >= 0 && left < outBytes)
    return cutOff(problem, left, outBytes);
  return left <= outBytes || hasMore(problem);
}

bool readData(File &file, awgrt_array &array, int64_t bytes, Text &problem) {
  size_t got;
  char extra;
  void *data = awgrt_array_data(&array, /*write=*/1);
  if (!file.read(data, size_t(bytes), got))
    return false;
  if (int64_t(got) != bytes)
    return cutOff(problem, int64_t(got), bytes);
  if (!file.read(&extra, 1, got))
    return false;
  if (got != 0)
    return hasMore(problem);
  if (array.kind != AWGRT_BOOL)
    return true;
  auto *elements = static_cast<const unsigned char *>(data);
  for (int64_t i = 0; i < bytes; ++i)
    if (elements[i] > 1) {
      problem.add("its element ").addSigned(i).add(" is ").addUnsigned(elements[i]).add(", which is no bool");
      return false;
    }
  return true;
}

awgrt_error *readNpy(FileOperation &operation) {
  Text problem;
  NpyHeader header;
  File file(problem, operation.interrupt);
  int64_t bytes;
  if (!file.openToRead(*operation.path) || !readHeader(file, header, problem) ||
      !checkHeader(header, operation, problem) || !checkSize(file, header, problem, bytes))
    return cannotRead(operation.place(), operation.path, problem);
  awgrt_array *array = nullptr;
  if (awgrt_error *error = awgrt_array_create_uninit(operation.place(), header.kind, int32_t(header.rank),
                                                     header.extents, &array))
    return error;
  if (!readData(file, *array, bytes, problem)) {
    awgrt_array_release(array);
    return cannotRead(operation.place(), operation.path, problem);
  }
  operation.result = array;
  return nullptr;
}

awgrt_error *writeNpy(FileOperation &operation) {
  Text problem, header;
  File file(problem, operation.interrupt);
  awgrt_array &array = *operation.array;
  if (awgrt_error *error = awgrt_array_reach(operation.place(), &array, 0))
    return error;
  PackedElements elements(array);
  size_t bytes = size_t(elementCount(array)) * elementSize(array.kind);
  if (!addNpyHeader(header, array))
    problem.add("a ").add(kindName(array.kind)).add(" array has no NumPy form");
  else if (file.openToWrite(*operation.path) && file.write(header.data(), header.size()) &&
           file.write(elements.data(), bytes) && file.close())
    return nullptr;
  return cannotWrite(operation.place(), operation.path, problem);
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

awgrt_task *awgrt_read_npy(awgrt_task *self, const awgrt_place *place, awgrt_str *path, int32_t kind, int32_t rank,
                           const int64_t *extents) {
  FileOperation *operation = createFileOperation(self, place, path, readNpy);
  operation->kind = kind;
  operation->rank = rank;
  for (int32_t d = 0; d < rank; ++d)
    operation->extents[d] = extents[d];
  return startFileOperation(operation);
}

awgrt_task *awgrt_write_npy(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_array *array) {
  FileOperation *operation = createFileOperation(self, place, path, writeNpy);
  operation->array = array;
  return startFileOperation(operation);
}
