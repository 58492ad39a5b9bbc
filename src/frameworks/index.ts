import express from './express.ts';
import type { Framework } from './framework.ts';

/** Every framework the scanner knows. Packages do not overlap, so the order is that of the alphabet. */
export const frameworks: readonly Framework[] = [express];
