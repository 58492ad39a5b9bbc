import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { waitUntil } from './wait-until.ts';

export const DOWN = '\u001B[B';
export const ENTER = '\r';
export const CTRL_C = '\u0003';

/** A question on the screen, and what is typed then. */
export type Answer = readonly [question: RegExp, keys: string];

/** Takes what is printed, and outlives the prompts as the process's own output does. */
class Screen extends Writable {
  text = '';
  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += stripVTControlCharacters(String(chunk));
    done();
  }
  override end(): this {
    return this;
  }
}

/** A person at the keyboard, who answers each question of `ask` once it stands on the screen. */
export async function answering<T>(
  answers: readonly Answer[],
  ask: (streams: { readonly input: PassThrough; readonly output: Writable }) => Promise<T>,
): Promise<T> {
  const input = new PassThrough();
  const screen = new Screen();
  const asked = ask({ input, output: screen });
  // A rejection that comes while keys are still typed is the caller's to see, below.
  asked.catch(() => undefined);
  for (const [question, keys] of answers) {
    await waitUntil(() => question.test(screen.text));
    screen.text = '';
    input.write(keys);
  }
  return asked;
}
