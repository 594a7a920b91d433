"""The synchronization of a service principal, as the service keeps it: template, job, schema, settings, connection.

Which request leads to what is in `routes/synchronization`. People are the business of `cycle` and `on_demand` alone.
"""
