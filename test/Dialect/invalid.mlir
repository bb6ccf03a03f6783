// What the dialect's verifiers refuse.
// RUN: %awg-opt %s -verify-diagnostics -split-input-file

func.func @fewer_kinds(%i: i64) {
  // expected-error@+1 {{'awg.error' op has 1 arguments and 0 kinds}}
  %e = awg.error "index {}"(%i) kinds [] : i64
  return
}

// -----

func.func @fewer_holes(%i: i64) {
  // expected-error@+1 {{'awg.error' op has 0 holes and 1 arguments}}
  %e = awg.error "no hole"(%i) kinds [4] : i64
  return
}

// -----

// Doubled braces are no hole.
func.func @braces(%i: i64) {
  // expected-error@+1 {{'awg.format' op has 1 holes and 2 arguments}}
  %s = awg.format "{{}} {}"(%i, %i) kinds [4, 4] : i64, i64
  return
}

// -----

func.func @extents(%n: i64) {
  // expected-error@+1 {{'awg.array_create' op has 1 extents for rank 2}}
  %e, %a = awg.array_create(%n) kind 11 : !awg.array<f32, 2>
  return
}

// -----

func.func @dim(%a: !awg.array<f32, 2>) {
  // expected-error@+1 {{'awg.array_dim' op asks for extent 2 of rank 2}}
  %n = awg.array_dim %a[2] : !awg.array<f32, 2>
  return
}

// -----

func.func @data_rank(%a: !awg.array<f32, 2>) {
  // expected-error@+1 {{'awg.array_data' op gives 'memref<?xf32>' for '!awg.array<f32, 2>'}}
  %m = awg.array_data %a : !awg.array<f32, 2> -> memref<?xf32>
  return
}

// -----

func.func @slot(%m: memref<?x?xi64>, %i: index) {
  // expected-error@+1 {{'awg.element_slot' op gives 'memref<i64>' for an element of 'memref<?x?xi64>'}}
  %s = awg.element_slot %m[%i] : memref<?x?xi64> -> memref<i64>
  return
}

// -----

func.func @data_type(%a: !awg.array<f32, 1>) {
  // expected-error@+1 {{'awg.array_data' op gives 'memref<?xf64>' for '!awg.array<f32, 1>'}}
  %m = awg.array_data %a : !awg.array<f32, 1> -> memref<?xf64>
  return
}

// -----

func.func @data_extent(%a: !awg.array<f32, 1>) {
  // expected-error@+1 {{'awg.array_data' op gives 'memref<4xf32>' for '!awg.array<f32, 1>'}}
  %m = awg.array_data %a : !awg.array<f32, 1> -> memref<4xf32>
  return
}

// -----

func.func @data_layout(%a: !awg.array<f32, 1>) {
  // expected-error@+1 {{'awg.array_data' op gives 'memref<?xf32, strided<[2]>>' for '!awg.array<f32, 1>'}}
  %m = awg.array_data %a : !awg.array<f32, 1> -> memref<?xf32, strided<[2]>>
  return
}

// -----

func.func @view_rank(%a: !awg.array<f32, 2>, %k: i64) {
  // expected-error@+1 {{'awg.array_view' op does not give '!awg.array<f32, 2>' of '!awg.array<f32, 2>'}}
  %v = awg.array_view %a from(%k, %k) of(%k) dropped [0] : !awg.array<f32, 2> -> !awg.array<f32, 2>
  return
}

// -----

func.func @reshape_rank(%a: !awg.array<f32, 1>, %h: i64) {
  // expected-error@+1 {{'awg.array_reshape' op has 1 extents for rank 2}}
  %e, %b = awg.array_reshape %a(%h) : !awg.array<f32, 1> -> !awg.array<f32, 2>
  return
}

// -----

func.func @number_is_not_null(%n: i64) {
  // expected-error@+1 {{'awg.is_null' op operand #0 must be}}
  %0 = "awg.is_null"(%n) : (i64) -> i1
  return
}

