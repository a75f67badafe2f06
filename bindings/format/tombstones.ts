// What a tombstone in body field 6 says was there. FORMATS §4. They are never lifted: what has one does not come back.

export const TOMBSTONE = { key: 1, keypair: 2 } as const;
