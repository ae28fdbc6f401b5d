export { webhookKubeconfig } from './kubeconfig.ts';
export { platformRoster } from './platforms.ts';
export { auditPolicy } from './policy.ts';
