// Patterns and `match`.
#include "frontend/Check/Checker.h"
#include "frontend/Check/Exhaustive.h"
#include "frontend/Check/FlowGraph.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace awg;

void Checker::collectNames(Pattern *pattern, SmallVectorImpl<VarDecl *> &names) {
  if (pattern->kind == Pattern::Name)
    names.push_back(pattern->var);
  for (Pattern *element : pattern->elements)
    collectNames(element, names);
}

void Checker::bindPattern(Pattern *pattern, const Type *type) {
  SmallVector<VarDecl *> names;
  collectNames(pattern, names);
  refuseDuplicates(names, "names of this pattern");
  declarePattern(pattern, type);
}

void Checker::declarePattern(Pattern *pattern, const Type *type) {
  switch (pattern->kind) {
  case Pattern::Name:
    declare(pattern->var, type);
    return;
  case Pattern::Wildcard:
    return;
  case Pattern::Tuple:
    return declareTuplePattern(pattern, type);
  case Pattern::Struct:
    return declareStructPattern(pattern, type);
  case Pattern::Value:
    checkPatternValue(pattern->low, type);
    return;
  case Pattern::Range:
    return checkPatternRange(pattern, type);
  case Pattern::Case:
    return checkPatternCase(pattern, type);
  case Pattern::Alternatives:
    for (Pattern *element : pattern->elements)
      declarePattern(element, type);
    return;
  }
}

bool Checker::isOnlyLent(Expr *place) const {
  const VarDecl *root = flow::rootOf(place);
  return root && !root->type->isError() && (isOnlyLent(*root) || !flow::isMemberOf(place, root));
}

bool Checker::isOnlyLent(const VarDecl &var) const {
  bool isLentParam = var.role == VarDecl::Param && var.mode != PassMode::Move;
  return isLentParam || var.isItem || var.isView || var.owner != body->owner;
}

void Checker::bindLent(Pattern *pattern, Expr *subject) {
  if (!isOnlyLent(subject))
    return;
  SmallVector<VarDecl *> names;
  collectNames(pattern, names);
  for (VarDecl *var : names) {
    if (!var->type || !flow::isMovable(var->type) || flow::holdsFuture(var->type))
      continue;
    var->isItem = true;
    var->isView = var->type->isArray();
    if (var->isMut)
      diags
          .error(DiagKind::NotMut, var->loc,
                 "`" + var->name + "` is lent by what this pattern takes apart, so it cannot be changed")
          .help("change it there, or bind `copy(...)` of it with `let mut`");
  }
}

void Checker::declareTuplePattern(Pattern *pattern, const Type *type) {
  auto *tuple = dyn_cast<TupleType>(type);
  bool isFitting = tuple && tuple->elements().size() == pattern->elements.size();
  if (!isFitting && !type->isError() && !type->isNever())
    diags.error(DiagKind::TypeMismatch, pattern->range,
                "this pattern takes a tuple of " + Twine(pattern->elements.size()) + ", and the value is " +
                    described(type));
  const Type *otherwise = type->isNever() ? type : types.error;
  for (auto [position, element] : llvm::enumerate(pattern->elements))
    declarePattern(element, isFitting ? tuple->elements()[position] : otherwise);
}

void Checker::declareStructPattern(Pattern *pattern, const Type *type) {
  const StructType *wanted = resolveStruct(pattern->typeExpr);
  bool isFitting = wanted && wanted == type;
  if (wanted && !isFitting && !type->isError() && !type->isNever())
    diags.error(DiagKind::TypeMismatch, pattern->range,
                "this pattern takes a `" + wanted->str() + "`, and the value is " + described(type));
  const Type *otherwise = type->isNever() ? type : types.error;
  llvm::SmallBitVector seen(wanted ? wanted->fields().size() : 0);
  for (auto [field, element] : llvm::zip(pattern->fields, pattern->elements)) {
    bool isKnown = wanted && findField(wanted, field, seen);
    declarePattern(element, isKnown && isFitting ? wanted->fields()[field.position] : otherwise);
  }
}

//===-- Patterns that may not fit ------------------------------------------------------------------------------------===//

