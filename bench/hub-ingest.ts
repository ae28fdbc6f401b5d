/**
 * Alerts of a kilobyte over HTTP into the hub, to the answer, which comes when they are on disk: how many a second in
 * batches of 50 and one by one, and how long an answer takes at half of the aim. The sender shares the machine's two
 * processors with the hub, and what it takes of them is told. Beside it, what the parts cost by themselves. `SECONDS` is
 * the length of each run.
 */

import { loadavg } from 'node:os';
import { encodeStored, type HubAlert } from '@peregrine/alert';
import { processAlert, readBody } from '@peregrine/hub';
import { alertOf, metricIn, quantile, startHub } from './hub/program.ts';
import { sendBatches } from './hub/send.ts';

const AIM = 20_000;
const BATCH = 50;
const ROUNDS = 3;
const SECONDS = Number(process.env.SECONDS ?? 5);

function bodies(alertsPerBody: number): readonly string[] {
  return Array.from({ length: 40 }, (_, i) => {
    const alerts = Array.from({ length: alertsPerBody }, (_, j) => alertOf(i * alertsPerBody + j));
    return alertsPerBody === 1 ? (alerts[0] ?? '') : `[${alerts.join(',')}]`;
  });
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
for (let round = 0; round < ROUNDS; round++) {
  const hub = await startHub('');
  for (const [title, alertsPerBody, connections, perSecond] of [
    ['warm up', BATCH, 4, undefined],
    [`batches of ${BATCH}, as many as go`, BATCH, 8, undefined],
    [`batches of ${BATCH}, ${AIM / 2} a second`, BATCH, 16, AIM / 2],
    ['one by one, as many as go', 1, 32, undefined],
  ] as const) {
    const cpuBefore = hub.cpu();
    const ownBefore = process.cpuUsage();
    const groupsBefore = metricIn(await hub.metrics(), 'peregrine_hub_journal_groups_total');
    const sent = await sendBatches({
      port: hub.port,
      connections,
      bodies: bodies(alertsPerBody),
      alertsPerBody,
      seconds: title === 'warm up' ? 2 : SECONDS,
      ...(perSecond === undefined ? {} : { perSecond }),
    });
    if (title === 'warm up') continue;
    const cpu = (hub.cpu() - cpuBefore) / sent.alertCount;
    const { user, system } = process.cpuUsage(ownBefore);
    const own = (user + system) / sent.alertCount;
    const groups = metricIn(await hub.metrics(), 'peregrine_hub_journal_groups_total') - groupsBefore;
    console.log(
      `${title}: ${Math.round(sent.perSecond)} alerts/s, ${cpu.toFixed(1)} µs CPU each (the sender: ${own.toFixed(1)}), answers p50 ${ms(quantile(sent.latenciesMs, 0.5))} p99 ${ms(quantile(sent.latenciesMs, 0.99))}, ${Math.round(sent.alertCount / groups)} alerts for each write, ${sent.refusedCount} refused`,
    );
  }
  console.log(`memory: ${hub.memoryMb().toFixed(0)} MB`);
  await hub.stop();
}

const settings = {
  customFields: {},
  customTags: [],
  templatedFields: {},
  bracketReplacer: '',
  outputFieldFormat: '',
  mostAlertBytes: 1 << 20,
  newUuid: () => crypto.randomUUID(),
  onTemplateTrouble: () => {},
};
const body = alertOf(1);
const [decoded] = readBody(body, false).items;
if (decoded === undefined || !('fields' in decoded)) throw new Error('the alert of the benchmark is none');
const processed = processAlert(decoded, settings);
if (processed.kind !== 'alert') throw new Error(processed.reason);
const alert: HubAlert = processed.alert;
for (const [title, part] of [
  ['reading', () => readBody(body, false)],
  ['completing and encoding', () => processAlert(decoded, settings)],
  ['a record for the journal', () => encodeStored(alert)],
] as const) {
  for (let i = 0; i < 20_000; i++) part();
  const before = process.cpuUsage();
  for (let i = 0; i < 100_000; i++) part();
  const { user, system } = process.cpuUsage(before);
  console.log(`${title}: ${((user + system) / 100_000).toFixed(1)} µs`);
}
