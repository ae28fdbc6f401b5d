import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpusPath } from '../../testing/corpus.ts';
import { eventRoster, eventTypeOf } from '../types/roster.ts';
import { memoryInput } from '../wire/byte-input.ts';
import { CaptureReader } from '../wire/capture-reader.ts';
import { decodeParams } from '../wire/decoder.ts';
import { encodeView } from '../wire/encoder.ts';
import type { EventView } from '../wire/event-view.ts';
import type { ParamValue } from '../wire/param-value.ts';
import { TextInterner } from '../wire/text-interner.ts';
import type { ParamNames } from './param-names.ts';
import { ParamText } from './param-text.ts';

const names: ParamNames = {
  fdText: (fd) => (fd === 3 ? '<f>/etc/x' : undefined),
  fdTypeChar: (fd) => (fd === 3 ? 'f' : undefined),
  commOf: (tid) => (tid === 40 ? 'sh' : undefined),
  userName: (uid) => (uid === 0 ? 'root' : undefined),
  groupName: () => 'staff',
  pathFromCwd: (path) => `/cwd/${path}`,
  pathFrom: (dirfd, path) => `/dir${dirfd}/${path}`,
};

const textOf = (code: number, params: readonly ParamValue[]): string =>
  new ParamText(names).all(encodeView({ code, params }));

describe('forms that recordings do not show', () => {
  test.each<[string, number, ParamValue[], string]>([
    ['call id', 1, [16, 39], 'ID=16(getpid) nativeID=39'],
    ['no such call id', 1, [40_000, 0], 'ID=40000 nativeID=0'],
    ['durations', 135, [0, 10_000_000n], 'res=0 interval=10000000(0.01s)'],
    ['long durations', 135, [0, 1_234_567_890_123n], 'res=0 interval=1234567890123(1234.57s)'],
    ['no duration', 135, [0, 2n ** 64n - 1n], 'res=0 interval=18446744073709551615(none)'],
    [
      'polled',
      81,
      [
        1,
        [
          { fd: 3, flags: 17 },
          { fd: 4, flags: 1 },
        ],
        -1,
      ],
      'res=1 fds=3:f11 4:?1 timeout=-1',
    ],
    [
      'signal set',
      341,
      [0, 3, 0, 0, 0, 0b101],
      'res=0 fd=3(<f>/etc/x) to_submit=0 min_complete=0 flags=0 sig=SIGHUP SIGQUIT',
    ],
    ['mapping', 159, [0x7f00n, 1, 2, 3, 0], 'res=7F00 vm_size=1 vm_rss=2 vm_swap=3 addr=0'],
    ['addresses', 161, [0x7f00n, 0, 0, 0], 'res=7F00 vm_size=0 vm_rss=0 vm_swap=0'],
    ['failed mapping', 161, [-12, 0, 0, 0], 'res=-12(ENOMEM) vm_size=0 vm_rss=0 vm_swap=0'],
    [
      'variant',
      47,
      [0, 3, 1, 4, { variant: 1, value: -111 }, 4],
      'res=0 fd=3(<f>/etc/x) level=1(SOL_SOCKET) optname=4(SO_ERROR) val=-111(ECONNREFUSED) optlen=4',
    ],
    ['enumeration with two names', 19, [3, 16], 'fd=3(<f>/etc/x) domain=16(AF_ROUTE|AF_NETLINK)'],
    ['other family', 21, [0, { family: 'other', number: 17 }, 3], 'res=0 addr=family 17 fd=3(<f>/etc/x)'],
    [
      'IPv6',
      21,
      [0, { family: 'inet', ip: `${'\0'.repeat(15)}\x01`, port: 9 }, 3],
      'res=0 addr=::1:9 fd=3(<f>/etc/x)',
    ],
    ['unknown path of a socket', 21, [0, { family: 'unix', path: '' }, 3], 'res=0 addr= fd=3(<f>/etc/x)'],
    [
      'relative to a directory',
      303,
      [0, 7, 'a', 0x200],
      'res=0 dirfd=7 name=a(/dir7/a) flags=512(AT_REMOVEDIR)',
    ],
    ['octal zero', 315, [0, '/a', 0], 'res=0 filename=/a mode=0'],
    [
      'missing',
      31,
      [undefined, undefined, undefined, undefined, undefined],
      'res=<NA> data=NULL fd=<NA> size=<NA> tuple=NULL',
    ],
    ['too short', 129, [0, new Uint8Array(3)], 'res=0 pid=<NA>'],
    ['ids', 193, [0, 0, 5, 0xffff_ffff], 'res=0 ruid=0(root) euid=5 suid=-1(<NONE>)'],
  ])('%s', (_, code, params, text) => {
    expect(textOf(code, params)).toBe(text);
  });

  test('best is the resolved form, or else the raw one', () => {
    const text = new ParamText(names);
    const view = encodeView({ code: 129, params: [0, 40, 9] });
    expect([0, 1, 2].map((index) => text.render(view, index) && text.best)).toEqual(['0', 'sh', 'SIGKILL']);
    expect(text.render(view, 3)).toBe(false);
  });
});

