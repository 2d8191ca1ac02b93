"""The demonstration: a simulated export of an invented service, with real kinds of dirt."""
