// Strings: literals, holes, and the texts of formats and rejections.
#include "frontend/IRGen/Generator.h"

using namespace awg;

void Format::add(StringRef hole, Value value, int8_t kind) {
  text += hole.empty() ? "{}" : ("{:" + hole + "}").str();
  values.push_back(value);
  kinds.push_back(kind);
}

void Format::addText(StringRef piece) {
  for (char c : piece) {
    text += c;
    if (c == '{' || c == '}')
      text += c;
  }
}

void Generator::addValue(Format &format, StringRef hole, ArrayRef<Value> leaves, const Type *type, bool isInside) {
  if (type->isComposite())
    return addMembers(format, hole, leaves, type);
  if (auto *enumeration = dyn_cast<EnumType>(type))
    return format.add(hole, caseName(leaves.front(), enumeration->decl()), AWGRT_TEXT);
  auto *array = dyn_cast<ArrayType>(type);
  const Type *element = array ? array->element() : nullptr;
  if (array && (element->isComposite() || element->isEnum() || element->isArray()))
    return format.add("", elementTexts(hole, leaves, array), kindOf(type));
  format.add(hole, leaves.front(), kindOf(type, isInside));
}

/// `(1, "a")`, `Point { x: 1.0, y: 2.0 }`: strings inside are quoted.
void Generator::addMembers(Format &format, StringRef hole, ArrayRef<Value> leaves, const Type *type) {
  auto *structure = dyn_cast<StructType>(type);
  format.addText(structure ? structure->decl()->name.str() + " { " : "(");
  for (auto [position, member] : llvm::enumerate(type->members())) {
    if (position)
      format.addText(", ");
    if (structure)
      format.addText(structure->decl()->fields[position]->name.str() + ": ");
    unsigned count = leafCount(member);
    addValue(format, hole, leaves.take_front(count), member, /*isInside=*/true);
    leaves = leaves.drop_front(count);
  }
  format.addText(structure ? " }" : ")");
}

Value Generator::caseName(Value value, const EnumDecl *decl) {
  Value name;
  for (const VarDecl *entry : decl->cases) {
    Value text = make<ir::StrOp>(strType, builder.getStringAttr(entry->name));
    Value isCase = compare(arith::CmpIPredicate::eq, value, constant(value.getType(), *entry->constant));
    name = name ? Value(make<arith::SelectOp>(isCase, text, name)) : text;
  }
  return name;
}

/// Each element is made a text on its own, and the runtime lays them out by the extents.
Value Generator::elementTexts(StringRef hole, ArrayRef<Value> leaves, const ArrayType *type) {
  llvm::SmallVector<Value> extents;
  for (unsigned dimension = 0; dimension < type->rank(); ++dimension)
    extents.push_back(dim(leaves.front(), dimension));
  Value texts = newArrayOf(strType, AWGRT_TEXT, extents, /*isUninit=*/false);
  overElements(extents, [&](ArrayRef<Value> position) {
    size_t depth = mark();
    Format element;
    addValue(element, hole, loadPlace(elementsAt(leaves, position)), type->element(), /*isInside=*/true);
    Value text = newString(element);
    consume(text);
    storeElement(text, elementAt(texts, position));
    leaveScope(depth);
  });
  return texts;
}

void Generator::addPieces(Format &format, const StrExpr *expr) {
  llvm::SmallVector<const Expr *> later;
  for (const StrPiece &piece : llvm::reverse(expr->pieces))
    if (piece.hole)
      later.push_back(piece.hole);
  for (const StrPiece &piece : expr->pieces) {
    format.addText(piece.text);
    if (!piece.hole)
      continue;
    later.pop_back();
    Leaves leaves = emitOperand(piece.hole, later).leaves;
    if (!piece.hole->type->isNever())
      addValue(format, piece.format, leaves, piece.hole->type, /*isInside=*/false);
  }
}

Value Generator::newString(const Format &format) {
  for (Value value : format.values)
    reach(value);
  Value text = make<ir::FormatOp>(strType, builder.getStringAttr(format.text), format.values,
                                  builder.getDenseI8ArrayAttr(format.kinds));
  own(text);
  return text;
}

Value Generator::newError(const Format &format) { return newError(format.text, format.values, format.kinds); }

RValue Generator::emitStr(const StrExpr *expr) {
  if (llvm::none_of(expr->pieces, [](const StrPiece &piece) { return piece.hole; })) {
    std::string text;
    for (const StrPiece &piece : expr->pieces)
      text += piece.text;
    return Value(make<ir::StrOp>(strType, builder.getStringAttr(text)));
  }
  Format format;
  addPieces(format, expr);
  return RValue(newString(format), /*owned=*/true);
}
