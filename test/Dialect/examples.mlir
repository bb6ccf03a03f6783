// The examples of dialects/Awg/AwgOps.td, word for word, read, verified, printed and read again.
// RUN: %awg-opt %s | %awg-opt | FileCheck %s

// CHECK-LABEL: func.func @nulls
// CHECK: %[[NONE:.*]] = awg.null : !awg.error
// CHECK: awg.is_null %{{.*}} : !awg.error
func.func @nulls(%error: !awg.error) {
  %none = awg.null : !awg.error
  %ok = awg.is_null %error : !awg.error
  return
}

// CHECK-LABEL: func.func @ownership
// CHECK: awg.retain %{{.*}} : !awg.str
// CHECK: awg.release %{{.*}} : !awg.array<f32, 1>
func.func @ownership(%text: !awg.str, %array: !awg.array<f32, 1>) {
  awg.retain %text : !awg.str
  awg.release %array : !awg.array<f32, 1>
  return
}

// CHECK-LABEL: func.func @error
// CHECK: awg.error "index {} is out of range 0..{}"(%{{.*}}, %{{.*}}) kinds [4, 4] : i64, i64
// CHECK: awg.is_cancellation
func.func @error(%i: i64, %n: i64, %error: !awg.error) -> !awg.error {
  %e = awg.error "index {} is out of range 0..{}"(%i, %n) kinds [4, 4] : i64, i64
  %c = awg.is_cancellation %error
  return %e : !awg.error
}

// CHECK-LABEL: func.func @error_from_str
// CHECK: awg.error_from_str
func.func @error_from_str(%text: !awg.str) -> !awg.error {
  %e = awg.error_from_str %text
  return %e : !awg.error
}

// CHECK-LABEL: func.func @literal
// CHECK: awg.str "two\0Alines"
func.func @literal() -> !awg.str {
  %s = awg.str "two\0Alines"
  return %s : !awg.str
}

// CHECK-LABEL: func.func @format
// CHECK: awg.format "{} cups, {:.3}"(%{{.*}}, %{{.*}}) kinds [4, 11] : i64, f32
func.func @format(%n: i64, %x: f32) -> !awg.str {
  %s = awg.format "{} cups, {:.3}"(%n, %x) kinds [4, 11] : i64, f32
  return %s : !awg.str
}

// CHECK-LABEL: func.func @array_create
// CHECK: awg.array_create(%{{.*}}, %{{.*}}) kind 11 : <f32, 2>
func.func @array_create(%h: i64, %w: i64) -> (!awg.error, !awg.array<f32, 2>) {
  %e, %a = awg.array_create(%h, %w) kind 11 : !awg.array<f32, 2>
  return %e, %a : !awg.error, !awg.array<f32, 2>
}

// CHECK-LABEL: func.func @array_copy
// CHECK: awg.array_copy %{{.*}} : <f32, 2>
func.func @array_copy(%a: !awg.array<f32, 2>) -> (!awg.error, !awg.array<f32, 2>) {
  %e, %b = awg.array_copy %a : !awg.array<f32, 2>
  return %e, %b : !awg.error, !awg.array<f32, 2>
}

// CHECK-LABEL: func.func @array_view
// CHECK: awg.array_view %{{.*}} from(%{{.*}}, %{{.*}}) of(%{{.*}}) dropped [0] : <f32, 2> -> <f32, 1>
func.func @array_view(%a: !awg.array<f32, 2>, %r: i64, %c: i64, %n: i64) -> !awg.array<f32, 1> {
  %v = awg.array_view %a from(%r, %c) of(%n) dropped [0] : !awg.array<f32, 2> -> !awg.array<f32, 1>
  return %v : !awg.array<f32, 1>
}

// CHECK-LABEL: func.func @array_reshape
// CHECK: awg.array_reshape %{{.*}}(%{{.*}}, %{{.*}}) : <f32, 1> -> <f32, 2>
func.func @array_reshape(%a: !awg.array<f32, 1>, %h: i64, %w: i64) -> (!awg.error, !awg.array<f32, 2>) {
  %e, %b = awg.array_reshape %a(%h, %w) : !awg.array<f32, 1> -> !awg.array<f32, 2>
  return %e, %b : !awg.error, !awg.array<f32, 2>
}

