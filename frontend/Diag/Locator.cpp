// Turns places in the source into files, lines and columns for printing.
#include "frontend/Diag/Locator.h"

#include "llvm/Support/MemoryBuffer.h"

#include <cstring>

using namespace awg;

static bool continuesCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

Place Locator::locate(llvm::SMLoc loc) {
  unsigned id = sources.FindBufferContainingLoc(loc);
  const llvm::MemoryBuffer *buffer = sources.getMemoryBuffer(id);
  if (id != bufferId || loc.getPointer() < position) {
    bufferId = id;
    position = buffer->getBufferStart();
    if (buffer->getBuffer().starts_with("\xEF\xBB\xBF"))
      position += 3;
    place = {buffer->getBufferIdentifier(), 1, 1, position};
  }
  const char *target = std::max(loc.getPointer(), position);
  while (const void *newline = std::memchr(position, '\n', target - position)) {
    position = static_cast<const char *>(newline) + 1;
    place.line += 1;
    place.column = 1;
    place.lineStart = position;
  }
  for (; position != target; ++position)
    place.column += !continuesCharacter(*position);
  return place;
}
