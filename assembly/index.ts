export const ABI: i32 = 1;
