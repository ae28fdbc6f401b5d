import { expect, test } from 'vitest';
import { isLongRunning, requestInfoOf } from './request-info.ts';

test.each([
  ['GET /api/v1/pods', 'list pods', false],
  ['GET /api/v1/pods?watch=1', 'watch pods', true],
  ['GET /api/v1/namespaces/shop/pods?watch=false', 'list pods in shop', false],
  ['GET /api/v1/namespaces/shop/pods/web', 'get pods web in shop', false],
  ['POST /api/v1/namespaces/shop/pods', 'create pods in shop', false],
  ['PUT /api/v1/namespaces/shop/pods/web/status', 'update pods/status web in shop', false],
  [
    'PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale',
    'patch deployments/scale.apps web in shop',
    false,
  ],
  ['DELETE /api/v1/namespaces/shop/pods', 'deletecollection pods in shop', false],
  ['DELETE /api/v1/namespaces/shop/pods/web', 'delete pods web in shop', false],
  ['GET /api/v1/namespaces/shop/pods/web/exec?command=sh', 'get pods/exec web in shop', true],
  ['GET /api/v1/namespaces/shop/pods/web/log', 'get pods/log web in shop', true],
  ['POST /api/v1/namespaces/shop/services/fn:80/proxy/a/b', 'create services/proxy fn:80 in shop', true],
  ['GET /api/v1/namespaces', 'list namespaces', false],
  ['GET /api/v1/namespaces/shop', 'get namespaces shop in shop', false],
  ['PUT /api/v1/namespaces/shop/status', 'update namespaces/status shop in shop', false],
  [
    'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/x',
    'get clusterroles.rbac.authorization.k8s.io x',
    false,
  ],
])('%s', (line, told, isLong) => {
  const [method = '', url = ''] = line.split(' ');
  const info = requestInfoOf({ method, url });
  const { verb, group, resource, subresource, namespace, name } = info;
  const whole = [resource, ...(subresource === '' ? [] : [subresource])].join('/');
  const what = [whole, ...(group === '' ? [] : [group])].join('.');
  const words = [verb, what, name, namespace === '' ? '' : `in ${namespace}`].filter((word) => word !== '');
  expect([words.join(' '), isLongRunning(info)]).toEqual([told, isLong]);
});

test.each(['/healthz', '/version', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1'])(
  '%s is no resource',
  (url) => {
    expect(requestInfoOf({ method: 'GET', url })).toMatchObject({
      isResource: false,
      verb: 'get',
      path: url,
    });
  },
);

test('what follows a proxy is kept', () => {
  const url = '/api/v1/namespaces/shop/services/fn/proxy/a/b?c=d';
  expect(requestInfoOf({ method: 'POST', url })).toMatchObject({ rest: '/a/b', uri: url });
});
