/** Whose events a document looks like. */

import { type Json, listIn, objectIn } from '@peregrine/base';

/** `document`: the first one, where it could be read; `text`: its beginning. Whatever is no other's is plain JSON. */
export function guessSource(document: Json | undefined, text: string): string {
  const [first = document] = listIn(document);
  const object = objectIn(first);
  const isTrail = listIn(object?.Records).some((record) => objectIn(record)?.eventVersion !== undefined);
  if (isTrail || (object?.eventVersion !== undefined && object.eventSource !== undefined))
    return 'aws_cloudtrail';
  if (/^\{\s*"Records"/.test(text) && /"eventVersion"/.test(text)) return 'aws_cloudtrail';
  return isAudit(object, text) ? 'k8s_audit' : 'json';
}

const AUDIT_TEXT =
  /"auditID"|"apiVersion"\s*:\s*"audit\.k8s\.io\/|"type":\s*"k8s_cluster"|"category":\s*"kube-audit/;

function isAudit(object: ReturnType<typeof objectIn>, text: string): boolean {
  return object?.auditID !== undefined || AUDIT_TEXT.test(text);
}
