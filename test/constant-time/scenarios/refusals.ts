// Every way in which a call is refused before it touches anything. Nothing here is secret but the keys that lie by.

import { Status } from '../../../bindings/core/abi.ts';
import type { Scenario, Stage } from '../stage.ts';

const { RANGE, SLOT, STATE, FULL } = Status;

/** Places that do not lie in the I/O region, with their lengths. */
const outside = ({ io, ioEnd }: Stage): [number, number][] => [
  [io - 1, 1],
  [ioEnd, 1],
  [ioEnd - 8, 9],
  [io, ioEnd - io + 1],
  [0xffff_ffff, 2],
  [io, 0xffff_ffff],
];

const slots: Scenario = {
  name: 'refused: slots',
  play(stage) {
    const { abi } = stage;
    const io = stage.room(64);
    const [loaded, allocated, free] = [stage.key(), stage.slot(), 9];
    for (const slot of [free, -1, 64]) {
      stage.refused(abi.keyAddress(slot), SLOT);
      stage.refused(abi.keyLoad(slot), SLOT);
    }
    for (const slot of [allocated, free, -1, 64]) {
      stage.refused(abi.keyExport(slot, io), SLOT);
      stage.refused(abi.hmacSha256BeginSlot(slot), SLOT);
      stage.refused(abi.hmacSha512BeginSlot(slot), SLOT);
      stage.refused(abi.hkdfBegin(256, slot), SLOT);
      stage.refused(abi.aesEncryptBlocks(slot, io, 1), SLOT);
      stage.refused(abi.gcmBegin(slot), SLOT);
      stage.refused(abi.gcmSeal(slot, io, 12, io, 0, io, 0, 16), SLOT);
      stage.refused(abi.gcmOpen(slot, io, 12, io, 0, io, 0, 16), SLOT);
      stage.refused(abi.wrapKey(slot, loaded, io, io, 0, io, 0, io), SLOT);
      stage.refused(abi.wrapKey(loaded, slot, io, io, 0, io, 0, io), SLOT);
      stage.refused(abi.unwrapKey(slot, allocated, io, io, 0, io, 0, io), SLOT);
    }
    for (const slot of [loaded, free, -1, 64]) stage.refused(abi.unwrapKey(loaded, slot, io, io, 0, io, 0, io), SLOT);
    stage.refused(abi.keyLoad(loaded), SLOT);
    stage.refused(abi.keyFree(64), SLOT);
    stage.refused(abi.keyFree(-1), SLOT);
    stage.ok(abi.keyExport(loaded, io));
    stage.free(loaded, allocated);
  },
};

const places: Scenario = {
  name: 'refused: places and lengths outside the I/O region',
  play(stage) {
    const { abi, ioEnd } = stage;
    const io = stage.room(64); // the first of the region
    const [key, target] = [stage.key(), stage.slot()];
    stage.ok(abi.hkdfBegin(256, key));
    const job = stage.ok(abi.pbkdf2Begin(io, 0));
    stage.ok(abi.pbkdf2Salt(job));
    stage.ok(abi.pbkdf2Block(job, 0));
    stage.ok(abi.sha512Begin());
    for (const [at, length] of outside(stage)) {
      stage.refused(abi.sha256Update(at, length), RANGE);
      stage.refused(abi.sha512Update(at, length), RANGE);
      stage.refused(abi.hmacSha256Begin(at, length), RANGE);
      stage.refused(abi.hmacSha512Begin(at, length), RANGE);
      stage.refused(abi.pbkdf2Begin(at, length), RANGE);
      stage.refused(abi.gcmSeal(key, io, 12, io, 0, at, length, 16), RANGE);
      stage.refused(abi.gcmSeal(key, io, 12, at, length, io, 0, 16), RANGE);
      stage.refused(abi.gcmSeal(key, at, length, io, 0, io, 0, 16), RANGE);
      stage.refused(abi.gcmOpen(key, io, 12, io, 0, at, length, 16), RANGE);
      stage.refused(abi.gcmOpen(key, io, 12, at, length, io, 0, 16), RANGE);
      stage.refused(abi.gcmOpen(key, at, length, io, 0, io, 0, 16), RANGE);
      stage.refused(abi.wrapKey(key, key, io, at, length, io, 0, io), RANGE);
      stage.refused(abi.unwrapKey(key, target, io, at, length, io, 0, io), RANGE);
    }
    for (const at of [stage.io - 1, ioEnd, ioEnd - 8, 0, 0xffff_ffff]) {
      stage.refused(abi.keyExport(key, at), RANGE);
      stage.refused(abi.sha256Finish(at), RANGE);
      stage.refused(abi.sha512Finish(at), RANGE);
      stage.refused(abi.hmacSha256Finish(at), RANGE);
      stage.refused(abi.hmacSha512Finish(at), RANGE);
      stage.refused(abi.pbkdf2Bytes(job, 0, 32, at), RANGE);
      stage.refused(abi.aesEncryptBlocks(key, at, 1), RANGE);
      stage.refused(abi.wrapKey(key, key, at, io, 0, io, 0, io), RANGE);
      stage.refused(abi.wrapKey(key, key, io, io, 0, at, 30, io), RANGE);
      stage.refused(abi.wrapKey(key, key, io, io, 0, io, 0, at), RANGE);
      stage.refused(abi.unwrapKey(key, target, at, io, 0, io, 0, io), RANGE);
      stage.refused(abi.unwrapKey(key, target, io, io, 0, at, 30, io), RANGE);
      stage.refused(abi.unwrapKey(key, target, io, io, 0, io, 0, at), RANGE);
    }
    stage.refused(abi.aesEncryptBlocks(key, io, (ioEnd - io) / 16 + 1), RANGE);
    stage.refused(abi.aesEncryptBlocks(key, io, 2 ** 28), RANGE);
    stage.refused(abi.wrapKey(key, key, io, io, 0, io, 129, io), RANGE);
    stage.refused(abi.unwrapKey(key, target, io, io, 0, io, 129, io), RANGE);
    stage.ok(abi.hkdfEnd());
    stage.ok(abi.pbkdf2End(job));
    stage.ok(abi.sha256Begin());
    stage.ok(abi.sha256Finish(io));
    stage.ok(abi.sha512Finish(io));
    stage.free(key, target);
  },
};

