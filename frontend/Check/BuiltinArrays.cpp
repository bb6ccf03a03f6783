// Calls of the builtin functions that make arrays or take them, from memory or files.
#include "frontend/Check/Checker.h"
#include "frontend/Check/FlowGraph.h"

using namespace awg;

//===-- Arrays -------------------------------------------------------------------------------------------------------===//

const Type *Checker::checkArrayArgument(CallExpr *expr, unsigned position) {
  Expr *value = expr->arguments[position].value;
  const Type *type = check(value);
  if (type->isArray() && !holdsFuture(type))
    return type;
  if (!type->isError()) {
    DiagBuilder report = diags.error(DiagKind::TypeMismatch, value->range,
                                     "`" + expr->builtin->name + "` takes an array, and this is " + described(type));
    if (type->isStr() && expr->builtin->id == BuiltinId::Len)
      report.help("`len(bytes(s))` counts a string's bytes");
  }
  return types.error;
}

/// Of an array, of something that holds arrays, or of what a type parameter stands for.
const Type *Checker::checkCopy(CallExpr *expr) {
  Expr *value = expr->arguments[0].value;
  const Type *type = check(value);
  bool isCopied = flow::isMovable(type) ? !holdsFuture(type) : body->function && !body->function->typeParams.empty();
  if (isCopied || type->isError())
    return type;
  diags.error(DiagKind::TypeMismatch, value->range, "`copy` takes an array, and this is " + described(type))
      .help("other values are copied wherever they are used");
  return types.error;
}

/// The number of elements, if it is known.
static std::optional<int64_t> countOf(const ArrayType *array) {
  int64_t count = 1;
  for (Extent extent : array->extents())
    if (extent.kind != Extent::Constant || __builtin_mul_overflow(count, extent.value, &count))
      return std::nullopt;
  return count;
}

const Type *Checker::checkReshape(CallExpr *expr) {
  auto *array = dyn_cast<ArrayType>(checkArrayArgument(expr, 0));
  const Type *type = checkExtentArguments(expr, array ? array->element() : types.error, 1);
  auto *made = dyn_cast<ArrayType>(type);
  if (!array || !made)
    return types.error;
  std::optional<int64_t> count = countOf(array), wanted = countOf(made);
  if (count && wanted && *count != *wanted)
    diags.error(DiagKind::ExtentMismatch, expr->range,
                "extents differ: `" + array->str() + "` has " + Twine(*count) + " elements, and `" + made->str() + "` has " +
                    Twine(*wanted));
  return type;
}

/// A composite of these, or one itself: what `zeros` can be of.
static bool isZeroable(const Type *type) {
  if (type->isComposite())
    return !type->isUnit() && llvm::all_of(type->members(), isZeroable);
  return type->isNumeric() || type->isBool() || type->isDuration() || type->isEnum() || type->isError();
}

const Type *Checker::checkExtentArguments(CallExpr *expr, const Type *element, unsigned first) {
  SmallVector<Extent> extents;
  for (const Argument &argument : expr->arguments.drop_front(first)) {
    checkInteger(argument.value, "an extent");
    extents.push_back(extentOf(argument.value));
  }
  return makeArray(element, extents, expr->loc());
}

const Type *Checker::checkZeros(CallExpr *expr) {
  TypeExpr *written = expr->typeArguments.front();
  const Type *element = resolveType(written, TypePlace::Argument);
  expr->resolvedTypes = context.list(ArrayRef<const Type *>(element));
  if (!isZeroable(element)) {
    diags.error(DiagKind::TypeMismatch, written->range,
                "`zeros` makes an array of numbers, bools, durations or tuples and structs of them, not of `" +
                    element->str() + "`");
    element = types.error;
  }
  return checkExtentArguments(expr, element, 0);
}

const Type *Checker::checkFull(CallExpr *expr, const Type *hint) {
  auto *wanted = llvm::dyn_cast_or_null<ArrayType>(hint);
  Expr *value = expr->arguments[0].value;
  const Type *element = check(value, wanted ? wanted->element() : nullptr);
  if ((element->isUnit() || flow::isMovable(element)) && !element->isError()) {
    diags.error(DiagKind::TypeMismatch, value->range,
                "`full` repeats a value without arrays, and this is " + described(element));
    element = types.error;
  }
  return checkExtentArguments(expr, element, 1);
}

//===-- Files --------------------------------------------------------------------------------------------------------===//

const Type *Checker::checkReadNpy(CallExpr *expr) {
  TypeExpr *written = expr->typeArguments.front();
  const Type *type = resolveType(written, TypePlace::Argument);
  expr->resolvedTypes = context.list(ArrayRef<const Type *>(type));
  expect(expr->arguments[0].value, types.str, "argument 1 of `read_npy`");
  auto *array = dyn_cast<ArrayType>(type);
  if (array && (array->element()->isNumeric() || array->element()->isBool()))
    return type;
  if (!type->isError())
    diags
        .error(DiagKind::TypeMismatch, written->range,
               "`read_npy` reads an array of numbers or bools, not `" + type->str() + "`")
        .help("as in `read_npy<f32[_]>(path)`");
  return types.error;
}

const Type *Checker::checkReadCsv(CallExpr *expr) {
  TypeExpr *written = expr->typeArguments.front();
  const Type *type = resolveType(written, TypePlace::Argument);
  expect(expr->arguments[0].value, types.str, "argument 1 of `read_csv`");
  if (expr->arguments.size() == 2)
    checkInteger(expr->arguments[1].value, "the number of header lines");
  auto *array = dyn_cast<ArrayType>(type);
  const Type *element = array ? array->element() : type;
  bool isValue = element->isNumeric() || element->isBool() || element->isStr();
  if (isValue && (!array || array->rank() <= 2)) {
    type = array ? array : types.array(element, {Extent::any(), Extent::any()});
    expr->resolvedTypes = context.list(ArrayRef<const Type *>(type));
    return type;
  }
  if (!type->isError())
    diags
        .error(DiagKind::TypeMismatch, written->range,
               "`read_csv` reads numbers, bools or strings in lines and columns, not `" + type->str() + "`")
        .help("`read_csv<f32>(path)` gives an f32[_, _], `read_csv<f32[_]>(path)` reads one value a line");
  return types.error;
}

const Type *Checker::checkWriteNpy(CallExpr *expr) {
  expect(expr->arguments[0].value, types.str, "argument 1 of `write_npy`");
  auto *array = dyn_cast<ArrayType>(checkArrayArgument(expr, 1));
  if (array && !array->element()->isNumeric() && !array->element()->isBool() && !array->element()->isError())
    diags.error(DiagKind::TypeMismatch, expr->arguments[1].value->range,
                "`write_npy` writes an array of numbers or bools, and this is " + described(array));
  return types.unit;
}

const Type *Checker::checkWritePng(CallExpr *expr) {
  expect(expr->arguments[0].value, types.str, "argument 1 of `write_png`");
  auto *array = dyn_cast<ArrayType>(checkArrayArgument(expr, 1));
  if (!array)
    return types.unit;
  bool isImage = array->element() == types.u8 && (array->rank() == 2 || array->rank() == 3);
  if (isImage && array->rank() == 3) {
    Extent channels = array->extents()[2];
    isImage = channels.kind != Extent::Constant || channels.value == 3 || channels.value == 4;
  }
  if (!isImage)
    diags.error(DiagKind::TypeMismatch, expr->arguments[1].value->range,
                "`write_png` takes u8[height, width], u8[height, width, 3] or u8[height, width, 4], and this is " +
                    described(array));
  return types.unit;
}
