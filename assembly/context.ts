// Prepared contexts (stub)
export function drop(slot: i32): void {}
