// What --help says: what each command does, and how it is used.

export const ABOUT = `Seals files under keys that only your passphrase opens.

A passphrase opens a keyring; the keyring wraps a key for each sealed file, and that key travels with the file. Another passphrase later touches no file.`;

export const START = `
Start here:
  keystrata init                    makes a keyring, asks for a passphrase
  keystrata seal notes.txt          notes.txt -> notes.txt.sealed
  keystrata open notes.txt.sealed   notes.txt.sealed -> notes.txt
  keystrata COMMAND --help          more on each, with examples`;

export const ENVIRONMENT = `
Environment:
  KEYSTRATA_KEYRING   where the keyring lies, instead of --keyring
  KEYSTRATA_MEMORY    where this device remembers the newest keyring it saw, so that an old copy
                      put in its place is refused (default: the platform's data folder)`;

interface Help {
  readonly summary: string;
  readonly about: string;
  readonly examples: string;
}

export const HELP = {
  init: {
    summary: 'make a keyring',
    about: `Makes a keyring: asks for a passphrase, twice, and writes the keys it wraps. An existing keyring is never overwritten, not even with --force.

A good passphrase is long and drawn by chance: six words from a list, picked with dice or by a password manager, are about 77 bits, and no one guesses them. Whoever copies the keyring can try passphrases for as long as they like: a name, a date, a line of a song or a passphrase that another site has too falls soon, whatever its length. At least 12 characters are asked for; that is the least of it, not a measure. Length counts, capitals and signs hardly do.

A recovery code is shown once, in a box to be printed or copied by hand. It opens everything when the passphrase is lost, for whoever has it: keep it on paper, away from the computer. With --no-recovery there is none, and a lost passphrase is the end of all that is sealed.

For a machine: with --operator-key-fd the keyring opens by a key of 256 bits instead, that you drew and keep. The line is its id and itself, ID:KEY, 32 and 64 hex digits.`,
    examples: `
Examples:
  keystrata init
  keystrata init --owner alice --keyring /media/stick/keys
  keystrata init --no-recovery
  keystrata init --passphrase-fd 3 3<passphrase.txt
  (umask 077; echo "$(openssl rand -hex 16):$(openssl rand -hex 32)" > operator.key)
  keystrata init --owner backup --operator-key-fd 3 3<operator.key`,
  },
  seal: {
    summary: 'seal files: FILE -> FILE.sealed',
    about: `Seals each FILE for your keyring: FILE -> FILE.sealed. FILE itself stays. With --context, the same text is needed to open it; it is not stored. Of several files one that fails is said, the others are sealed all the same, and the exit code is that of the first that failed.`,
    examples: `
Examples:
  keystrata seal notes.txt
  keystrata seal *.pdf
  keystrata seal notes.txt -o /backup/notes.sealed
  keystrata seal scan.pdf --context "patient 17"
  tar -c photos | keystrata seal - -o photos.tar.sealed
  keystrata seal notes.txt --passphrase-stdin < passphrase.txt`,
  },
  open: {
    summary: 'open sealed files: FILE.sealed -> FILE',
    about: `Opens each sealed file: FILE.sealed -> FILE. The file appears when all of it was verified. With "-o -" verified pieces go to standard output one by one: exit code 4 then says that what came is not the whole. Of several files one that fails is said, the others are opened all the same, and the exit code is that of the first that failed.`,
    examples: `
Examples:
  keystrata open notes.txt.sealed
  keystrata open *.sealed
  keystrata open notes.txt.sealed --recovery-code-fd 0
  keystrata open notes.txt.sealed --pin
  keystrata open notes.txt.sealed -o -
  keystrata open scan.pdf.sealed --context "patient 17"
  keystrata open photos.tar.sealed -o - | tar -x`,
  },
  passwd: {
    summary: 'change the passphrase; no sealed file changes',
    about: `Changes the passphrase. No sealed file changes, and all of them still open. This does not undo a stolen copy: an old copy of the keyring still opens with the old passphrase, and leads to the same KEK. --rekey replaces that, in the same write: other slots that are neither rotatable nor yours to open now are named by --drop-slot, or, where they are recovery codes, replaced by --new-recovery-code.

Who lost the passphrase sets another by the recovery code: --recovery-code-fd 0 asks for it.`,
    examples: `
Examples:
  keystrata passwd
  keystrata passwd --recovery-code-fd 0
  keystrata passwd --rekey --new-recovery-code
  printf '%s\\n' "$old" "$new" | keystrata passwd --passphrase-stdin`,
  },
  rewrap: {
    summary: 'put sealed files under the present key of the keyring, in place',
    about: `Puts each sealed FILE, and each sealed file in a FOLDER, under the keyring's present key encryption key: where that key was replaced, files sealed before still name the old one. Only the first 143 bytes of a file are written, in place; its content is neither read nor changed. A file that holds a single envelope, as programs write them, is replaced by another. What is under the present key already is skipped, so that the same command goes on where another run was broken off. Symbolic links in folders are not followed.

While a file is written FILE.rewrap lies beside it: what a crash leaves is put right by the next rewrap or open of that file. Of several files one that fails is said, the others are done all the same, and the exit code is that of the first that failed.`,
    examples: `
Examples:
  keystrata rewrap photos.tar.sealed
  keystrata rewrap /backup ~/documents
  keystrata rewrap /backup --json --quiet`,
  },
  'rotate-mek': {
    summary: 'move the keyrings of a database from one operator key to the next',
    about: `For operators, who hold master keys by id. Every keyring of a PostgreSQL table that has a slot under one of the keys gets it under the active one instead: in one write each, with no data touched. Then all of them are opened with it, and it is said which old keys nothing needs any more.

Run it on as many machines as you like, at the same time: they share the work. Killed or interrupted anywhere it is started again and goes on; nothing is done twice or left out. Give your servers the new key, as one that opens, before; and make it their active key, so that no keyring is made under the old one meanwhile.

The keys come as lines ID:KEY, 32 and 64 hex digits, never as arguments. Keep an old key apart as long as you keep backups of the table.`,
    examples: `
Examples:
  keystrata rotate-mek --database postgres://app@db/vault --operator-keys-fd 3 3<keys.txt
  keystrata rotate-mek --database-fd 4 --operator-keys-fd 3 3<keys.txt 4<url.txt --json`,
  },
  inspect: {
    summary: 'show a keyring as a tree, or what a sealed file says of itself',
    about: `Shows a keyring as a tree, what wraps what; or what a FILE says of itself: a sealed file, a record, an envelope, a keyring's own file. No passphrase is needed, so nothing shown is proven.`,
    examples: `
Examples:
  keystrata inspect
  keystrata inspect --owner alice --json
  keystrata inspect notes.txt.sealed
  ssh host cat notes.txt.sealed | keystrata inspect -`,
  },
  'keypair create': {
    summary: 'make a key that others seal to, or that signs',
    about: `Makes a keypair in the keyring. USE is "agree": others seal to its public key, and only this keyring opens it; or "sign": others know this keyring's signature by it. Separate keys, each for one purpose.

Agreement keys: P-256 (default), X25519, or X-Wing, which also withstands a quantum computer and is a draft yet. Signing keys: ES256 (default) or EdDSA.`,
    examples: `
Examples:
  keystrata keypair create sign
  keystrata keypair create agree --kem X25519 --label "letters"`,
  },
  'keypair list': {
    summary: 'show the keypairs of a keyring',
    about: `Shows each keypair: what it is for, its state, its fingerprint.`,
    examples: `
Examples:
  keystrata keypair list
  keystrata keypair list --json`,
  },
  'keypair export': {
    summary: 'write a public key, to be given to others',
    about: `Writes the public key of the keypair ID: as JWK, a line of text; or as the bytes of a COSE_Key with --cose. Private keys never leave the keyring.

Whoever takes it compares the fingerprint with you, aloud or face to face: a key that only came over a server may be the server's.`,
    examples: `
Examples:
  keystrata keypair export 0123456789abcdef0123456789abcdef
  keystrata keypair export 0123456789abcdef0123456789abcdef -o my-key.jwk
  keystrata keypair export 0123456789abcdef0123456789abcdef --cose -o my-key.cose`,
  },
  'slots list': {
    summary: 'show what opens a keyring',
    about: `Shows each slot: what opens it, its name, its age. The names are in the encrypted part of the keyring: inspect shows the rest without a secret.`,
    examples: `
Examples:
  keystrata slots list
  keystrata slots list --json`,
  },
  'slots add': {
    summary: 'add a way in: passphrase, recovery, pin, operator or escrow',
    about: `Adds a way into the keyring, beside those it has. TYPE is "passphrase", for another person or device; "recovery", a code that is drawn and shown once; "pin", a PIN on this device; "operator", a key of 256 bits for a machine; or "escrow", an institution's public key in FILE (JWK or COSE_Key) whose fingerprint you have from the institution itself. An institution can open everything: its unlocking stands in the audit log, and it is no slot of yours, so it never is the last one left.

A PIN opens nothing without a secret of this device, which is drawn now and kept in a file for you alone (--device-secret). Ten wrong PINs in a row, and it is deleted: the other ways in are as before. It is as good as that file: whoever copies it and the keyring tries every PIN, so keep it out of backups and synced folders. A passkey is no way in here: only a browser can ask it.

With --rotatable the slot has a key of its own, to which a new KEK is sealed while its secret is away.`,
    examples: `
Examples:
  keystrata slots add passphrase --label "the laptop"
  printf '%s\\n' "$old" "$new" | keystrata slots add passphrase --passphrase-stdin
  keystrata slots add recovery --label "in the safe"
  keystrata slots add pin --label "this laptop"
  keystrata slots add operator --rotatable --new-operator-key-fd 3 3<operator.key
  keystrata slots add escrow bank.jwk --fingerprint "3T9K-..." --label "the bank"`,
  },
  'slots remove': {
    summary: 'remove a way in',
    about: `Removes each slot ID: what opened it opens nothing any more. The last slot that you hold stays.

An old copy of the keyring still opens with what opened the slot, and leads to the same KEK. --rekey replaces that, in the same write: each slot that stays must be rotatable, or be the one whose secret you give now; name the others too, and add them again.`,
    examples: `
Examples:
  keystrata slots remove 0123456789abcdef0123456789abcdef
  keystrata slots remove --rekey 0123456789abcdef0123456789abcdef fedcba9876543210fedcba9876543210`,
  },
  'slots rename': {
    summary: 'give a slot another name',
    about: `Gives the slot ID the name LABEL, "" for none. It is kept in the encrypted part of the keyring.`,
    examples: `
Examples:
  keystrata slots rename 0123456789abcdef0123456789abcdef "the old laptop"`,
  },
  'rotate-kek': {
    summary: 'replace the key that wraps all others; no sealed file changes',
    about: `Makes another KEK and wraps every key of the keyring under it, in one write: all of it, or nothing. Sealed files open as before; the old KEK stays in the keyring for them alone, and keystrata rewrap brings them under the new one.

Each way in must lead to the new KEK. Rotatable slots and escrows do by themselves, and so does the slot whose secret you give now. Others are named before anything is done: give them up with --drop-slot and add them again, or, where they are recovery codes, have another one made with --new-recovery-code.

With --compromised every key has a successor too, since who had the KEK had them all; so has a rotatable slot whose secret you give now, and keystrata slots list marks the others: remove them and add them again. What was sealed before can still be read by whoever has it and the old KEK: seal it anew. Old copies of the keyring still open with the secrets of then.`,
    examples: `
Examples:
  keystrata rotate-kek --new-recovery-code
  keystrata rotate-kek --compromised --new-recovery-code
  keystrata rotate-kek --drop-slot 0123456789abcdef0123456789abcdef`,
  },
  audit: {
    summary: 'show what was done to a keyring, take that along, verify it',
    about: `Shows the keyring's log: the last 1,024 things that were done to it, when and from which device. Each entry names the one before by its hash, so that none can be taken out unseen. --export writes it with a MAC, without the texts of reasons; --verify tells whether such a file is whole and of this keyring. Who can unlock the keyring could have made the file too: it proves nothing against them.`,
    examples: `
Examples:
  keystrata audit
  keystrata audit --export keyring.log
  keystrata audit --verify keyring.log`,
  },
  verify: {
    summary: 'check everything about a keyring that can be checked',
    about: `Checks that the keyring reads as it should, that it is whole, of its owner and no older than the newest seen on this device, that every key in it unwraps, and that its log has no gap. With --no-secret nobody is asked for anything, and only its form is checked: nothing is proven then.`,
    examples: `
Examples:
  keystrata verify
  keystrata verify --no-secret --json`,
  },
  'keys list': {
    summary: 'list the keys, their lives and what they need',
    about: `Lists the keys with the names of their spaces, states, periods and uses, and says what should be done soon.`,
    examples: `
Examples:
  keystrata keys list
  keystrata keys list --json`,
  },
  'keys create': {
    summary: 'make a key for a space',
    about: `Makes a data encryption key for SPACE. A space's second key is its next version: it encrypts from then on, and the one before decrypts.`,
    examples: `
Examples:
  keystrata keys create notes`,
  },
  'keys rotate': {
    summary: "make the next version of a space's key",
    about: `Makes the next version of the key of SPACE, which encrypts from then on. What was encrypted before still opens.`,
    examples: `
Examples:
  keystrata keys rotate notes --reason "as every year"`,
  },
  'keys suspend': {
    summary: 'let a key encrypt nothing for a while',
    about: `Suspends the key ID: it encrypts nothing until it is resumed, and still decrypts.`,
    examples: `
Examples:
  keystrata keys suspend 0123456789abcdef0123456789abcdef --reason "a laptop was left on the train"`,
  },
  'keys resume': {
    summary: 'let a suspended key encrypt again',
    about: `Resumes the suspended key ID, unless its space has another active one meanwhile.`,
    examples: `
Examples:
  keystrata keys resume 0123456789abcdef0123456789abcdef --reason "it was found"`,
  },
  'keys destroy': {
    summary: 'erase a key, and with it what it encrypted',
    about: `Erases the key ID from the keyring, for good: nothing that it encrypted can be opened again, but with an older copy of the keyring. --force says that this is wanted.`,
    examples: `
Examples:
  keystrata keys destroy 0123456789abcdef0123456789abcdef --force --reason "the contract ended"`,
  },
} as const satisfies Record<string, Help>;

/** Commands that have commands of their own. */
export const GROUPS = {
  keys: 'the data encryption keys of a keyring and their lives',
  keypair: 'keys that others seal to, and keys that sign',
  slots: 'the ways into a keyring: passphrases, recovery codes, PINs, operator keys, escrows',
} as const;
export type Group = keyof typeof GROUPS;

export type Command = keyof typeof HELP;
