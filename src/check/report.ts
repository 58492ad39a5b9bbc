import type { MutationWiring } from '../codemod/wiring-state.ts';
import type { Unresolved } from '../scan/report.ts';
import type { Finding } from './finding.ts';

/** What `check` says; every format prints this and nothing else. Files are relative to the checked folder. */
export interface CheckReport extends PackageCheck {
  /** Nothing was found that fails the check. */
  readonly isOk: boolean;
  /** Registrations that the scanner could not follow: no finding, but nothing is known of them either. */
  readonly unresolved: readonly Unresolved[];
}

export interface PackageCheck {
  /** Whether each mutation with an event emits it. */
  readonly mutations: readonly MutationWiring[];
  readonly findings: readonly Finding[];
  /** Output folders that nothing was generated into yet: nothing can emit, and nothing can drift. */
  readonly notGenerated: readonly string[];
}
