import { expect, it } from 'vitest';
import { createLanes } from '../../src/kernel/lanes.ts';
import type { Lane } from '../../src/kernel/lanes.ts';
import { createManualClock } from '../helpers/manual-clock.ts';

const never = new AbortController().signal;

/** An endpoint that has answered everything in this time. */
function answered(lane: Lane, durationMs: number): void {
  for (let count = 0; count < 20; count += 1) {
    lane.began();
    lane.ended(durationMs, false);
  }
}

function fill(lane: Lane): void {
  lane.began();
  lane.began();
}

it('waits for a full endpoint that is as fast as the others', async () => {
  const clock = createManualClock();
  const laneOf = createLanes(2, clock);
  const [first, second] = [laneOf('1'), laneOf('2')];
  // Slow by any clock, but so is everybody: the machine is busy.
  answered(first, 200);
  answered(second, 150);
  fill(first);
  const room = first.hasRoom(never);
  await clock.advance(100);
  first.ended(200, false);
  expect(await room).toBe(true);
});

it('does not wait for one that is much slower than another', async () => {
  const laneOf = createLanes(2, createManualClock());
  const [slow, fast] = [laneOf('1'), laneOf('2')];
  answered(slow, 200);
  answered(fast, 5);
  fill(slow);
  expect(await slow.hasRoom(never)).toBe(false);
});

it('waits for the only one there is, but not once it hangs', async () => {
  const clock = createManualClock();
  const lane = createLanes(2, clock)('1');
  fill(lane);
  const room = lane.hasRoom(never);
  await clock.advance(500);
  lane.stalled();
  await clock.advance(100);
  expect(await room).toBe(false);
});

it('waits but a moment for one that hangs while others answer', async () => {
  const clock = createManualClock();
  const laneOf = createLanes(2, clock);
  const [hung, fast] = [laneOf('1'), laneOf('2')];
  fill(hung);
  const room = hung.hasRoom(never);
  answered(fast, 1);
  await clock.advance(150);
  expect(await room).toBe(false);
  expect(await hung.hasRoom(never)).toBe(false);
});

it('takes nobody for hanging because the process was busy for a moment', async () => {
  const clock = createManualClock();
  const laneOf = createLanes(2, clock);
  const [first, second] = [laneOf('1'), laneOf('2')];
  answered(first, 5);
  answered(second, 5);
  fill(first);
  const room = first.hasRoom(never);
  await clock.advance(60);
  first.ended(65, false);
  expect(await room).toBe(true);
});
