// What the front end makes of a text, as text.
#ifndef AWG_TEST_UNIT_FRONTEND_TEXT_H
#define AWG_TEST_UNIT_FRONTEND_TEXT_H

#include "frontend/AST/Dump.h"
#include "frontend/Lex/Dump.h"
#include "frontend/Parse/Parser.h"
#include "frontend/Source/Source.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <string>

namespace awg::test {

/// A text called `t.awg`, and what was found wrong with it.
struct Text {
  llvm::SourceMgr sources;
  DiagEngine diags{sources};
  ASTContext context;
  unsigned id;

  explicit Text(llvm::StringRef text)
      : id(loadBuffer(sources, llvm::MemoryBuffer::getMemBufferCopy(text, "t.awg"), diags)) {}

  llvm::StringRef text() { return sources.getMemoryBuffer(id)->getBuffer(); }
  Module *module() { return parse(sources, id, context, diags); }
  /// `line:column kind: message` a line, without the file's name.
  std::string errors() {
    std::string printed;
    llvm::raw_string_ostream out(printed);
    diags.print(out);
    std::string lines;
    for (llvm::StringRef line : llvm::split(llvm::StringRef(printed), '\n'))
      if (line.consume_front("t.awg:") && line.contains(": error: "))
        lines += line.str() + "\n";
    return lines;
  }
};

inline std::string errorsOf(llvm::StringRef text) {
  Text source(text);
  source.module();
  return source.errors();
}

/// The errors of statements in a function: their first line is 2.
inline std::string errorsIn(llvm::StringRef statements) {
  return errorsOf((statements + "\n}").str().insert(0, "async fn main() {\n"));
}

inline std::string treeOf(llvm::StringRef text) {
  Text source(text);
  std::string tree;
  llvm::raw_string_ostream out(tree);
  dump(out, *source.module());
  return tree + source.errors();
}

inline std::string tokensOf(llvm::StringRef text) {
  Text source(text);
  std::string tokens;
  llvm::raw_string_ostream out(tokens);
  dumpTokens(out, source.sources, source.id, source.diags);
  return tokens + source.errors();
}

/// All that DiagEngine prints.
inline std::string printed(llvm::StringRef text) {
  Text source(text);
  source.module();
  std::string all;
  llvm::raw_string_ostream out(all);
  source.diags.print(out);
  return all;
}

} // namespace awg::test

#endif // AWG_TEST_UNIT_FRONTEND_TEXT_H
