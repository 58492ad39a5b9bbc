/** A word of a command as it is typed into a shell, for commands that are printed to be pasted. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word.replaceAll(/["$`]/g, '\\$&')}"`;
}
