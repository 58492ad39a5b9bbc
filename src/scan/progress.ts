const INTERVAL_MS = 100;

/** Passes on how far the work is, seldom enough to cost nothing. */
export function createProgress(show: ((text: string) => void) | undefined): (text: string) => void {
  if (show === undefined) return () => {};
  let next = 0;
  return (text) => {
    const now = performance.now();
    if (now < next) return;
    next = now + INTERVAL_MS;
    show(text);
  };
}
