// Vectors in a loop divided by what does not change there: by its reciprocal, with the divider where a lane is not sure.
// RUN: %awg-opt --awg-reuse-reciprocals %s | FileCheck %s

// The reciprocal is outside, a NaN if it is not regular; two vectors side by side are asked about once.
// CHECK-LABEL: func.func @tile(
// CHECK-SAME: %[[X:[^:]*]]: memref<?xf32>, %[[S:[^:]*]]: f32
// CHECK-DAG: %[[NAN:.*]] = arith.constant 0x7FC00000 : f32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[RECIPROCAL:.*]] = arith.divf %{{.*}}, %[[S]] : f32
// CHECK: %[[REGULAR:.*]] = arith.select %{{.*}}, %[[RECIPROCAL]], %[[NAN]] : f32
// CHECK: %[[PASSED:.*]] = arith.select %{{.*}}, %[[ZERO]], %[[NAN]] : f32
// CHECK: %[[SS:.*]] = vector.broadcast %[[S]]
// CHECK: %[[R:.*]] = vector.broadcast %[[REGULAR]]
// CHECK: %[[LEAST:.*]] = vector.broadcast
// CHECK: %[[Z:.*]] = vector.broadcast %[[PASSED]]
// CHECK: scf.for
// CHECK: %[[A:.*]] = vector.load
// CHECK: %[[B:.*]] = vector.load
// CHECK: %[[Q:.*]] = arith.mulf %[[A]], %[[R]]
// CHECK: %[[MINUS:.*]] = arith.negf %[[A]]
// CHECK: %[[E:.*]] = math.fma %[[Q]], %[[SS]], %[[MINUS]]
// CHECK: %[[LESS:.*]] = arith.negf %[[E]]
// CHECK: %[[FAST:.*]] = math.fma %[[LESS]], %[[R]], %[[Q]]
// CHECK: %[[SIZE:.*]] = math.absf %[[FAST]]
// CHECK: %[[SMALL:.*]] = arith.cmpf ult, %[[SIZE]], %[[LEAST]]
// CHECK: %[[OTHER:.*]] = arith.cmpf une, %[[A]], %[[Z]]
// CHECK: %[[WRONG:.*]] = arith.andi %[[SMALL]], %[[OTHER]]
// CHECK: %[[UNSURE:.*]] = arith.ori %[[WRONG]], %{{.*}}
// CHECK: %[[ANY:.*]] = vector.reduction <or>, %[[UNSURE]]
// CHECK: %[[RESULT:.*]]:2 = scf.if %[[ANY]]
// CHECK: arith.divf %[[A]], %[[SS]]
// CHECK: arith.divf %[[B]], %[[SS]]
// CHECK: else
// CHECK: scf.yield %[[FAST]]
// CHECK-NOT: arith.divf
// CHECK: vector.store %[[RESULT]]#0
// CHECK: vector.store %[[RESULT]]#1
func.func @tile(%x: memref<?xf32>, %s: f32, %begin: index, %end: index, %step: index) {
  scf.for %i = %begin to %end step %step {
    %j = arith.addi %i, %step : index
    %a = vector.load %x[%i] : memref<?xf32>, vector<8xf32>
    %b = vector.load %x[%j] : memref<?xf32>, vector<8xf32>
    %s1 = vector.broadcast %s : f32 to vector<8xf32>
    %q = arith.divf %a, %s1 : vector<8xf32>
    %s2 = vector.broadcast %s : f32 to vector<8xf32>
    %r = arith.divf %b, %s2 : vector<8xf32>
    vector.store %q, %x[%i] : memref<?xf32>, vector<8xf32>
    vector.store %r, %x[%j] : memref<?xf32>, vector<8xf32>
  }
  return
}

