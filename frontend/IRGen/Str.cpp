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

/// A tuple prints member by member, its strings in quotes.
void Generator::addValue(Format &format, StringRef hole, ArrayRef<Value> leaves, const Type *type, bool isInside) {
  auto *tuple = dyn_cast<TupleType>(type);
  if (!tuple) {
    format.add(hole, leaves.front(), kindOf(type, isInside));
    return;
  }
  format.addText("(");
  for (auto [position, element] : llvm::enumerate(tuple->elements())) {
    if (position)
      format.addText(", ");
    unsigned count = leafCount(element);
    addValue(format, hole, leaves.take_front(count), element, /*isInside=*/true);
    leaves = leaves.drop_front(count);
  }
  format.addText(")");
}

void Generator::addPieces(Format &format, const StrExpr *expr) {
  for (const StrPiece &piece : expr->pieces) {
    format.addText(piece.text);
    if (!piece.hole)
      continue;
    Leaves leaves = emit(piece.hole).leaves;
    if (!piece.hole->type->isNever())
      addValue(format, piece.format, leaves, piece.hole->type, /*isInside=*/false);
  }
}

Value Generator::newString(const Format &format) {
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
