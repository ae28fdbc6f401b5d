/**
 * Kills the hub two hundred times while alerts are sent to it, and counts what was acknowledged and never came, and what
 * came twice. `KILLS` is another number. The end-to-end tests do it ten times.
 */

import { killRepeatedly } from '../e2e/hub-kills.ts';

const killCount = Number(process.env.KILLS ?? 200);
const startMs = performance.now();
const report = await killRepeatedly(killCount, () => Math.random() ** 2 * 1_000);
const seconds = (performance.now() - startMs) / 1_000;
console.log(
  `${killCount} kills in ${seconds.toFixed(0)} s: ${report.acknowledgedCount} alerts acknowledged, ${report.lost.length} lost, ${report.repeatedCount} repeated, of these ${report.strangers.length} under another key; ${report.disordered.length} out of order`,
);
if (report.lost.length + report.strangers.length > 0 || report.trouble !== '') {
  console.log(report.trouble);
  process.exitCode = 1;
}
