import { expect, test } from 'vitest';
import { measurement } from '../../../testing/reading.ts';
import { PendingMeasurements } from './pending-measurements.ts';

test('whoever asks meanwhile shares the answer; the next question is a new one', async () => {
  const sent: number[] = [];
  const pending = new PendingMeasurements((id) => sent.push(id));
  const [first, second] = [pending.ask(), pending.ask()];
  pending.settle(1, measurement);
  expect(await first).toBe(measurement);
  expect(await second).toBe(measurement);
  const third = pending.ask();
  pending.settle(2, measurement);
  await third;
  expect(sent).toEqual([1, 2]);
});

test('silence is an error, and an answer that comes late is nobody’s', async () => {
  const pending = new PendingMeasurements(() => {}, 5);
  await expect(pending.ask()).rejects.toThrowError('the sensor has not answered for 0.005 s');
  pending.settle(1, measurement);
  const next = pending.ask();
  pending.fail(new Error('the sensor ended'));
  await expect(next).rejects.toThrowError('the sensor ended');
});
