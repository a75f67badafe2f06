// The grammar of the command: its options, its commands, and from arguments to one exit code.

import { Command as Commander, CommanderError, InvalidArgumentError, Option } from 'commander';
import { KeystrataError } from '../core/errors.ts';
import { DONE, EXIT_HELP, exitOf, USAGE } from './exit.ts';
import { ABOUT, ENVIRONMENT, GROUPS, HELP, START, type Command, type Group } from './help.ts';
import { init } from './init.ts';
import { audit } from './audit.ts';
import { inspect } from './inspect.ts';
import { createKey, listKeys, moveKey, rotateKey } from './keys.ts';
import { rotateKek, type RotateKek } from './rotate-kek.ts';
import { verify } from './verify.ts';
import { toStderr, toStdout, type Call, type Io, type Options, type Result } from './io.ts';
import { createKeypair, exportKeypair, listKeypairs } from './keypair.ts';
import { open } from './open.ts';
import { passwd } from './passwd.ts';
import { fail, succeed } from './report.ts';
import { rewrap } from './rewrap.ts';
import type { RotateOptions } from './rotate-mek.ts';
import { seal } from './seal.ts';
import { addSlot, listSlots, removeSlots, renameSlot, type AddSlot } from './slots.ts';
import { version } from './version.ts';
import { quoted } from './words.ts';

type Work = (call: Call) => Promise<Result>;

/** Runs the command once. The exit code; nothing is thrown. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  // Until the arguments are read, and where they cannot be.
  let call: Call = { io, options: { owner: 'default', context: '', json: argv.includes('--json') } };
  let task: { command: Command; work: Work } | null = null;
  const help: string[] = [];
  const program = grammar(
    (command, work) => (task = { command, work }),
    (text) => help.push(text),
  );
  try {
    argv.forEach(mustBeText);
    try {
      program.parse(argv, { from: 'user' });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      const asked = error.exitCode === DONE; // --help, --version
      if (!asked && error.code !== 'commander.help') throw usage(error);
      await (asked ? toStdout : toStderr)(io, help.join(''));
      return asked ? DONE : USAGE;
    }
    call = { io, options: program.opts<Options>() };
    const { command, work } = task!;
    const result = await work(call);
    await succeed(call, command, result);
    return result.failure === undefined ? DONE : exitOf(result.failure);
  } catch (error) {
    await fail(call, error);
    return exitOf(error);
  }
}

/** Node makes U+FFFD of bytes that are no UTF-8: two names would be one, and a file would get another name. */
function mustBeText(argument: string, at: number): void {
  if (argument.includes('\ufffd'))
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `argument ${at + 1}, ${quoted(argument)}, is not UTF-8 text, and its bytes would be lost; for a file of such a name use < and >: keystrata seal - <FILE >OUT`,
    );
}

function usage(error: CommanderError): KeystrataError {
  return new KeystrataError(
    'ERR_ARGUMENT',
    `${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; see --help`,
  );
}

function descriptor(text: string): number {
  if (!/^(?:0|[3-9]|[1-9][0-9]{1,5})$/.test(text))
    throw new InvalidArgumentError('The number of an open file descriptor is wanted: 3 or more, or 0.');
  return Number(text);
}