void Checker::checkPatternValue(Expr *value, const Type *type) {
  check(value, type);
  if (!value->type->isError() && !type->isError() && !type->isNever() && !join(value->type, type)) {
    stateMismatch(value, type, "what is matched"); // nothing can be converted in a pattern
    return;
  }
  bool isLiteral = type->isInt() || type->isBool() || type->isStr() || type->isFloat() || type->isDuration();
  if (!isLiteral && !type->isError() && !type->isNever() && !value->type->isError() && value->type == type)
    diags.error(DiagKind::TypeMismatch, value->range, "a literal cannot be a pattern for a value " + described(type));
  if (isa<NameExpr>(stripParens(value)) && type->isInt() && !constantOf(value) && value->type == type)
    diags.error(DiagKind::TypeMismatch, value->range, "the value of this constant is not known here");
}

void Checker::checkPatternRange(Pattern *pattern, const Type *type) {
  checkPatternValue(pattern->low, type);
  checkPatternValue(pattern->high, type);
  if (type->isError() || type->isNever())
    return;
  if (!type->isInt()) {
    diags.error(DiagKind::TypeMismatch, pattern->range, "a range is a pattern for integers, and the value is " +
                                                            described(type));
    return;
  }
  for (Expr *bound : {pattern->low, pattern->high})
    if (isa<NameExpr>(stripParens(bound)) && !constantOf(bound) && !bound->type->isError())
      diags.error(DiagKind::TypeMismatch, bound->range, "the bounds of a range are literals or integer constants");
  std::optional<int64_t> low = constantOf(pattern->low), high = constantOf(pattern->high);
  if (low && high && *low >= *high)
    diags.error(DiagKind::BadLiteral, pattern->range, "this range is empty: its end is not in it")
        .help("`a..b` stands for the values from a to b - 1");
}

void Checker::checkPatternCase(Pattern *pattern, const Type *type) {
  if (!pattern->low) // the bare name of a case of `type`
    return;
  auto *member = dyn_cast<MemberExpr>(pattern->low);
  EnumDecl *decl = member ? namedEnum(member->base) : nullptr;
  if (!decl) {
    if (!isa<ErrorExpr>(pattern->low))
      diags.error(DiagKind::TypeMismatch, pattern->low->range,
                  "a pattern is a literal, a case `Name.Case`, a name, or several of them in brackets");
    return;
  }
  expect(member, type, "what is matched");
  pattern->enumCase = member->enumCase;
}

/// In a pattern for an enum the bare name of a case stands for that case; anywhere that of a constant stands for its
/// value.
void Checker::findBareCases(Pattern *pattern, const Type *type) {
  if (pattern->kind == Pattern::Name && !pattern->var->isMut && findConstant(pattern->var->name)) {
    pattern->kind = Pattern::Value;
    pattern->low = context.make<NameExpr>(pattern->range, pattern->var->name);
    pattern->var = nullptr;
    return;
  }
  if (auto *member = llvm::dyn_cast_or_null<MemberExpr>(pattern->low); member && pattern->kind == Pattern::Case) {
    ImportDecl *import = namedImport(member->base);
    if (import && llvm::isa_and_nonnull<VarDecl>(findExported(*import, member->name)))
      pattern->kind = Pattern::Value;
  }
  if (pattern->kind == Pattern::Alternatives)
    for (Pattern *element : pattern->elements)
      findBareCases(element, type);
  ArrayRef<const Type *> members = type->members();
  for (auto [position, element] : llvm::enumerate(pattern->elements)) {
    size_t member = position;
    if (pattern->kind == Pattern::Struct) {
      auto *structure = dyn_cast<StructType>(type);
      auto named = [&](const VarDecl *field) { return field->name == pattern->fields[position].name; };
      member = structure ? llvm::find_if(structure->decl()->fields, named) - structure->decl()->fields.begin()
                         : members.size();
    }
    if (pattern->kind != Pattern::Alternatives && member < members.size())
      findBareCases(element, members[member]);
  }
  auto *enumeration = dyn_cast<EnumType>(type);
  if (pattern->kind != Pattern::Name || !enumeration)
    return;
  for (const VarDecl *entry : enumeration->decl()->cases)
    if (entry->name == pattern->var->name) {
      pattern->kind = Pattern::Case;
      pattern->var = nullptr;
      pattern->enumCase = entry;
      return;
    }
}

//===-- match --------------------------------------------------------------------------------------------------------===//

