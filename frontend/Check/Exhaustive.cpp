// The search for a value that no pattern of a `match` fits.
//
// Maranget's algorithm ("Warnings for pattern matching", 2007): rows of patterns are looked at column by column. In a
// column the values fall into few classes that patterns tell apart: the cases of an enum, runs of integers between the
// bounds that occur, single strings and all others. For each class the rows that fit are kept, its members become
// columns of their own, and the search goes on with the rest. A row without columns covers what led to it.
#include "frontend/Check/Exhaustive.h"
#include "frontend/Check/FlowGraph.h"

#include "llvm/ADT/StringExtras.h"

#include <set>

using namespace awg;
using llvm::cast;
using llvm::dyn_cast;

namespace {

/// Integers wide enough for all of both signs and one beyond.
using Wide = __int128;

/// Null stands for any value.
using Row = llvm::SmallVector<const Pattern *, 4>;

/// More steps than any written `match` needs; where a made-up one does, it counts as not covered.
constexpr unsigned maxSteps = 100000;

/// The value of an integer or bool literal, its minus counted in.
Wide valueOf(const Expr *expr) {
  expr = flow::stripParens(expr);
  if (auto *unary = dyn_cast<UnaryExpr>(expr))
    return -valueOf(unary->operand);
  if (auto *truth = dyn_cast<BoolExpr>(expr))
    return truth->value;
  if (auto *name = dyn_cast<NameExpr>(expr)) // a constant
    return *cast<VarDecl>(name->decl)->constant;
  return cast<IntExpr>(expr)->value.getLimitedValue();
}

std::string decimal(Wide value) {
  return value < 0 ? "-" + std::to_string(uint64_t(-value)) : std::to_string(uint64_t(value));
}

/// The integers low to high, both of them included.
struct Run {
  Wide low, high;
};

/// What an ordinal pattern fits.
Run runOf(const Pattern *pattern) {
  if (pattern->kind == Pattern::Case)
    return {*pattern->enumCase->constant, *pattern->enumCase->constant};
  Wide low = valueOf(pattern->low);
  return {low, pattern->kind == Pattern::Range ? valueOf(pattern->high) - 1 : low};
}

/// The values of a type that are numbered, or nothing.
std::optional<Run> domainOf(const Type *type) {
  if (type->isBool())
    return Run{0, 1};
  if (auto *enumeration = dyn_cast<EnumType>(type))
    return Run{0, Wide(enumeration->decl()->cases.size()) - 1};
  if (!type->isInt())
    return std::nullopt;
  Wide size = Wide(1) << type->width();
  return type->isSigned() ? Run{-size / 2, size / 2 - 1} : Run{0, size - 1};
}

class Search {
public:
  /// A value for each of `types` that no row fits, written after each other into `found`.
  bool run(std::vector<Row> rows, llvm::SmallVector<const Type *> types, std::vector<std::string> &found) {
    if (types.empty())
      return rows.empty();
    if (++steps > maxSteps) {
      found.assign(types.size(), "_");
      return true;
    }
    expandAlternatives(rows);
    const Type *type = types.front();
    if (type->isComposite())
      return composite(rows, types, found);
    if (std::optional<Run> domain = domainOf(type))
      return ordinal(rows, types, *domain, found);
    return open(rows, types, found);
  }

private:
  static bool fitsAll(const Pattern *pattern) {
    return !pattern || pattern->kind == Pattern::Name || pattern->kind == Pattern::Wildcard;
  }

  /// A row for each of several patterns in the first column.
  static void expandAlternatives(std::vector<Row> &rows) {
    for (size_t row = 0; row < rows.size();) {
      const Pattern *first = rows[row].front();
      if (!first || first->kind != Pattern::Alternatives) {
        ++row;
        continue;
      }
      Row rest = rows[row];
      rows.erase(rows.begin() + row);
      for (auto [position, element] : llvm::enumerate(first->elements)) {
        rest.front() = element;
        rows.insert(rows.begin() + row + position, rest);
      }
    }
  }

  /// The rows that `keep` lets through, without their first column.
  template <typename Keep> static std::vector<Row> restOf(const std::vector<Row> &rows, Keep keep) {
    std::vector<Row> rest;
    for (const Row &row : rows)
      if (fitsAll(row.front()) || keep(row.front()))
        rest.emplace_back(row.begin() + 1, row.end());
    return rest;
  }

  using Types = llvm::SmallVector<const Type *>;
  using Texts = std::vector<std::string>;