// -----

func.func @release_future(%f: !awg.future<>) {
  // expected-error@+1 {{'awg.release' op operand #0 must be}}
  awg.release %f : !awg.future<>
  return
}

// -----

awg.task @f() -> i64 attributes {source_name = "f"} {
  %none = awg.null : !awg.error
  // expected-error@+1 {{'awg.task_return' op returns  from a task of 'i64'}}
  awg.task_return %none
}

// -----

func.func @not_a_task(%e: !awg.error) {
  // expected-error@+1 {{'awg.task_return' op expects parent op 'awg.task'}}
  awg.task_return %e
}

// -----

func.func private @f(i64)
func.func @start_function(%n: i64) {
  // expected-error@+1 {{'awg.async' op @f is no task}}
  %f = awg.async @f(%n) : (i64) -> !awg.future<>
  return
}

// -----

awg.task @f(%n: i64) attributes {source_name = "f"} {
  %none = awg.null : !awg.error
  awg.task_return %none
}
func.func @start(%x: f32) {
  // expected-error@+1 {{'awg.async' op passes 'f32' to a task that takes 'i64'}}
  %f = awg.async @f(%x) : (f32) -> !awg.future<>
  return
}

// -----

awg.task @f() attributes {source_name = "f"} {
  %none = awg.null : !awg.error
  awg.task_return %none
}
func.func @run() {
  // expected-error@+1 {{'awg.run' op expects 'i64' of a task that gives}}
  %e, %v = awg.run @f() : () -> (!awg.error, i64)
  return
}

// -----

func.func @leaves(%f: !awg.future<i64, f32>) {
  // expected-error@+1 {{'awg.await' op gives 'i64' for futures of}}
  %e, %v = awg.await %f : (!awg.future<i64, f32>) -> (!awg.error, i64)
  return
}

// -----

func.func @cancelled(%f: !awg.future<i64>) {
  // expected-error@+1 {{'awg.cancel' op gives  for futures of}}
  %e = awg.cancel %f : (!awg.future<i64>) -> !awg.error
  return
}

// -----

// expected-error@+1 {{'median' is no kernel shape}}
awg.kernel @k median rank 1 (%i: i64, %n: i64) written [] {
}

// -----

// expected-error@+1 {{'awg.kernel' op has rank 4, not 1 to 3}}
awg.kernel @k each rank 4 (%i: i64, %n: i64) written [] {
  %none = awg.null : !awg.error
  awg.yield %none
}

// -----

// expected-error@+1 {{'awg.kernel' op has 2 arguments, too few for its indices and extents}}
awg.kernel @k each rank 2 (%i: i64, %n: i64) written [] {
  %none = awg.null : !awg.error
  awg.yield %none
}

// -----

// expected-error@+1 {{'awg.kernel' op has an index or extent of type 'index'}}
awg.kernel @k each rank 1 (%i: i64, %n: index) written [] {
  %none = awg.null : !awg.error
  awg.yield %none
}

// -----

// expected-error@+1 {{'awg.kernel' op has 2 sizes, not 4}}
awg.kernel @k each rank 1 (%i: i64, %n: i64, %x: memref<?x?xf32>, %a: f32) written [] attributes {sizes = ["n", "n"]} {
  %none = awg.null : !awg.error
  awg.yield %none
}

// -----

// expected-error@+1 {{'awg.kernel' op has the size [], which is no name, integer or unit}}
awg.kernel @k each rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) written [] attributes {sizes = ["n", []]} {
  %none = awg.null : !awg.error
  awg.yield %none
}

// -----

// expected-error@+1 {{'awg.kernel' op of shape sum gives 0 values}}
awg.kernel @k sum rank 1 (%i: i64, %n: i64) written [] {
  %none = awg.null : !awg.error
  awg.yield %none
}

// -----

