import { inTurn } from '../helpers/turns.ts';
import { FIXTURES, type Fixture } from './fixtures.ts';

/** As many as a run of all tests has the time for. */
export const IN_A_TURN = 2;

/** `EVTGEN_TEST_E2E` names some; without it each has its turn. */
export function chooseFixtures(wanted = process.env['EVTGEN_TEST_E2E']): readonly Fixture[] {
  if (wanted === undefined || wanted === '') return inTurn('end to end', FIXTURES, IN_A_TURN);
  const names = wanted.split(',');
  const unknown = names.filter((name) => FIXTURES.every((fixture) => fixture.name !== name));
  if (unknown.length > 0) throw new Error(`EVTGEN_TEST_E2E: there is no fixture ${unknown.join(', ')}`);
  return FIXTURES.filter(({ name }) => names.includes(name));
}
