// The pictures: throughput over message size (log-log, the crossover with WebCrypto marked), PBKDF2 as bars, and a page of both.
import { writeFileSync } from 'node:fs';

const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-size: 15px; font-weight: 600 } .axis { stroke: #999 } .grid { stroke: #ddd }
  .ours { stroke-width: 3 } .mark { stroke: #333; stroke-dasharray: 3 3 } rect.back { fill: #fff }
  @media (prefers-color-scheme: dark) { text { fill: #ddd } .grid { stroke: #333 } .axis { stroke: #777 } .mark { stroke: #ddd } rect.back { fill: #161616 } }
</style>`;
const COLOURS = [
  '#0a7d4f',
  '#1a9fd9',
  '#7a4fd0',
  '#d9601a',
  '#c02050',
  '#8a8a1a',
  '#2060c0',
  '#b06ab0',
  '#607080',
  '#a07040',
  '#40a0a0',
  '#d0a020',
  '#909090',
];
const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const bytesName = (n) => (n >= 1 << 20 ? `${n >> 20} MiB` : n >= 1 << 10 ? `${n >> 10} KiB` : `${n} B`);
const rateName = (rate) =>
  rate >= 1e9 ? `${rate / 1e9} GB/s` : rate >= 1e6 ? `${rate / 1e6} MB/s` : `${rate / 1e3} KB/s`;

/** `lines`: [{ name, points: [[size, bytes a second]] }]. */
export function curves(title, lines) {
  const [left, top, width, height] = [80, 50, 620, 400];
  const sizes = lines.flatMap(({ points }) => points.map(([size]) => size));
  const rates = lines.flatMap(({ points }) => points.map(([, rate]) => rate));
  const x0 = Math.log2(Math.min(...sizes));
  const x1 = Math.log2(Math.max(...sizes));
  const y0 = Math.floor(Math.log10(Math.min(...rates)));
  const y1 = Math.ceil(Math.log10(Math.max(...rates)));
  const x = (size) => left + (width * (Math.log2(size) - x0)) / (x1 - x0 || 1);
  const y = (rate) => top + height - (height * (Math.log10(rate) - y0)) / (y1 - y0 || 1);
  const parts = [`<text class="title" x="${left}" y="28">${escaped(title)}</text>`];
  for (let e = y0; e <= y1; e++)
    parts.push(
      `<line class="grid" x1="${left}" x2="${left + width}" y1="${y(10 ** e)}" y2="${y(10 ** e)}"/><text x="${left - 8}" y="${y(10 ** e) + 4}" text-anchor="end">${rateName(10 ** e)}</text>`,
    );
  for (const size of [...new Set(sizes)].sort((a, b) => a - b))
    parts.push(`<text x="${x(size)}" y="${top + height + 20}" text-anchor="middle">${bytesName(size)}</text>`);
  const ends = [];
  for (const [i, { name, points }] of lines.entries()) {
    const path = points
      .map(([size, rate], at) => `${at ? 'L' : 'M'}${x(size).toFixed(1)} ${y(rate).toFixed(1)}`)
      .join('');
    const colour = COLOURS[i % COLOURS.length];
    parts.push(
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.6"${name.startsWith('keystrata') ? ' class="ours"' : ''}/>`,
    );
    ends.push({ name, colour, y: y(points.at(-1)[1]) });
  }
  ends.sort((a, b) => a.y - b.y);
  for (const [i, end] of ends.entries()) {
    end.y = Math.max(end.y, i ? ends[i - 1].y + 14 : top);
    parts.push(
      `<text x="${left + width + 10}" y="${end.y + 4}" style="fill:${end.colour}">${escaped(end.name)}</text>`,
    );
  }
  const cross = crossover(lines, 'keystrata simd', 'WebCrypto');
  if (cross)
    parts.push(
      `<line class="mark" x1="${x(cross)}" x2="${x(cross)}" y1="${top}" y2="${top + height}"/><text x="${x(cross) + 4}" y="${top + height - 8}">${bytesName(Math.round(cross))}: WebCrypto overtakes simd</text>`,
    );
  return svg(980, top + height + 40, parts);
}

/** Where b overtakes a, on straight lines between the points of a log-log plot. */
export function crossover(lines, a, b) {
  const [p, q] = [a, b].map((name) => lines.find((line) => line.name === name)?.points);
  if (!p || !q) return null;
  for (let i = 1; i < p.length; i++) {
    const before = Math.log(p[i - 1][1] / q[i - 1][1]);
    const after = Math.log(p[i][1] / q[i][1]);
    if (before > 0 && after <= 0)
      return 2 ** (Math.log2(p[i - 1][0]) + (before / (before - after)) * Math.log2(p[i][0] / p[i - 1][0]));
  }
  return null;
}

/** `bars`: [{ name, value, least, most }], shorter is better. */
export function bars(title, unit, rows) {
  const [left, top, width, step] = [240, 50, 560, 26];
  const longest = Math.max(...rows.map(({ most }) => most));
  const x = (value) => (width * value) / longest;
  const parts = [`<text class="title" x="20" y="28">${escaped(title)}</text>`];
  for (const [i, { name, value, least, most }] of [...rows].sort((a, b) => a.value - b.value).entries()) {
    const y = top + step * i;
    const colour = /keystrata|engine/.test(name) ? COLOURS[0] : COLOURS[8];
    parts.push(
      `<text x="${left - 8}" y="${y + 14}" text-anchor="end">${escaped(name)}</text><rect x="${left}" y="${y}" width="${x(value).toFixed(1)}" height="18" fill="${colour}"/>`,
      `<line class="axis" x1="${left + x(least)}" x2="${left + x(most)}" y1="${y + 9}" y2="${y + 9}"/><text x="${left + x(most) + 8}" y="${y + 14}">${value.toFixed(0)} ${unit}</text>`,
    );
  }
  return svg(left + width + 120, top + step * rows.length + 16, parts);
}

const svg = (width, height, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${STYLE}<rect class="back" width="100%" height="100%"/>${parts.join('\n')}</svg>\n`;

/** One page with the pictures, the ratios and where it was measured. */
export function page(folder, pictures, ratios, machine) {
  const rows = ratios.map(
    ({ held, text }) => `<tr><td>${held ? 'held' : '<b>missed</b>'}</td><td>${escaped(text)}</td></tr>`,
  );
  writeFileSync(
    `${folder}/index.html`,
    `<!doctype html><meta charset="utf-8"><title>keystrata: benchmarks</title><style>body{font:15px system-ui;margin:2em auto;max-width:1000px;color-scheme:light dark}td{padding:.15em .8em}</style>
<h1>keystrata: benchmarks</h1><p>${escaped(machine)}. Interleaved rounds, medians; shared machines are noisy, so read the ratios.</p>
${pictures.map((file) => `<img src="${file}" alt="${file}">`).join('\n')}
<h2>Ratios</h2><table>${rows.join('\n')}</table>\n`,
  );
}
