"""What the provisioning engine of the service computes, reproduced: expressions, scoping filters, attribute flow.

Pure: text, trees and values in, values out; no clock, no chance, no network, no disk. Not for reading users or writing
them, and not for who is asked: callers bring users in the engine's names (`attributes.from_graph` makes them of
Graph's).
"""
