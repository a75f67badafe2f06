// Every export of the core that touches secrets, at lengths around every edge.

import type { Scenario } from '../stage.ts';
import { GCMS } from './gcm.ts';
import { HASHES } from './hash.ts';
import { KEYS } from './keys.ts';
import { PBKDF2S } from './pbkdf2.ts';
import { REFUSALS } from './refusals.ts';

export const SCENARIOS: readonly Scenario[] = [...HASHES, ...PBKDF2S, ...GCMS, ...KEYS, ...REFUSALS];