function grammar(choose: (command: Command, work: Work) => void, show: (text: string) => void): Commander {
  const program = new Commander('keystrata')
    .description(ABOUT)
    .usage('COMMAND [FILE] [options]')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .option(
      '--keyring <FOLDER>',
      "where the keyring lies (default: $KEYSTRATA_KEYRING, else the platform's data folder)",
    )
    .option('--owner <NAME>', 'whose keyring', 'default')
    .option('--context <TEXT>', 'bound to what is sealed, and needed to open it', '')
    .option('--passphrase-fd <N>', 'read the passphrase as a line from file descriptor N', descriptor)
    .option('--passphrase-stdin', 'read the passphrase as a line from standard input')
    .option(
      '--recovery-code-fd <N>',
      'read a recovery code, instead, as a line from file descriptor N; 0 on a terminal asks for it',
      descriptor,
    )
    .option(
      '--operator-key-fd <N>',
      'read an operator key, instead, as a line ID:KEY in hex from file descriptor N',
      descriptor,
    )
    .option('--pin', 'ask for a PIN of this device instead')
    .option('--pin-fd <N>', 'read it, instead, as a line from file descriptor N', descriptor)
    .option(
      '--device-secret <FOLDER>',
      "where the secrets are that PINs of this device are mixed with (default: the platform's data folder)",
    )
    .option('--json', 'print one JSON object on standard output')
    .option('--force', 'overwrite an existing output file')
    .option('--quiet', 'say nothing but errors')
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .configureOutput({ writeOut: show, writeErr: show, outputError: () => undefined })
    .exitOverride()
    .addHelpText('after', START)
    .addHelpText('afterAll', `${ENVIRONMENT}\n${EXIT_HELP}`);

  const groups = new Map<string, Commander>();
  const groupOf = (name: Group): Commander => {
    let group = groups.get(name);
    if (group === undefined)
      groups.set(name, (group = program.command(name).helpCommand(false).description(GROUPS[name])));
    return group;
  };
  /** "list" of a group is one command; the group alone shows its help. */
  const command = (name: Command, args: string): Commander => {
    const [first, second] = name.split(' ') as [string, string?];
    const parent = second === undefined ? program : groupOf(first as Group);
    return parent
      .command(`${second ?? first}${args}`)
      .summary(HELP[name].summary)
      .description(HELP[name].about)
      .addHelpText('after', HELP[name].examples);
  };
  const dropSlot = ['--drop-slot <ID...>', 'a slot whose secret is not at hand: it opens nothing any more'] as const;
  const newRecoveryCode = ['--new-recovery-code', 'make another recovery code in place of the one there is'] as const;
  const output = ['-o, --output <OUT>', 'where to write; "-" is standard output'] as const;

  command('init', '')
    .option('--no-recovery', 'make no recovery code')
    .action((options: { recovery: boolean }) => choose('init', (call) => init(call, options)));
  command('seal', ' <FILE...>')
    .option(...output)
    .action((files: string[], options: { output?: string }) => choose('seal', (call) => seal(call, files, options)));
  command('open', ' <FILE...>')
    .option(...output)
    .action((files: string[], options: { output?: string }) => choose('open', (call) => open(call, files, options)));
  command('passwd', '')
    .option('--rekey', 'and replace the KEK, so that an old copy with the old passphrase opens nothing new')
    .option(...dropSlot)
    .option(...newRecoveryCode)
    .action((options: RotateKek & { rekey?: boolean }) => choose('passwd', (call) => passwd(call, options)));
  command('rotate-kek', '')
    .option('--compromised', 'others may have it: every key has a successor too')
    .option(...dropSlot)
    .option(...newRecoveryCode)
    .action((options: RotateKek) => choose('rotate-kek', (call) => rotateKek(call, options)));
  command('audit', '')
    .option('--verify <FILE>', 'an exported log: whether it is whole, and of this keyring')
    .option('--export <FILE>', 'write the log, with a MAC; "-" is standard output')
    .action((options: { verify?: string; export?: string }) => choose('audit', (call) => audit(call, options)));
  command('verify', '')
    .option('--no-secret', 'only what can be checked without one')
    .action((options: { secret: boolean }) => choose('verify', (call) => verify(call, options)));
  const reason = ['--reason <TEXT>', 'why: kept in the encrypted part of the keyring'] as const;
  command('keys list', '').action(() => choose('keys list', (call) => listKeys(call)));
  command('keys create', ' <SPACE>').action((space: string) => choose('keys create', (call) => createKey(call, space)));
  command('keys rotate', ' <SPACE>')
    .option(...reason)
    .action((space: string, options: { reason?: string }) =>
      choose('keys rotate', (call) => rotateKey(call, space, options)),
    );
  for (const [name, state] of [
    ['keys suspend', 'suspended'],
    ['keys resume', 'active'],
    ['keys destroy', 'destroyed'],
  ] as const)
    command(name, ' <ID>')
      .option(...reason)
      .action((id: string, options: { reason?: string }) => choose(name, (call) => moveKey(call, id, state, options)));
  command('rewrap', ' <FILE...>').action((paths: string[]) => choose('rewrap', (call) => rewrap(call, paths)));
  command('rotate-mek', '')
    .option('--operator-keys-fd <N>', 'read the operator keys as lines ID:KEY from file descriptor N', descriptor)
    .option('--database <URL>', 'of PostgreSQL, without a password in it')
    .option('--database-fd <N>', 'read the URL, instead, as a line from file descriptor N', descriptor)
    .option('--table <NAME>', 'where the keyrings are (default: keystrata_keyrings)')
    .option('--to <ID>', 'the key that all come under (default: the last line)')
    .action((options: RotateOptions) =>
      // What speaks to databases is loaded where one is wanted.
      choose('rotate-mek', async (call) => (await import('./rotate-mek.ts')).rotateMek(call, options)),
    );
  command('inspect', ' [FILE]').action((file?: string) => choose('inspect', (call) => inspect(call, file)));
  command('keypair create', ' <USE>')
    .option('--kem <NAME>', 'of an agreement key: P-256, X25519 or X-Wing')
    .option('--alg <NAME>', 'of a signing key: ES256 or EdDSA')
    .option('--label <TEXT>', 'a name for it, which only who unlocks the keyring reads')
    .action((use: string, options: object) => choose('keypair create', (call) => createKeypair(call, use, options)));
  command('keypair list', '').action(() => choose('keypair list', (call) => listKeypairs(call)));
  command('keypair export', ' <ID>')
    .option(...output)
    .option('--cose', 'the bytes of a COSE_Key instead of a JWK')
    .action((id: string, options: object) => choose('keypair export', (call) => exportKeypair(call, id, options)));
  command('slots list', '').action(() => choose('slots list', (call) => listSlots(call)));
  command('slots add', ' <TYPE> [FILE]')
    .option('--label <TEXT>', 'a name for it, which only who unlocks the keyring reads')
    .option('--rotatable', 'with a key of its own, so that rotate-kek does not ask for its secret')
    .addOption(new Option('--kem <NAME>', 'of a rotatable slot').choices(['P-256', 'X-Wing']))
    .option('--fingerprint <TEXT>', "escrow: of the institution's public key, as it tells it in another way")
    .option('--new-operator-key-fd <N>', 'operator: read the key to add, a line ID:KEY in hex, from N', descriptor)
    .option('--new-pin-fd <N>', 'pin: read the PIN to add as a line from N', descriptor)
    .action((type: string, file: string | undefined, options: AddSlot) =>
      choose('slots add', (call) => addSlot(call, type, file, options)),
    );
  command('slots remove', ' <ID...>')
    .option('--rekey', 'and replace the KEK, so that an old copy with its secret opens nothing new')
    .action((ids: string[], options: { rekey?: boolean }) =>
      choose('slots remove', (call) => removeSlots(call, ids, options)),
    );
  command('slots rename', ' <ID> <LABEL>').action((id: string, label: string) =>
    choose('slots rename', (call) => renameSlot(call, id, label)),
  );
  return program;
}