const hashOrder: Scenario = {
  name: 'refused: hashes out of order',
  play(stage) {
    const { abi } = stage;
    const io = stage.room(64);
    const [key, target] = [stage.key(), stage.slot()];
    const finish = (): void => {
      stage.refused(abi.sha256Finish(io), STATE);
      stage.refused(abi.sha512Finish(io), STATE);
    };
    const finishMac = (): void => {
      stage.refused(abi.hmacSha256Finish(io), STATE);
      stage.refused(abi.hmacSha256FinishSlot(target), STATE);
      stage.refused(abi.hmacSha512Finish(io), STATE);
    };
    stage.refused(abi.sha256Update(io, 1), STATE);
    stage.refused(abi.sha512Update(io, 1), STATE);
    finish();
    finishMac();
    stage.ok(abi.sha256Begin());
    stage.ok(abi.sha512Begin());
    finishMac();
    stage.ok(abi.hmacSha256BeginSlot(key));
    stage.ok(abi.hmacSha512BeginSlot(key));
    finish();
    stage.refused(abi.hmacSha256FinishSlot(key), SLOT);
    stage.ok(abi.hmacSha512Finish(io));
    stage.ok(abi.hmacSha256FinishSlot(target));
    stage.free(key, target);
  },
};

const hkdf: Scenario = {
  name: 'refused: HKDF out of order, and beyond what was expanded',
  play(stage) {
    const { abi, ioEnd } = stage;
    const io = stage.room(64); // the first of the region
    const [key, target] = [stage.key(), stage.slot()];
    stage.refused(abi.hkdfNext(), STATE);
    stage.refused(abi.hkdfDone(), STATE);
    stage.refused(abi.hkdfKey(0, target), STATE);
    stage.refused(abi.hkdfBytes(0, 1, io), STATE);
    stage.refused(abi.hkdfBegin(384 as 256, key), RANGE);
    stage.ok(abi.hkdfBegin(256, key));
    stage.refused(abi.hkdfDone(), STATE);
    stage.ok(abi.hkdfNext());
    stage.ok(abi.hkdfDone());
    stage.refused(abi.hkdfKey(1, target), RANGE);
    stage.refused(abi.hkdfKey(0xffff_ffff, target), RANGE);
    stage.refused(abi.hkdfKey(0, key), SLOT);
    stage.refused(abi.hkdfBytes(1, 32, io), RANGE);
    stage.refused(abi.hkdfBytes(0, 32, ioEnd - 31), RANGE);
    stage.ok(abi.hkdfEnd());
    stage.free(key, target);
  },
};