// expected-error@+1 {{'awg.kernel' op needs a combiner if its shape is reduce, may have one if it is scan, and has none otherwise}}
awg.kernel @k reduce rank 1 (%i: i64, %n: i64) -> i64 written [] {
  %none = awg.null : !awg.error
  awg.yield %none, %i : i64
}

// -----

func.func private @f(i64, i64) -> i64
// expected-error@+1 {{'awg.kernel' op needs a combiner if its shape is reduce, may have one if it is scan, and has none otherwise}}
awg.kernel @k sum rank 1 (%i: i64, %n: i64) -> i64 written [] combiner @f {
  %none = awg.null : !awg.error
  awg.yield %none, %i : i64
}

// -----

// expected-error@+1 {{'awg.kernel' op is no scan without a combiner, and joins nothing}}
awg.kernel @k sum rank 1 (%i: i64, %n: i64) -> i64 written [] attributes {joins = 2 : i32} {
  %none = awg.null : !awg.error
  awg.yield %none, %i : i64
}

// -----

// expected-error@+1 {{'awg.kernel' op of shape xor: only a scan joins so}}
awg.kernel @k xor rank 1 (%i: i64, %n: i64) -> i64 written [] {
  %none = awg.null : !awg.error
  awg.yield %none, %i : i64
}

// -----

// expected-error@+1 {{'awg.kernel' op writes argument 2, which is no array}}
awg.kernel @k each rank 1 (%i: i64, %n: i64, %a: f32) written [2] {
  %none = awg.null : !awg.error
  awg.yield %none
}

// -----

awg.kernel @k sum rank 1 (%i: i64, %n: i64, %x: f32) -> i64 written [] {
  %none = awg.null : !awg.error
  // expected-error@+1 {{'awg.yield' op yields 'f32' in a kernel of 'i64'}}
  awg.yield %none, %x : f32
}

// -----

func.func @not_a_kernel(%n: i64) {
  // expected-error@+1 {{'awg.launch' op @f is no kernel}}
  %f = awg.launch @f grid(%n) args() : () -> !awg.future<>
  return
}
func.func private @f(i64)

// -----

awg.kernel @k each rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) written [2] {
  %none = awg.null : !awg.error
  awg.yield %none
}
func.func @grid(%n: i64, %x: !awg.array<f32, 1>) {
  // expected-error@+1 {{'awg.launch' op has 2 extents for rank 1}}
  %f = awg.launch @k grid(%n, %n) args(%x) : (!awg.array<f32, 1>) -> !awg.future<>
  return
}

// -----

awg.kernel @k each rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) written [2] {
  %none = awg.null : !awg.error
  awg.yield %none
}
func.func @count(%n: i64) {
  // expected-error@+1 {{'awg.launch' op passes 0 arguments, not 1}}
  %f = awg.launch @k grid(%n) args() : () -> !awg.future<>
  return
}

// -----

awg.kernel @k each rank 1 (%i: i64, %n: i64, %x: memref<?xf32>) written [2] {
  %none = awg.null : !awg.error
  awg.yield %none
}
func.func @element(%n: i64, %x: !awg.array<f64, 1>) {
  // expected-error@+1 {{'awg.launch' op passes '!awg.array<f64, 1>' for 'memref<?xf32>'}}
  %f = awg.launch @k grid(%n) args(%x) : (!awg.array<f64, 1>) -> !awg.future<>
  return
}

// -----

awg.kernel @k scan rank 1 (%i: i64, %n: i64) -> i64 written [] {
  %none = awg.null : !awg.error
  awg.yield %none, %i : i64
}
func.func @filled(%n: i64, %x: !awg.array<i64, 1>) {
  // expected-error@+1 {{'awg.launch' op fills '!awg.array<i64, 1>' and gives}}
  %f = awg.launch @k grid(%n) args() result(%x : !awg.array<i64, 1>) : () -> !awg.future<i64>
  return
}
