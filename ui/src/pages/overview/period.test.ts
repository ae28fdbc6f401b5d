import { describe, expect, test } from 'vitest';
import { lengthWords, periodOf, periodParameters, periodWords } from './period.ts';

describe('the period of the overview', () => {
  test.each([
    ['', { since: '24h' }, 'in the last 24 hours'],
    ['since=7d', { since: '7d' }, 'in the last 7 days'],
    ['since=90m', { since: '90m' }, 'in the last 90m'],
    ['since=7d&from=2020-01-01T10:00:00Z', { from: '2020-01-01T10:00:00Z' }, /^from Jan 1 .* to now$/],
    [
      'from=2020-01-01T10:00:00Z&to=2020-01-01T11:00:00Z&x=y',
      { from: '2020-01-01T10:00:00Z', to: '2020-01-01T11:00:00Z' },
      /^from Jan 1 .* to Jan 1/,
    ],
  ])('%j', (address, period, words) => {
    const read = periodOf(new URLSearchParams(address));
    expect(read).toEqual(period);
    expect(periodWords(read)).toMatch(words);
    expect(periodOf(periodParameters(read))).toEqual(read);
  });

  test.each([
    [30_000, '1 minute'],
    [600_000, '10 minutes'],
    [3_600_000, '1 hour'],
    [86_400_000, '24 hours'],
    [604_800_000, '7 days'],
  ])('%i ms are %s', (ms, words) => {
    expect(lengthWords(ms)).toBe(words);
  });
});
