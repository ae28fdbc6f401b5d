/** The audit policy that the rules need: whole requests where rules look into them, as little as possible elsewhere. */

export const auditPolicy = `# What the API server logs, for Peregrine. The first rule that fits a request counts.
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  # What the cluster does by itself, all the time.
  - level: None
    users: ["system:kube-proxy"]
    verbs: [watch]
    resources: [{group: "", resources: [endpoints, services, services/status]}]
  - level: None
    resources: [{group: coordination.k8s.io, resources: [leases]}, {group: "", resources: [events]}]
  - level: None
    userGroups: ["system:authenticated"]
    nonResourceURLs: ["/api*", "/version", "/healthz*", "/livez*", "/readyz*", "/openapi*"]

  # Contents of secrets must not be in any log, nor tokens.
  - level: Metadata
    resources: [{group: "", resources: [secrets, serviceaccounts/token]}]
  - level: Metadata
    resources: [{group: authentication.k8s.io, resources: [tokenreviews]}]

  # Commands and tunnels: their beginning and their end.
  - level: Metadata
    resources: [{group: "", resources: [pods/exec, pods/attach, pods/portforward, pods/proxy, pods/log, pods/status]}]

  # Config maps of the cluster itself change often, and their data are large.
  - level: Request
    verbs: [create, update, patch, delete, deletecollection]
    namespaces: [kube-system]
    resources: [{group: "", resources: [configmaps]}]

  # What rules look into.
  - level: RequestResponse
    verbs: [create, update, patch, delete, deletecollection]
    resources:
      - {group: "", resources: [pods, pods/ephemeralcontainers, services, serviceaccounts, namespaces, nodes, configmaps]}
      - {group: apps, resources: [deployments, daemonsets, statefulsets]}
      - {group: batch, resources: [jobs, cronjobs]}
      - {group: networking.k8s.io, resources: [ingresses, networkpolicies]}
      - {group: rbac.authorization.k8s.io}

  # Everything else: who, what, when.
  - level: Metadata
`;
