// One step with Microsoft's JavaScript client for Graph, as its own documentation has it: a name and JSON in, JSON out.
// Node.js finds the packages by NODE_PATH. What it prints has the form of what graph_sdk.py prints.
"use strict";

const {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  GraphError,
  PageIterator,
} = require("@microsoft/microsoft-graph-client");
const { ConfidentialClientApplication } = require("@azure/msal-node");

const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID, GRAPH_URL } = process.env;
const PARTNERS = "/policies/crossTenantAccessPolicy/partners";
const DEFAULT = "/policies/crossTenantAccessPolicy/default";

const synchronization = (tenantId) => `${PARTNERS}/${tenantId}/identitySynchronization`;

const application = new ConfidentialClientApplication({
  auth: {
    authority: `${GRAPH_URL}/${AZURE_TENANT_ID}`,
    clientId: AZURE_CLIENT_ID,
    clientSecret: AZURE_CLIENT_SECRET,
    knownAuthorities: [new URL(GRAPH_URL).host],
  },
});

const graph = Client.initWithMiddleware({
  authProvider: {
    getAccessToken: async () => {
      const scopes = ["https://graph.microsoft.com/.default"];
      return (await application.acquireTokenByClientCredential({ scopes })).accessToken;
    },
  },
  baseUrl: `${GRAPH_URL}/`,
  customHosts: new Set([new URL(GRAPH_URL).hostname]),
});

const shown = ({ tenantId, inboundTrust, isServiceDefault }) => ({
  ...(tenantId && { tenantId }),
  isMfaAccepted: inboundTrust?.isMfaAccepted ?? null,
  isServiceDefault: isServiceDefault ?? null,
});

const steps = {
  list: async () => {
    const found = [];
    const note = (partner) => found.push(partner.tenantId);
    await new PageIterator(graph, await graph.api(PARTNERS).get(), note).iterate();
    return found;
  },
  get: async ({ tenantId }) => shown(await graph.api(`${PARTNERS}/${tenantId}`).get()),
  create: async ({ tenantId }) => {
    const inboundTrust = { isMfaAccepted: true };
    return shown(await graph.api(PARTNERS).post({ tenantId, inboundTrust }));
  },
  update: async ({ tenantId, isMfaAccepted }) => {
    await graph.api(`${PARTNERS}/${tenantId}`).patch({ inboundTrust: { isMfaAccepted } });
    return steps.get({ tenantId });
  },
  delete: async ({ tenantId }) => {
    await graph.api(`${PARTNERS}/${tenantId}`).delete();
    return steps.list();
  },
  "get-sync": async ({ tenantId }) => {
    const found = await graph.api(synchronization(tenantId)).get();
    return { tenantId: found.tenantId, isSyncAllowed: found.userSyncInbound.isSyncAllowed };
  },
  "put-sync": async ({ tenantId, isSyncAllowed }) => {
    await graph.api(synchronization(tenantId)).put({ displayName: "Fabrikam", userSyncInbound: { isSyncAllowed } });
    return steps["get-sync"]({ tenantId });
  },
  "patch-sync": async ({ tenantId, isSyncAllowed }) => {
    await graph.api(synchronization(tenantId)).patch({ userSyncInbound: { isSyncAllowed } });
    return steps["get-sync"]({ tenantId });
  },
  "delete-sync": async ({ tenantId }) => {
    await graph.api(synchronization(tenantId)).delete();
    return steps["get-sync"]({ tenantId });
  },
  "get-default": async () => shown(await graph.api(DEFAULT).get()),
  "patch-default": async () => {
    await graph.api(DEFAULT).patch({ inboundTrust: { isMfaAccepted: true } });
    return steps["get-default"]();
  },
  "reset-default": async () => {
    await graph.api(`${DEFAULT}/resetToSystemDefault`).post(undefined);
    return steps["get-default"]();
  },
  batch: async ({ tenantIds }) => {
    // Without the version: the client cuts off the host and nothing else, and the service takes no version in a batch.
    const parts = tenantIds.map((id) => ({ id, request: new Request(`${GRAPH_URL}${PARTNERS}/${id}`) }));
    const content = await new BatchRequestContent(parts).getContent();
    const answers = new BatchResponseContent(await graph.api("/$batch").post(content));
    return Object.fromEntries(tenantIds.map((id) => [id, answers.getResponseById(id).status]));
  },
};

async function main(step, said) {
  try {
    return await steps[step](said);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    return { raised: error.constructor.name, status: error.statusCode, code: error.code };
  }
}

main(process.argv[2], JSON.parse(process.argv[3])).then((result) => process.stdout.write(JSON.stringify(result)));
