// One sign-in with MSAL for Node.js: its `auth` section as JSON in, token or error as JSON out.
"use strict";

const { ConfidentialClientApplication } = require("@azure/msal-node");

new ConfidentialClientApplication({ auth: JSON.parse(process.argv[2]) })
  .acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] })
  .then(
    ({ accessToken }) => ({ access_token: accessToken }),
    ({ errorCode, errorMessage }) => ({ error: errorCode, error_description: errorMessage }),
  )
  .then((result) => process.stdout.write(JSON.stringify(result)));
