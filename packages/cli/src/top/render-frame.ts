/** A frame of `peregrine top` as lines of text that fit a screen. */

import type { NamedRate, TopFrame } from '@peregrine/app/top';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly isColourful: boolean;
}

const PANEL_GAP = 2;
const NARROW_COLUMNS = 90;
/** Lines that are not rows of tables. */
const FIXED_LINES = 10;
const LEAST_ROWS = 3;

/** Names come from programs that may not be ours: no control character goes to the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

export function renderFrame(frame: TopFrame, screen: Screen): readonly string[] {
  const isNarrow = screen.columns < NARROW_COLUMNS;
  const tables = isNarrow ? 4 : 2;
  const rows = Math.max(
    LEAST_ROWS,
    Math.floor((screen.rows - FIXED_LINES - frame.programs.length) / tables) - 1,
  );
  const panels = [
    panel('EVENTS/S', 'TYPE', frame.types, rows),
    panel('EVENTS/S', 'PROCESS', frame.processes, rows),
    panel(
      'EVENTS/S',
      'CONTAINER',
      frame.containers.map(({ id, name, perSecond }) => ({
        name: name === '' ? id : `${name} ${id}`,
        perSecond,
      })),
      rows,
    ),
  ];
  return [
    ...summary(frame, screen),
    '',
    ...(isNarrow ? panels.flat() : sideBySide(panels, screen.columns)),
    '',
    ...ruleTable(frame, rows),
    '',
    ...programTable(frame),
  ].map((line) => paint(clip(line, screen.columns), screen));
}

function summary(frame: TopFrame, { isColourful }: Screen): readonly string[] {
  const { lostPerSecond, lostTotal } = frame;
  const clock = new Date(frame.timeMs).toTimeString().slice(0, 8);
  const lost = `lost ${rate(lostPerSecond)}/s (${lostTotal} in all)`;
  const shown = lostPerSecond > 0 && isColourful ? `\u001b[31m${lost}\u001b[0m` : lost;
  return [
    `${clock}  ${printable(frame.title)}  over ${frame.seconds.toFixed(1)} s`,
    `events ${rate(frame.eventsPerSecond)}/s  ${shown}`,
    `this program ${percent(frame.sensorCpuRatio)} of a CPU, ${(frame.rssBytes / 1_048_576).toFixed(0)} MB  threads known ${frame.threadCount}`,
  ];
}

function panel(left: string, right: string, rates: readonly NamedRate[], rows: number): readonly string[] {
  const shown = rates.slice(0, rows).map(({ name, perSecond }) => row(rate(perSecond), printable(name)));
  return [row(left, right), ...shown];
}

function row(number: string, text: string): string {
  return `${number.padStart(9)}  ${text}`;
}

function sideBySide(panels: readonly (readonly string[])[], columns: number): readonly string[] {
  const width = Math.floor((columns - PANEL_GAP * (panels.length - 1)) / panels.length);
  const height = Math.max(...panels.map(({ length }) => length));
  return Array.from({ length: height }, (_, i) =>
    panels
      .map((lines) => clip(lines[i] ?? '', width).padEnd(width))
      .join(' '.repeat(PANEL_GAP))
      .trimEnd(),
  );
}

function ruleTable({ rules }: TopFrame, rows: number): readonly string[] {
  const columns = (cpu: string, cost: string, matches: string, rule: string): string =>
    `${cpu.padStart(9)}  ${cost.padStart(9)}  ${matches.padStart(9)}  ${rule}`;
  return [
    columns('CPU', 'NS/EVENT', 'MATCHES', 'RULE (each by itself, sampled)'),
    ...rules
      .slice(0, rows)
      .map(({ cpuRatio, nsPerEvent, matches, rule }) =>
        columns(percent(cpuRatio), nsPerEvent?.toFixed(0) ?? '-', String(matches), printable(rule)),
      ),
  ];
}

function programTable({ programs }: TopFrame): readonly string[] {
  return [
    `${'CPU'.padStart(9)}  ${'NS/RUN'.padStart(9)}  ${'RUNS/S'.padStart(9)}  KERNEL PROGRAM`,
    ...programs.map(
      ({ cpuRatio, nsPerRun, runsPerSecond, name }) =>
        `${percent(cpuRatio).padStart(9)}  ${nsPerRun.toFixed(0).padStart(9)}  ${rate(runsPerSecond).padStart(9)}  ${printable(name)}`,
    ),
  ];
}

export function rate(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1);
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(2)} %`;
}

/** Escape sequences are only in lines that are shorter than any screen. */
function clip(line: string, columns: number): string {
  return line.includes('\u001b') ? line : line.slice(0, columns);
}

/** Headings stand out. */
function paint(line: string, { isColourful }: Screen): string {
  const isHeading = /^ *(EVENTS\/S|CPU) /.test(line);
  return isHeading && isColourful ? `\u001b[1m${line}\u001b[0m` : line;
}
