"""The socket between the engine's process and gateways in other processes.

One connection carries commands up, and answers and everything that is applied down.
"""
