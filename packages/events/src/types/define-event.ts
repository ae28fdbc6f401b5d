/** Turns the declaration of an event, which has an enter and an exit side, into the types of its two codes. */

import { type EventFlags, type EventType, eventFlag, type ParamDeclaration } from '../event-type.ts';

type FlagName = keyof typeof eventFlag;

export interface EventDeclaration {
  readonly name: string;
  /** The wire's name without prefix and side: `SYSCALL_OPENAT_2`. */
  readonly wireName: string;
  /** Code of the enter side; the exit side has the next one. */
  readonly code: number;
  readonly category: string;
  /** `syscall` unless stated. */
  readonly kind?: EventType['kind'];
  /** Which sides are still recorded: both, the exit only, or none. */
  readonly status: 'current' | 'exit' | 'old';
  readonly flags: readonly FlagName[];
  /** Flags of one side only. */
  readonly enterFlags?: readonly FlagName[];
  readonly exitFlags?: readonly FlagName[];
  readonly doc: string;
  /** Parameters in wire order. A side that is not declared does not exist. */
  readonly enter?: readonly ParamDeclaration[];
  readonly exit?: readonly ParamDeclaration[];
}

export function defineEvents(declarations: readonly EventDeclaration[]): readonly EventType[] {
  return declarations.flatMap((declaration) => [enterOf(declaration), exitOf(declaration)]);
}

function enterOf(declaration: EventDeclaration): EventType {
  const wireName = `PPME_${declaration.wireName}_E`;
  if (declaration.enter === undefined) return unusedType(declaration.code, wireName);
  const old = declaration.status === 'current' ? 0 : eventFlag.oldVersion;
  return typeOf(declaration, {
    code: declaration.code,
    wireName,
    direction: 'enter',
    flags: flagsOf(declaration.flags) | flagsOf(declaration.enterFlags) | old,
    params: declaration.enter,
  });
}

function exitOf(declaration: EventDeclaration): EventType {
  const wireName = `PPME_${declaration.wireName}_X`;
  const code = declaration.code + 1;
  if (declaration.exit === undefined) return unusedType(code, wireName);
  const old = declaration.status === 'old' ? eventFlag.oldVersion : 0;
  return typeOf(declaration, {
    code,
    wireName,
    direction: 'exit',
    flags: flagsOf(declaration.flags) | flagsOf(declaration.exitFlags) | old,
    params: declaration.exit,
  });
}

type Side = Pick<EventType, 'code' | 'wireName' | 'direction' | 'flags' | 'params'>;

function typeOf(declaration: EventDeclaration, side: Side): EventType {
  const { name, category, doc } = declaration;
  const lengthBytes = side.flags & eventFlag.largePayload ? 4 : 2;
  return Object.freeze({ ...side, name, kind: declaration.kind ?? 'syscall', category, doc, lengthBytes });
}

function unusedType(code: number, wireName: string): EventType {
  return Object.freeze({
    code,
    name: 'NA',
    wireName,
    direction: code % 2 === 0 ? 'enter' : 'exit',
    kind: 'unknown',
    category: 'unknown',
    flags: eventFlag.unused,
    params: [],
    lengthBytes: 2,
  });
}

function flagsOf(names: readonly FlagName[] | undefined): EventFlags {
  let flags = 0;
  for (const name of names ?? []) flags |= eventFlag[name];
  return flags;
}
