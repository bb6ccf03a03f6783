// An `each`: on the host full vectors, then a masked rest; on a GPU a thread an index; both named by one descriptor.
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3" %s | FileCheck %s
// RUN: %awg-opt --awg-lower-kernels="host-targets=v3 gpu=false" %s | FileCheck --check-prefix=CPU %s
// RUN: %awg-opt --awg-lower-kernels %s | FileCheck --check-prefix=LEVELS %s
// RUN: not %awg-opt --awg-lower-kernels="host-targets=v9" %s 2>&1 | FileCheck --check-prefix=WRONG %s
// WRONG: error: 'v9' is no host target (v3, v4, native)

// CHECK: llvm.mlir.global external constant @awg$gpu_image()
// CHECK: llvm.mlir.global private constant @awg$data_kernel_[[K:[0-9]+]]()
// CHECK: llvm.mlir.addressof @awg$gpu_image
// CHECK: llvm.mlir.global private constant @awg$data_variants
// CHECK: llvm.mlir.addressof @scale$host_v3
// Slots: the extent; a; x's five, read; y's five, written.
// CHECK: llvm.mlir.global private constant @awg$data_bytes_{{.*}}("\00\00\01\00\00\00\00\02\00\00\00\00")

// The best level of the instruction set comes first, and none needs the GPU.
// CPU-NOT: {{gpu[._]}}
// LEVELS: llvm.mlir.addressof @scale$host_v4
// LEVELS: llvm.mlir.addressof @scale$host_v3
// LEVELS: llvm.func internal @scale$host_v3({{.*}}passthrough = {{.*}}"target-cpu", "x86-64-v3"{{.*}}"256"
// LEVELS: vector<8xf32>
// LEVELS: llvm.func internal @scale$host_v4({{.*}}passthrough = {{.*}}"target-cpu", "x86-64-v4"{{.*}}"512"
// LEVELS: vector<16xf32>

// CHECK-LABEL: llvm.func internal @scale$host_v3(
// CHECK-SAME: %[[SLOTS:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64, %{{.*}}: !llvm.ptr)
// All of a tile is read before it is written.
// (What a large launch does is in lower-kernels-stream.mlir.)
// CHECK: %[[START:.*]] = arith.select %{{.*}}, %{{.*}}, %[[BEGIN]] : i64
// CHECK: %[[SINGLE:.*]] = scf.if
// CHECK: } else {
// CHECK: scf.for %{{.*}} = %[[START]] to %[[TILED:.*]] step %c32_i64
// CHECK-COUNT-4: vector.load
// CHECK-NOT: vector.load
// CHECK-COUNT-4: vector.store
// CHECK: scf.yield %[[TILED]]
// CHECK: scf.for %{{.*}} = %[[SINGLE]] to %[[FULL:.*]] step %c8_i64
// CHECK:   %[[X:.*]] = vector.load %{{.*}} : memref<?xf32>, vector<8xf32>
// CHECK:   %[[A:.*]] = vector.broadcast %{{.*}} : f32 to vector<8xf32>
// CHECK:   %[[R:.*]] = arith.mulf %[[A]], %[[X]]
// CHECK:   vector.store %[[R]]
// CHECK: %[[FROM:.*]] = arith.select %{{.*}}, %[[BEGIN]], %[[FULL]] : i64
// CHECK: %[[TO:.*]] = arith.select %{{.*}}, %[[START]], %[[END]] : i64
// CHECK: scf.for %{{.*}} = %[[FROM]] to %[[TO]] step %c8_i64
// CHECK:   %[[MASK:.*]] = vector.create_mask
// CHECK:   vector.maskedload %{{.*}}, %[[MASK]]
// CHECK:   arith.mulf
// CHECK:   vector.maskedstore %{{.*}}, %[[MASK]]

// A launch passes the extents and the slots, arrays as handles.
// CHECK-LABEL: func.func @start
// CHECK: %[[EXTENTS:.*]] = llvm.alloca %{{.*}} x !llvm.array<1 x i64>
// CHECK: %[[SLOTS:.*]] = llvm.alloca %{{.*}} x !llvm.array<16 x i64>
// CHECK: %[[NONE:.*]] = llvm.mlir.zero : !llvm.ptr
// CHECK: %[[KERNEL:.*]] = llvm.mlir.addressof @awg$data_kernel_[[K]]
// CHECK: %[[ANY:.*]] = arith.constant -9223372036854775807 : i64
// CHECK: awg.operation "awgrt_launch"(%[[KERNEL]], %[[ANY]], %[[EXTENTS]], %[[SLOTS]], %[[NONE]])

// CHECK-LABEL: func.func @start_on
// CHECK-SAME: %[[DEVICE:[a-z0-9]*]]: i64)
// CHECK: awg.operation "awgrt_launch"(%{{.*}}, %[[DEVICE]],

// CHECK: gpu.module @awg$gpu
// CHECK: func.func private @scale$index({{.*}}passthrough = ["alwaysinline"]
// CHECK: arith.mulf %{{.*}}, %{{.*}} : f32
// CHECK: gpu.func @scale(%[[N:.*]]: i64, %{{.*}}: f32, {{.*}}, %[[RECORD:.*]]: !llvm.ptr) kernel
// CHECK: %[[INSIDE:.*]] = arith.cmpi slt, %[[I:.*]], %[[N]] : i64
// CHECK: scf.if %[[INSIDE]]
// CHECK: func.call @scale$index(%[[I]], %[[N]], {{.*}}, %[[RECORD]])

awg.kernel @scale each rank 1 (%i: i64, %n: i64, %a: f32, %x: memref<?xf32>, %y: memref<?xf32>) written [4] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %x[%k] : memref<?xf32>
  %r = arith.mulf %a, %v : f32
  memref.store %r, %y[%k] : memref<?xf32>
  %none = awg.null : !awg.error
  awg.yield %none
}
func.func @start(%n: i64, %a: f32, %x: !awg.array<f32, 1>, %y: !awg.array<f32, 1>) -> !awg.future<> {
  %f = awg.launch @scale grid(%n) args(%a, %x, %y) : (f32, !awg.array<f32, 1>, !awg.array<f32, 1>) -> !awg.future<>
  return %f : !awg.future<>
}
func.func @start_on(%n: i64, %a: f32, %x: !awg.array<f32, 1>, %device: i64) -> !awg.future<> {
  %f = awg.launch @scale on %device grid(%n) args(%a, %x, %x) : (f32, !awg.array<f32, 1>, !awg.array<f32, 1>) -> !awg.future<>
  return %f : !awg.future<>
}
