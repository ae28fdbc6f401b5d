/** The whole terminal, while something is shown on it that changes. Whatever was there before comes back. */

import type { Terminal } from '../terminal.ts';
import type { Screen } from './render-frame.ts';

const OTHER_SCREEN = '\u001b[?1049h\u001b[?25l';
const FORMER_SCREEN = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_REST = '\u001b[J';
const CTRL_C = '\u0003';

export interface OpenScreen {
  size(): Screen;
  show(lines: readonly string[]): void;
  close(): void;
}

/** `undefined` where standard output is no terminal. `onQuit`: somebody pressed `q`. */
export function openScreen(terminal: Terminal, onQuit: () => void): OpenScreen | undefined {
  if (!process.stdout.isTTY) return undefined;
  const keys = process.stdin.isTTY ? process.stdin : undefined;
  const onKey = (key: Buffer): void => {
    const text = key.toString('latin1');
    if (text === 'q' || text === CTRL_C) onQuit();
  };
  keys?.setRawMode(true);
  keys?.on('data', onKey);
  terminal.out(OTHER_SCREEN);
  return {
    size: () => ({
      columns: process.stdout.columns,
      rows: process.stdout.rows,
      isColourful: (process.env.NO_COLOR ?? '') === '',
    }),
    show: (lines) => {
      const shown = lines.slice(0, Math.max(1, process.stdout.rows - 1));
      terminal.out(`${HOME}${shown.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_REST}`);
    },
    close: () => {
      keys?.off('data', onKey);
      keys?.setRawMode(false);
      keys?.pause();
      terminal.out(FORMER_SCREEN);
    },
  };
}
