// What --help says: what each command does, and how it is used.

export const ABOUT = `Seals files under keys that only your passphrase opens.

A passphrase opens a keyring; the keyring wraps a key for each sealed file, and that key travels with the file. Another passphrase later touches no file.`;

export const START = `
Start here:
  keystrata init                    makes a keyring, asks for a passphrase
  keystrata seal notes.txt          notes.txt -> notes.txt.sealed
  keystrata open notes.txt.sealed   notes.txt.sealed -> notes.txt
  keystrata COMMAND --help          more on each, with examples`;

interface Help {
  readonly summary: string;
  readonly about: string;
  readonly examples: string;
}

export const HELP = {
  init: {
    summary: 'make a keyring',
    about: `Makes a keyring: asks for a passphrase, twice, and writes the keys it wraps. An existing keyring is never overwritten, not even with --force.`,
    examples: `
Examples:
  keystrata init
  keystrata init --owner alice --keyring /media/stick/keys
  keystrata init --passphrase-fd 3 3<passphrase.txt`,
  },
  seal: {
    summary: 'seal a file: FILE -> FILE.sealed',
    about: `Seals FILE for your keyring: FILE -> FILE.sealed. FILE itself stays. With --context, the same text is needed to open it; it is not stored.`,
    examples: `
Examples:
  keystrata seal notes.txt
  keystrata seal notes.txt -o /backup/notes.sealed
  keystrata seal scan.pdf --context "patient 17"
  tar -c photos | keystrata seal - -o photos.tar.sealed
  keystrata seal notes.txt --passphrase-stdin < passphrase.txt`,
  },
  open: {
    summary: 'open a sealed file: FILE.sealed -> FILE',
    about: `Opens a sealed file: FILE.sealed -> FILE. The file appears when all of it was verified. With "-o -" verified pieces go to standard output one by one: exit code 4 then says that what came is not the whole.`,
    examples: `
Examples:
  keystrata open notes.txt.sealed
  keystrata open notes.txt.sealed -o -
  keystrata open scan.pdf.sealed --context "patient 17"
  keystrata open photos.tar.sealed -o - | tar -x`,
  },
  passwd: {
    summary: 'change the passphrase; no sealed file changes',
    about: `Changes the passphrase. No sealed file changes, and all of them still open. This does not undo a stolen copy: an old copy of the keyring still opens with the old passphrase, and leads to the same keys. --rekey makes new ones.`,
    examples: `
Examples:
  keystrata passwd
  printf '%s\\n' "$old" "$new" | keystrata passwd --passphrase-stdin`,
  },
  inspect: {
    summary: 'show a keyring as a tree, or what a sealed file says of itself',
    about: `Shows a keyring as a tree, what wraps what; or what a sealed FILE says of itself. No passphrase is needed, so nothing shown is proven.`,
    examples: `
Examples:
  keystrata inspect
  keystrata inspect --owner alice --json
  keystrata inspect notes.txt.sealed`,
  },
} as const satisfies Record<string, Help>;

export type Command = keyof typeof HELP;
