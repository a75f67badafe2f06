// The tables that the picture is made from, read out of the sources as the compiler reads them.
//
//   keys/roles.ts            Roles: role → purpose    Wraps, Unwraps: who wraps whom    WRAPPED: label and key_ops of each wrap
//                            PairRoles, WrapsPrivate, PRIVATE: the same of private keys; those of slots stand in no picture
//   format/labels.ts         every label
//   keyring/take-secret.ts   KINDS: which secrets open slots
//   keyring/policy.ts        iterations
//   keys/stream.ts …         which label derives what stands in the picture's own table, and is looked up here

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export function readTables(root) {
  const source = (file) =>
    ts.createSourceFile(file, readFileSync(join(root, 'bindings', file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const roles = source('keys/roles.ts');
  const labels = source('format/labels.ts');
  const secrets = source('keyring/take-secret.ts');
  const policy = source('keyring/policy.ts');
  const wraps = members(roles, 'Wraps', literals);
  const pairs = members(roles, 'WrapsPrivate', literals).get('KEK');
  const ofPairs = (table) => [...table].filter(([role]) => pairs.includes(role));
  wraps.get('KEK').push(...pairs);
  const purpose = (type) => literals(type)[0];
  return {
    purposes: new Map([...members(roles, 'Roles', purpose), ...ofPairs(members(roles, 'PairRoles', purpose))]),
    wraps,
    unwraps: [...members(roles, 'Unwraps', () => null).keys()], // beside those that wrap
    wrapped: new Map([...objectOf(constant(roles, 'WRAPPED')), ...ofPairs(objectOf(constant(roles, 'PRIVATE')))]),
    labels: new Map(
      labels.statements.filter(ts.isVariableStatement).map(({ declarationList }) => {
        const { name, initializer } = declarationList.declarations[0];
        return [name.text, initializer.text];
      }),
    ),
    secrets: constant(secrets, 'KINDS')
      .elements.filter(({ elements }) => elements[1].kind !== ts.SyntaxKind.NullKeyword)
      .map(({ elements }) => elements[0].text),
    iterations: Number(constant(policy, 'LEAST_ITERATIONS').text.replaceAll('_', '')),
  };
}

/** name → what `read` makes of its type, of an interface. */
function members(file, name, read) {
  const found = file.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === name);
  if (!found) throw new Error(`${file.fileName}: no interface ${name}`);
  return new Map(found.members.map((member) => [member.name.text, read(member.type)]));
}

/** The strings of 'A' | 'B'. */
function literals(type) {
  return (ts.isUnionTypeNode(type) ? type.types : [type]).map(({ literal }) => literal.text);
}

function constant(file, name) {
  for (const node of file.statements.filter(ts.isVariableStatement))
    for (const declared of node.declarationList.declarations)
      if (declared.name.text === name) return declared.initializer;
  throw new Error(`${file.fileName}: no constant ${name}`);
}

/** Of an object of objects of strings. */
function objectOf({ properties }) {
  return new Map(
    properties.map(({ name, initializer }) => [
      name.text,
      ts.isObjectLiteralExpression(initializer) ? Object.fromEntries(objectOf(initializer)) : initializer.text,
    ]),
  );
}
