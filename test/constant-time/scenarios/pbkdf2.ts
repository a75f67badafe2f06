// PBKDF2-HMAC-SHA-256. Secret: the password, what is derived. Public: salts, lengths, lanes, iterations.

import type { Scenario, Stage } from '../stage.ts';

/** U_1 of lanes 0 … lanes - 1. */
function salted(stage: Stage, job: number, lanes: number): void {
  for (let lane = 0; lane < lanes; lane++) {
    stage.ok(stage.abi.pbkdf2Salt(job));
    stage.ok(stage.abi.sha256Update(stage.known(32), 32));
    stage.ok(stage.abi.sha256Update(stage.known(4), 4));
    stage.ok(stage.abi.pbkdf2Block(job, lane));
  }
}

function derive(passwordLength: number, lanes: number, steps: readonly number[]): Scenario {
  return {
    name: `PBKDF2: password of ${passwordLength}, ${lanes} lanes, steps of ${steps.join(' + ') || 'none'}`,
    play(stage) {
      const { abi } = stage;
      const target = stage.slot();
      const job = stage.ok(abi.pbkdf2Begin(stage.secret(passwordLength), passwordLength));
      salted(stage, job, lanes);
      for (const iterations of steps) stage.ok(abi.pbkdf2Step(job, lanes, iterations));
      stage.ok(abi.pbkdf2Key(job, lanes - 1, target));
      for (const length of [0, 1, 7, 8, 32]) stage.ok(abi.pbkdf2Bytes(job, 0, length, stage.room(32)));
      stage.ok(abi.pbkdf2End(job));
      stage.free(target);
    },
  };
}

const jobs: Scenario = {
  name: 'PBKDF2: all jobs at once, a second salt, an end in the middle',
  play(stage) {
    const { abi } = stage;
    const count = abi.JOBS.value as number;
    const all = Array.from({ length: count }, () => stage.ok(abi.pbkdf2Begin(stage.secret(20), 20)));
    for (const job of all) salted(stage, job, 4);
    for (const job of all) stage.ok(abi.pbkdf2Step(job, 1 + (job % 4), 2));
    salted(stage, all[1]!, 2);
    stage.ok(abi.pbkdf2Step(all[1]!, 2, 1));
    stage.ok(abi.pbkdf2Salt(all[2]!));
    stage.ok(abi.sha256Update(stage.known(5), 5));
    for (const job of [...all, ...all]) stage.ok(abi.pbkdf2End(job));
  },
};

export const PBKDF2S: readonly Scenario[] = [
  derive(0, 1, []),
  derive(1, 1, [1]),
  derive(20, 2, [3, 0, 4]),
  derive(64, 3, [5]),
  derive(65, 4, [2, 2]),
  derive(200, 4, [33]),
  jobs,
];
