// The AES S-box (FIPS 197 §5.1.1) as a circuit: J. Boyar and R. Peralta's construction in its form of 113 gates
// (32 ANDs, 81 XORs), over eight slices of any width. A constant sequence of AND and XOR: no table, no branch.
//
//   in   u0 … u7   slice 7 … slice 0: u0 is the most significant bit of every byte
//   out  s0 … s7   likewise, without the four NOTs of the affine map: what comes out is S(x) ^ 0x63
//
// ShiftRows and MixColumns leave 0x63 in every byte as it is (the coefficients 2, 3, 1, 1 sum to 1), so it is put back
// by the round key that follows: AFFINE is added to the keys of rounds 1 … 14. Secret: all slices.

import { and, get, set, xor } from './slice';

/** The constant of the affine map, left to the next round key. */
export const AFFINE: u32 = 0x63;

/** SubBytes ^ 0x63 on eight slices at `at`, in place. */
export function subBytes<T>(at: usize): void {
  const u0 = get<T>(at, 7),
    u1 = get<T>(at, 6),
    u2 = get<T>(at, 5),
    u3 = get<T>(at, 4);
  const u4 = get<T>(at, 3),
    u5 = get<T>(at, 2),
    u6 = get<T>(at, 1),
    u7 = get<T>(at, 0);

  // Into the tower field GF(((2^2)^2)^2): linear, 23 gates.
  const y14 = xor<T>(u3, u5),
    y13 = xor<T>(u0, u6),
    y9 = xor<T>(u0, u3),
    y8 = xor<T>(u0, u5);
  const t0 = xor<T>(u1, u2);
  const y1 = xor<T>(t0, u7),
    y4 = xor<T>(y1, u3),
    y12 = xor<T>(y13, y14);
  const y2 = xor<T>(y1, u0),
    y5 = xor<T>(y1, u6),
    y3 = xor<T>(y5, y8);
  const t1 = xor<T>(u4, y12);
  const y15 = xor<T>(t1, u5),
    y20 = xor<T>(t1, u1),
    y6 = xor<T>(y15, u7);
  const y10 = xor<T>(y15, t0),
    y11 = xor<T>(y20, y9),
    y7 = xor<T>(u7, y11),
    y17 = xor<T>(y10, y11);
  const y19 = xor<T>(y10, y8),
    y16 = xor<T>(t0, y11),
    y21 = xor<T>(y13, y16),
    y18 = xor<T>(u0, y16);

  // Inversion: 44 gates, …
  const t2 = and<T>(y12, y15),
    t3 = and<T>(y3, y6),
    t4 = xor<T>(t3, t2);
  const t5 = and<T>(y4, u7),
    t6 = xor<T>(t5, t2),
    t7 = and<T>(y13, y16);
  const t8 = and<T>(y5, y1),
    t9 = xor<T>(t8, t7),
    t10 = and<T>(y2, y7),
    t11 = xor<T>(t10, t7);
  const t12 = and<T>(y9, y11),
    t13 = and<T>(y14, y17),
    t14 = xor<T>(t13, t12);
  const t15 = and<T>(y8, y10),
    t16 = xor<T>(t15, t12);
  const t17 = xor<T>(t4, y20),
    t18 = xor<T>(t6, t16),
    t19 = xor<T>(t9, t14),
    t20 = xor<T>(t11, t16);
  const t21 = xor<T>(t17, t14),
    t22 = xor<T>(t18, y19),
    t23 = xor<T>(t19, y21),
    t24 = xor<T>(t20, y18);
  const t25 = xor<T>(t21, t22),
    t26 = and<T>(t21, t23),
    t27 = xor<T>(t24, t26);
  const t28 = and<T>(t25, t27),
    t29 = xor<T>(t28, t22),
    t30 = xor<T>(t23, t24);
  const t31 = xor<T>(t22, t26),
    t32 = and<T>(t31, t30),
    t33 = xor<T>(t32, t24);
  const t34 = xor<T>(t23, t33),
    t35 = xor<T>(t27, t33),
    t36 = and<T>(t24, t35);
  const t37 = xor<T>(t36, t34),
    t38 = xor<T>(t27, t36),
    t39 = and<T>(t29, t38),
    t40 = xor<T>(t25, t39);
  const t41 = xor<T>(t40, t37),
    t42 = xor<T>(t29, t33),
    t43 = xor<T>(t29, t40);
  const t44 = xor<T>(t33, t37),
    t45 = xor<T>(t42, t41);

  // … and its 18 products.
  const z0 = and<T>(t44, y15),
    z1 = and<T>(t37, y6),
    z2 = and<T>(t33, u7),
    z3 = and<T>(t43, y16);
  const z4 = and<T>(t40, y1),
    z5 = and<T>(t29, y7),
    z6 = and<T>(t42, y11),
    z7 = and<T>(t45, y17);
  const z8 = and<T>(t41, y10),
    z9 = and<T>(t44, y12),
    z10 = and<T>(t37, y3),
    z11 = and<T>(t33, y4);
  const z12 = and<T>(t43, y13),
    z13 = and<T>(t40, y5),
    z14 = and<T>(t29, y2),
    z15 = and<T>(t42, y9);
  const z16 = and<T>(t45, y14),
    z17 = and<T>(t41, y8);

  // Back, through the affine map: linear, 28 gates.
  const tc1 = xor<T>(z15, z16),
    tc2 = xor<T>(z10, tc1),
    tc3 = xor<T>(z9, tc2),
    tc4 = xor<T>(z0, z2);
  const tc5 = xor<T>(z1, z0),
    tc6 = xor<T>(z3, z4),
    tc7 = xor<T>(z12, tc4),
    tc8 = xor<T>(z7, tc6);
  const tc9 = xor<T>(z8, tc7),
    tc10 = xor<T>(tc8, tc9),
    tc11 = xor<T>(tc6, tc5),
    tc12 = xor<T>(z3, z5);
  const tc13 = xor<T>(z13, tc1),
    tc14 = xor<T>(tc4, tc12),
    tc16 = xor<T>(z6, tc8);
  const tc17 = xor<T>(z14, tc10),
    tc18 = xor<T>(tc13, tc14),
    tc20 = xor<T>(z15, tc16);
  const tc21 = xor<T>(tc2, z11),
    tc26 = xor<T>(tc17, tc20),
    s3 = xor<T>(tc3, tc11);
  set<T>(at, 7, xor<T>(tc3, tc16)); //  s0
  set<T>(at, 6, xor<T>(s3, tc16)); //   s1
  set<T>(at, 5, xor<T>(tc26, z17)); //  s2
  set<T>(at, 4, s3);
  set<T>(at, 3, xor<T>(tc14, s3)); //   s4
  set<T>(at, 2, xor<T>(tc21, tc17)); // s5
  set<T>(at, 1, xor<T>(tc10, tc18)); // s6
  set<T>(at, 0, xor<T>(z12, tc18)); //  s7
}
