import { ByteWriter, blockType } from '@peregrine/events';
import { expect, test } from 'vitest';
import { AccountList } from './head-blocks.ts';

const root = { containerId: '', uid: 0, gid: 0, name: 'root', home: '/root', shell: '/bin/sh' };

function userEntry(name: string): Uint8Array {
  const body = new ByteWriter().u8(0).u32(0).u32(0);
  return entry(body.sizedText(name).sizedText('/root').sizedText('/bin/sh'));
}

/** The size before an entry counts itself. */
function entry(body: ByteWriter): Uint8Array {
  return new ByteWriter()
    .u32(body.size + 4)
    .bytes(body.toBytes())
    .toBytes();
}

test('a list that comes again is not decoded again; another one is', () => {
  const group = entry(new ByteWriter().u8(1).u32(7).sizedText('wheel'));
  const list = new AccountList();
  const body = Buffer.concat([userEntry('root'), group]);
  const first = list.decode(blockType.users, body);
  expect(first).toEqual({ users: [root], groups: [{ containerId: '', gid: 7, name: 'wheel' }] });
  expect(list.decode(blockType.users, Buffer.from(body))).toBe(first);

  // The reader's buffer is written over: what is kept must not change with it.
  body.set(userEntry('toor'));
  expect(list.decode(blockType.users, body).users).toEqual([{ ...root, name: 'toor' }]);
  expect(list.decode(blockType.users, Buffer.alloc(0))).toEqual({ users: [], groups: [] });
});

test('the same bytes in the old form are another list', () => {
  const list = new AccountList();
  const body = userEntry('root');
  expect(list.decode(blockType.users, body).users).toEqual([root]);
  expect(list.decode(blockType.oldUsers, body).users).not.toEqual([root]);
});
