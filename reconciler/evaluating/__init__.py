"""Questions to the provisioning engine, asked from files: what one user becomes, and tests of mappings.

    shapes · wording      what people write about filters, mappings and cases, and from that to what the engine takes
    finding → running     the tests below a folder, and what came of each case
    telling               values, traces, verdicts and results as text
    editors               the JSON Schema of a test, with functions, operators and attributes in its descriptions

Not for live users: nothing here knows a tenant.
"""
