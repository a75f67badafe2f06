/** The tables of the sources, as the picture needs them. */
export interface Tables {
  purposes: Map<string, string>;
  wraps: Map<string, string[]>;
  wrapped: Map<string, { label: string; ops: string; purpose: string }>;
  labels: Map<string, string>;
  /** What opens slots, by the name of its option. */
  secrets: string[];
  iterations: number;
}
/** `root`: the folder that holds bindings/. */
export function readTables(root: string): Tables;
