// as-pect, for one build of the core: run.mjs says which. All specs are compiled into one module.
export default {
  entries: ['test/assembly/memory.spec.ts'],
  include: ['test/assembly/!(memory).spec.ts'],
  disclude: [/node_modules/],
  instantiate: (memory, createImports, instantiate, binary) => instantiate(binary, createImports({ env: { memory } })),
  outputBinary: false,
};
