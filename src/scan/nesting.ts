/**
 * Runs an action that descends into code. False if the code is nested deeper than the stack of this process is: the
 * file is machine-made then, and the caller says that it was left out.
 */
export function descends(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof RangeError && /call stack/i.test(error.message)) return false;
    throw error;
  }
}
