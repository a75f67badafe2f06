// The instructions of WebAssembly and what a side channel sees of each. WebAssembly Core Specification 2.0 §5.4, and the
// relaxed-SIMD proposal (0xFD 0x100 …). What is not in these tables is refused, so nothing passes unseen.
//
//   kind       an observer learns                        operands on the stack, the last on top
//   plain      nothing                                   any
//   decides    which way: if, br_if, br_table, select    … condition
//   loads      the address                               address (and a v128 above it, for the lane forms: `over`)
//   stores     the address                               address, value of the type `over`
//   bulk       addresses and lengths                     three i32
//   divides    both operands, by how long it takes       two i32, or two i64
//   indirect   which function                            … table index
//   float      more than we care to know: refused

export type Type = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
export type Kind = 'plain' | 'decides' | 'loads' | 'stores' | 'bulk' | 'divides' | 'indirect' | 'float';

/** What follows the opcode, §5.4. */
export type Immediates =
  | 'none'
  | 'blocktype' //  one integer, signed
  | 'index' //      one integer, of whichever sign: label, local, global, function; i32.const, i64.const
  | 'two indices'
  | 'labels' //     a vector of integers, and one more
  | 'types' //      a vector of bytes
  | 'memarg' //     align, offset
  | 'memarg lane'
  | 'byte' //       an index of lane, memory or table
  | number; //      so many octets

export interface Opcode {
  readonly name: string;
  readonly immediates: Immediates;
  readonly kind: Kind;
  /** The type of the operand above the address, or of both of a division. */
  readonly over?: Type;
}

const table = new Map<number, Opcode>();

/** Names from `first` on, one a code, in the order of the specification; `-` leaves a code out. */
function row(first: number, names: string, immediates: Immediates = 'none', kind: Kind = 'plain', over?: Type): void {
  names.split(/\s+/).forEach((name, i) => {
    if (name !== '-') table.set(first + i, { name, immediates, kind, over });
  });
}

/** Codes behind the prefixes 0xFC and 0xFD. */
const FC = 0xfc_0000;
const FD = 0xfd_0000;

// §5.4.1 control
row(0x00, 'unreachable nop');
row(0x02, 'block loop', 'blocktype');
row(0x04, 'if', 'blocktype', 'decides');
row(0x05, 'else');
row(0x0b, 'end');
row(0x0c, 'br', 'index');
row(0x0d, 'br_if', 'index', 'decides');
row(0x0e, 'br_table', 'labels', 'decides');
row(0x0f, 'return');
row(0x10, 'call', 'index');
row(0x11, 'call_indirect', 'two indices', 'indirect');
// §5.4.3 parametric, §5.4.4 variables
row(0x1a, 'drop');
row(0x1b, 'select', 'none', 'decides');
row(0x1c, 'select', 'types', 'decides');
row(0x20, 'local.get local.set local.tee global.get global.set', 'index');
// §5.4.6 memory
row(0x28, 'i32.load i64.load', 'memarg', 'loads');
row(0x2a, 'f32.load f64.load', 'memarg', 'float');
row(0x2c, 'i32.load8_s i32.load8_u i32.load16_s i32.load16_u', 'memarg', 'loads');
row(0x30, 'i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u', 'memarg', 'loads');
row(0x36, 'i32.store', 'memarg', 'stores', 'i32');
row(0x37, 'i64.store', 'memarg', 'stores', 'i64');
row(0x38, 'f32.store f64.store', 'memarg', 'float');
row(0x3a, 'i32.store8 i32.store16', 'memarg', 'stores', 'i32');
row(0x3c, 'i64.store8 i64.store16 i64.store32', 'memarg', 'stores', 'i64');
row(0x3f, 'memory.size', 'byte'); // memory.grow is not in the table: our memory is fixed
row(FC + 0x08, 'memory.init', 'two indices', 'bulk');
row(FC + 0x09, 'data.drop', 'index');
row(FC + 0x0a, 'memory.copy', 'two indices', 'bulk');
row(FC + 0x0b, 'memory.fill', 'byte', 'bulk');
// §5.4.7 numbers
row(0x41, 'i32.const i64.const', 'index');
row(0x43, 'f32.const', 4, 'float');
row(0x44, 'f64.const', 8, 'float');
row(0x45, 'i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u');
row(0x50, 'i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u');
row(0x5b, 'f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge', 'none', 'float');
row(0x67, 'i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul');
row(0x6d, 'i32.div_s i32.div_u i32.rem_s i32.rem_u', 'none', 'divides', 'i32');
row(0x71, 'i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr');
row(0x79, 'i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul');
row(0x7f, 'i64.div_s i64.div_u i64.rem_s i64.rem_u', 'none', 'divides', 'i64');
row(0x83, 'i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr');
for (const [first, type] of [[0x8b, 'f32'] as const, [0x99, 'f64'] as const])
  for (const [i, name] of 'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign'.split(' ').entries())
    row(first + i, `${type}.${name}`, 'none', 'float');
