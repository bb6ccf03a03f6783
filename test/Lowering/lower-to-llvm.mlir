// Structured control flow, memory, arithmetic and vectors end in the LLVM dialect, and nothing else is left.
// RUN: %awg-opt --awg-lower-to-llvm %s | FileCheck %s

// CHECK-NOT: {{arith|scf|cf|memref|math|vector|func|ub}}.
// CHECK-LABEL: llvm.func @mixed
// CHECK: %[[X:.*]] = llvm.load %{{.*}} : !llvm.ptr -> f32
// A fused multiply-add stays one.
// CHECK: %[[FMA:.*]] = llvm.intr.fma(%[[X]], %[[X]], %[[X]])
// CHECK: llvm.cond_br
// CHECK: llvm.store %[[FMA]]
// CHECK: llvm.br
// CHECK: llvm.store %{{.*}} : vector<8xf32>, !llvm.ptr
// CHECK: llvm.return
// CHECK-NOT: {{arith|scf|cf|memref|math|vector|func|ub}}.
func.func @mixed(%x: memref<?xf32>, %i: i64, %n: i64, %v: vector<8xf32>) -> f32 {
  %at = arith.index_cast %i : i64 to index
  %y = memref.load %x[%at] : memref<?xf32>
  %m = math.fma %y, %y, %y : f32
  %c = arith.cmpi slt, %i, %n : i64
  scf.if %c { memref.store %m, %x[%at] : memref<?xf32> }
  vector.store %v, %x[%at] : memref<?xf32>, vector<8xf32>
  return %m : f32
}

// The address of a variable that goes into a task is not hidden in a descriptor.
// CHECK-LABEL: llvm.func @lends
// CHECK: %[[K:.*]] = llvm.alloca
// CHECK-NOT: llvm.extractvalue
// CHECK: llvm.call @take(%[[K]], %[[K]],
func.func private @take(%k: memref<i64>)
func.func @lends() {
  %k = memref.alloca() : memref<i64>
  func.call @take(%k) : (memref<i64>) -> ()
  return
}
