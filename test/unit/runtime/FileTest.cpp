// Files: npy and text round trips, images, and everything a file can have wrong.
#include "Operation.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

using namespace awg::test;
using namespace std::string_literals;

namespace {

class Files : public testing::Test {
protected:
  Files() : folder(std::filesystem::temp_directory_path() / ("awgrt-tests-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder);
  }
  ~Files() override { std::filesystem::remove_all(folder); }

  std::string path(const char *name) { return (folder / name).string(); }

  void put(const char *name, const std::string &bytes) {
    std::ofstream(path(name), std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
  }
  std::string get(const char *name) {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// Runs an operation on the file `name`. The message, with the path taken out.
  template <typename Start> std::string run(const char *name, Start start, uint64_t *result = nullptr) {
    awgrt_str *file = str(path(name));
    std::string text = message(runtime.run([&](awgrt_task *root) { return start(root, file); }, result));
    awgrt_str_release(file);
    if (size_t at = text.find(path(name)); at != std::string::npos)
      text.replace(at, path(name).size(), name);
    return text;
  }

  std::string readNpy(const char *name, awgrt_kind kind, std::vector<int64_t> extents, awgrt_array **out) {
    uint64_t result = 0;
    std::string text = run(
        name,
        [&](awgrt_task *root, awgrt_str *file) {
          return awgrt_read_npy(root, &here, file, kind, int32_t(extents.size()), extents.data());
        },
        &result);
    *out = reinterpret_cast<awgrt_array *>(result);
    return text;
  }
  std::string writeNpy(const char *name, awgrt_array *array) {
    return run(name,
               [&](awgrt_task *root, awgrt_str *file) { return awgrt_write_npy(root, &here, file, array); });
  }
  std::string writePng(const char *name, awgrt_array *array) {
    return run(name,
               [&](awgrt_task *root, awgrt_str *file) { return awgrt_write_png(root, &here, file, array); });
  }

  std::filesystem::path folder;
  TestRuntime runtime{2};
};

awgrt_array *createArray(awgrt_kind kind, std::vector<int64_t> extents) {
  awgrt_array *array = nullptr;
  EXPECT_EQ(awgrt_array_create(&here, kind, int32_t(extents.size()), extents.data(), &array), nullptr);
  return array;
}

/// A file in format 1.0 with this dictionary.
std::string npy(const std::string &dictionary, const std::string &data, char major = 1) {
  std::string header = dictionary + "\n";
  std::string length = {char(header.size() & 0xff), char(header.size() >> 8)};
  if (major > 1)
    length += std::string(2, '\0');
  return "\x93NUMPY"s + major + '\0' + length + header + data;
}

std::string dictionary(const std::string &descr, const std::string &shape, const std::string &fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

TEST_F(Files, NpyRoundTrip) {
  struct Row {
    awgrt_kind kind;
    const char *descr;
  };
  for (Row row : {Row{AWGRT_BOOL, "|b1"}, Row{AWGRT_I8, "|i1"}, Row{AWGRT_I16, "<i2"}, Row{AWGRT_I32, "<i4"},
                  Row{AWGRT_I64, "<i8"}, Row{AWGRT_U8, "|u1"}, Row{AWGRT_U16, "<u2"}, Row{AWGRT_U32, "<u4"},
                  Row{AWGRT_U64, "<u8"}, Row{AWGRT_F16, "<f2"}, Row{AWGRT_BF16, "<V2"}, Row{AWGRT_F32, "<f4"},
                  Row{AWGRT_F64, "<f8"}}) {
    awgrt_array *array = createArray(row.kind, {3, 2}), *read = nullptr;
    static_cast<char *>(array->data)[1] = 1;
    EXPECT_EQ(writeNpy("a.npy", array), "");
    std::string bytes = get("a.npy");
    EXPECT_EQ(bytes.substr(0, 8), "\x93NUMPY\x01\x00"s);
    EXPECT_EQ(bytes.find('\n') % 64, 63u);
    EXPECT_NE(bytes.find("{'descr': '"s + row.descr + "', 'fortran_order': False, 'shape': (3, 2), }"),
              std::string::npos);
    EXPECT_EQ(readNpy("a.npy", row.kind, {-1, 2}, &read), "");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->extents[0], 3);
    EXPECT_EQ(static_cast<char *>(read->data)[1], 1);
    awgrt_array_release(read);
    awgrt_array_release(array);
  }
}

TEST_F(Files, NpyVersionsAndSpellings) {
  std::string data(8, '\0');
  for (const std::string &bytes :
       {npy(dictionary("<f4", "(2,)"), data), npy(dictionary("<f4", "(2,)"), data, 2),
        npy(dictionary("=f4", "(2L,)"), data, 3), npy("{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<f4\"}", data),
        npy(dictionary("<f4", "( 2 , )") + std::string(30, ' '), data)}) {
    put("a.npy", bytes);
    awgrt_array *read = nullptr;
    EXPECT_EQ(readNpy("a.npy", AWGRT_F32, {-1}, &read), "");
    awgrt_array_release(read);
  }
}

TEST_F(Files, NpyRankOneAndEmpty) {
  for (int64_t n : {0, 5}) {
    awgrt_array *array = createArray(AWGRT_F64, {n}), *read = nullptr;
    EXPECT_EQ(writeNpy("a.npy", array), "");
    EXPECT_EQ(readNpy("a.npy", AWGRT_F64, {n}, &read), "");
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(read->extents[0], n);
    awgrt_array_release(read);
    awgrt_array_release(array);
  }
}

TEST_F(Files, MalformedNpy) {
  std::string data(16, '\0');
  struct Row {
    std::string bytes;
    const char *problem;
  };
  const Row rows[] = {
      {"", "it is no NumPy file"},
      {"hello there", "it is no NumPy file"},
      {"\x93NUM", "its header is cut off after 4 bytes"},
      {"\x93NUMPY\x01"s + '\0', "its header is cut off after 8 bytes"},
      {"\x93NUMPY\x01"s + '\0' + 'v', "its header is cut off after 9 bytes"},
      {"\x93NUMPY\x01"s + '\0' + 'v' + '\0' + "{'descr'", "its header is cut off after 18 bytes"},
      {"\x93NUMPY\x09"s + '\0' + data, "its format is 9.0, and 1.0 to 3.0 are known"},
      {"\x93NUMPY\x02"s + '\0' + "\xff\xff\xff\xff", "its header of 4294967295 bytes is too long"},
      {npy("", data), "its header is malformed"},
      {npy("{}", data), "its header is malformed"},
      {npy("{'descr': '<f4'", data), "its header is malformed"},
      {npy("{'descr': '<f4', 'fortran_order': False}", data), "its header is malformed"},
      {npy(dictionary("<f4", "(2, 2)") + "x", data), "its header is malformed"},
      {npy(dictionary("<f4", "(2, 2), 'shape': (2, 2)"), data), "its header is malformed"},
      {npy(dictionary("<f4", "(2, 2), 'more': (2, 2)"), data), "its header is malformed"},
      {npy(dictionary("<f4", "(2, -2)"), data), "its header is malformed"},
      {npy(dictionary("<f4", "(4)"), data), "its header is malformed"},
      {npy(dictionary("<f4", "(2, 99999999999999999999)"), data), "its header is malformed"},
      {npy(dictionary("<f4", "(2, 2)", "Maybe"), data), "its header is malformed"},
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2)}", data), "its header is malformed"},
      {npy(dictionary("<f8", "(2, 2)"), data), "it holds f64 values, and f32 was asked for"},
      {npy(dictionary("<c8", "(2, 2)"), data), "it holds '<c8' values, and f32 was asked for"},
      {npy(dictionary(">f4", "(2, 2)"), data),
       "it holds big-endian values ('>f4'), and only little-endian ones are read"},
      {npy(dictionary("<f4", "(4,)"), data), "its rank is 1, and 2 was asked for"},
      {npy(dictionary("<f4", "()"), data), "its rank is 0, and 2 was asked for"},
      {npy(dictionary("<f4", "(1,1,1,1,1,1,1,1,1,1)"), data), "its rank is 10, and 2 was asked for"},
      {npy(dictionary("<f4", "(2, 2)", "True"), data), "it is in Fortran order, and only C order is read"},
      {npy(dictionary("<f4", "(4, 1)"), data), "its extent 1 is 1, and 2 was asked for"},
      {npy(dictionary("<f4", "(3, 2)"), data), "it is cut off: 16 bytes of data, and its shape needs 24"},
      {npy(dictionary("<f4", "(1, 2)"), data), "it has more data than its shape needs"},
      {npy(dictionary("<f4", "(0, 2)"), data), "it has more data than its shape needs"},
      {npy(dictionary("<f4", "(4611686018427387904, 2)"), data), "its shape is too large"},
      {npy(dictionary("<f4", "(1000000000000, 2)"), data),
       "it is cut off: 16 bytes of data, and its shape needs 8000000000000"},
  };
  for (const Row &row : rows) {
    put("a.npy", row.bytes);
    awgrt_array *read = nullptr;
    EXPECT_EQ(readNpy("a.npy", AWGRT_F32, {-1, 2}, &read), "cannot read a.npy: "s + row.problem);
  }
}

// Every prefix of a good file, and every byte of its header changed, is refused or read, but never trips anything.
TEST_F(Files, MangledNpy) {
  std::string good = npy(dictionary("<f4", "(2, 2)"), std::string(16, '\0'));
  for (size_t i = 0; i < good.size(); ++i) {
    awgrt_array *read = nullptr;
    put("a.npy", good.substr(0, i));
    EXPECT_NE(readNpy("a.npy", AWGRT_F32, {-1, 2}, &read), "");
    for (char c : {'\0', '\xff', '\'', '9', ')'}) {
      std::string changed = good;
      changed[i] = c;
      put("a.npy", changed);
      if (readNpy("a.npy", AWGRT_F32, {-1, 2}, &read).empty())
        awgrt_array_release(read);
    }
  }
}

TEST_F(Files, NpyBools) {
  put("a.npy", npy(dictionary("|b1", "(2,)"), "\x01\x07"));
  awgrt_array *read = nullptr;
  EXPECT_EQ(readNpy("a.npy", AWGRT_BOOL, {-1}, &read), "cannot read a.npy: its element 1 is 7, which is no bool");
}

TEST_F(Files, Missing) {
  awgrt_array *read = nullptr;
  EXPECT_EQ(readNpy("none.npy", AWGRT_F32, {-1}, &read), "cannot read none.npy: No such file or directory");
  EXPECT_EQ(readNpy(".", AWGRT_F32, {-1}, &read).substr(0, 12), "cannot read ");
  awgrt_array *array = createArray(AWGRT_U8, {1, 1});
  EXPECT_EQ(writeNpy("none/a.npy", array), "cannot write none/a.npy: No such file or directory");
  EXPECT_EQ(writePng("none/a.png", array), "cannot write none/a.png: No such file or directory");
  awgrt_array_release(array);
}

TEST_F(Files, Text) {
  std::string content = "one\ntwo äöü 😀\n" + std::string(100'000, 'x');
  awgrt_str *text = str(content);
  EXPECT_EQ(run("a.txt", [&](awgrt_task *root, awgrt_str *file) { return awgrt_write_text(root, &here, file, text); }),
            "");
  awgrt_str_release(text);
  uint64_t result = 0;
  auto read = [](awgrt_task *root, awgrt_str *file) { return awgrt_read_text(root, &here, file); };
  EXPECT_EQ(run("a.txt", read, &result), "");
  EXPECT_EQ(take(reinterpret_cast<awgrt_str *>(result)), content);
  for (const char *bad : {"ab\xff", "ab\xc0\x80", "ab\xed\xa0\x80", "ab\xf4\x90\x80\x80", "ab\xe2\x82"}) {
    put("a.txt", bad);
    EXPECT_EQ(run("a.txt", read, &result), "cannot read a.txt: it is not UTF-8 at byte 2");
  }
}

uint32_t bigEndian(const std::string &bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// Checks the chunks of a PNG file and gives its decompressed image data.
std::string decodePng(const std::string &bytes, size_t expected) {
  std::string compressed;
  size_t at = 8;
  while (at < bytes.size()) {
    uint32_t size = bigEndian(bytes, at);
    std::string type = bytes.substr(at + 4, 4);
    auto *start = reinterpret_cast<const Bytef *>(bytes.data() + at + 4);
    EXPECT_EQ(bigEndian(bytes, at + 8 + size), crc32(0, start, size + 4)) << type;
    if (type == "IDAT")
      compressed += bytes.substr(at + 8, size);
    at += 12 + size;
  }
  std::string data(expected + 1, '\0');
  uLongf length = data.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef *>(data.data()), &length,
                       reinterpret_cast<const Bytef *>(compressed.data()), compressed.size()),
            Z_OK);
  data.resize(length);
  return data;
}

TEST_F(Files, Png) {
  struct Row {
    std::vector<int64_t> extents;
    char colour;
  };
  for (const Row &row : {Row{{2, 3}, 0}, Row{{300, 200, 3}, 2}, Row{{1, 1, 4}, 6}}) {
    awgrt_array *array = createArray(AWGRT_U8, row.extents);
    int64_t channels = row.extents.size() == 3 ? row.extents[2] : 1;
    int64_t height = row.extents[0], rowBytes = row.extents[1] * channels;
    auto *pixels = static_cast<unsigned char *>(array->data);
    uint32_t random = 1;
    for (int64_t i = 0; i < height * rowBytes; ++i)
      pixels[i] = static_cast<unsigned char>((random = random * 1664525 + 1013904223) >> 24);
    EXPECT_EQ(writePng("a.png", array), "");
    std::string bytes = get("a.png");
    EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1a\n");
    EXPECT_EQ(bigEndian(bytes, 16), uint32_t(row.extents[1]));
    EXPECT_EQ(bigEndian(bytes, 20), uint32_t(height));
    EXPECT_EQ(bytes[25], row.colour);
    std::string expected;
    for (int64_t r = 0; r < height; ++r)
      expected += '\0' + std::string(reinterpret_cast<char *>(pixels + r * rowBytes), size_t(rowBytes));
    EXPECT_TRUE(decodePng(bytes, expected.size()) == expected);
    awgrt_array_release(array);
  }
}

TEST_F(Files, PngRefusals) {
  struct Row {
    awgrt_kind kind;
    std::vector<int64_t> extents;
    const char *problem;
  };
  const char *shapes = "an image is u8[height, width], u8[height, width, 3] or u8[height, width, 4], not ";
  for (const Row &row : {Row{AWGRT_F32, {2, 2}, "f32[2, 2]"}, Row{AWGRT_U8, {2}, "u8[2]"},
                         Row{AWGRT_U8, {2, 2, 2}, "u8[2, 2, 2]"}}) {
    awgrt_array *array = createArray(row.kind, row.extents);
    EXPECT_EQ(writePng("a.png", array), "cannot write a.png: "s + shapes + row.problem);
    awgrt_array_release(array);
  }
  awgrt_array *empty = createArray(AWGRT_U8, {0, 3});
  EXPECT_EQ(writePng("a.png", empty),
            "cannot write a.png: an image has 1 to 2147483647 rows and columns, not 0 and 3");
  awgrt_array_release(empty);
}

} // namespace
