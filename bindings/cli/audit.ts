// keystrata audit: what was done to a keyring; taken along as a file, and such a file verified.

import { KeystrataError } from '../core/errors.ts';
import type { AuditReport } from '../keyring/audit.ts';
import { findInput } from './input.ts';
import type { Call, Result } from './io.ts';
import { findOutput } from './output.ts';
import { folderOf, mustExist } from './place.ts';
import { draw } from './tree.ts';
import { unlocked } from './vault.ts';
import { quoted } from './words.ts';

export async function audit(call: Call, p: { verify?: string; export?: string }): Promise<Result> {
  if (p.verify !== undefined && p.export !== undefined)
    throw new KeystrataError('ERR_ARGUMENT', '--verify and --export: give one of them');
  if (p.export === '-' && call.options.json)
    throw new KeystrataError('ERR_ARGUMENT', '--export - and --json both write to standard output: name a file');
  await mustExist(call);
  const given = p.verify === undefined ? null : await read(call, p.verify);
  const place = p.export === undefined ? null : await findOutput(call, p.export);
  return unlocked(call, async (keyring) => {
    const report = given === null ? keyring.audit() : keyring.verifyAudit(given);
    const facts = { owner: call.options.owner, folder: folderOf(call), ...report };
    if (place === null)
      return {
        facts,
        shown: lines(call, report),
        ...(given === null ? {} : { said: `${quoted(p.verify!)}: whole, and of this keyring` }),
      };
    const out = await place.claim(null);
    try {
      const writer = out.sink().getWriter();
      await writer.write(keyring.exportAudit());
      await writer.close();
      await out.commit();
    } finally {
      await out.discard();
    }
    return { facts: { ...facts, output: p.export }, said: `${report.entries.length} entries exported` };
  });
}

/** Longer than any log: an entry takes under 100 bytes, and 1,024 are kept. */
const MOST = 256 * 1024;

async function read({ io }: Call, path: string): Promise<Uint8Array> {
  const input = await findInput(io, path);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input.stream(() => undefined)) {
    length += chunk.length;
    if (length > MOST) throw new KeystrataError('ERR_LIMIT', `${input.name}: longer than any exported log`);
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

function lines(call: Call, { revision, dropped, entries }: AuditReport): string {
  const before = dropped === 0 ? '' : `, ${dropped} older entries are not kept`;
  return draw({
    text: `log of ${quoted(call.options.owner)} at revision ${revision}${before}`,
    branches: entries.map(({ sequence, at, event, subject, device, reason }) => ({
      text: `${sequence} ${at.toISOString().slice(0, 19)}Z ${event} ${subject}, by device ${device.slice(0, 8)}${reason === '' ? '' : `: ${quoted(reason)}`}`,
    })),
  });
}