  bool composite(const std::vector<Row> &rows, const Types &types, Texts &found) {
    ArrayRef<const Type *> members = types.front()->members();
    std::vector<Row> opened;
    for (const Row &row : rows) {
      Row &next = opened.emplace_back(members.size(), nullptr);
      const Pattern *pattern = row.front();
      if (!fitsAll(pattern))
        for (auto [position, element] : llvm::enumerate(pattern->elements))
          next[pattern->kind == Pattern::Struct ? pattern->fields[position].position : position] = element;
      next.append(row.begin() + 1, row.end());
    }
    Types all(members.begin(), members.end());
    all.append(types.begin() + 1, types.end());
    if (!run(opened, all, found))
      return false;
    std::string text = write(types.front(), ArrayRef<std::string>(found).take_front(members.size()));
    found.erase(found.begin(), found.begin() + members.size());
    found.insert(found.begin(), text);
    return true;
  }

  static std::string write(const Type *type, ArrayRef<std::string> members) {
    if (llvm::all_of(members, [](const std::string &member) { return member == "_"; }))
      return "_";
    auto *structure = dyn_cast<StructType>(type);
    std::string text = structure ? structure->decl()->name.str() + " { " : "(";
    bool isFirst = true;
    for (auto [position, member] : llvm::enumerate(members)) {
      if (structure && member == "_")
        continue;
      text += isFirst ? "" : ", ";
      isFirst = false;
      text += (structure ? structure->decl()->fields[position]->name.str() + ": " : "") + member;
    }
    return text + (structure ? " }" : ")");
  }

  bool ordinal(const std::vector<Row> &rows, const Types &types, Run domain, Texts &found) {
    std::set<Wide> starts{domain.low};
    for (const Row &row : rows)
      if (!fitsAll(row.front())) {
        Run fitted = runOf(row.front());
        starts.insert(std::max(fitted.low, domain.low));
        if (fitted.high < domain.high)
          starts.insert(fitted.high + 1);
      }
    Types rest(types.begin() + 1, types.end());
    bool isEveryOne = starts.size() == 1 && domain.high > domain.low;
    for (auto start = starts.begin(); start != starts.end(); ++start) {
      Wide value = *start;
      auto fits = [&](const Pattern *pattern) {
        Run fitted = runOf(pattern);
        return fitted.low <= value && value <= fitted.high;
      };
      found.clear();
      if (!run(restOf(rows, fits), rest, found))
        continue;
      Wide last = std::next(start) == starts.end() ? domain.high : *std::next(start) - 1;
      found.insert(found.begin(), isEveryOne ? "_" : write(types.front(), {value, last}, domain));
      return true;
    }
    return false;
  }

  static std::string write(const Type *type, Run run, Run domain) {
    if (type->isBool())
      return run.low ? "true" : "false";
    if (auto *enumeration = dyn_cast<EnumType>(type))
      return (enumeration->decl()->name + "." + enumeration->decl()->cases[size_t(run.low)]->name).str();
    if (run.low == run.high)
      return decimal(run.low);
    bool isOpen = run.low == domain.low || run.high == domain.high;
    return isOpen ? "_" : decimal(run.low) + ".." + decimal(run.high + 1);
  }

  /// Of a type with values without end, patterns tell apart those that occur; a value beyond them fits only what fits all.
  bool open(const std::vector<Row> &rows, const Types &types, Texts &found) {
    Types rest(types.begin() + 1, types.end());
    if (!run(restOf(rows, [](const Pattern *) { return false; }), rest, found))
      return false;
    found.insert(found.begin(), "_");
    return true;
  }

  unsigned steps = 0;
};

/// The pattern, for an enum, fits that case.
bool coversCase(const Pattern *pattern, const VarDecl *entry) {
  switch (pattern->kind) {
  case Pattern::Alternatives:
    return llvm::any_of(pattern->elements, [&](const Pattern *element) { return coversCase(element, entry); });
  case Pattern::Case:
    return pattern->enumCase == entry;
  default:
    return true;
  }
}

} // namespace

std::vector<std::string> awg::findUncovered(ArrayRef<const Pattern *> patterns, const Type *type) {
  std::vector<Row> rows;
  for (const Pattern *pattern : patterns)
    rows.push_back({pattern});
  std::vector<std::string> missing, found;
  auto *enumeration = dyn_cast<EnumType>(type);
  if (!enumeration) {
    Search().run(rows, {type}, found);
    return found;
  }
  for (const VarDecl *entry : enumeration->decl()->cases) {
    auto fits = [&](const Row &row) { return coversCase(row.front(), entry); };
    if (llvm::none_of(rows, fits))
      missing.push_back((enumeration->decl()->name + "." + entry->name).str());
  }
  return missing;
}