void Checker::checkArmPattern(const MatchArm &arm, Expr *matched) {
  const Type *subject = matched->type;
  findBareCases(arm.pattern, subject);
  SmallVector<VarDecl *> names;
  std::function<void(Pattern *)> refuseNames = [&](Pattern *pattern) {
    if (pattern->kind == Pattern::Alternatives)
      collectNames(pattern, names);
    for (Pattern *element : pattern->elements)
      refuseNames(element);
  };
  refuseNames(arm.pattern);
  if (!names.empty())
    diags.error(DiagKind::SyntaxError, names.front()->loc,
                "`" + names.front()->name + "` cannot be bound in one of several patterns")
        .help("write an arm for each of them, or `_`");
  bindPattern(arm.pattern, subject);
  bindLent(arm.pattern, matched);
  names.clear();
  collectNames(arm.pattern, names);
  auto isMovable = [](const VarDecl *var) { return var->type && flow::isMovable(var->type) && !var->isItem; };
  auto moved = llvm::find_if(names, isMovable);
  if (arm.guard && moved != names.end())
    diags.error(DiagKind::UseAfterMove, (*moved)->loc,
                "`" + (*moved)->name + "` would take the array before it is known whether this arm is chosen")
        .help("test in the arm's body, or match without taking the array");
}

/// Of an arm that others follow: a name that takes every case is meant to be one.
void Checker::refuseMisspeltCase(const Pattern *pattern, const Type *subject) {
  auto *enumeration = dyn_cast<EnumType>(subject);
  if (!enumeration || pattern->kind != Pattern::Name)
    return;
  StringRef name = pattern->var->name;
  DiagBuilder report = diags.error(DiagKind::UnknownName, pattern->range,
                                   "`" + subject->str() + "` has no case `" + name +
                                       "`, and as a name it takes all values before the arms behind it");
  reportNearest(report, name, pattern->range, enumeration->decl()->cases);
  report.note(enumeration->decl()->loc, "`" + subject->str() + "` is declared here");
}

const Type *Checker::checkMatch(MatchExpr *expr, const Type *hint) {
  const Type *subject = check(expr->subject);
  if (expr->arms.empty() && !subject->isError()) {
    diags.error(DiagKind::NotExhaustive, expr->range, "this `match` has no arms");
    return types.error;
  }
  bool isCovered = false;
  const Type *type = checkArms(expr, subject, hint, isCovered);
  if (!isCovered)
    refuseMissing(expr, subject);
  return type;
}

/// Each arm in a scope of its own. A pattern that is refused covers what it may have meant.
const Type *Checker::checkArms(MatchExpr *expr, const Type *subject, const Type *hint, bool &isCovered) {
  SmallVector<Expr *> bodies;
  for (const MatchArm &arm : expr->arms)
    bodies.push_back(arm.body);
  auto checkArm = [&](size_t position, const Type *hint) {
    const MatchArm &arm = expr->arms[position];
    Scope scope(*this);
    unsigned before = diags.errorCount();
    checkArmPattern(arm, expr->subject);
    if (position + 1 < expr->arms.size() && !arm.guard)
      refuseMisspeltCase(arm.pattern, subject);
    isCovered |= diags.errorCount() != before;
    if (arm.guard)
      checkCondition(arm.guard, "the condition of an arm");
    return check(arm.body, hint);
  };
  return checkAlike(bodies, hint, "the value of another arm of this `match`", checkArm,
                    [&](const Type *a, const Type *b) { return join(a, b); });
}

void Checker::refuseMissing(MatchExpr *expr, const Type *subject) {
  if (subject->isError() || subject->isNever())
    return;
  SmallVector<const Pattern *> patterns;
  for (const MatchArm &arm : expr->arms)
    if (!arm.guard)
      patterns.push_back(arm.pattern);
  std::vector<std::string> missing = findUncovered(patterns, subject);
  if (missing.empty())
    return;
  SMRange head(expr->range.Start, expr->subject->range.End);
  if (missing.front() == "_") {
    diags.error(DiagKind::NotExhaustive, head, "`match` does not cover every value " + described(subject))
        .help("add an arm `_ => ...` for all other values");
    return;
  }
  std::string list = llvm::join(missing, "`, `");
  diags.error(DiagKind::NotExhaustive, head, "`match` has no arm for `" + list + "`")
      .help("add an arm `" + missing.front() + " => ...`, or `_ => ...` for all other values");
}
