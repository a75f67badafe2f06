// A tree, drawn:
//
//   root
//   ├── branch
//   │   └── twig
//   └── branch

export interface Tree {
  readonly text: string;
  readonly branches?: readonly Tree[];
}

export function draw({ text, branches = [] }: Tree): string {
  const lines = [text];
  branches.forEach((branch, i) => {
    const last = i === branches.length - 1;
    const [first, ...rest] = draw(branch).split('\n');
    lines.push((last ? '└── ' : '├── ') + first!, ...rest.map((line) => (last ? '    ' : '│   ') + line));
  });
  return lines.join('\n');
}