// What the divisor is computed from leaves the loop first. A numerator that is computed from a quotient is divided after it.
// CHECK-LABEL: func.func @computed(
// CHECK: arith.addf
// CHECK: arith.divf %{{.*}} : f64
// CHECK: scf.for
// CHECK: scf.if
// CHECK: scf.if
// CHECK-NOT: scf.if
func.func @computed(%x: memref<?xf64>, %s: f64, %begin: index, %end: index, %step: index) {
  scf.for %i = %begin to %end step %step {
    %a = vector.load %x[%i] : memref<?xf64>, vector<8xf64>
    %t = arith.addf %s, %s : f64
    %v = vector.broadcast %t : f64 to vector<8xf64>
    %q = arith.divf %a, %v : vector<8xf64>
    %r = arith.divf %q, %v : vector<8xf64>
    vector.store %r, %x[%i] : memref<?xf64>, vector<8xf64>
  }
  return
}

// A divisor that is new in each round pays for four vectors of 512 bits.
// CHECK-LABEL: func.func @read(
// CHECK-NOT: scf.if
// CHECK-LABEL: func.func @read_for_four(
// CHECK: scf.if
func.func @read(%x: memref<?xf32>, %s: memref<?xf32>, %begin: index, %end: index, %step: index) {
  scf.for %i = %begin to %end step %step {
    %a = vector.load %x[%i] : memref<?xf32>, vector<16xf32>
    %t = memref.load %s[%i] : memref<?xf32>
    %v = vector.broadcast %t : f32 to vector<16xf32>
    %q = arith.divf %a, %v : vector<16xf32>
    vector.store %q, %x[%i] : memref<?xf32>, vector<16xf32>
  }
  return
}
func.func @read_for_four(%x: memref<?xf32>, %s: memref<?xf32>, %begin: index, %end: index, %step: index) {
  scf.for %i = %begin to %end step %step {
    %a = vector.load %x[%i] : memref<?xf32>, vector<16xf32>
    %b = arith.addf %a, %a : vector<16xf32>
    %c = arith.addf %b, %a : vector<16xf32>
    %d = arith.addf %c, %a : vector<16xf32>
    %t = memref.load %s[%i] : memref<?xf32>
    %v = vector.broadcast %t : f32 to vector<16xf32>
    %q0 = arith.divf %a, %v : vector<16xf32>
    %q1 = arith.divf %b, %v : vector<16xf32>
    %q2 = arith.divf %c, %v : vector<16xf32>
    %q3 = arith.divf %d, %v : vector<16xf32>
    %q4 = arith.addf %q0, %q1 : vector<16xf32>
    %q5 = arith.addf %q2, %q3 : vector<16xf32>
    %q = arith.addf %q4, %q5 : vector<16xf32>
    vector.store %q, %x[%i] : memref<?xf32>, vector<16xf32>
  }
  return
}

// Left alone: scalars, powers of two, what may be reassociated, lanes with divisors of their own, what is not in a loop.
// CHECK-LABEL: func.func @others(
// CHECK-NOT: scf.if
func.func @others(%x: memref<?xf32>, %s: f32, %v: vector<8xf32>, %begin: index, %end: index, %step: index) -> vector<8xf32> {
  %eight = arith.constant 8.0 : f32
  %shared = vector.broadcast %s : f32 to vector<8xf32>
  %first = arith.divf %v, %shared : vector<8xf32>
  scf.for %i = %begin to %end step %step {
    %a = vector.load %x[%i] : memref<?xf32>, vector<8xf32>
    %b = memref.load %x[%i] : memref<?xf32>
    %q = arith.divf %b, %s : f32
    %eights = vector.broadcast %eight : f32 to vector<8xf32>
    %r = arith.divf %a, %eights : vector<8xf32>
    %t = arith.divf %r, %shared fastmath<fast> : vector<8xf32>
    %u = arith.divf %t, %v : vector<8xf32>
    memref.store %q, %x[%i] : memref<?xf32>
    vector.store %u, %x[%i] : memref<?xf32>, vector<8xf32>
  }
  return %first : vector<8xf32>
}
