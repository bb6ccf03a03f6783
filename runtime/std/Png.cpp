// write_png: a PNG file (ISO/IEC 15948) of one image, compressed by zlib.
#include "memory/Elements.h"
#include "memory/View.h"
#include "std/File.h"
#include "std/FileThreads.h"
#include "std/Text.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace awg::rt {

namespace {

constexpr char signature[] = "\x89PNG\r\n\x1a\n";
constexpr int64_t maxExtent = INT32_MAX;

struct Image {
  const unsigned char *pixels;
  int64_t height;
  int64_t width;
  int64_t channels;
};

void putBigEndian(unsigned char *at, uint32_t value) {
  for (int i = 0; i < 4; ++i)
    at[i] = static_cast<unsigned char>(value >> (24 - 8 * i));
}

bool writeChunk(File &file, const char *type, const unsigned char *data, uint32_t size) {
  unsigned char start[8], end[4];
  putBigEndian(start, size);
  memcpy(start + 4, type, 4);
  uLong crc = crc32(0, start + 4, 4);
  if (size > 0)
    crc = crc32(crc, data, size);
  putBigEndian(end, uint32_t(crc));
  return file.write(start, 8) && file.write(data, size) && file.write(end, 4);
}

bool writeStart(File &file, const Image &image) {
  unsigned char header[13] = {};
  putBigEndian(header, uint32_t(image.width));
  putBigEndian(header + 4, uint32_t(image.height));
  header[8] = 8; // bits a channel
  header[9] = image.channels == 1 ? 0 : image.channels == 3 ? 2 : 6;
  return file.write(signature, 8) && writeChunk(file, "IHDR", header, sizeof header);
}

/// Compresses rows into chunks of a fixed size.
class PixelWriter {
public:
  explicit PixelWriter(File &file) : file(file) {
    memset(&stream, 0, sizeof stream);
    ready = deflateInit(&stream, Z_DEFAULT_COMPRESSION) == Z_OK;
    stream.next_out = chunk;
    stream.avail_out = sizeof chunk;
  }
  ~PixelWriter() {
    if (ready)
      deflateEnd(&stream);
  }

  bool add(const unsigned char *bytes, int64_t size) {
    while (size > 0) {
      auto piece = uInt(std::min<int64_t>(size, 1 << 30));
      stream.next_in = const_cast<Bytef *>(bytes);
      stream.avail_in = piece;
      while (stream.avail_in > 0)
        if (deflate(&stream, Z_NO_FLUSH) != Z_OK || !flushFull())
          return false;
      bytes += piece;
      size -= piece;
    }
    return true;
  }

  bool finish() {
    int status;
    do {
      status = deflate(&stream, Z_FINISH);
      if (status != Z_OK && status != Z_STREAM_END)
        return false;
      if (!flush())
        return false;
    } while (status != Z_STREAM_END);
    return true;
  }

  bool ready;

private:
  bool flushFull() { return stream.avail_out > 0 || flush(); }
  bool flush() {
    auto size = uint32_t(sizeof chunk - stream.avail_out);
    stream.next_out = chunk;
    stream.avail_out = sizeof chunk;
    return size == 0 || writeChunk(file, "IDAT", chunk, size);
  }

  File &file;
  z_stream stream;
  unsigned char chunk[32768];
};

bool writePixels(File &file, const Image &image, Text &problem) {
  PixelWriter writer(file);
  if (!writer.ready) {
    problem.add("no memory to compress it");
    return false;
  }
  const unsigned char noFilter = 0;
  int64_t rowBytes = image.width * image.channels;
  for (int64_t row = 0; row < image.height; ++row)
    if (!writer.add(&noFilter, 1) || !writer.add(image.pixels + row * rowBytes, rowBytes))
      return false;
  return writer.finish();
}

bool readShape(awgrt_array &array, const void *pixels, Image &image, Text &problem) {
  image = {static_cast<const unsigned char *>(pixels), array.extents[0], array.extents[1],
           array.rank == 3 ? array.extents[2] : 1};
  bool channels = array.rank == 2 || (array.rank == 3 && (image.channels == 3 || image.channels == 4));
  if (array.kind != AWGRT_U8 || !channels) {
    problem.add("an image is u8[height, width], u8[height, width, 3] or u8[height, width, 4], not ");
    problem.add(kindName(array.kind)).add('[');
    for (int32_t d = 0; d < array.rank; ++d)
      problem.add(d ? ", " : "").addSigned(array.extents[d]);
    problem.add(']');
    return false;
  }
  if (image.width < 1 || image.height < 1 || image.width > maxExtent || image.height > maxExtent) {
    problem.add("an image has 1 to 2147483647 rows and columns, not ");
    problem.addSigned(image.height).add(" and ").addSigned(image.width);
    return false;
  }
  return true;
}

awgrt_error *writePng(FileOperation &operation) {
  Text problem;
  Image image;
  File file(problem, operation.interrupt);
  if (awgrt_error *error = awgrt_array_reach(operation.place(), operation.array, 0))
    return error;
  PackedElements elements(*operation.array);
  if (!readShape(*operation.array, elements.data(), image, problem) || !file.openToWrite(*operation.path) || !writeStart(file, image) ||
      !writePixels(file, image, problem) || !writeChunk(file, "IEND", nullptr, 0) || !file.close())
    return cannotWrite(operation.place(), operation.path, problem);
  return nullptr;
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

awgrt_task *awgrt_write_png(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_array *array) {
  FileOperation *operation = createFileOperation(self, place, path, writePng);
  operation->array = array;
  return startFileOperation(operation);
}
