// awg-opt: runs the project's passes and pipelines over MLIR files, as mlir-opt does.
#include "lowering/Pipelines.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  awg::lowering::registerDialects(registry);
  awg::lowering::registerAll();
  mlir::registerTransformsPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Awg's pass driver\n", registry));
}
