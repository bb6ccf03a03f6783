// Diagnostics as text for people and as JSON for tools.
#include "frontend/Diag/Diag.h"
#include "frontend/Diag/Locator.h"
#include "frontend/Diag/Snippet.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace awg;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

//===-- Text ------------------------------------------------------------------------------------------------------===//

namespace {

/// Prints to one stream, with one cursor for diagnostics and one for what they point back to.
struct TextPrinter {
  const llvm::SourceMgr &sources;
  llvm::raw_ostream &out;
  Locator forward{sources}, back{sources};

  void print(const Diagnostic &diagnostic);

private:
  void head(const Place &place, StringRef severity, StringRef message) {
    out << place.file << ':' << place.line << ':' << place.column << ": " << severity << ": " << message;
  }
  void snippet(const Place &place, SMLoc loc, SMRange range) {
    unsigned id = sources.FindBufferContainingLoc(loc);
    printSnippet(out, place.lineStart, sources.getMemoryBuffer(id)->getBufferEnd(), loc, range);
  }
  void note(const DiagNote &note);
  void fix(const FixIt &fix, const Diagnostic &diagnostic);
};

} // namespace

void TextPrinter::note(const DiagNote &note) {
  if (!note.loc.isValid()) {
    out << "note: " << note.message << '\n';
    return;
  }
  Place place = back.locate(note.loc);
  head(place, "note", note.message);
  out << '\n';
  snippet(place, note.loc, SMRange());
}

void TextPrinter::fix(const FixIt &fix, const Diagnostic &diagnostic) {
  SMLoc start = fix.range.Start;
  StringRef old(start.getPointer(), fix.range.End.getPointer() - start.getPointer());
  if (old.empty())
    out << "fix: insert '" << fix.text << "'";
  else if (fix.text.empty())
    out << "fix: remove '" << old << "'";
  else
    out << "fix: replace '" << old << "' with '" << fix.text << "'";
  if (start != diagnostic.loc) {
    Place place = back.locate(start);
    out << " at " << place.line << ':' << place.column;
  }
  out << '\n';
}

void TextPrinter::print(const Diagnostic &diagnostic) {
  Place place;
  if (diagnostic.loc.isValid()) {
    place = forward.locate(diagnostic.loc);
    head(place, "error", diagnostic.message);
  } else {
    out << "error: " << diagnostic.message;
  }
  out << " [" << name(diagnostic.kind) << "]\n";
  if (diagnostic.loc.isValid())
    snippet(place, diagnostic.loc, diagnostic.range);
  for (const DiagNote &each : diagnostic.notes)
    note(each);
  for (const FixIt &each : diagnostic.fixes)
    fix(each, diagnostic);
}

void DiagEngine::print(llvm::raw_ostream &out) const {
  if (reported.empty())
    return;
  TextPrinter printer{sources, out};
  for (const Diagnostic *diagnostic : inOrder())
    printer.print(*diagnostic);
  if (isFull())
    out << "too many errors: stopped after " << limit << '\n';
  out << count << (count == 1 ? " error\n" : " errors\n");
}

//===-- JSON ------------------------------------------------------------------------------------------------------===//

static void writePlace(llvm::json::OStream &json, Locator &locator, SMLoc loc) {
  if (!loc.isValid())
    return;
  Place place = locator.locate(loc);
  json.attribute("file", llvm::json::fixUTF8(place.file));
  json.attribute("line", place.line);
  json.attribute("column", place.column);
}

static void writeEnd(llvm::json::OStream &json, Locator &locator, SMLoc loc) {
  Place place = locator.locate(loc);
  json.attribute("endLine", place.line);
  json.attribute("endColumn", place.column);
}

static void writeDiagnostic(llvm::json::OStream &json, Locator &forward, Locator &back, const Diagnostic &diagnostic) {
  writePlace(json, forward, diagnostic.loc);
  if (diagnostic.range.isValid())
    writeEnd(json, back, diagnostic.range.End);
  json.attribute("severity", "error");
  json.attribute("kind", name(diagnostic.kind));
  json.attribute("message", llvm::json::fixUTF8(diagnostic.message));
  json.attributeArray("notes", [&] {
    for (const DiagNote &note : diagnostic.notes)
      json.object([&] {
        writePlace(json, back, note.loc);
        json.attribute("message", llvm::json::fixUTF8(note.message));
      });
  });
  json.attributeArray("fixes", [&] {
    for (const FixIt &fix : diagnostic.fixes)
      json.object([&] {
        writePlace(json, back, fix.range.Start);
        writeEnd(json, back, fix.range.End);
        json.attribute("text", llvm::json::fixUTF8(fix.text));
      });
  });
}

void DiagEngine::printJSON(llvm::raw_ostream &out) const {
  Locator forward(sources), back(sources);
  for (const Diagnostic *diagnostic : inOrder()) {
    llvm::json::OStream json(out);
    json.object([&] { writeDiagnostic(json, forward, back, *diagnostic); });
    out << '\n';
  }
}
