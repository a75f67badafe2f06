// keystrata/operator: for whoever holds the MEK. A ring of operator keys, and every keyring of a database from one to the next.

export { OperatorRing } from './keyring/operator-ring.ts';
export { rewrapKeyrings } from './keyring/rewrap-keyrings.ts';
export type { RewrapOptions, RewrapReport } from './keyring/rewrap-keyrings.ts';
export type { Failure, Pool } from './keyring/rewrap-queue.ts';
