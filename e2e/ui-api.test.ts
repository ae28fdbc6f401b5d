/** Alerts from senders to the store, and from there to whoever asks over HTTP. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { until } from './program.ts';
import { alertLine, HubWithUi, LIMIT_MS, type ShownAlert } from './ui-program.ts';

let hub: HubWithUi;
beforeEach(() => {
  hub = new HubWithUi();
});
afterEach(() => hub.end());

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => alertLine(from + i)).join('\n');

describe('alerts that are posted', { timeout: 2 * LIMIT_MS }, () => {
  test('are found, whole, with their story, which no output sees', async () => {
    const receiver = await openHttpReceiver();
    await hub.start(
      `webhook: { address: ${receiver.origin}/in }\nsilences: [ { name: quiet, condition: rule = Loud } ]\n`,
    );
    const event = {
      timeNs: '1700000000000000000',
      type: 'open',
      pid: 7,
      processName: 'sh',
      text: 'opened /x',
    };
    const process = { pid: 1, name: 'init', exePath: '/init', cmdline: 'init', user: 'root' };
    const story = { key: 'k1', ancestors: [process], before: [event] };
    expect(
      await hub.post(
        [
          alertLine(1, { story, output_fields: { i: 1, big: 12, 'proc.name': '셸' } }).replace(
            '12,',
            '12345678901234567890,',
          ),
          alertLine(2, { rule: 'Loud' }),
        ].join('\n'),
      ),
    ).toBe(200);
    await hub.kept(2);
    expect(await hub.post(JSON.stringify({ story_of: 'k1', after: [event] }))).toBe(200);
    const found = (await hub.get('/alerts?where=proc.name%3D셸')) as {
      readonly alerts: readonly ShownAlert[];
    };
    expect(found.alerts).toMatchObject([
      { fields: { i: 1, big: { $number: '12345678901234567890' } }, mark: null },
    ]);
    const id = found.alerts[0]?.id;
    type Detail = { readonly story: { readonly after: readonly unknown[] } };
    let detail: Detail;
    do detail = (await hub.get(`/alerts/${id}`)) as Detail;
    while (detail.story.after.length === 0);
    expect(detail).toMatchObject({
      story: {
        ancestors: [{ name: 'init' }],
        before: [{ text: 'opened /x' }],
        after: [{ text: 'opened /x' }],
      },
      incident: { count: 1 },
    });
    const loud = (await hub.get('/alerts?where=rule%3DLoud')) as { readonly alerts: readonly ShownAlert[] };
    expect(loud.alerts).toMatchObject([{ rule: 'Loud', mark: 'silence quiet' }]);
    const metrics = await (await fetch(`${hub.hubUrl}/metrics`)).text();
    expect(metrics).toContain('\nperegrine_hub_store_alerts 2\n');
    expect(metrics).toContain('\nperegrine_hub_store_queue_alerts 0\n');
    await hub.kill('SIGTERM');
    expect(receiver.requests.map(({ body }) => body)).toEqual([expect.not.stringContaining('story')]);
    await receiver.close();
  });

  test('are in the store once each, wherever the hub is killed', async () => {
    const acknowledged = new Set<number>();
    let next = 0;
    let isOver = false;
    await hub.start();
    const send = async (): Promise<void> => {
      while (!isOver) {
        const from = next;
        next += 25;
        try {
          if ((await hub.post(lines(from, from + 25))) === 200)
            for (let i = from; i < from + 25; i++) acknowledged.add(i);
        } catch {
          // It was killed: nothing was acknowledged.
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    const senders = [send(), send()];
    for (let i = 0; i < 3; i++) {
      const before = acknowledged.size;
      await until('alerts', () => acknowledged.size > before, LIMIT_MS);
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 300));
      await hub.kill('SIGKILL');
      await hub.start();
    }
    isOver = true;
    await Promise.all(senders);
    expect(acknowledged.size).toBeGreaterThanOrEqual(75);
    await hub.kept(acknowledged.size);
    await hub.kill('SIGTERM');
    await hub.start();
    const kept = await hub.numbersKept();
    expect([...acknowledged].filter((i) => !kept.includes(i))).toEqual([]);
    expect(kept.length).toBe(new Set(kept).size);
  });

  test('are streamed without gaps to whoever comes back', async () => {
    await hub.start();
    await hub.post(lines(0, 10));
    await hub.kept(10);
    const all = await hub.streamed(10, { 'last-event-id': '0' });
    const resumed = hub.streamed(27, { 'last-event-id': all[2]?.id ?? '' });
    await hub.post(lines(10, 30));
    const rest = await resumed;
    expect([...all.slice(0, 3), ...rest].map(({ fields }) => fields.i)).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    );
  });

  test('are exported, without formulas for spreadsheets', async () => {
    await hub.start();
    await hub.post(
      `${alertLine(1, { output: '=HYPERLINK("http://evil")' })}\n${alertLine(2, { rule: '+1, "x"' })}`,
    );
    await hub.kept(2);
    const text = async (format: string): Promise<string> =>
      (await fetch(`${hub.uiUrl}/api/v2/alerts/export?format=${format}`)).text();
    expect(JSON.parse(await text('json'))).toHaveLength(2);
    expect(
      (await text('jsonl'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toHaveLength(2);
    const csv = await text('csv');
    expect(csv).toContain(`"'=HYPERLINK(""http://evil"")"`);
    expect(csv).toContain(`"'+1, ""x"""`);
    expect(csv).not.toMatch(/(?:^|,)"?[=+@-]/m);
  });
});
