// The AES S-box (FIPS 197 §5.1.1) as a circuit: J. Boyar and R. Peralta's construction (32 ANDs, 81 XORs), with the
// inversion in GF(2^4) of their circuit of depth 16 (34, 80), over eight slices of any width. A constant sequence of AND
// and XOR: no table, no branch.
//
//   in   u0 … u7   slice 7 … slice 0: u0 is the most significant bit of every byte
//   out  s0 … s7   likewise, without the four NOTs of the affine map: what comes out is S(x) ^ 0x63
//
//   y   into the tower field GF(((2^2)^2)^2): sums of the input       t   inversion: t21 … t24 in, t29, t33, t37, t40 out
//   z   its 18 products with y                                        tc  sums of products, through the affine map
//
// The order of the lines, and how sums of three are bracketed, were found by trial: V8 keeps fewest values in memory
// then (docs/performance.md). A test compares with the definition.
//
// ShiftRows and MixColumns leave 0x63 in every byte as it is (the coefficients 2, 3, 1, 1 sum to 1), so it is put back
// by the round key that follows: AFFINE is added to the keys of rounds 1 … 14. Secret: all slices.

import { and, get, set, xor } from './slice';

/** The constant of the affine map, left to the next round key. */
export const AFFINE: u32 = 0x63;

/** SubBytes ^ 0x63 on the eight slices at `from`, to eight at `to`, which may be the same. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function subBytes<T>(to: usize, from: usize): void {
  const u0 = get<T>(from, 7), u1 = get<T>(from, 6), u2 = get<T>(from, 5), u3 = get<T>(from, 4);
  const u4 = get<T>(from, 3), u5 = get<T>(from, 2), u6 = get<T>(from, 1), u7 = get<T>(from, 0);
  const y9 = xor<T>(u3, u0), y14 = xor<T>(u3, u5), y13 = xor<T>(u0, u6), y8 = xor<T>(u0, u5), t0 = xor<T>(u1, u2);
  const y1 = xor<T>(t0, u7), y4 = xor<T>(u3, y1), y12 = xor<T>(y14, y13), y2 = xor<T>(y1, u0), y5 = xor<T>(y1, u6);
  const y3 = xor<T>(y5, y8), t1 = xor<T>(u4, y12), y15 = xor<T>(u5, t1), y20 = xor<T>(t1, u1);
  const y6 = xor<T>(y15, u7), y10 = xor<T>(y15, t0), y11 = xor<T>(y20, y9), t12 = and<T>(y9, y11);
  const y7 = xor<T>(u7, y11), y17 = xor<T>(y10, y11), y16 = xor<T>(t0, y11), t2 = and<T>(y12, y15);
  const t3 = and<T>(y3, y6), t4 = xor<T>(t2, t3), t5 = and<T>(y4, u7), t7 = and<T>(y13, y16), t8 = and<T>(y5, y1);
  const t9 = xor<T>(t8, t7), t10 = and<T>(y2, y7), y19 = xor<T>(y8, y10), t13 = and<T>(y14, y17);
  const t14 = xor<T>(t13, t12), t15 = and<T>(y8, y10), t16 = xor<T>(t15, t12), t17 = xor<T>(y20, t4);
  const t6 = xor<T>(t2, t16), t18 = xor<T>(t5, t6), t11 = xor<T>(t7, t16), t21 = xor<T>(t17, t14);
  const t22 = xor<T>(t18, y19), y21 = xor<T>(y13, t14), t19 = xor<T>(y16, y21), t23 = xor<T>(t9, t19);
  const t20 = xor<T>(t10, y16), y18 = xor<T>(t11, t20), t24 = xor<T>(u0, y18), t30 = xor<T>(t23, t24);
  const t26 = and<T>(t23, t21), t31 = xor<T>(t22, t26), t25 = xor<T>(t21, t22), t27 = xor<T>(t24, t26);
  const t28 = and<T>(t27, t25), t32 = and<T>(t31, t30), t34 = and<T>(t24, t21), t35 = and<T>(t25, t34);
  const t36 = xor<T>(t25, t26), t38 = and<T>(t23, t22), t39 = and<T>(t30, t38), t40 = xor<T>(t35, t36);
  const t29 = xor<T>(t22, t28), t46 = xor<T>(t26, t30), t37 = xor<T>(t39, t46), t41 = xor<T>(t40, t37);
  const t33 = xor<T>(t24, t32), t42 = xor<T>(t29, t33), t43 = xor<T>(t40, t29), t44 = xor<T>(t33, t37);
  const z1 = and<T>(t37, y6), z2 = and<T>(t33, u7), z3 = and<T>(t43, y16), z4 = and<T>(y1, t40);
  const t45 = xor<T>(t42, t41), z5 = and<T>(t29, y7), z8 = and<T>(t41, y10), z9 = and<T>(t44, y12);
  const z10 = and<T>(t37, y3), z7 = and<T>(t45, y17), z11 = and<T>(t33, y4), z0 = and<T>(t44, y15);
  const z12 = and<T>(y13, t43), z13 = and<T>(t40, y5), z14 = and<T>(y2, t29), z15 = and<T>(t42, y9);
  const z6 = and<T>(t42, y11), z16 = and<T>(t45, y14), z17 = and<T>(t41, y8), tc1 = xor<T>(z15, z16);
  const tc2 = xor<T>(z10, tc1), tc3 = xor<T>(tc2, z9), tc4 = xor<T>(z0, z2), tc5 = xor<T>(z1, z0);
  const tc6 = xor<T>(z3, z4), tc7 = xor<T>(tc4, z12), tc8 = xor<T>(z7, tc6), tc9 = xor<T>(z8, tc7);
  const tc10 = xor<T>(tc8, tc9), tc12 = xor<T>(z3, z5), tc13 = xor<T>(z13, tc1), tc14 = xor<T>(tc4, tc12);
  const tc16 = xor<T>(z6, tc8), tc17 = xor<T>(z14, tc10), tc18 = xor<T>(tc13, tc14), tc20 = xor<T>(z15, tc16);
  const tc26 = xor<T>(tc17, tc20), tc11 = xor<T>(tc6, tc3), s3 = xor<T>(tc5, tc11), s0 = xor<T>(tc3, tc16);
  const s2 = xor<T>(tc26, z17), s4 = xor<T>(tc14, s3), s6 = xor<T>(tc10, tc18), s7 = xor<T>(z12, tc18);
  const tc21 = xor<T>(tc2, tc17), s5 = xor<T>(z11, tc21), s1 = xor<T>(s3, tc16);
  set<T>(to, 0, s7);
  set<T>(to, 3, s4);
  set<T>(to, 5, s2);
  set<T>(to, 4, s3);
  set<T>(to, 6, s1);
  set<T>(to, 2, s5);
  set<T>(to, 1, s6);
  set<T>(to, 7, s0);
}
