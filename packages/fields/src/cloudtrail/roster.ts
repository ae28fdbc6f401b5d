/** Fields of CloudTrail events: who asked which service of Amazon for what. */

import { type At, type ReadJson, within } from '../json/json-event.ts';
import { type JsonField, part as partAt, text } from '../json/json-field.ts';

const SUFFIX = '.amazonaws.com';

function part(doc: string, path: readonly string[], examples: readonly string[] = []): JsonField {
  return partAt({ doc, path, examples });
}

function parameter(doc: string, name: string): JsonField {
  return part(doc, ['requestParameters', name]);
}

/** The name that stands for the identity, whatever its type. */
function userOf(at: At): ReadJson {
  const identityOf = at('userIdentity');
  return (event) => {
    const identity = identityOf(event);
    switch (within(identity, 'type')) {
      case 'Root':
        return within(identity, 'userName') ?? 'Root';
      case 'AssumedRole':
        return (
          within(identity, 'sessionContext', 'sessionIssuer', 'userName') ?? within(identity, 'principalId')
        );
      case 'AWSService':
        return within(identity, 'invokedBy');
      default:
        return (
          within(identity, 'userName') ?? within(identity, 'invokedBy') ?? within(identity, 'principalId')
        );
    }
  };
}

function shortSource(at: At): ReadJson {
  const sourceOf = at('eventSource');
  return (event) => {
    const source = sourceOf(event);
    return typeof source === 'string' && source.endsWith(SUFFIX) ? source.slice(0, -SUFFIX.length) : source;
  };
}

function bucketUri(at: At): ReadJson {
  const bucketOf = at('requestParameters', 'bucketName');
  const keyOf = at('requestParameters', 'key');
  return (event) => {
    const bucket = bucketOf(event);
    const key = keyOf(event);
    if (typeof bucket !== 'string') return undefined;
    return typeof key === 'string' ? `s3://${bucket}/${key}` : `s3://${bucket}`;
  };
}

function summary(at: At): ReadJson {
  const words = [userOf(at), shortSource(at), at('eventName'), at('errorCode')];
  return (event) =>
    words
      .map((word) => word(event) ?? '')
      .map((word) => (typeof word === 'string' ? word : JSON.stringify(word)))
      .filter((word) => word !== '')
      .join(' ');
}

export const cloudtrailFieldRoster: Readonly<Record<string, JsonField>> = {
  'ct.id': part('Id of the event.', ['eventID']),
  'ct.name': part('What was asked for.', ['eventName'], ['ConsoleLogin']),
  'ct.error': part('Code of the error, where it failed.', ['errorCode'], ['AccessDenied']),
  'ct.errormessage': part('What the service said of the error.', ['errorMessage']),
  'ct.time': part('Time as the event says it.', ['eventTime']),
  'ct.src': part('Service that was asked.', ['eventSource'], ['s3.amazonaws.com']),
  'ct.shortsrc': text({ doc: 'The same without its domain.', examples: ['s3'], value: shortSource }),
  'ct.user': text({ doc: 'Who asked: user, role, or service.', examples: ['alice'], value: userOf }),
  'ct.user.accountid': part('Account of who asked.', ['userIdentity', 'accountId']),
  'ct.user.identitytype': part('Kind of identity.', ['userIdentity', 'type'], ['IAMUser', 'Root']),
  'ct.user.principalid': part('Id of the identity.', ['userIdentity', 'principalId']),
  'ct.user.arn': part('Name of the identity as a resource.', ['userIdentity', 'arn']),
  'ct.user.sessionissuer': part('Role that a session is of.', [
    'userIdentity',
    'sessionContext',
    'sessionIssuer',
    'userName',
  ]),
  'ct.region': part('Region.', ['awsRegion'], ['eu-west-1']),
  'ct.srcip': part('Address that the request came from.', ['sourceIPAddress']),
  'ct.useragent': part('Program that asked, as it names itself.', ['userAgent']),
  'ct.info': text({ doc: 'Who, which service, what, and the error, in a line.', value: summary }),
  'ct.managementevent': part('Whether it is about managing resources.', ['managementEvent']),
  'ct.readonly': part('Whether nothing was to be changed.', ['readOnly']),
  'ct.requestid': part('Id of the request.', ['requestID']),
  'ct.eventtype': part('Kind of event.', ['eventType'], ['AwsApiCall']),
  'ct.apiversion': part('Version of the service’s interface.', ['apiVersion']),
  'ct.resources': part('Resources that it was about, as JSON.', ['resources']),
  'ct.recipientaccountid': part('Account that the event was delivered to.', ['recipientAccountId']),
  'ct.serviceeventdetails': part('What a service says of an event of its own, as JSON.', [
    'serviceEventDetails',
  ]),
  'ct.sharedeventid': part('Id that the events of all accounts concerned share.', ['sharedEventID']),
  'ct.vpcendpointid': part('Endpoint that the request came through.', ['vpcEndpointId']),
  'ct.tlsdetails.tlsversion': part('Version of TLS.', ['tlsDetails', 'tlsVersion']),
  'ct.tlsdetails.ciphersuite': part('Ciphers of TLS.', ['tlsDetails', 'cipherSuite']),
  'ct.tlsdetails.clientprovidedhostheader': part('Host name that was asked.', [
    'tlsDetails',
    'clientProvidedHostHeader',
  ]),
  'ct.additionaleventdata': part('What else there is, as JSON.', ['additionalEventData']),
  'ct.request': part('Parameters of the request, as JSON.', ['requestParameters']),
  'ct.request.availabilityzone': parameter('Availability zone that was asked for.', 'availabilityZone'),
  'ct.request.cluster': parameter('Cluster that was asked for.', 'cluster'),
  'ct.request.functionname': parameter('Function that was asked for.', 'functionName'),
  'ct.request.groupname': parameter('Group that was asked for.', 'groupName'),
  'ct.request.host': parameter('Host that was asked for.', 'Host'),
  'ct.request.name': parameter('Name that was asked for.', 'name'),
  'ct.request.policy': parameter('Policy that was asked for.', 'policy'),
  'ct.request.policyname': parameter('Name of the policy that was asked for.', 'policyName'),
  'ct.request.rolename': parameter('Role that was asked for.', 'roleName'),
  'ct.request.serialnumber': parameter('Serial number of a second factor.', 'serialNumber'),
  'ct.request.servicename': parameter('Service that was asked for.', 'serviceName'),
  'ct.request.subnetid': parameter('Subnet that was asked for.', 'subnetId'),
  'ct.request.taskdefinition': parameter('Task definition that was asked for.', 'taskDefinition'),
  'ct.request.username': parameter('User that was asked for.', 'userName'),
  'ct.response': part('Answer, as JSON.', ['responseElements']),
  'ct.response.subnetid': part('Subnet of the answer.', ['responseElements', 'subnetId']),
  'ct.response.reservationid': part('Reservation of the answer.', ['responseElements', 'reservationId']),
  's3.bucket': parameter('Bucket.', 'bucketName'),
  's3.key': parameter('Object in the bucket.', 'key'),
  's3.uri': text({
    doc: 'Bucket and object as an address.',
    examples: ['s3://backup/db.dump'],
    value: bucketUri,
  }),
  's3.bytes.in': part('Bytes that were written.', ['additionalEventData', 'bytesTransferredIn']),
  's3.bytes.out': part('Bytes that were read.', ['additionalEventData', 'bytesTransferredOut']),
};
