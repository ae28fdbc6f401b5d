/** Labels and annotations: set on an object, and put back as they were. */

import { type JsonObject, objectIn, textIn } from '@peregrine/base';
import type { ActionOutcome, ActionPorts, Change } from '../action.ts';
import { placeText } from './api-path.ts';
import type { KubePort, ObjectPlace } from './kube-port.ts';
import { objectMeta } from './object-view.ts';
import { orOutcome } from './outcome-of.ts';
import { patchObject } from './patch-object.ts';
import { decodePlace, encodePlace } from './stored-place.ts';

export type MetadataPart = 'labels' | 'annotations';

export interface MetadataRequest {
  readonly place: ObjectPlace;
  readonly uid: string | undefined;
  readonly part: MetadataPart;
  /** An empty text removes. */
  readonly wanted: Readonly<Record<string, string>>;
}

/** What one name had, and has: `null` for nothing. */
interface Swap {
  readonly before: string | null;
  readonly after: string | null;
}

export async function setMetadata(
  kube: KubePort,
  { place, uid, part, wanted }: MetadataRequest,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const text = placeText(place);
  let swaps: readonly (readonly [string, Swap])[] = [];
  let ownUid = '';
  const patched = await patchObject(
    kube,
    {
      ...{ place, uid },
      patchOf: (object) => {
        const meta = objectMeta(object);
        ownUid = meta.uid;
        swaps = swapsOf(meta[part], wanted);
        if (swaps.length === 0) return `the ${part} of ${text} are so already`;
        return { metadata: { [part]: Object.fromEntries(swaps.map(([name, { after }]) => [name, after])) } };
      },
    },
    signal,
  );
  if (patched.kind === 'unchanged') return patched;
  return {
    kind: 'done',
    summary: `changed ${part} of ${text}: ${swaps.map(swapText).join(', ')}`,
    changes: swaps.map(([name, swap]) => changeOf(text, `${part.slice(0, -1)} ${name}`, swap)),
    undo: { place: encodePlace(place), uid: ownUid, part, swaps: Object.fromEntries(swaps) },
  };
}

/** What was changed meanwhile by others stays as they made it. */
export function restoreMetadata(
  data: JsonObject,
  ports: ActionPorts,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const place = decodePlace(data.place);
  const part = data.part === 'labels' || data.part === 'annotations' ? data.part : undefined;
  if (place === undefined || part === undefined)
    return Promise.resolve({ kind: 'refused', reason: 'what it was before was not written down' });
  const text = placeText(place);
  return orOutcome(text, async () => {
    const swaps = Object.entries(objectIn(data.swaps) ?? {}).map(
      ([name, swap]) => [name, swapIn(swap)] as const,
    );
    let ours = swaps;
    const patchOf = (object: JsonObject): JsonObject | string => {
      const present = objectMeta(object)[part];
      ours = swaps.filter(([name, { after }]) => (present[name] ?? null) === after);
      if (ours.length === 0) return `somebody else changed the ${part} of ${text} meanwhile`;
      return { metadata: { [part]: Object.fromEntries(ours.map(([name, { before }]) => [name, before])) } };
    };
    const uid = textIn(data.uid) || undefined;
    const patched = await patchObject(await ports.kube(), { place, uid, patchOf }, signal);
    if (patched.kind === 'unchanged') return patched;
    const left = swaps.filter((swap) => !ours.includes(swap)).map(([name]) => `\`${name}\``);
    const rest = left.length === 0 ? '' : `; ${left.join(', ')} stay as somebody else made them`;
    return { kind: 'done', summary: `put back ${part} of ${text}: ${ours.map(backText).join(', ')}${rest}` };
  });
}

function swapsOf(
  present: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): readonly (readonly [string, Swap])[] {
  return Object.entries(wanted)
    .map(([name, value]) => {
      const before = Object.hasOwn(present, name) ? (present[name] ?? null) : null;
      return [name, { before, after: value === '' ? null : value }] as const;
    })
    .filter(([, { before, after }]) => before !== after);
}

function swapIn(value: unknown): Swap {
  const { before, after } = objectIn(value) ?? {};
  return {
    before: typeof before === 'string' ? before : null,
    after: typeof after === 'string' ? after : null,
  };
}

const swapText = ([name, { after }]: readonly [string, Swap]): string =>
  after === null ? `\`${name}\` removed` : `\`${name}=${after}\``;
const backText = ([name, { before }]: readonly [string, Swap]): string =>
  before === null ? `\`${name}\` removed` : `\`${name}=${before}\``;

function changeOf(object: string, part: string, { before, after }: Swap): Change {
  return { object, part, ...(before === null ? {} : { before }), ...(after === null ? {} : { after }) };
}
