// The strokes of the picture, as SVG. Colours are written out for light and dark, so that viewers without CSS variables
// show the light one.

const INSET = 12;
const LINE = 16;

/** kind → fill, stroke, and the same in the dark. */
const BOXES = {
  secret: ['#fff4d6', '#c98a00', '#3a2f12', '#d6a21e'],
  passing: ['#eef1f6', '#7b8794', '#22272e', '#8b98a5'],
  kek: ['#e3e7ff', '#4453d6', '#1d2252', '#8894ff'],
  key: ['#dff5e8', '#23864f', '#12301f', '#4cc584'],
  data: ['#fdfdfd', '#5b6570', '#161b22', '#8b98a5'],
};
/** kind → stroke, the same in the dark, width, dashes. */
const ARROWS = {
  derives: ['#7b8794', '#8b98a5', 1.6, '5 4'],
  wraps: ['#4453d6', '#8894ff', 2.6, 'none'],
  seals: ['#23864f', '#4cc584', 1.6, 'none'],
};
const TEXT = { strong: ['#1f2933', '#e6edf3'], soft: ['#52606d', '#a9b4bf'] };
const PAGE = ['#ffffff', '#0d1117'];
const BAND = ['#f4f6f8', '#151b23'];

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const n = (value) => String(Math.round(value * 10) / 10);

function text({ x, y, at = 'middle', kind, size = 12, weight = 400, mono = false }, words) {
  const family = mono ? ' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"' : '';
  return `<text class="${kind}" x="${n(x)}" y="${n(y)}" text-anchor="${at}" font-size="${size}" font-weight="${weight}"${family}>${escape(words)}</text>`;
}

export const title = (x, y, words) => text({ x, y, kind: 'strong', size: 19, weight: 600 }, words);

/** A stripe, and in its left margin what it means. */
export function band(from, to, right, caption) {
  const middle = (from + to) / 2 - ((caption.length - 1) * LINE) / 2 + 4;
  const lines = caption.map((line, i) =>
    text({ x: INSET + 14, y: middle + i * LINE, at: 'start', kind: 'soft', size: 13 }, line),
  );
  return `<rect class="band" x="${INSET}" y="${n(from)}" width="${n(right - INSET)}" height="${n(to - from)}" rx="10"/>${lines.join('')}`;
}

/** The first line is its name; empty lines are left out. */
export function box({ x, y, width, height, kind, lines }) {
  const [name, ...about] = lines.filter((line) => line !== '');
  const middle = x + width / 2;
  const top = y + height / 2 - (about.length * LINE) / 2 + 5;
  const rows = about.map((line, i) => text({ x: middle, y: top + (i + 1) * LINE, kind: 'soft' }, line));
  return (
    `<rect class="${kind}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="8"/>` +
    text({ x: middle, y: top, kind: 'strong', size: 15, weight: 600 }, name) +
    rows.join('')
  );
}

/** Downwards; its label lies on it, on a ground of its own. */
export function arrow({ x, from, to, kind, label }) {
  const tip = to - 2;
  const middle = (from + to) / 2;
  const width = label.length * 6.7 + 12;
  const ground =
    label === ''
      ? ''
      : `<rect class="ground" x="${n(x - width / 2)}" y="${n(middle - 11)}" width="${n(width)}" height="20" rx="4"/>`;
  const words = label === '' ? '' : text({ x, y: middle + 3, kind: 'soft', size: 11, mono: true }, label);
  return (
    `<path class="${kind}" d="M${n(x)} ${n(from)}V${n(tip - 7)}"/>` +
    `<path class="${kind} head" d="M${n(x - 5)} ${n(tip - 9)}L${n(x)} ${n(tip)}L${n(x + 5)} ${n(tip - 9)}Z"/>` +
    ground +
    words
  );
}

/** The kinds of arrows, side by side. */
export function legend(left, y, right) {
  const kinds = [
    ['derives', 'derives, never kept'],
    ['wraps', 'wraps: AES-256-GCM, bound to what the key is for'],
    ['seals', 'seals or authenticates'],
  ];
  const starts = [left, left + 196, left + 618];
  const rows = kinds.map(
    ([kind, words], i) =>
      `<path class="${kind}" d="M${n(starts[i])} ${n(y)}h34"/>` +
      text({ x: starts[i] + 44, y: y + 4, at: 'start', kind: 'soft', size: 12.5 }, words),
  );
  if (starts.at(-1) + 200 > right) throw new Error('the legend is wider than the picture');
  return rows.join('');
}

function style() {
  const light = [];
  const dark = [];
  const rule = (selector, property, [bright, dim]) => {
    light.push(`${selector}{${property}:${bright}}`);
    dark.push(`${selector}{${property}:${dim}}`);
  };
  rule('.page', 'fill', PAGE);
  rule('.band', 'fill', BAND);
  rule('.ground', 'fill', BAND);
  for (const [kind, colours] of Object.entries(TEXT)) rule(`.${kind}`, 'fill', colours);
  for (const [kind, [fill, stroke, darkFill, darkStroke]] of Object.entries(BOXES)) {
    rule(`.${kind}`, 'fill', [fill, darkFill]);
    rule(`.${kind}`, 'stroke', [stroke, darkStroke]);
    light.push(`.${kind}{stroke-width:1.4}`);
  }
  for (const [kind, [stroke, darkStroke, width, dashes]] of Object.entries(ARROWS)) {
    rule(`path.${kind}`, 'stroke', [stroke, darkStroke]);
    rule(`path.${kind}.head`, 'fill', [stroke, darkStroke]);
    light.push(`path.${kind}{fill:none;stroke-width:${width};stroke-dasharray:${dashes}}`);
  }
  light.push('path.head{stroke:none}');
  return `${order(light)}\n@media (prefers-color-scheme:dark){\n${dark.join('\n')}\npath.head{stroke:none}\n}`;
}

/** Heads are filled: their rules come behind those of the shafts. */
function order(rules) {
  return [...rules.filter((rule) => !rule.includes('.head')), ...rules.filter((rule) => rule.includes('.head'))].join(
    '\n',
  );
}

export const document = (width, height, name, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">
<title>${escape(name)}</title>
<style>
${style()}
</style>
<rect class="page" width="${width}" height="${height}" rx="12"/>
${parts.join('\n')}
</svg>
`;
