// The dialect itself, its types, and the operations on values: nulls, errors, strings, arrays.
#include "dialects/Awg/Awg.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace awg::ir;

#include "dialects/Awg/AwgDialect.cpp.inc"
#include "dialects/Awg/AwgEnums.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Awg/AwgTypes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Awg/AwgOps.cpp.inc"

void AwgDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Awg/AwgTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Awg/AwgOps.cpp.inc"
      >();
}

/// `<` [type (`,` type)*] `>`
Type FutureType::parse(AsmParser &parser) {
  SmallVector<Type> leaves;
  auto parseLeaf = [&] { return parser.parseType(leaves.emplace_back()); };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, parseLeaf))
    return {};
  return get(parser.getContext(), leaves);
}

void FutureType::print(AsmPrinter &printer) const {
  printer << '<';
  llvm::interleaveComma(getLeaves(), printer);
  printer << '>';
}

//===-- Nulls -------------------------------------------------------------------------------------------------------===//

OpFoldResult NullOp::fold(FoldAdaptor) { return UnitAttr::get(getContext()); }

OpFoldResult IsNullOp::fold(FoldAdaptor adaptor) {
  if (adaptor.getValue())
    return BoolAttr::get(getContext(), true);
  if (getValue().getDefiningOp<ErrorOp>())
    return BoolAttr::get(getContext(), false);
  return {};
}

Operation *AwgDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  if (isa<UnitAttr>(value))
    return NullOp::create(builder, loc, type);
  if (isa<BoolAttr>(value))
    return arith::ConstantOp::create(builder, loc, cast<TypedAttr>(value));
  return nullptr;
}

//===-- Formats -----------------------------------------------------------------------------------------------------===//

/// The number of holes in a format; `{{` and `}}` are braces.
static size_t countHoles(StringRef format) {
  size_t holes = 0;
  for (size_t k = 0; k < format.size(); ++k) {
    if (format[k] != '{')
      continue;
    if (k + 1 < format.size() && format[k + 1] == '{')
      ++k;
    else
      ++holes;
  }
  return holes;
}

static LogicalResult verifyFormat(Operation *op, StringRef format, size_t args, size_t kinds) {
  if (args != kinds)
    return op->emitOpError() << "has " << args << " arguments and " << kinds << " kinds";
  if (size_t holes = countHoles(format); holes != args)
    return op->emitOpError() << "has " << holes << " holes and " << args << " arguments";
  return success();
}

LogicalResult ErrorOp::verify() { return verifyFormat(*this, getFormat(), getArgs().size(), getKinds().size()); }
LogicalResult FormatOp::verify() { return verifyFormat(*this, getFormat(), getArgs().size(), getKinds().size()); }

//===-- Arrays ------------------------------------------------------------------------------------------------------===//

LogicalResult ArrayCreateOp::verify() {
  if (uint64_t(getExtents().size()) != getArray().getType().getRank())
    return emitOpError() << "has " << getExtents().size() << " extents for rank " << getArray().getType().getRank();
  return success();
}

LogicalResult ArrayDimOp::verify() {
  if (getDim() >= getArray().getType().getRank())
    return emitOpError() << "asks for extent " << getDim() << " of rank " << getArray().getType().getRank();
  return success();
}

LogicalResult ArrayViewOp::verify() {
  auto array = getArray().getType(), view = getView().getType();
  if (getBegins().size() != array.getRank() || getLengths().size() != view.getRank() ||
      getDropped().size() + view.getRank() != array.getRank() || view.getElementType() != array.getElementType())
    return emitOpError() << "does not give " << view << " of " << array;
  return success();
}

LogicalResult ArrayReshapeOp::verify() {
  if (uint64_t(getExtents().size()) != getArray().getType().getRank())
    return emitOpError() << "has " << getExtents().size() << " extents for rank " << getArray().getType().getRank();
  return success();
}

LogicalResult ElementSlotOp::verify() {
  auto data = cast<MemRefType>(getData().getType());
  if (getSlot().getType() != MemRefType::get({}, data.getElementType()) || data.getRank() != int64_t(getSubscripts().size()))
    return emitOpError() << "gives " << getSlot().getType() << " for an element of " << data;
  return success();
}

LogicalResult ArrayDataOp::verify() {
  auto array = getArray().getType();
  auto data = cast<MemRefType>(getData().getType());
  auto strides = llvm::dyn_cast<StridedLayoutAttr>(data.getLayout());
  bool isUnknown = strides && llvm::all_of(strides.getStrides(), ShapedType::isDynamic);
  if (data.getRank() != int64_t(array.getRank()) || data.getElementType() != array.getElementType() ||
      !(data.getLayout().isIdentity() || isUnknown) || data.getNumDynamicDims() != size_t(array.getRank()))
    return emitOpError() << "gives " << data << " for " << array;
  return success();
}
