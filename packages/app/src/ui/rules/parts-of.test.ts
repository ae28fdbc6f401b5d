import { expect, test } from 'vitest';
import { partsOf } from './parts-of.ts';

const macro = (name: string, writtenCondition: string) => ({
  ...{ name, writtenCondition, conditionText: '', isUsed: true },
  condition: { kind: 'macro' as const, name, span: { start: 0, end: 0 } },
});
const list = (name: string, writtenItems: readonly string[]) => ({
  ...{ name, writtenItems, items: writtenItems, isUsed: true },
});

test('a condition stands on what it names, and on what that names, each once', () => {
  const macros = [macro('spawned', 'evt.type = execve'), macro('runs', 'spawned and proc.name in (shells)')];
  const lists = [
    list('shells', ['bash', 'more-shells']),
    list('more-shells', ['zsh', 'shells']),
    list('unused', []),
  ];
  expect(partsOf('runs and not spawned', { macros, lists } as never)).toEqual([
    { kind: 'macro', name: 'runs', text: 'spawned and proc.name in (shells)' },
    { kind: 'macro', name: 'spawned', text: 'evt.type = execve' },
    { kind: 'list', name: 'shells', text: 'bash, more-shells' },
    { kind: 'list', name: 'more-shells', text: 'zsh, shells' },
  ]);
  expect(partsOf('shells.name = "runs" and x.spawned[0] = open', { macros, lists } as never)).toEqual([]);
});
