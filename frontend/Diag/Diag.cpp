// The collection of diagnostics, and their order.
#include "frontend/Diag/Diag.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <tuple>

using namespace awg;

llvm::StringRef awg::name(DiagKind kind) {
  static constexpr llvm::StringRef names[] = {
#define AWG_DIAG(ID, NAME, SUMMARY) NAME,
#include "frontend/Diag/Kinds.def"
  };
  return names[unsigned(kind)];
}

llvm::StringRef awg::summary(DiagKind kind) {
  static constexpr llvm::StringRef summaries[] = {
#define AWG_DIAG(ID, NAME, SUMMARY) SUMMARY,
#include "frontend/Diag/Kinds.def"
  };
  return summaries[unsigned(kind)];
}

/// Messages quote names and other text of the program, which may be of any length.
static std::string clipped(const llvm::Twine &message) {
  constexpr size_t longest = 1000;
  std::string text = message.str();
  if (text.size() <= longest)
    return text;
  size_t cut = longest;
  while (cut && (text[cut] & 0xC0) == 0x80)
    --cut;
  return text.substr(0, cut) + "...";
}

DiagBuilder &DiagBuilder::note(llvm::SMLoc loc, const llvm::Twine &message) {
  if (diagnostic)
    diagnostic->notes.push_back({loc, clipped(message)});
  return *this;
}

DiagBuilder &DiagBuilder::help(const llvm::Twine &message) { return note(llvm::SMLoc(), message); }

DiagBuilder &DiagBuilder::fix(llvm::SMRange range, const llvm::Twine &text) {
  if (diagnostic)
    diagnostic->fixes.push_back({range, text.str()});
  return *this;
}

DiagBuilder &DiagBuilder::fixValue(llvm::SMRange range, const llvm::Twine &text) {
  llvm::StringRef field = engine ? engine->shorthandAt(range.Start) : llvm::StringRef();
  if (field.empty())
    return fix(range, text);
  return field.data() == range.Start.getPointer() ? fix(range, field + ": " + text) : fix(range, ": " + field + text);
}

void DiagEngine::noteShorthand(llvm::SMRange name) {
  const char *begin = name.Start.getPointer(), *end = name.End.getPointer();
  shorthands[begin] = shorthands[end] = llvm::StringRef(begin, end - begin);
}

DiagBuilder DiagEngine::error(DiagKind kind, llvm::SMLoc loc, const llvm::Twine &message) {
  if (loc.isValid() && !places.insert(loc.getPointer()).second)
    return DiagBuilder();
  if (count++ >= limit)
    return DiagBuilder();
  reported.push_back(new Diagnostic{kind, loc, llvm::SMRange(), clipped(message), {}, {}});
  if (!context.message.empty())
    reported.back()->notes.push_back(context);
  return DiagBuilder(*this, *reported.back());
}

DiagBuilder DiagEngine::error(DiagKind kind, llvm::SMRange range, const llvm::Twine &message) {
  size_t before = reported.size();
  DiagBuilder builder = error(kind, range.Start, message);
  if (reported.size() != before)
    reported.back()->range = range;
  return builder;
}

llvm::SmallVector<const Diagnostic *> DiagEngine::inOrder() const {
  llvm::SmallVector<std::tuple<unsigned, const char *, size_t>> keys;
  for (const auto &[index, diagnostic] : llvm::enumerate(reported)) {
    llvm::SMLoc loc = diagnostic->loc;
    keys.push_back({loc.isValid() ? sources.FindBufferContainingLoc(loc) : 0, loc.getPointer(), index});
  }
  llvm::sort(keys);
  llvm::SmallVector<const Diagnostic *> sorted;
  for (const auto &key : keys)
    sorted.push_back(reported[std::get<size_t>(key)]);
  return sorted;
}

DiagEngine::~DiagEngine() {
  for (Diagnostic *diagnostic : reported)
    delete diagnostic;
}