test('integers of 64 bits are exact', () => {
  const wide = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(fc.oneof(wide, fc.constantFrom(2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n)), (value) => {
      const signed = BigInt.asIntN(64, value);
      expect(textOf(63, [0, value])).toBe(`res=0 initval=${value}`);
      expect(textOf(141, [0, signed])).toBe(`res=0 cur=${signed}`);
      expect(textOf(345, [0, value])).toBe(`res=0 addr=${value.toString(16).toUpperCase()}`);
    }),
  );
});

test('no bytes of any parameter make rendering or decoding throw', () => {
  const text = new ParamText(names);
  const types = eventRoster.filter((type) => type.params.length > 0);
  const anyEvent = fc
    .constantFrom(...types)
    .chain((type) =>
      fc
        .tuple(...type.params.map(() => fc.uint8Array({ maxLength: 20 })))
        .map((params) => ({ code: type.code, params })),
    );
  fc.assert(
    fc.property(anyEvent, (event) => {
      const view = encodeView(event);
      decodeParams(view);
      expect(text.all(view)).toContain('=');
    }),
    { numRuns: 2_000 },
  );
});

/** What tables would say is taken from the expected text; all the rest must come from the event. */
class Expected implements ParamNames {
  token = '';
  #inner(): string | undefined {
    return /^[^(]*\((.*)\)$/s.exec(this.token)?.[1];
  }
  fdText = (): string | undefined => this.#inner();
  fdTypeChar = (): string | undefined => undefined;
  commOf = (): string | undefined => this.#inner();
  userName = (): string | undefined => this.#inner();
  groupName = (): string | undefined => this.#inner();
  pathFromCwd = (): string => this.#inner() ?? '';
  pathFrom = (): string => this.#inner() ?? '';
}

describe.each(['host', 'container'])('arguments of the recording %s', (recording) => {
  const unpack = (name: string): Buffer => gunzipSync(readFileSync(corpusPath(name)));
  const expected = new Map<number, string>();
  for (const line of unpack(`decode/${recording}.args.jsonl.gz`).toString().trim().split('\n')) {
    const { num, args }: { num: number; args: string } = JSON.parse(line);
    expected.set(num, Buffer.from(args, 'utf8').toString('latin1'));
  }

  test('are as the reference prints them', () => {
    const answers = new Expected();
    const text = new ParamText(answers);
    const reader = new CaptureReader(
      memoryInput(unpack(`captures/${recording}/${recording}.scap.gz`)),
      new TextInterner(),
    );
    const handler = { section() {}, block() {}, settle() {} };
    let compared = 0;
    const compare = (view: EventView): void => {
      let left = expected.get(view.num);
      if (left === undefined) return;
      const params = eventTypeOf(view.code)?.params ?? [];
      for (let i = 0; i < view.paramCount; i++) {
        const prefix = `${params[i]?.name}=`;
        expect(left.slice(0, prefix.length), `${view.num}`).toBe(prefix);
        const next = params[i + 1];
        const end: number = next === undefined ? -1 : left.indexOf(` ${next.name}=`, prefix.length);
        answers.token = left.slice(prefix.length, end < 0 ? undefined : end);
        left = end < 0 ? '' : left.slice(end + 1);
        text.render(view, i);
        expect(text.both, `${view.num} ${prefix}`).toBe(answers.token);
      }
      expect(left).toBe('');
      compared++;
    };
    while (reader.poll(handler, compare, 10_000) !== 'end');
    expect(compared).toBe(expected.size);
    expect(compared).toBeGreaterThan(1_500);
  });
});
