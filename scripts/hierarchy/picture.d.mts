import type { Tables } from './tables.mjs';

/** The SVG. Throws where the tables and the places do not match. */
export function picture(tables: Tables): string;
