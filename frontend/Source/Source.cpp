// Reading source files.
#include "frontend/Source/Source.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace awg;
using llvm::SMLoc;
using llvm::StringRef;

static constexpr uint64_t largestFile = uint64_t(1) << 30;

/// Why the file is not even opened, or nothing.
static StringRef refusal(StringRef path) {
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(path, status))
    return {}; // opening it says why
  switch (status.type()) {
  case llvm::sys::fs::file_type::directory_file:
    return "it is a directory";
  case llvm::sys::fs::file_type::block_file:
  case llvm::sys::fs::file_type::character_file:
  case llvm::sys::fs::file_type::socket_file:
    return "it is not a file of text";
  default:
    return status.getSize() > largestFile ? "it is larger than 1 GiB" : StringRef();
  }
}

/// The end of the run of bytes at `at` that cannot stand in a program; `at` itself if its character can.
static const char *endOfBadBytes(const char *at, const char *end) {
  auto isBad = [&](const char *byte) {
    if (*byte == 0)
      return true;
    auto *bytes = reinterpret_cast<const llvm::UTF8 *>(byte);
    return *bytes >= 0x80 && !llvm::isLegalUTF8Sequence(bytes, reinterpret_cast<const llvm::UTF8 *>(end));
  };
  while (at != end && isBad(at))
    ++at;
  return at;
}

static void reportBadBytes(DiagEngine &diags, const char *begin, const char *end) {
  llvm::SMRange range(SMLoc::getFromPointer(begin), SMLoc::getFromPointer(end));
  if (*begin == 0) {
    diags.error(DiagKind::BadCharacter, range, "a NUL byte cannot stand in a program");
    return;
  }
  diags.error(DiagKind::BadCharacter, range,
              "byte 0x" + llvm::utohexstr(static_cast<unsigned char>(*begin)) + " is not UTF-8: save the file as UTF-8");
}

static void checkBytes(DiagEngine &diags, StringRef text) {
  const char *end = text.end();
  for (const char *at = text.begin(); at != end && !diags.isFull();) {
    if (*at > 0) {
      ++at;
      continue;
    }
    const char *bad = endOfBadBytes(at, end);
    if (bad != at)
      reportBadBytes(diags, at, bad);
    at = bad != at ? bad : at + llvm::getNumBytesForUTF8(static_cast<llvm::UTF8>(*at));
  }
}

unsigned awg::loadBuffer(llvm::SourceMgr &sources, std::unique_ptr<llvm::MemoryBuffer> buffer, DiagEngine &diags) {
  StringRef text = buffer->getBuffer();
  unsigned id = sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
  checkBytes(diags, text);
  return id;
}

std::unique_ptr<llvm::MemoryBuffer> awg::readSource(StringRef path, std::string &why) {
  why = path == "-" ? "" : refusal(path).str();
  if (!why.empty())
    return nullptr;
  // Not mapped: a file that another program shortens meanwhile would end the compiler with a signal.
  auto buffer = path == "-" ? llvm::MemoryBuffer::getSTDIN()
                            : llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/true,
                                                          /*IsVolatile=*/true);
  if (buffer && (*buffer)->getBufferSize() <= largestFile)
    return std::move(*buffer);
  why = buffer ? "it is larger than 1 GiB" : buffer.getError().message();
  return nullptr;
}

std::optional<unsigned> awg::loadFile(llvm::SourceMgr &sources, StringRef path, DiagEngine &diags) {
  std::string why;
  if (std::unique_ptr<llvm::MemoryBuffer> buffer = readSource(path, why))
    return loadBuffer(sources, std::move(buffer), diags);
  diags.error(DiagKind::CannotRead, SMLoc(), "cannot read '" + path + "': " + why);
  return std::nullopt;
}