// CHECK-LABEL: func.func @array_replace
// CHECK: awg.array_replace %{{.*}}, %{{.*}} : <f32, 1>
func.func @array_replace(%a: !awg.array<f32, 1>, %b: !awg.array<f32, 1>) -> (!awg.error, !awg.array<f32, 1>) {
  %e, %c = awg.array_replace %a, %b : !awg.array<f32, 1>
  return %e, %c : !awg.error, !awg.array<f32, 1>
}

// CHECK-LABEL: func.func @bytes
// CHECK: awg.bytes %{{.*}} : <i8, 1>
func.func @bytes(%text: !awg.str) -> (!awg.error, !awg.array<i8, 1>) {
  %e, %b = awg.bytes %text : !awg.array<i8, 1>
  return %e, %b : !awg.error, !awg.array<i8, 1>
}

// CHECK-LABEL: func.func @elements
// CHECK: awg.array_fill %{{.*}}, %{{.*}} : <f32, 2>, f32
// CHECK: awg.array_dim %{{.*}}[0] : <f32, 2>
// CHECK: awg.array_data %{{.*}} write : <f32, 2> -> memref<?x?xf32>
// CHECK: awg.array_reach %{{.*}} write : <f32, 2>
// CHECK: awg.array_data %{{.*}} write reached : <f32, 2> -> memref<?x?xf32>
func.func @elements(%a: !awg.array<f32, 2>, %x: f32) {
  awg.array_fill %a, %x : !awg.array<f32, 2>, f32
  %n = awg.array_dim %a[0] : !awg.array<f32, 2>
  %m = awg.array_data %a write : !awg.array<f32, 2> -> memref<?x?xf32>
  %e = awg.array_reach %a write : !awg.array<f32, 2>
  %r = awg.array_data %a write reached : !awg.array<f32, 2> -> memref<?x?xf32>
  return
}

// CHECK-LABEL: func.func @element
// CHECK: awg.element_slot %{{.*}}[%{{.*}}, %{{.*}}] : memref<?x?xi64> -> memref<i64>
func.func @element(%m: memref<?x?xi64>, %i: index) {
  %s = awg.element_slot %m[%i, %i] : memref<?x?xi64> -> memref<i64>
  return
}

// CHECK-LABEL: func.func @lost
// CHECK: %{{.*}}, %{{.*}} = awg.array_data %{{.*}} write : <f32, 2> -> memref<?x?xf32>, i1
// CHECK: awg.array_lost %{{.*}} : <f32, 2>
func.func @lost(%a: !awg.array<f32, 2>) {
  %m, %lost = awg.array_data %a write : !awg.array<f32, 2> -> memref<?x?xf32>, i1
  %e = awg.array_lost %a : !awg.array<f32, 2>
  return
}

// CHECK-LABEL: awg.task @double(%{{.*}}: i64) -> i64 attributes {source_name = "double"}
// CHECK: awg.task_return %{{.*}}, %{{.*}} : i64
awg.task @double(%n: i64) -> i64 attributes {source_name = "double"} {
  %none = awg.null : !awg.error
  %r = arith.addi %n, %n : i64
  awg.task_return %none, %r : i64
}

// CHECK-LABEL: awg.task @returns
// CHECK: awg.task_return %{{.*}}, %{{.*}} : i64
awg.task @returns(%error: !awg.error, %r: i64) -> i64 attributes {source_name = "returns"} {
  awg.task_return %error, %r : i64
}

// CHECK-LABEL: func.func @async
// CHECK: awg.async @double(%{{.*}}) : (i64) -> !awg.future<i64>
func.func @async(%n: i64) -> !awg.future<i64> {
  %f = awg.async @double(%n) : (i64) -> !awg.future<i64>
  return %f : !awg.future<i64>
}

// CHECK-LABEL: func.func @run
// CHECK: awg.run @double(%{{.*}}) : (i64) -> (!awg.error, i64)
func.func @run(%n: i64) -> i64 {
  %e, %r = awg.run @double(%n) : (i64) -> (!awg.error, i64)
  return %r : i64
}

// CHECK-LABEL: func.func @joined
// CHECK: awg.joined %{{.*}}
func.func @joined(%error: !awg.error) -> !awg.error {
  %e = awg.joined %error
  return %e : !awg.error
}

