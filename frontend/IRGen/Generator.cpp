// The generator as a whole: the module, and the small steps that every construct builds with.
#include "frontend/IRGen/Generator.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace awg;

const Expr *awg::strip(const Expr *expr) {
  for (;;) {
    auto *member = dyn_cast<MemberExpr>(expr);
    if (member && member->item)
      return member->item;
    auto *paren = dyn_cast<ParenExpr>(expr);
    if (!paren)
      return expr;
    expr = paren->inner;
  }
}

void awg::loadIRGenDialects(mlir::MLIRContext &context) {
  context.loadDialect<ir::AwgDialect, arith::ArithDialect, cf::ControlFlowDialect, mlir::func::FuncDialect,
                      mlir::LLVM::LLVMDialect, mlir::math::MathDialect, memref::MemRefDialect, mlir::ub::UBDialect>();
}

/// A function may turn out to reject only when its body is made, after a caller; then all is made once more.
mlir::OwningOpRef<mlir::ModuleOp> awg::generate(const Program &program, mlir::MLIRContext &context,
                                                const llvm::SourceMgr &sources, const IRGenOptions &options) {
  loadIRGenDialects(context);
  llvm::SmallPtrSet<const FnDecl *, 8> failing;
  for (;;) {
    size_t known = failing.size();
    auto module = Generator(program, context, sources, options, failing).run();
    if (failing.size() == known)
      return module;
  }
}

Generator::Generator(const Program &program, mlir::MLIRContext &context, const llvm::SourceMgr &sources,
                     const IRGenOptions &options, llvm::SmallPtrSetImpl<const FnDecl *> &failing)
    : program(program), context(context), options(options), locator(sources), builder(&context),
      loc(builder.getUnknownLoc()), errorType(ir::ErrorType::get(&context)), strType(ir::StrType::get(&context)), chanType(ir::ChanType::get(&context)),
      failing(failing) {
  choosePrefixes(sources);
  module = mlir::ModuleOp::create(loc);
}

mlir::OwningOpRef<mlir::ModuleOp> Generator::run() {
  builder.setInsertionPointToEnd(module.getBody());
  llvm::SmallVector<const FnDecl *> written;
  for (const FnDecl *decl : program.functions)
    if (!standard.contains(decl) && !decl->isGeneric() && (options.tests || decl->flavour != FnDecl::Test))
      written.push_back(decl);
  for (const FnDecl *decl : written)
    if (decl->flavour == FnDecl::Plain) // made in their order, not when they are first called
      emitted.insert(symbolOf(decl));
  for (const FnDecl *decl : written)
    emitDeclaration(decl);
  while (!waiting.empty()) {
    WaitingFunction next = std::move(waiting.front());
    waiting.pop_front();
    emitPlain(next.decl, next.isDevice, next.shapes);
  }
  return module;
}

//===-- Locations --------------------------------------------------------------------------------------------------===//

Location Generator::location(SMLoc at) {
  if (!at.isValid())
    return loc;
  auto found = locations.find(at.getPointer());
  if (found != locations.end())
    return found->second;
  awg::Place place = locator.locate(at);
  Location result = mlir::FileLineColLoc::get(&context, place.file, place.line, place.column);
  locations.insert({at.getPointer(), result});
  return result;
}

//===-- Blocks ------------------------------------------------------------------------------------------------------===//

/// Any order and approximations; NaNs and infinities stay what they are, so that nothing becomes undefined.
void Generator::setFast(mlir::Operation *op) {
  using Flags = arith::FastMathFlags;
  constexpr Flags flags = Flags::reassoc | Flags::nsz | Flags::arcp | Flags::contract | Flags::afn;
  if (auto fast = llvm::dyn_cast<arith::ArithFastMathInterface>(op))
    op->setAttr(fast.getFastMathAttrName(), arith::FastMathFlagsAttr::get(&context, flags));
}

Block *Generator::newBlock(mlir::TypeRange arguments) {
  auto *block = new Block;
  fn->body->push_back(block);
  for (mlir::Type type : arguments)
    block->addArgument(type, loc);
  return block;
}

void Generator::branch(Block *to, mlir::ValueRange arguments) { make<cf::BranchOp>(to, arguments); }

void Generator::branchIf(Value condition, Block *yes, Block *no) {
  make<cf::CondBranchOp>(condition, yes, mlir::ValueRange(), no, mlir::ValueRange());
}

void Generator::countedLoop(Value begin, Value end, bool isSigned, BodyFn body) {
  Block *header = newBlock(begin.getType()), *inside = newBlock(), *latch = newBlock(), *exit = newBlock();
  branch(header, begin);
  moveTo(header);
  Value position = header->getArgument(0);
  branchIf(compare(isSigned ? arith::CmpIPredicate::slt : arith::CmpIPredicate::ult, position, end), inside, exit);

  moveTo(inside);
  size_t depth = mark();
  fn->loops.push_back({depth, exit, latch});
  body(position);
  leaveScope(depth);
  fn->loops.pop_back();
  branch(latch);

  moveTo(latch);
  Value next = make<arith::AddIOp>(position, constant(position.getType(), 1));
  branch(header, next);
  moveTo(exit);
}

//===-- Values ------------------------------------------------------------------------------------------------------===//

Value Generator::constant(mlir::Type type, int64_t value) {
  return make<arith::ConstantOp>(builder.getIntegerAttr(type, value));
}

Value Generator::floatConstant(mlir::Type type, double value) {
  return make<arith::ConstantOp>(builder.getFloatAttr(type, value));
}

Value Generator::placeholder(mlir::Type type) {
  if (isOwned(type))
    return null(type);
  return make<mlir::ub::PoisonOp>(type);
}

Leaves Generator::placeholders(mlir::TypeRange types) {
  Leaves leaves;
  for (mlir::Type type : types)
    leaves.push_back(placeholder(type));
  return leaves;
}

Value Generator::newSlot(mlir::Type type) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&fn->body->front());
  return make<memref::AllocaOp>(slotOf(type));
}

Value Generator::newBuffer(ArrayRef<int64_t> extents, mlir::Type element) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&fn->body->front());
  return make<memref::AllocaOp>(mlir::MemRefType::get(extents, element));
}

//===-- The runtime's functions -------------------------------------------------------------------------------------===//

void Generator::declareRuntime(StringRef name, mlir::TypeRange arguments, mlir::TypeRange results) {
  if (!emitted.insert(name).second)
    return;
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto function = mlir::func::FuncOp::create(builder, builder.getUnknownLoc(), name,
                                             builder.getFunctionType(arguments, results));
  function.setPrivate();
}

mlir::Operation::result_range Generator::callRuntime(StringRef name, mlir::ValueRange arguments,
                                                     mlir::TypeRange results) {
  declareRuntime(name, arguments.getTypes(), results);
  return make<mlir::func::CallOp>(name, results, arguments)->getResults();
}
