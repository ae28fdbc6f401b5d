/**
 * Blocks addresses with nftables: packets from and to them are dropped, in a table of our own, until their time is over.
 * The kernel keeps the time, so that it ends whatever becomes of Peregrine.
 */

import { integer, renderIp, schema, text } from '@peregrine/base';
import type { ActionOutcome } from '../../action.ts';
import { type DeedCall, defineDeed, refused, unchanged } from '../deed.ts';
import { parseAddress, whyNeeded } from '../linux/networks.ts';
import { type ProgramEnd, runProgram } from '../linux/run-program.ts';

export const blockCapabilities: readonly string[] = ['CAP_NET_ADMIN'];

/** Longest that an address may be blocked, seconds: the kernel's counter of milliseconds has an end. */
export const MOST_BLOCK_S = 30 * 24 * 3_600;

const TABLE = 'peregrine';
const NFT_LIMIT_MS = 10_000;
/** Before the rules of others, which may let through what came to them. */
const HOOK_PRIORITY = -150;

interface Family {
  readonly set: 'blocked4' | 'blocked6';
  readonly type: 'ipv4_addr' | 'ipv6_addr';
  readonly protocol: 'ip' | 'ip6';
}
const family4: Family = { set: 'blocked4', type: 'ipv4_addr', protocol: 'ip' };
const family6: Family = { set: 'blocked6', type: 'ipv6_addr', protocol: 'ip6' };
const families = [family4, family6];

const place = { family: 'inet', table: TABLE } as const;
type Command = Readonly<Record<string, unknown>>;

export const block = defineDeed({
  name: 'block',
  doc: 'Drops packets from and to an address for a while.',
  data: schema({
    address: text({ doc: 'IPv4 or IPv6.' }),
    seconds: integer({ min: 1, max: MOST_BLOCK_S, doc: 'For how long.' }),
  }),
  capabilities: () => blockCapabilities,
  run: async (call): Promise<ActionOutcome> => {
    const { data, settings, isDryRun } = call;
    const address = parseAddress(data.address);
    if (address === undefined) return refused(`\`${data.address}\` is no address`);
    const why = whyNeeded(address, settings.addresses);
    if (why !== undefined) return refused(why);
    const written = renderIp(address);
    const done: ActionOutcome = {
      kind: 'done',
      summary: `${isDryRun ? 'would block' : 'blocked'} ${written} for ${data.seconds} s`,
      changes: [{ object: `address ${written}`, after: `blocked for ${data.seconds} s` }],
      undo: { address: written },
    };
    if (isDryRun) return done;
    const { set } = typeof address === 'number' ? family4 : family6;
    const plain = elementOf(set, written);
    // An element that is there keeps its time: it is taken out, and put in again, at once.
    const elements: readonly Command[] = [
      { add: { element: plain } },
      { delete: { element: plain } },
      { add: { element: elementOf(set, { elem: { val: written, timeout: data.seconds } }) } },
    ];
    const end = await applied(elements, call);
    return end ?? done;
  },
});

export const unblock = defineDeed({
  name: 'unblock',
  doc: 'Lets packets from and to an address through again.',
  data: schema({ address: text({ doc: 'IPv4 or IPv6.' }) }),
  capabilities: () => blockCapabilities,
  run: async (call): Promise<ActionOutcome> => {
    const { data, isDryRun } = call;
    const address = parseAddress(data.address);
    if (address === undefined) return refused(`\`${data.address}\` is no address`);
    const written = renderIp(address);
    const { set } = typeof address === 'number' ? family4 : family6;
    if (!isDryRun) {
      const end = await nft([{ delete: { element: elementOf(set, written) } }], call);
      if (isAbsent(end)) return unchanged(`${written} is not blocked any more`);
      const trouble = troubleOf(end);
      if (trouble !== undefined) return trouble;
    }
    return {
      kind: 'done',
      summary: `${isDryRun ? 'would let' : 'let'} ${written} through again`,
      changes: [{ object: `address ${written}`, before: 'blocked' }],
    };
  },
});

function elementOf(name: string, element: unknown): Command {
  return { ...place, name, elem: [element] };
}

/** `undefined` where it was done. The table is made with the first address. */
async function applied(
  elements: readonly Command[],
  call: Pick<DeedCall<unknown>, 'signal'>,
): Promise<ActionOutcome | undefined> {
  const first = await nft(elements, call);
  if (!isAbsent(first)) return troubleOf(first);
  const second = await nft([...tableCommands(), ...elements], call);
  // Another made it meanwhile.
  if (second.kind === 'ended' && /File exists/.test(second.stderr))
    return troubleOf(await nft(elements, call));
  return troubleOf(second);
}

/** The table with its sets, and rules for what comes, goes and passes through: all of it, or nothing. */
function tableCommands(): readonly Command[] {
  const sets = families.map(({ set, type }) => ({
    add: { set: { ...place, name: set, type, flags: ['timeout'] } },
  }));
  const hooks = [
    ['input', ['saddr']],
    ['output', ['daddr']],
    ['forward', ['saddr', 'daddr']],
  ] as const;
  const chains = hooks.flatMap(([hook, fields]) => [
    {
      add: {
        chain: { ...place, name: hook, type: 'filter', hook, prio: HOOK_PRIORITY, policy: 'accept' },
      },
    },
    ...fields.flatMap((field) =>
      families.map(({ set, protocol }) => ({ add: { rule: ruleOf(hook, set, protocol, field) } })),
    ),
  ]);
  return [{ create: { table: { family: place.family, name: TABLE } } }, ...sets, ...chains];
}

function ruleOf(chain: string, set: string, protocol: string, field: string): Command {
  const left = { payload: { protocol, field } };
  return { ...place, chain, expr: [{ match: { op: '==', left, right: `@${set}` } }, { drop: null }] };
}

function nft(
  commands: readonly Command[],
  { signal }: Pick<DeedCall<unknown>, 'signal'>,
): Promise<ProgramEnd> {
  return runProgram({
    command: ['nft', '-j', JSON.stringify({ nftables: commands })],
    ...{ input: '', environment: {}, folder: '/', account: undefined, timeoutMs: NFT_LIMIT_MS, signal },
  });
}

/** The table, the set or the element is not there. */
function isAbsent(end: ProgramEnd): boolean {
  return end.kind === 'ended' && end.exitCode !== 0 && /No such file/.test(end.stderr + end.stdout);
}

function troubleOf(end: ProgramEnd): ActionOutcome | undefined {
  switch (end.kind) {
    case 'absent':
      return refused(`\`nft\` cannot be run: ${end.reason}; install the package \`nftables\``);
    case 'cut':
      return { kind: 'unknown', reason: `\`nft\`: ${end.reason}` };
    case 'ended':
      return end.exitCode === 0
        ? undefined
        : refused(`\`nft\` says: ${end.stderr.trim().split('\n')[0]?.slice(0, 300) ?? ''}`);
  }
}