// CHECK-LABEL: func.func @operation
// CHECK: awg.operation "awgrt_sleep"(%{{.*}}) : (i64) -> !awg.future<>
// CHECK: awg.operation "awgrt_read_npy"(%{{.*}}) extents [-1, 3] : (!awg.str) -> !awg.future<!awg.array<f32, 2>>
func.func @operation(%ns: i64, %path: !awg.str) {
  %f = awg.operation "awgrt_sleep"(%ns) : (i64) -> !awg.future<>
  %g = awg.operation "awgrt_read_npy"(%path) extents [-1, 3] : (!awg.str) -> !awg.future<!awg.array<f32, 2>>
  return
}

// CHECK-LABEL: func.func @await
// CHECK: awg.await %{{.*}} : (!awg.future<i64>) -> (!awg.error, i64)
func.func @await(%f: !awg.future<i64>) -> i64 {
  %e, %v = awg.await %f : (!awg.future<i64>) -> (!awg.error, i64)
  return %v : i64
}

// The leaves of several futures, units among them, are one list.
// CHECK-LABEL: func.func @await_several
// CHECK: awg.await %{{.*}}, %{{.*}}, %{{.*}} : (!awg.future<i64, f32>, !awg.future<>, !awg.future<i1>) -> (!awg.error, i64, f32, i1)
func.func @await_several(%f: !awg.future<i64, f32>, %g: !awg.future<>, %h: !awg.future<i1>) {
  %e, %v:3 = awg.await %f, %g, %h
      : (!awg.future<i64, f32>, !awg.future<>, !awg.future<i1>) -> (!awg.error, i64, f32, i1)
  return
}

// CHECK-LABEL: func.func @await_all
// CHECK: awg.await_all %{{.*}} : <!awg.future<i64>, 1>
func.func @await_all(%fs: !awg.array<!awg.future<i64>, 1>) -> !awg.error {
  %e = awg.await_all %fs : !awg.array<!awg.future<i64>, 1>
  return %e : !awg.error
}

// CHECK-LABEL: func.func @chan_create
// CHECK: awg.chan_create(%{{.*}}) kinds [4]
func.func @chan_create(%n: i64) -> !awg.chan {
  %e, %c = awg.chan_create(%n) kinds [4]
  return %c : !awg.chan
}

// CHECK-LABEL: func.func @send
// CHECK: awg.send %{{.*}}(%{{.*}}) : (i64) -> !awg.future<>
// CHECK: awg.send %{{.*}}(%{{.*}}) in_race : (i64) -> !awg.future<>
func.func @send(%c: !awg.chan, %v: i64) -> !awg.future<> {
  %f = awg.send %c(%v) : (i64) -> !awg.future<>
  %g = awg.send %c(%v) in_race : (i64) -> !awg.future<>
  return %f : !awg.future<>
}

// CHECK-LABEL: func.func @race
// CHECK: awg.race %{{.*}}, %{{.*}} : !awg.future<i64>, !awg.future<>
func.func @race(%f: !awg.future<i64>, %g: !awg.future<>) -> i64 {
  %k = awg.race %f, %g : !awg.future<i64>, !awg.future<>
  return %k : i64
}

// CHECK-LABEL: func.func @cancel
// CHECK: awg.cancel %{{.*}} : (!awg.future<i64>) -> (!awg.error, i64)
func.func @cancel(%f: !awg.future<i64>) -> i64 {
  %e, %v = awg.cancel %f : (!awg.future<i64>) -> (!awg.error, i64)
  return %v : i64
}

// CHECK-LABEL: awg.kernel @square_sum sum rank 1 (%{{.*}}: i64, %{{.*}}: i64, %{{.*}}: memref<?xf32>) -> f32 written []
// CHECK: awg.yield %{{.*}}, %{{.*}} : f32
awg.kernel @square_sum sum rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) -> f32 written [] {
  %k = arith.index_cast %i : i64 to index
  %v = memref.load %x[%k] : memref<?xf32>
  %r = arith.mulf %v, %v : f32
  %none = awg.null : !awg.error
  awg.yield %none, %r : f32
}