row(0xa7, 'i32.wrap_i64');
row(0xa8, 'i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u', 'none', 'float');
row(0xac, 'i64.extend_i32_s i64.extend_i32_u');
row(0xae, 'i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u', 'none', 'float');
row(0xb2, 'f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64', 'none', 'float');
row(0xb7, 'f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32', 'none', 'float');
row(0xbc, 'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64', 'none', 'float');
row(0xc0, 'i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s');
for (let i = 0; i < 8; i++) row(FC + i, `trunc_sat.${i}`, 'none', 'float');
// §5.4.8 vectors
row(FD + 0x00, 'v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u', 'memarg', 'loads');
row(FD + 0x05, 'v128.load32x2_s v128.load32x2_u', 'memarg', 'loads');
row(FD + 0x07, 'v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat', 'memarg', 'loads');
row(FD + 0x0b, 'v128.store', 'memarg', 'stores', 'v128');
row(FD + 0x0c, 'v128.const i8x16.shuffle', 16);
row(FD + 0x0e, 'i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat');
row(FD + 0x13, 'f32x4.splat f64x2.splat', 'none', 'float');
row(FD + 0x15, 'i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane', 'byte');
row(FD + 0x18, 'i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane', 'byte');
row(FD + 0x1b, 'i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane', 'byte');
row(FD + 0x1f, 'f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane', 'byte', 'float');
for (const [i, type] of ['i8x16', 'i16x8', 'i32x4'].entries())
  for (const [j, name] of 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'.split(' ').entries())
    row(FD + 0x23 + 10 * i + j, `${type}.${name}`);
for (const [i, type] of ['f32x4', 'f64x2'].entries())
  for (const [j, name] of 'eq ne lt gt le ge'.split(' ').entries())
    row(FD + 0x41 + 6 * i + j, `${type}.${name}`, 'none', 'float');
row(FD + 0x4d, 'v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true');
row(FD + 0x54, 'v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane', 'memarg lane', 'loads', 'v128');
row(
  FD + 0x58,
  'v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane',
  'memarg lane',
  'stores',
  'v128',
);
row(FD + 0x5c, 'v128.load32_zero v128.load64_zero', 'memarg', 'loads');
row(FD + 0x5e, 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4', 'none', 'float');
row(FD + 0x60, 'i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask i8x16.narrow_s i8x16.narrow_u');
row(FD + 0x67, 'f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest', 'none', 'float');
row(FD + 0x6b, 'i8x16.shl i8x16.shr_s i8x16.shr_u i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub');
row(FD + 0x72, 'i8x16.sub_sat_s i8x16.sub_sat_u');
row(FD + 0x74, 'f64x2.ceil f64x2.floor', 'none', 'float');
row(FD + 0x76, 'i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u');
row(FD + 0x7a, 'f64x2.trunc', 'none', 'float');
row(FD + 0x7b, 'i8x16.avgr_u i16x8.extadd_s i16x8.extadd_u i32x4.extadd_s i32x4.extadd_u');
row(FD + 0x80, 'i16x8.abs i16x8.neg i16x8.q15mulr_sat_s i16x8.all_true i16x8.bitmask i16x8.narrow_s i16x8.narrow_u');
row(FD + 0x87, 'i16x8.extend_low_s i16x8.extend_high_s i16x8.extend_low_u i16x8.extend_high_u');
row(FD + 0x8b, 'i16x8.shl i16x8.shr_s i16x8.shr_u i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub');
row(FD + 0x92, 'i16x8.sub_sat_s i16x8.sub_sat_u');
row(FD + 0x94, 'f64x2.nearest', 'none', 'float');
row(FD + 0x95, 'i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u - i16x8.avgr_u');
row(FD + 0x9c, 'i16x8.extmul_low_s i16x8.extmul_high_s i16x8.extmul_low_u i16x8.extmul_high_u');
row(FD + 0xa0, 'i32x4.abs i32x4.neg - i32x4.all_true i32x4.bitmask');
row(FD + 0xa7, 'i32x4.extend_low_s i32x4.extend_high_s i32x4.extend_low_u i32x4.extend_high_u');
row(FD + 0xab, 'i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add - - i32x4.sub');
row(FD + 0xb5, 'i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s');
row(FD + 0xbc, 'i32x4.extmul_low_s i32x4.extmul_high_s i32x4.extmul_low_u i32x4.extmul_high_u');
row(FD + 0xc0, 'i64x2.abs i64x2.neg - i64x2.all_true i64x2.bitmask');
row(FD + 0xc7, 'i64x2.extend_low_s i64x2.extend_high_s i64x2.extend_low_u i64x2.extend_high_u');
row(FD + 0xcb, 'i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add - - i64x2.sub');
row(FD + 0xd5, 'i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s');
row(FD + 0xdc, 'i64x2.extmul_low_s i64x2.extmul_high_s i64x2.extmul_low_u i64x2.extmul_high_u');
for (const [first, type] of [[0xe0, 'f32x4'] as const, [0xec, 'f64x2'] as const])
  for (const [i, name] of 'abs neg - sqrt add sub mul div min max pmin pmax'.split(' ').entries())
    if (name !== '-') row(FD + first + i, `${type}.${name}`, 'none', 'float');
row(
  FD + 0xf8,
  'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u',
  'none',
  'float',
);
row(
  FD + 0xfc,
  'i32x4.trunc_sat_f64x2_s i32x4.trunc_sat_f64x2_u f64x2.convert_i32x4_s f64x2.convert_i32x4_u',
  'none',
  'float',
);
// relaxed SIMD; relaxed_laneselect may look at the top bit of each lane alone, in constant time all the same
row(FD + 0x100, 'i8x16.relaxed_swizzle');
for (let i = 0; i < 8; i++) row(FD + 0x101 + i, `relaxed.trunc_or_madd.${i}`, 'none', 'float');
row(FD + 0x109, 'i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect');
for (let i = 0; i < 4; i++) row(FD + 0x10d + i, `relaxed.min_or_max.${i}`, 'none', 'float');
row(FD + 0x111, 'i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s');

/** The instruction whose bytes begin with `code`; `second` reads the number behind a prefix. */
export function opcode(code: number, second: () => number): Opcode {
  const prefixed = code === 0xfc || code === 0xfd;
  const full = prefixed ? code * 0x1_0000 + second() : code;
  const found = table.get(full);
  if (!found) throw new RangeError(`no such instruction in the table: 0x${full.toString(16)}`);
  return found;
}
