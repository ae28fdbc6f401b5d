import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { HandsWorld } from '../../testing/hands-world.ts';
import { blockAddress } from './block.ts';

/** Whether there is nft, and this process may have a network of its own to try it in. */
const isUsable = spawnSync('unshare', ['-n', 'nft', 'list', 'tables']).status === 0;
const title = isUsable ? 'host:block in a network of its own' : 'host:block (skipped: no `nft`, or no root)';
const prefix = ['unshare', '-n'];

function alertWith(fields: Readonly<Record<string, string>>) {
  return alertOf({ hostname: 'node-1', fields });
}

/** Rules and sets in the network of that process. */
function rulesetOf(world: HandsWorld): string {
  return spawnSync('nsenter', ['-t', String(world.pid), '-n', 'nft', 'list', 'ruleset']).stdout.toString();
}

describe.skipIf(!isUsable)(title, () => {
  test('blocks addresses of both families, longer when asked again, and lets them through', async () => {
    await using world = new HandsWorld({ prefix });
    const first = await world.run(blockAddress, alertWith({ 'fd.rip': '203.0.113.9' }), { duration: '10m' });
    expect(first).toEqual({
      kind: 'done',
      summary: 'blocked 203.0.113.9 for 600 s',
      changes: [{ object: 'address 203.0.113.9', after: 'blocked for 600 s' }],
      undo: { address: '203.0.113.9' },
      results: {},
    });
    const second = await world.run(blockAddress, alertWith({ 'fd.cip': '2001:db8::9' }), {
      address: 'client',
    });
    expect(second).toMatchObject({ kind: 'done', summary: 'blocked 2001:db8::9 for 3600 s' });
    const rules = rulesetOf(world);
    expect(rules).toMatch(/set blocked4 \{[^}]*203\.0\.113\.9 timeout 10m/);
    expect(rules).toMatch(/set blocked6 \{[^}]*2001:db8::9 timeout 1h/);
    for (const rule of ['ip saddr @blocked4 drop', 'ip6 daddr @blocked6 drop']) expect(rules).toContain(rule);
    expect(rules.match(/hook (input|output|forward)/g)).toHaveLength(3);

    const again = await world.run(blockAddress, alertWith({ 'fd.rip': '203.0.113.9' }), { duration: '2h' });
    expect(again).toMatchObject({ kind: 'done' });
    expect(rulesetOf(world)).toMatch(/203\.0\.113\.9 timeout 2h/);
    expect(rulesetOf(world).match(/ip saddr @blocked4 drop/g)).toHaveLength(2);

    expect(await world.undo(blockAddress, again)).toMatchObject({
      kind: 'done',
      summary: 'let 203.0.113.9 through again',
    });
    expect(rulesetOf(world)).not.toContain('203.0.113.9');
    expect(rulesetOf(world)).toContain('2001:db8::9');
    expect(await world.undo(blockAddress, again)).toEqual({
      kind: 'unchanged',
      reason: '203.0.113.9 is not blocked any more',
    });
  });

  test('drops packets', async () => {
    // Addresses of the own machine are protected: this one is its own only after it was blocked.
    await using world = new HandsWorld({ prefix });
    await world.run(blockAddress, alertWith({ 'fd.rip': '203.0.113.9' }));
    const within = (script: string): number | null =>
      spawnSync('nsenter', ['-t', String(world.pid), '-n', 'sh', '-c', script]).status;
    if (within('ip link set lo up && ip address add 203.0.113.9/32 dev lo') !== 0) return;
    const program =
      "const s=require('node:dgram').createSocket('udp4');s.on('message',()=>process.exit(0));s.bind(0,'203.0.113.9',()=>s.send('x',s.address().port,'203.0.113.9',(e)=>{if(e)process.exit(7)}))";
    expect(within(`${process.execPath} -e "${program}"`)).toBe(7);
    await world.undo(blockAddress, { kind: 'done', summary: '', undo: { address: '203.0.113.9' } });
    expect(within(`${process.execPath} -e "${program}"`)).toBe(0);
  });

  test('changes nothing in a dry run', async () => {
    await using world = new HandsWorld({ prefix });
    const outcome = await world.run(blockAddress, alertWith({ 'fd.rip': '203.0.113.9' }), {}, true);
    expect(outcome).toMatchObject({ kind: 'done', summary: 'would block 203.0.113.9 for 3600 s' });
    expect(rulesetOf(world)).toBe('');
  });

  test('tells what nft says', async () => {
    await using world = new HandsWorld({ prefix });
    await world.run(blockAddress, alertWith({ 'fd.rip': '203.0.113.8' }));
    const set = 'flush ruleset; add table inet peregrine; add set inet peregrine blocked4 { type mark; }';
    spawnSync('nsenter', ['-t', String(world.pid), '-n', 'nft', set]);
    expect(await world.run(blockAddress, alertWith({ 'fd.rip': '203.0.113.9' }))).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/^`nft` says: ./),
    });
  });
});

describe('host:block refuses', () => {
  test.each([
    ['127.0.0.1', 'which is no other machine'],
    ['198.51.100.4', 'address 198.51.100.4 is protected'],
    ['not an address', 'is no address'],
    ['1.2.3.4; flush ruleset', 'is no address'],
  ])('%s', async (address, reason) => {
    await using world = new HandsWorld({ settings: { addresses: ['198.51.100.0/24'] } });
    expect(await world.run(blockAddress, alertWith({ 'fd.rip': address }))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
  });

  test('alerts without the field, and those of other machines', async () => {
    await using world = new HandsWorld();
    expect(
      await world.run(blockAddress, alertWith({ 'fd.rip': '203.0.113.9' }), { address: 'server' }),
    ).toEqual({
      kind: 'refused',
      reason: 'the alert has no `fd.sip`; put `%fd.sip` into the output of the rule',
    });
    const other = { ...alertWith({ 'fd.rip': '203.0.113.9' }), hostname: 'node-2' };
    expect(await world.run(blockAddress, other)).toMatchObject({ kind: 'refused' });
  });
});
