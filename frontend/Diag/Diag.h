// Diagnostics: named kinds, one engine that collects them, and their printing.
#ifndef AWG_FRONTEND_DIAG_DIAG_H
#define AWG_FRONTEND_DIAG_DIAG_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SMLoc.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace awg {

/// The kinds of diagnostics; `name(kind)` is what stands in brackets after the message.
enum class DiagKind {
#define AWG_DIAG(ID, NAME, SUMMARY) ID,
#include "frontend/Diag/Kinds.def"
};

/// `use-while-lent`.
llvm::StringRef name(DiagKind kind);
/// One line on what the kind means.
llvm::StringRef summary(DiagKind kind);

/// A replacement of source text that mends what a diagnostic found.
struct FixIt {
  llvm::SMRange range; ///< may be empty: an insertion
  std::string text;
};

struct DiagNote {
  llvm::SMLoc loc; ///< invalid: belongs to the diagnostic as a whole
  std::string message;
};

struct Diagnostic {
  DiagKind kind;
  llvm::SMLoc loc;
  llvm::SMRange range; ///< underlined; may be invalid
  std::string message;
  llvm::SmallVector<DiagNote, 1> notes;
  llvm::SmallVector<FixIt, 1> fixes;
};

class DiagEngine;

/// Adds details to the diagnostic just reported.
class DiagBuilder {
public:
  DiagBuilder() = default; ///< of one that is suppressed
  DiagBuilder(const DiagEngine &engine, Diagnostic &diagnostic) : engine(&engine), diagnostic(&diagnostic) {}
  DiagBuilder &note(llvm::SMLoc loc, const llvm::Twine &message);
  /// What to do, where it belongs to the whole: printed as `note: message`.
  DiagBuilder &help(const llvm::Twine &message);
  DiagBuilder &fix(llvm::SMRange range, const llvm::Twine &text);
  /// The same for a change of the expression at `range`, or before or behind it: `Point { x }` becomes `Point { x: copy(x) }`.
  DiagBuilder &fixValue(llvm::SMRange range, const llvm::Twine &text);

private:
  const DiagEngine *engine = nullptr;
  Diagnostic *diagnostic = nullptr;
};

/// Collects the diagnostics of a compilation. Not thread-safe.
///
/// A second diagnostic at the same place is dropped, and after `limit` of them the rest are counted only.
class DiagEngine {
public:
  explicit DiagEngine(const llvm::SourceMgr &sources) : sources(sources) {}

  DiagBuilder error(DiagKind kind, llvm::SMLoc loc, const llvm::Twine &message);
  DiagBuilder error(DiagKind kind, llvm::SMRange range, const llvm::Twine &message);
  /// Until it is set again, each diagnostic gets this note; an empty one ends that.
  void setContext(llvm::SMLoc loc, const llvm::Twine &message) { context = {loc, message.str()}; }
  /// A name that stands for a field and for its value.
  void noteShorthand(llvm::SMRange name);
  /// The one that begins or ends there, if any.
  llvm::StringRef shorthandAt(llvm::SMLoc place) const { return shorthands.lookup(place.getPointer()); }
  bool hasErrors() const { return count != 0; }
  unsigned errorCount() const { return count; }
  /// The limit is reached: going on would only count.
  bool isFull() const { return count >= limit; }
  llvm::ArrayRef<Diagnostic *> diagnostics() const { return reported; }
  /// All by file, then by place; those without a place first.
  llvm::SmallVector<const Diagnostic *> inOrder() const;

  /// Prints all in the order of their places: `file:line:col: error: message [kind]`, the source line with a caret
  /// (long lines are clipped around it), notes and fixes; a last line counts the errors.
  void print(llvm::raw_ostream &out) const;
  /// One JSON object a line: file, line, column, kind, message, notes, fixes.
  void printJSON(llvm::raw_ostream &out) const;

  static constexpr unsigned limit = 100;
  ~DiagEngine();

private:
  const llvm::SourceMgr &sources;
  llvm::SmallVector<Diagnostic *> reported;
  llvm::DenseSet<const char *> places;
  llvm::DenseMap<const char *, llvm::StringRef> shorthands; ///< by their begins and ends
  unsigned count = 0;
  DiagNote context;
};

} // namespace awg

#endif // AWG_FRONTEND_DIAG_DIAG_H
