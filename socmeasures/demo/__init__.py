"""The demonstration: a simulated export of a service that does not exist, with real kinds of dirt."""