// CHECK-LABEL: awg.kernel @yields max rank 1
// CHECK: awg.yield %{{.*}}, %{{.*}} : f32
awg.kernel @yields max rank 1 (%i: i64, %n: i64, %error: !awg.error, %value: f32) -> f32 written [] {
  awg.yield %error, %value : f32
}

// Every part that a kernel may have.
// CHECK-LABEL: awg.kernel @folded reduce rank 2 ({{.*}}) -> i64 written [4] combiner @larger attributes {fast}
awg.kernel @folded reduce rank 2 (%r: i64, %c: i64, %h: i64, %w: i64, %x: memref<?x?xi64>) -> i64 written [4]
    combiner @larger attributes {fast} {
  %none = awg.null : !awg.error
  awg.yield %none, %c : i64
}
func.func private @larger(i64, i64) -> i64

// CHECK-LABEL: func.func @record
// CHECK: awg.record %{{.*}}, %{{.*}}, %{{.*}} "index {} is bad"(%{{.*}}) kinds [4] : !llvm.ptr, i64
func.func @record(%failure: !llvm.ptr, %index: i64, %inner: i64, %i: i64) {
  awg.record %failure, %index, %inner "index {} is bad"(%i) kinds [4] : !llvm.ptr, i64
  return
}

// CHECK-LABEL: awg.kernel @average each rank 1
awg.kernel @average each rank 1 (%i: i64, %n: i64, %t: memref<258xf32>) written [2] attributes {phase} {
  %none = awg.null : !awg.error
  awg.yield %none
}

// CHECK-LABEL: awg.kernel @group each rank 1
// CHECK: %[[T:.*]] = awg.storage : memref<258xf32>
// CHECK: awg.storage local : memref<8x8x256xf32>
// CHECK: awg.clear %[[T]] : memref<258xf32>
// CHECK: awg.phase @average grid(%{{.*}}) args(%[[T]]) : (memref<258xf32>) -> !awg.error
awg.kernel @group each rank 1 (%b: i64, %g: i64) written [] attributes {block, threads = 128 : i64} {
  %t = awg.storage : memref<258xf32>
  %acc = awg.storage local : memref<8x8x256xf32>
  awg.clear %t : memref<258xf32>
  %c256 = arith.constant 256 : i64
  %e = awg.phase @average grid(%c256) args(%t) : (memref<258xf32>) -> !awg.error
  awg.yield %e
}

// CHECK-LABEL: func.func @launch
// CHECK: awg.launch @square_sum grid(%{{.*}}) args(%{{.*}}) : (!awg.array<f32, 1>) -> !awg.future<f32>
func.func @launch(%n: i64, %x: !awg.array<f32, 1>) -> !awg.future<f32> {
  %f = awg.launch @square_sum grid(%n) args(%x) : (!awg.array<f32, 1>) -> !awg.future<f32>
  return %f : !awg.future<f32>
}

// CHECK-LABEL: func.func @launch_on
// CHECK: awg.launch @square_sum on %{{.*}} grid(%{{.*}}) args(%{{.*}})
func.func @launch_on(%n: i64, %device: i64, %x: !awg.array<f32, 1>) -> !awg.future<f32> {
  %f = awg.launch @square_sum on %device grid(%n) args(%x) : (!awg.array<f32, 1>) -> !awg.future<f32>
  return %f : !awg.future<f32>
}

// An array that the launch fills is its future's value.
// CHECK-LABEL: func.func @launch_filling
// CHECK: awg.launch @prefix grid(%{{.*}}) args(%{{.*}}) result(%{{.*}} : !awg.array<i64, 1>)
awg.kernel @prefix scan rank 1 (%i: i64, %n: i64, %x: memref<?xi64>) -> i64 written [] {
  %none = awg.null : !awg.error
  awg.yield %none, %i : i64
}
func.func @launch_filling(%n: i64, %x: !awg.array<i64, 1>, %y: !awg.array<i64, 1>) -> !awg.future<!awg.array<i64, 1>> {
  %f = awg.launch @prefix grid(%n) args(%x) result(%y : !awg.array<i64, 1>)
      : (!awg.array<i64, 1>) -> !awg.future<!awg.array<i64, 1>>
  return %f : !awg.future<!awg.array<i64, 1>>
}