const pbkdf2: Scenario = {
  name: 'refused: PBKDF2 out of order, jobs and lanes that are not',
  play(stage) {
    const { abi } = stage;
    const io = stage.room(64);
    const [key, target] = [stage.key(), stage.slot()];
    for (const job of [0, 3, 4, -1]) {
      stage.refused(abi.pbkdf2Salt(job), SLOT);
      stage.refused(abi.pbkdf2Block(job, 0), SLOT);
      stage.refused(abi.pbkdf2Step(job, 1, 1), SLOT);
      stage.refused(abi.pbkdf2Key(job, 0, target), SLOT);
      stage.refused(abi.pbkdf2Bytes(job, 0, 1, io), SLOT);
    }
    stage.refused(abi.pbkdf2End(4), SLOT);
    const job = stage.ok(abi.pbkdf2Begin(io, 9));
    stage.refused(abi.pbkdf2Block(job, 0), STATE);
    stage.ok(abi.pbkdf2Salt(job));
    stage.refused(abi.pbkdf2Block(job, 4), RANGE);
    stage.refused(abi.pbkdf2Block(job, -1), RANGE);
    stage.ok(abi.pbkdf2Block(job, 1));
    for (const lanes of [0, -1, 5]) stage.refused(abi.pbkdf2Step(job, lanes, 1), RANGE);
    stage.refused(abi.pbkdf2Step(job, 1, -1), RANGE);
    stage.refused(abi.pbkdf2Step(job, 2, 1), STATE);
    stage.refused(abi.pbkdf2Key(job, 4, target), RANGE);
    stage.refused(abi.pbkdf2Key(job, 0, target), STATE);
    stage.refused(abi.pbkdf2Key(job, 1, key), SLOT);
    stage.refused(abi.pbkdf2Bytes(job, 4, 1, io), RANGE);
    stage.refused(abi.pbkdf2Bytes(job, 1, 33, io), RANGE);
    stage.refused(abi.pbkdf2Bytes(job, 0, 1, io), STATE);
    const rest = Array.from({ length: 3 }, () => stage.ok(abi.pbkdf2Begin(io, 0)));
    stage.refused(abi.pbkdf2Begin(io, 0), FULL);
    for (const taken of [job, ...rest]) stage.ok(abi.pbkdf2End(taken));
    stage.free(key, target);
  },
};

const gcm: Scenario = {
  name: 'refused: GCM out of order, tags too short or too long',
  play(stage) {
    const { abi } = stage;
    const io = stage.room(64);
    const key = stage.key();
    const begin = (): void => {
      stage.ok(abi.gcmBegin(key));
      stage.ok(abi.gcmIv(io, 12));
    };
    const text = (status: number): void => {
      stage.refused(abi.gcmEncrypt(io, 1), status);
      stage.refused(abi.gcmDecrypt(io, 1), status);
    };
    const end = (status: number): void => {
      stage.refused(abi.gcmTag(io, 16), status);
      stage.refused(abi.gcmVerify(io, 16), status);
    };
    stage.refused(abi.gcmIv(io, 12), STATE);
    stage.refused(abi.gcmAad(io, 1), STATE);
    text(STATE);
    end(STATE);
    stage.ok(abi.gcmBegin(key));
    stage.refused(abi.gcmAad(io, 1), STATE);
    text(STATE);
    end(STATE);
    begin();
    for (const [at, length] of outside(stage)) {
      stage.refused(abi.gcmIv(at, length), RANGE);
      stage.refused(abi.gcmAad(at, length), RANGE);
      stage.refused(abi.gcmEncrypt(at, length), RANGE);
      stage.refused(abi.gcmDecrypt(at, length), RANGE);
    }
    stage.ok(abi.gcmEncrypt(io, 20));
    stage.refused(abi.gcmIv(io, 1), STATE);
    stage.refused(abi.gcmAad(io, 1), STATE);
    stage.refused(abi.gcmDecrypt(io, 1), STATE);
    stage.refused(abi.gcmVerify(io, 16), STATE);
    for (const length of [0, 11, 17]) stage.refused(abi.gcmTag(io, length), RANGE);
    stage.refused(abi.gcmTag(stage.ioEnd - 15, 16), RANGE);
    stage.ok(abi.gcmTag(io, 16));
    end(STATE);
    begin();
    stage.ok(abi.gcmDecrypt(io, 20));
    stage.refused(abi.gcmEncrypt(io, 1), STATE);
    stage.refused(abi.gcmTag(io, 16), STATE);
    for (const length of [0, 11, 17]) stage.refused(abi.gcmVerify(io, length), RANGE);
    stage.refused(abi.gcmVerify(stage.ioEnd - 15, 16), RANGE);
    stage.ok(abi.gcmEnd());
    stage.ok(abi.gcmEnd());
    for (const call of ['gcmSeal', 'gcmOpen'] as const) {
      for (const length of [0, 11, 17]) stage.refused(abi[call](key, io, 12, io, 0, io, 0, length), RANGE);
      stage.refused(abi[call](key, io, 0, io, 0, io, 0, 16), RANGE);
    }
    stage.free(key);
  },
};

export const REFUSALS: readonly Scenario[] = [slots, places, hashOrder, hkdf, pbkdf2, gcm];
