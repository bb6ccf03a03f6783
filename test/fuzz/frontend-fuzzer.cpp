// libFuzzer's target for the front end: a text goes through the lexer, the parser and the checker; one that parses is also
// formatted, which must keep it well-formed and be stable. Mutations work on tokens as well as on bytes.
#include "frontend/Check/Check.h"
#include "frontend/Format/Format.h"
#include "frontend/Lex/Lexer.h"
#include "frontend/Parse/Parser.h"
#include "frontend/Source/Source.h"

#include "llvm/Support/MemoryBuffer.h"

#include <cstdlib>
#include <cstring>
#include <random>

using namespace awg;
using llvm::StringRef;

namespace {

/// A text and what the front end makes of it.
struct Text {
  llvm::SourceMgr sources;
  DiagEngine diags{sources};
  ASTContext context;
  Layout layout;
  Program program;

  unsigned add(StringRef text, StringRef name) {
    return loadBuffer(sources, llvm::MemoryBuffer::getMemBufferCopy(text, name), diags);
  }
  bool parse(StringRef text) {
    program.user = awg::parse(sources, add(text, "input.awg"), context, diags, &layout);
    return !diags.hasErrors();
  }
  /// Without the std modules, which cost a hundred times as much as most texts: what they define is unknown then. What
  /// imports files, which there are none of here, does not get as far in the compiler either.
  void check() {
    if (llvm::any_of(program.user->imports, [](const ImportDecl *import) { return import->isFile; }))
      return;
    program.needsMain = false;
    awg::check(program, context, sources, diags);
  }
  void print() {
    std::string out;
    llvm::raw_string_ostream stream(out);
    diags.print(stream);
    diags.printJSON(stream);
  }
};

void require(bool condition, const char *what) {
  if (condition)
    return;
  llvm::errs() << what << '\n';
  std::abort();
}

void checkFormat(StringRef text, const Layout &layout) {
  std::string once = format(text, layout);
  Text again;
  require(again.parse(once), "the formatter's output does not parse");
  require(format(once, again.layout) == once, "the formatter changes its own output");
}

/// The tokens of a text; of a string the whole is one.
std::vector<StringRef> tokensOf(StringRef text) {
  llvm::SourceMgr sources;
  DiagEngine diags(sources);
  std::string closed = text.str();
  std::vector<StringRef> tokens;
  for (const Token &token : lex(closed, diags)) {
    size_t start = token.range.Start.getPointer() - closed.data();
    if (!token.is(TokenKind::End))
      tokens.push_back(text.substr(start, token.text().size()));
  }
  return tokens;
}

std::string joined(llvm::ArrayRef<StringRef> tokens) {
  std::string text;
  for (StringRef token : tokens)
    text += (token + (token == ";" || token == "{" || token == "}" ? "\n" : " ")).str();
  return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  StringRef input(reinterpret_cast<const char *>(data), size);
  Text text;
  if (text.parse(input)) {
    checkFormat(input, text.layout);
    text.check();
  }
  text.print();
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

/// Drops, doubles, swaps or moves tokens; now and then it leaves the bytes to libFuzzer.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize, unsigned seed) {
  std::minstd_rand random(seed);
  std::string input(reinterpret_cast<const char *>(data), size);
  std::vector<StringRef> tokens = tokensOf(input);
  if (tokens.size() < 2 || random() % 4 == 0)
    return LLVMFuzzerMutate(data, size, maxSize);
  size_t first = random() % tokens.size(), second = random() % tokens.size();
  size_t count = std::min<size_t>(1 + random() % 8, tokens.size() - first);
  std::vector<StringRef> run(tokens.begin() + first, tokens.begin() + first + count);
  switch (random() % 4) {
  case 0:
    tokens.erase(tokens.begin() + first, tokens.begin() + first + count);
    break;
  case 1:
    tokens.insert(tokens.begin() + second, run.begin(), run.end());
    break;
  case 2:
    std::swap(tokens[first], tokens[second]);
    break;
  default:
    tokens[first] = tokens[second];
    break;
  }
  std::string output = joined(tokens);
  size_t kept = std::min(output.size(), maxSize);
  memcpy(data, output.data(), kept);
  return kept;
}

/// Puts a run of one text's tokens into another text.
extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
                                            uint8_t *out, size_t maxSize, unsigned seed) {
  std::minstd_rand random(seed);
  std::string one(reinterpret_cast<const char *>(data1), size1), two(reinterpret_cast<const char *>(data2), size2);
  std::vector<StringRef> tokens = tokensOf(one), others = tokensOf(two);
  if (tokens.empty() || others.empty())
    return 0;
  size_t from = random() % others.size(), count = std::min<size_t>(1 + random() % 40, others.size() - from);
  tokens.insert(tokens.begin() + random() % tokens.size(), others.begin() + from, others.begin() + from + count);
  std::string output = joined(tokens);
  size_t kept = std::min(output.size(), maxSize);
  memcpy(out, output.data(), kept);
  return kept;
}
