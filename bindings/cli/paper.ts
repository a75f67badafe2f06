// A recovery code for a printer or a pen: in a box, five groups a line, to be read aloud and typed again.

const GROUPS_A_LINE = 5;

/** `owner` is printable. */
export function onPaper(code: string, owner: string): string {
  const groups = code.split('-');
  const lines = [`recovery code of ${owner}`, ''];
  for (let i = 0; i < groups.length; i += GROUPS_A_LINE) lines.push(groups.slice(i, i + GROUPS_A_LINE).join('-'));
  lines.push('', 'It opens everything if the passphrase is lost, for whoever has it.');
  lines.push('Keep it on paper. It is not shown again.');
  const width = Math.max(...lines.map((line) => line.length));
  const rule = '─'.repeat(width + 2);
  return [`┌${rule}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${rule}┘`].join('\n');
}
