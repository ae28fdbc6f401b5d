import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { targetOf } from './target.ts';

const one = [{ name: 'delete-pod', namespace: 'kubeless' }];
const two = [...one, { name: 'hello', namespace: 'default' }];
const call = (name: string, path = '/', query = '') => ({ kind: 'call', name, path, query });

describe('several functions', () => {
  test.each<[string | undefined, string, unknown]>([
    ['delete-pod.kubeless.svc.cluster.local:8080', '/', call('kubeless/delete-pod')],
    ['delete-pod.kubeless.svc.cluster.local', '/a?b=c?d', call('kubeless/delete-pod', '/a', 'b=c?d')],
    ['Delete-Pod.Kubeless.SVC:80', '/', call('kubeless/delete-pod')],
    ['delete-pod.kubeless', '/', call('kubeless/delete-pod')],
    ['delete-pod.kubeless.svc.cluster.local.', '/', call('kubeless/delete-pod')],
    ['delete-pod.kubeless', '/healthz', { kind: 'health', name: 'kubeless/delete-pod' }],
    ['delete-pod.kubeless', '/metrics', { kind: 'metrics', name: 'kubeless/delete-pod' }],
    ['delete-pod.default', '/', { kind: 'none' }],
    ['127.0.0.1:8080', '/function/default/hello', call('default/hello')],
    ['127.0.0.1:8080', '/function/default/hello/', call('default/hello')],
    ['127.0.0.1:8080', '/function/default/hello/x/y?z', call('default/hello', '/x/y', 'z')],
    ['127.0.0.1:8080', '/function/default/hello/healthz', { kind: 'health', name: 'default/hello' }],
    ['127.0.0.1:8080', '/function/default/delete-pod/', { kind: 'none' }],
    ['127.0.0.1:8080', '/function', { kind: 'list' }],
    ['127.0.0.1:8080', '/healthz?x', { kind: 'health', name: undefined }],
    ['127.0.0.1:8080', '/metrics', { kind: 'metrics', name: undefined }],
    ['127.0.0.1:8080', '/', { kind: 'none' }],
    [undefined, '/', { kind: 'none' }],
  ])('%s %s', (host, url, target) => {
    expect(targetOf(host, url, two)).toEqual(target);
  });
});

describe('the only function', () => {
  test.each<[string, unknown]>([
    ['/', call('kubeless/delete-pod')],
    ['/whatever?x', call('kubeless/delete-pod', '/whatever', 'x')],
    ['/healthz', { kind: 'health', name: undefined }],
    ['/function/a/b', { kind: 'none' }],
  ])('%s', (url, target) => {
    expect(targetOf('localhost', url, one)).toEqual(target);
  });
});

test('nothing that is asked makes it throw', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (host, url) => void targetOf(host, url, two)));
});
